"""Phone numbers, told from prices, dates and order numbers by the numbering plans."""

from __future__ import annotations

import re
from collections.abc import Iterator

REGIONS = (
    "US", "GB", "DE", "FR", "ES", "IT", "NL", "BE", "AT", "CH", "PT", "PL", "SE", "DK",
    "NO", "FI", "IE", "AU", "NZ", "IN", "MY", "SG", "BR", "MX", "ZA", "JP",
)  # fmt: skip
"""Countries whose plan a number without ``+`` is held against."""

_LABEL = re.compile(
    r"(?:\b(?:tel|t[ée]l[ée]?phone?|telefon|telefono|tel[ée]fono|phone|ph|mobile|mob|mobil|"
    r"cell|handy|fax|call|whatsapp|hotline|m[óo]vil|portable|celular|contact|sms|fon)\b"
    r"|[☎✆📞])[ .:/&]*(?:fax|fon|mobile)?\.? ?(?:no|nr|number|nummer)?[ .:#/)(]*$",
    re.IGNORECASE,
)
_CANDIDATE = re.compile(
    # The blank after a label is often lost in reading.
    r"(?:(?<![\w.,+])|(?<=\btel)|(?<=\bcall)|(?<=\bphone)|(?<=\bfax)|(?<=\bmobile)"
    r"|(?<=\bcell)|(?<=\bhandy))(?:\+ ?|\()?\d[\d ().\-/]{4,22}\d(?![\w])",
    re.IGNORECASE,
)
_PLUS = re.compile(r"(?<![\w])(?:\+|00) ?\d[\d ().\-/]{6,20}\d(?!\w)")
_NOT = re.compile(
    r"\b\d{1,4}[./\-]\d{1,2}[./\-]\d{2,4}\b"  # a date
    r"|\b\d{1,3}(?:[.,]\d{3})*[.,]\d{1,2}(?!\d)\b(?![.\- ]\d{2}[.\- ])"  # an amount
    r"|\b(?:\d{1,3}\.){3}\d{1,3}\b"  # an IP address
)
_GROUPED = re.compile(
    r"\(\+?\d{1,4}\)[ \-/.]?\d{2,4}(?:[ \-.]?\d{2,4}){1,3}"
    r"|0\d{1,4} ?(?:\(0\))?[ /.\-]\d{2,8}(?:[ .\-]?\d{2,4}){0,4}"
    r"|1?[ .\-]?\d{3}[ .\-]\d{3}[ .\-]\d{4}"
    r"|[679]\d{2} \d{3} \d{3}|[679]\d{2} \d{2} \d{2} \d{2}"
)
_SOLID_MOBILE = re.compile(r"07\d{9}|0[67]\d{8}|01[5-7]\d{8,9}")


def find(text: str) -> Iterator[tuple[int, int, int]]:
    """Phone numbers in a text: where, and of how many digits.

    With ``+`` and a country code the plan decides alone. After a label any possible
    number counts. Without either it must be grouped as people group phone numbers (or
    be a mobile number written solid) and be assigned in one of ``REGIONS``.
    """
    seen: list[tuple[int, int]] = []
    for pattern in (_PLUS, _CANDIDATE):
        for match in pattern.finditer(text):
            a, b = match.span()
            if any(a < d and c < b for c, d in seen):
                continue
            count = sum(c.isdigit() for c in match[0])
            if 7 <= count <= 15 and _is_phone(
                match[0], text[max(0, a - 28) : a], count
            ):
                seen.append((a, b))
                yield a, b, count


def _is_phone(number: str, before: str, count: int) -> bool:
    international = number.lstrip("(").startswith(("+", "00")) and _assigned(
        re.sub(r"^\(?00", "+", number.replace("(0)", "")), None
    )
    if international and (number.startswith("+") or " " in number or "-" in number):
        return True
    if _LABEL.search(before):
        return not re.fullmatch(r"\d{1,2}[./\-]\d{1,2}[./\-]\d{2,4}", number)
    if _NOT.search(number):
        return False
    if _SOLID_MOBILE.fullmatch(number):
        return any(_assigned(number, r) for r in ("GB", "FR", "DE"))
    if count < 8 or not _GROUPED.fullmatch(number):
        return False
    return any(_assigned(number, region) for region in REGIONS)


def _assigned(number: str, region: str | None) -> bool:
    import phonenumbers

    try:
        return phonenumbers.is_valid_number(phonenumbers.parse(number, region))
    except phonenumbers.NumberParseException:
        return False
