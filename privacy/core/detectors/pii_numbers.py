"""Numbers that prove themselves: cards, IBANs, national ids, passport code lines."""

from __future__ import annotations

import importlib
import re
from collections.abc import Iterator
from functools import cache
from typing import Protocol, cast

DIGIT = r"[0-9OoQDIl|ZSsB]"
"""A digit, or a letter that OCR takes for one."""

_CONFUSED = str.maketrans("OoQDIl|!ZzSsBG", "00001111225586")
_GAP = r"[ .\-\n]{1,3}"
_GROUPED_CARD = re.compile(
    rf"(?<![\w])(?:{DIGIT}{{4}}{_GAP}){{3}}{DIGIT}{{4}}(?:{_GAP}{DIGIT}{{3}})?(?![\w])"
    rf"|(?<![\w]){DIGIT}{{4}}{_GAP}{DIGIT}{{6}}{_GAP}{DIGIT}{{4,5}}(?![\w])"
)
_LOOSE_CARD = re.compile(rf"(?<![\w])(?:{DIGIT}[ \-]?){{12,18}}{DIGIT}(?![\w])")
_IBAN = re.compile(
    r"(?<![A-Za-z0-9])[A-Z0-9]{2} ?[0-9OIlSBZ]{2}(?:[ \-\n]?[A-Z0-9l|]{4}){2,7}"
    r"(?:[ \-\n]?[A-Z0-9l|]{1,3})?(?![A-Za-z0-9])"
)
_IBAN_LABEL = re.compile(
    r"I ?BAN\b|\b1BAN\b|account|konto|compte|cuenta|conto", re.IGNORECASE
)
_LETTERED = str.maketrans("01258", "OIZSB")

_IDENTITIES = (
    ("us.ssn", r"\d{3}-\d{2}-\d{4}", "social security number"),
    ("br.cpf", r"\d{3}\.\d{3}\.\d{3}-\d{2}", "Brazilian CPF"),
    ("es.dni", r"\d{8}-?[A-Z]", "Spanish DNI"),
    ("es.nie", r"[XYZ]-?\d{7}-?[A-Z]", "Spanish NIE"),
    ("it.codicefiscale", r"[A-Z]{6} ?\d{2}[A-Z]\d{2} ?[A-Z]\d{3}[A-Z]", "Italian tax code"),
    ("fr.nir", r"[12] ?\d{2} ?\d{2} ?(?:\d{2}|2[AB]) ?\d{3} ?\d{3} ?\d{2}", "French NIR"),
    ("ch.ssn", r"756\.\d{4}\.\d{4}\.\d{2}", "Swiss AHV number"),
    ("in_.aadhaar", r"\d{4} \d{4} \d{4}", "Aadhaar number"),
    ("in_.pan", r"[A-Z]{5}\d{4}[A-Z]", "Indian PAN"),
    ("se.personnummer", r"(?:19|20)?\d{6}[-+]\d{4}", "Swedish personal number"),
    ("fi.hetu", r"\d{6}[-+A]\d{3}[0-9A-Y]", "Finnish personal code"),
    ("be.nn", r"\d{2}\.\d{2}\.\d{2}-\d{3}\.\d{2}", "Belgian national number"),
    ("my.nric", r"\d{6}-\d{2}-\d{4}", "Malaysian NRIC"),
    ("mx.curp", r"[A-Z]{4}\d{6}[HM][A-Z]{5}[A-Z0-9]\d", "Mexican CURP"),
    ("cn.ric", r"\d{17}[\dX]", "Chinese resident id"),
)  # fmt: skip
_NINO = re.compile(
    r"(?<!\w)(?!BG|GB|KN|NK|NT|TN|ZZ)[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z] ?"
    r"\d{2} ?\d{2} ?\d{2} ?[A-D](?!\w)"
)
_MRZ_LINE = re.compile(r"[A-Z0-9<|][A-Z0-9<| ]{18,}[A-Z0-9<|]")
_MRZ_DATES = re.compile(r"([0-9O]{6})([0-9O])[MFX<]([0-9O]{6})([0-9O])")


class _Validator(Protocol):
    def is_valid(self, number: str) -> bool: ...


def digits(text: str) -> str:
    """The digits of ``text``, letters that look like digits read as such."""
    return re.sub(r"\D", "", text.translate(_CONFUSED))


