"""What a piece of text gives away: pure text in, kinds out.

Each rule is a shape, and then a proof where one exists: phonenumbers' numbering plans,
python-stdnum's checksums, ICAO 9303 check digits. OCR confuses letters and digits and
splits lines, so shapes are generous; where a proof fails, a label beside the value or
an unmistakable grouping counts as well. The rules are told in docs/detectors.md.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from privacy.core.detectors import pii_labels, pii_numbers, pii_phone

EMAIL = re.compile(
    r"[\w.+'\-]{1,64} ?[@©] ?(?:[\w\-]{1,63} ?\. ?){1,5}(?:[A-Za-z]{2,24})\b"
    r"|[\w.+\-]{1,64} ?[(\[] ?at ?[)\]] ?(?:[\w\-]{1,63}\.){1,4}[A-Za-z]{2,24}\b"
)
TLDS = (
    "com|org|net|edu|gov|info|biz|io|ai|app|dev|co|me|tv|shop|online|site|xyz|eu|de|at|"
    "ch|fr|es|it|pt|nl|be|lu|uk|ie|pl|cz|sk|hu|ro|bg|gr|se|no|dk|fi|is|ee|lv|lt|ru|ua|"
    "tr|il|us|ca|mx|br|ar|cl|pe|in|pk|bd|cn|jp|kr|tw|hk|sg|my|th|vn|id|ph|au|nz|za|ng|ke"
)
URL = re.compile(
    r"https?[:;] ?/ ?/ ?[^\s]{3,}|\bwww ?[.,] ?[\w\-]{2,}(?:\.[\w\-]{2,})+[^\s]*"
    rf"|(?<![\w@.])(?:[a-z0-9][a-z0-9\-]{{1,62}}\.){{1,4}}(?:{TLDS})(?:/[^\s]*)?(?![\w@])",
    re.IGNORECASE,
)
STREET = re.compile(
    r"\b\d{1,5}[A-Za-z]?[,\-]? +(?:[A-Z][\w'.\-]*,? +){1,4}"
    r"(?:Street|St|Road|Rd|Avenue|Ave|Lane|Ln|Drive|Dr|Boulevard|Blvd|Way|Court|Ct|"
    r"Square|Sq|Close|Terrace|Place|Pl|Crescent|Highway|Hwy|Parkway|Row|Gardens)\b"
    r"|\b[A-ZÄÖÜ][\wäöüß.\-]*(?: [A-ZÄÖÜ][\wäöüß\-]*)? ?"
    r"(?:stra(?:ß|ss|B)e|str\.|weg|platz|allee|gasse|ring|damm|ufer|straat|laan|plein|"
    r"gracht|kade|vägen|gatan|vej|gade) ?\d{1,4} ?[a-z]?\b"
    r"|\b\d{1,4} ?(?:bis|ter)?,? (?:rue|avenue|av\.|boulevard|bd|all[ée]e|impasse|chemin|"
    r"place|quai|route) +[\w'\- ]{3,}"
    r"|\b(?:calle|c/|avenida|avda\.?|paseo|via|viale|piazza|corso|rua|travessa|ulica|ul\.|"
    r"jalan|jln|lorong|lrg)\.? +[\w'.\- ]{2,40}?,? *(?:n[º°.o]\.? *)?\d{1,4}"
    r"|\bP\.? ?O\.? ?Box +\d+|\bPostfach +\d+",
    re.IGNORECASE,
)
POSTCODE = re.compile(
    r"\b[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}\b"  # United Kingdom
    r"|\b[A-Z]{2},? \d{5}(?:-\d{4})?\b"  # United States
    r"|(?<![\d.,])(?:[A-Z]{1,2}[- ])?\d{4,5} (?:[A-ZÄÖÜ][\wäöüß'\-]{2,})\b"  # code, city
    r"|(?<![\d.,])\d{4} ?[A-Z]{2} [A-Z]\w{2,}"  # Netherlands
    r"|\b\d{5}-\d{3}\b"  # Brazil
    r"|\b\d{2}-\d{3} [A-Z]\w{2,}"  # Poland
)


@dataclass(frozen=True, slots=True)
class Hit:
    """One thing that a text gives away.

    Attributes:
        kind: the last part of the category, ``phone`` of ``text.phone``.
        start, end: where in the text.
        words: why, without the secret ("phone number, 12 digits").
    """

    kind: str
    start: int
    end: int
    words: str


def find(text: str) -> tuple[Hit, ...]:
    """Everything that ``text`` gives away, by place.

    A line break in ``text`` parts lines that stand below each other; a rule reads
    across it only where a value may be broken there (cards, IBANs, labels, addresses).
    """
    hits = [
        *(Hit("email", a, b, "e-mail address") for a, b in _spans(EMAIL, text)),
        *_numbers(text),
        *_labelled(text),
        *_addresses(text),
    ]
    taken = [(hit.start, hit.end) for hit in hits if hit.kind != "address"]
    hits += [
        Hit("phone", a, b, f"phone number, {count} digits")
        for a, b, count in pii_phone.find(text)
        if not _overlaps((a, b), taken)
    ]
    hits += [
        Hit("url", a, b, "web address")
        for a, b in _spans(URL, text)
        if not _overlaps((a, b), taken)
    ]
    return tuple(sorted(hits, key=lambda hit: (hit.start, hit.end, hit.kind)))


def _numbers(text: str) -> Iterator[Hit]:
    """The longest proof first: an IBAN holds what looks like a card, and so on."""
    taken: list[tuple[int, int]] = []
    for a, b in pii_numbers.machine_lines(text):
        taken.append((a, b))
        yield Hit("passport_mrz", a, b, f"machine-readable line, {b - a} characters")
    for a, b, land in pii_numbers.ibans(text):
        if not _overlaps((a, b), taken):
            taken.append((a, b))
            yield Hit("iban", a, b, f"bank account number (IBAN, {land})")
    for a, b, count in pii_numbers.cards(text):
        if not _overlaps((a, b), taken):
            taken.append((a, b))
            yield Hit("card", a, b, f"card number, {count} digits")
    for a, b, what in pii_numbers.identities(text):
        if not _overlaps((a, b), taken):
            yield Hit("id_number", a, b, what)


def _labelled(text: str) -> Iterator[Hit]:
    for kind, a, b, words in pii_labels.find(text):
        yield Hit(kind, a, b, words)


def _addresses(text: str) -> Iterator[Hit]:
    """Streets with a number; a postcode with a city where a street stands beside it."""
    streets = list(_spans(STREET, text))
    label = re.search(
        r"\b(?:address|adresse|anschrift|direcci[oó]n|indirizzo)\b", text, re.IGNORECASE
    )
    for a, b in streets:
        yield Hit("address", a, b, "street and number")
    if streets or label:
        for a, b in _spans(POSTCODE, text):
            yield Hit("address", a, b, "postcode and town")


def _spans(pattern: re.Pattern[str], text: str) -> Iterator[tuple[int, int]]:
    for match in pattern.finditer(text):
        yield match.span()


def _overlaps(span: tuple[int, int], others: list[tuple[int, int]]) -> bool:
    return any(span[0] < b and a < span[1] for a, b in others)
