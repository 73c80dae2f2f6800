"""Text to kinds: tables of what must and must not be found, and checksum properties."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum import luhn

from privacy.core.detectors import pii, pii_numbers
from privacy.core.taxonomy import is_known

POSITIVE = [
    ("phone", "+49 30 901820"),
    ("phone", "Call +1 (415) 555-2671 now"),
    ("phone", "0044 20 7946 0958"),
    ("phone", "TEL/FAX : 03-51213881"),
    ("phone", "Tel: 030/901820-12"),
    ("phone", "(415) 555-2671"),
    ("phone", "415-555-2671"),
    ("phone", "016-5498845"),
    ("phone", "01 42 68 53 00"),
    ("phone", "07911 123456"),
    ("phone", "07911123456"),
    ("phone", "Phone: 612 345 678"),
    ("phone", "Mobile no. 9876543210"),
    ("phone", "Phone\n030 901820"),
    ("email", "mira.muster@example.org"),
    ("email", "mira.muster @example.org"),
    ("email", "Mail: NOBODY+1@sub.example.co.uk."),
    ("email", "jo (at) example.com"),
    ("card", "4381 0167 3012 1990"),
    ("card", "4111111111111111"),
    ("card", "4111-1111-1111-1111"),
    ("card", "378282246310005"),
    ("card", "3782 822463 10005"),
    ("card", "4lll 1111 11I1 1111"),
    ("card", "5SSS 5555 5555 4444"),
    ("card", "4111\n1111\n1111\n1111"),
    ("card", "4111 11111111 1111"),
    ("iban", "DE89 3704 0044 0532 0130 00"),
    ("iban", "DE89370400440532013000"),
    ("iban", "IBAN: GB82 WEST 1234 5698 7654 32 BIC XXXX"),
    ("iban", "FR14 2004 1010 0505 0001 3M02 606"),
    ("iban", "DE89 37O4 0O44 0532 0130 00"),
    ("iban", "IBAN DE99 3704 0044 0532 0130 00"),
    ("iban", "NL91 ABNA 0417\n1643 00"),
    ("address", "Musterstraße 12, 10115 Berlin"),
    ("address", "Hauptstr. 5a"),
    ("address", "221B Baker Street"),
    ("address", "1600 Pennsylvania Avenue NW, Washington, DC 20500"),
    ("address", "12 rue de la Paix"),
    ("address", "Calle de Alcalá 45"),
    ("address", "Kerkstraat 18\n1017 GL Amsterdam"),
    ("address", "67, Jalan Mewah 25/63"),
    ("address", "P.O. Box 1234"),
    ("name_badge", "HELLO my name is\nMira Muster"),
    ("name_badge", "Patient: Petra Nemo"),
    ("name_badge", "Surname / Nom\nVOORBEELD"),
    ("name_badge", "Name: Ivo Specimen"),
    ("name_badge", "Name Elif Muster"),
    ("name_badge", "Frau Mira Muster"),
    ("password", "Password: correct horse"),
    ("password", "Passwort\nHunter2!x"),
    ("password", "WiFi key = notreal99"),
    ("password", "PIN: 4821"),
    ("password", "AKIAIOSFODNN7EXAMPLE"),
    ("password", "pwd tr0ub4dor&3"),
    ("date_of_birth", "Date of birth: 12.08.1974"),
    ("date_of_birth", "DOB 08/12/1974"),
    ("date_of_birth", "geboren am 3. März 1981"),
    ("date_of_birth", "Date of birth / Date de naissance\n12 AUG / AOUT 74"),
    ("date_of_birth", "Born: Aug 12, 1974"),
    ("passport_mrz", "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<"),
    ("passport_mrz", "L898902C36UTO7408122F1204159ZE184226B<<<<<10"),
    ("passport_mrz", "I<UTOD231458907<<<<<<<<<<<<<<<"),
    ("passport_mrz", "7408122F1204159UTO<<<<<<<<<<<6"),
    ("passport_mrz", "P<UTOERIKSSON «ANNA<MARIA<<<<<<<<<<<"),
    ("url", "https://example.org/u/685"),
    ("url", "www.example.org"),
    ("url", "see example.com/login?x=1"),
    ("id_number", "536-22-8726"),
    ("id_number", "Passport No. L898902C3"),
    ("id_number", "ID No: 12345678"),
    ("id_number", "Passport Number/ N° de passeport\nL898902C3"),
    ("id_number", "Ausweisnummer\nT220001293"),
    ("id_number", "54362315K"),
    ("id_number", "RSSMRA85T10A562S"),
    ("id_number", "390.533.447-05"),
    ("id_number", "AB 12 34 56 C"),
    ("id_number", "Driving licence no: MUSTE750129MM9AB"),
]

# text, the kinds that it must not be
NEGATIVE = [
    ("RM 14.10", {"phone", "card", "id_number"}),
    ("1,234,567.89", {"phone", "card"}),
    ("12.50 1.50 14.00", {"phone"}),
    ("FRIDAY, 29-12-2017", {"phone", "date_of_birth"}),
    ("09/02/2018 12:53", {"phone", "date_of_birth"}),
    ("11/03/2018 06:20 PM", {"phone"}),
    ("2017-12-29 14:05:33", {"phone"}),
    ("INV:R000721136", {"phone", "card"}),
    ("Order No. 1000219", {"phone", "card", "id_number"}),
    ("Receipt no 20180211004512", {"phone", "card"}),
    ("4006381333931", {"phone", "card"}),
    ("GST REG NO. : 001269075968", {"phone", "card"}),
    ("COMPANY REG. NO. : 001055194X", {"phone", "card"}),
    ("192.168.178.20", {"phone"}),
    ("1234 5678 9012 3456", {"card"}),
    ("0000 0000 0000 0000", {"card"}),
    ("4111111111111112", {"card"}),
    ("Forgot your password?", {"password"}),
    ("Password required", {"password"}),
    ("Enter password here", {"password"}),
    ("pinning 2024", {"password"}),
    ("Call me maybe", {"phone"}),
    ("TOTAL INCL OF GST", {"name_badge", "address"}),
    ("Reservation at noon", {"name_badge"}),
    ("The rain in Spain", {"name_badge", "address", "url"}),
    ("Tax Code % Amount(MYR)", {"name_badge", "id_number"}),
    ("No.12 a.m. vs. etc.", {"url", "email"}),
    ("5.20 x 2", {"url", "phone"}),
    ("SIZE <<< LARGE", {"passport_mrz"}),
    ("HAPPY BIRTHDAY", {"date_of_birth"}),
    ("STOP", {"phone", "email", "card", "address", "url"}),
    ("ITEM CODE 8888021200126", {"phone", "card"}),
    ("DE89 apples", {"iban"}),
    ("GST ID: 002017394688", {"id_number", "phone"}),
    ("Name your price today", {"name_badge"}),
    ("IBAN: DE48 5001 0517 8286 1404 92", {"card"}),
    ("@home", {"email"}),
]


def _kinds(text: str) -> set[str]:
    return {hit.kind for hit in pii.find(text)}


@pytest.mark.parametrize(("kind", "text"), POSITIVE)
def test_it_finds(kind: str, text: str) -> None:
    assert kind in _kinds(text)


@pytest.mark.parametrize(("text", "absent"), NEGATIVE)
def test_it_leaves_alone(text: str, absent: set[str]) -> None:
    assert not _kinds(text) & absent


@pytest.mark.parametrize(("kind", "text"), POSITIVE)
def test_words_and_spans_carry_no_secret(kind: str, text: str) -> None:
    for hit in pii.find(text):
        assert is_known(f"text.{hit.kind}")
        assert 0 <= hit.start < hit.end <= len(text)
        secret = text[hit.start : hit.end]
        tokens = [t for t in secret.split() if any(c.isdigit() for c in t) or "@" in t]
        assert not any(token in hit.words for token in tokens if len(token) > 2)


def test_an_email_is_not_also_an_address_of_the_web() -> None:
    assert _kinds("mira@example.org") == {"email"}


@given(st.text("0123456789", min_size=15, max_size=15))
def test_every_card_with_a_right_checksum_is_found(body: str) -> None:
    number = "4" + body[:14]
    number += luhn.calc_check_digit(number)
    grouped = " ".join(number[i : i + 4] for i in range(0, 16, 4))
    if len(set(number)) >= 2:
        assert "card" in _kinds(number)
        assert "card" in _kinds(grouped)


@given(st.text("0123456789", min_size=14, max_size=14), st.integers(1, 9))
def test_a_solid_number_with_a_wrong_checksum_is_no_card(body: str, add: int) -> None:
    number = "4" + body
    right = int(luhn.calc_check_digit(number))
    assert "card" not in _kinds(number + str((right + add) % 10))


@given(st.text("0123456789", min_size=18, max_size=18))
def test_every_german_iban_with_a_right_checksum_is_found(bban: str) -> None:
    check = 98 - int(bban + "131400") % 97
    number = f"DE{check:02}{bban}"
    assert "iban" in _kinds(number)
    assert "iban" in _kinds(" ".join(number[i : i + 4] for i in range(0, 22, 4)))


@given(st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789<", min_size=1, max_size=30))
def test_one_changed_digit_breaks_a_machine_line(field: str) -> None:
    """ICAO 9303 weights: any single digit's change changes the check digit."""
    for place, letter in enumerate(field):
        if letter.isdigit() and letter != "9":
            other = field[:place] + str(int(letter) + 1) + field[place + 1 :]
            assert pii_numbers.mrz_digit(other) != pii_numbers.mrz_digit(field)


def test_the_published_machine_line_has_the_published_digits() -> None:
    """ICAO 9303 part 4, appendix A: L898902C3 6, 740812 2, 120415 9."""
    assert pii_numbers.mrz_digit("L898902C3") == "6"
    assert pii_numbers.mrz_digit("740812") == "2"
    assert pii_numbers.mrz_digit("120415") == "9"


@given(st.text(max_size=400))
def test_any_text_is_survived(text: str) -> None:
    for hit in pii.find(text):
        assert 0 <= hit.start <= hit.end <= len(text)


@pytest.mark.parametrize(
    "evil",
    ["a." * 400, "1 " * 400, "<" * 800, "A< " * 300, "@" * 800, "0-" * 400,
     "Password " * 90, "12 Ab " * 130, "jalan " * 130, "x@" + "a." * 300, "III " * 200],
)  # fmt: skip
def test_no_text_makes_the_rules_slow(evil: str) -> None:
    start = time.process_time()
    pii.find(evil)
    assert time.process_time() - start < 2.0