def cards(text: str) -> Iterator[tuple[int, int, int]]:
    """Payment card numbers (ISO/IEC 7812): where, and of how many digits.

    Luhn's checksum proves one; four groups of four (or 4-6-5) with a card's first
    digit count without it, because one misread digit breaks the proof, not the secret.
    """
    seen: list[tuple[int, int]] = []
    for pattern, proof in ((_GROUPED_CARD, False), (_LOOSE_CARD, True)):
        for match in pattern.finditer(text):
            number = digits(match[0])
            true = sum(c.isdigit() for c in match[0])
            if true < 0.75 * len(number) or not re.match(
                r"3[0-9]|4|5|6|2[2-7]", number
            ):
                continue
            a, b = match.span()
            if any(a < d and c < b for c, d in seen):
                continue
            if (proof and not _valid("luhn", number)) or len(set(number)) < 2:
                continue
            seen.append((a, b))
            yield a, b, len(number)


def ibans(text: str) -> Iterator[tuple[int, int, str]]:
    """IBANs (ISO 13616): where, and of which country.

    Where the checksum fails, a label before it, or its grouping in fours with mostly
    digits, counts.
    """
    for match in _IBAN.finditer(text):
        compact = re.sub(r"[ \-\n]", "", match[0]).upper()
        land = compact[:2].translate(_LETTERED)
        if not land.isalpha():
            continue
        check = compact[2:4].translate(_CONFUSED)
        for rest in (compact[4:], compact[4:].translate(_CONFUSED)):
            number = land + check + rest
            if any(_valid("iban", number[:n]) for n in range(15, len(number) + 1)):
                yield *match.span(), land
                break
        else:
            before = text[max(0, match.start() - 24) : match.start()]
            grouped = len(re.findall(r"[ \-\n]", match[0])) >= 4
            shares = sum(c.isdigit() for c in compact) / len(compact)
            hinted = grouped or _IBAN_LABEL.search(before)
            if hinted and land in _iban_lands() and shares >= 0.6:
                yield *match.span(), land


def identities(text: str) -> Iterator[tuple[int, int, str]]:
    """National identity numbers whose shape and checksum both fit."""
    for module, shape, words in _IDENTITIES:
        for match in re.finditer(rf"(?<![\w\-]){shape}(?![\w\-])", text):
            if _valid(module, match[0]):
                yield *match.span(), words
    for match in _NINO.finditer(text):
        yield *match.span(), "national insurance number"


def machine_lines(text: str) -> Iterator[tuple[int, int]]:
    """Code lines of passports, visas and identity cards (ICAO 9303)."""
    text = text.replace("«", "<").replace("‹", "<").replace("〈", "<")
    for match in _MRZ_LINE.finditer(text):
        line = match[0].replace(" ", "")
        fillers = line.count("<")
        names = "<<" in line and fillers >= 3 and len(line) >= 20
        if names or any(_dates_prove(d) for d in _MRZ_DATES.finditer(line)):
            yield match.span()


def mrz_digit(field: str) -> str:
    """Check digit of a field: weights 7, 3, 1; A..Z are 10..35, ``<`` is 0."""
    total = sum(
        (0 if c == "<" else int(c, 36)) * (7, 3, 1)[i % 3] for i, c in enumerate(field)
    )
    return str(total % 10)


def _dates_prove(match: re.Match[str]) -> bool:
    born, first, until, second = (g.replace("O", "0") for g in match.groups())
    return mrz_digit(born) == first and mrz_digit(until) == second


@cache
def _module(name: str) -> _Validator:
    return cast("_Validator", importlib.import_module(f"stdnum.{name}"))


def _valid(name: str, number: str) -> bool:
    return _module(name).is_valid(number)


def _iban_lands() -> frozenset[str]:
    return frozenset(
        [
            "AD",
            "AE",
            "AL",
            "AT",
            "AZ",
            "BA",
            "BE",
            "BG",
            "BH",
            "BR",
            "BY",
            "CH",
            "CR",
            "CY",
            "CZ",
            "DE",
            "DK",
            "DO",
            "EE",
            "EG",
            "ES",
            "FI",
            "FO",
            "FR",
            "GB",
            "GE",
            "GI",
            "GL",
            "GR",
            "GT",
            "HR",
            "HU",
            "IE",
            "IL",
            "IQ",
            "IS",
            "IT",
            "JO",
            "KW",
            "KZ",
            "LB",
            "LC",
            "LI",
            "LT",
            "LU",
            "LV",
            "LY",
            "MC",
            "MD",
            "ME",
            "MK",
            "MR",
            "MT",
            "MU",
            "NL",
            "NO",
            "PK",
            "PL",
            "PS",
            "PT",
            "QA",
            "RO",
            "RS",
            "SA",
            "SC",
            "SE",
            "SI",
            "SK",
            "SM",
            "ST",
            "SV",
            "TL",
            "TN",
            "TR",
            "UA",
            "VA",
            "VG",
            "XK",
        ]
    )
