"""Values that only the label beside them gives away: passwords, names, birth dates."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator

_SEP = r"(?:[ .]{0,2}[:=;]\s*|[ ]+is[ ]+|[ ]*[-–>]+[ ]*)"
_PASSWORD = re.compile(
    r"\b(?:pass ?word|passwort|pass ?phrase|pass ?code|kennwort|mot de passe|contrase[nñ]a|"
    r"senha|pwd|pw|psk|wi-?fi key|wpa2? key|(?:network )?security key|api[ _-]?key|"
    r"secret(?:[ _-]?key)?|(?:access[ _-]?)?token|zugangscode|schl[uü]ssel|"
    r"(?:seed|recovery|backup) (?:phrase|code|key)s?|wachtwoord|l[oö]senord|has[lł]o)"
    r"(?:" + _SEP + r"(?P<said>[^\n]{3,})|[ \n]{1,3}(?P<bare>[^\s:]{5,64})(?=\s|$))",
    re.IGNORECASE,
)
_PIN = re.compile(r"\b(?:PIN|PUK|TAN|CVV2?|CVC2?)(?:[ -]?code)?[ .:=#\n]{1,3}\d{3,8}\b")
_SECRET = re.compile(
    r"\b(?:AKIA|ASIA)[A-Z0-9]{16}\b|\bgh[pousr]_\w{20,}|\bsk-[\w\-]{20,}|\bxox[abp]-[\w\-]{10,}"
    r"|\beyJ[\w\-]{10,}\.[\w\-]{10,}|BEGIN (?:RSA |EC |OPENSSH )?PRIVATE KEY"
)
_MONTH = r"(?:jan|feb|m[aä]r|apr|ma[iy]|jun|jul|aug|sep|o[ck]t|nov|de[cz])[a-zé]*"
DATE = (
    r"(?:[0-9OIl]{1,2} ?[./\- ] ?[0-9OIl]{1,2} ?[./\- ] ?(?:19|20)?[0-9OIl]{2}"
    r"|(?:19|20)\d{2} ?[./\-] ?\d{1,2} ?[./\-] ?\d{1,2}"
    rf"|\d{{1,2}}\.? ?{_MONTH}\.?,? ?(?:/ ?\w+ )?(?:19|20)?\d{{2}}"
    rf"|{_MONTH}\.? ?\d{{1,2}},? ?(?:19|20)\d{{2}})"
)
_BORN = re.compile(
    r"\b(?:date of birth|birth ?(?:date|day)|d\.? ?o\.? ?b\b|born|geboren|geburtsdatum|"
    r"geb\.|n[ée]e?\(?e?\)? le|(?:date de )?naissance|fecha de nacimiento|nacid[oa]|nato il|"
    r"data di nascita|data de nascimento|geboortedatum|f[öo]delsedatum)"
    rf"[^\n]{{0,24}}?\n?[^\n]{{0,16}}?(?P<value>{DATE})",
    re.IGNORECASE,
)
_NAME_LABEL = re.compile(
    r"\b(?:(?:sur|given |first |last |full |family )?names?|surname|vorname|nachname|"
    r"familienname|pr[ée]noms?|nom|apellidos?|nombres?|cognome|nome|patient(?:in)?|"
    r"passenger|guest|visitor|card ?holder|holder|attendee|employee|student)\b"
    r"(?:[ ]?/[ ]?[\w ]{2,16})?" + r"(?:[ .]{0,2}:\s*|\n[ ]?)"
    r"(?P<value>[A-ZÀ-Ý][\w'’À-ÿ.\-]+(?:[ ,]+[A-ZÀ-Ý][\w'’À-ÿ.\-]*){0,4})",
    re.IGNORECASE,
)
_NAME_BARE = re.compile(
    r"(?:^|\n)(?:(?:sur|given |first |last |full )?names?|vorname|nachname|pr[ée]noms?|"
    r"apellidos?|nombres?|cognome|patient(?:in)?|card ?holder|holder) "
    r"(?P<value>(?-i:[A-ZÀ-Ý][\w'’.\-]+(?: [A-ZÀ-Ý][\w'’.\-]*){1,3}))(?=\n|$)",
    re.IGNORECASE,
)
_HELLO = re.compile(
    r"\b(?:my name is|ich hei(?:ß|ss)e|je m['’ ]appelle|me llamo)\b[ :,\n]*"
    r"(?P<value>[^\W\d_][\w'’.\-]+(?: [^\W\d_][\w'’.\-]*){0,3})",
    re.IGNORECASE,
)
_TITLE = re.compile(
    r"\b(?:Mrs?|Ms|Miss|Dr|Prof|Herrn?|Frau|Mme|M|Sr|Sra|Sig|Sig\.ra)\b\.? ?"
    r"(?P<value>[A-ZÀ-Ý][a-zà-ÿ'’\-]+(?: [A-ZÀ-Ý][\w'’À-ÿ.\-]*){1,3})"
)
_ID_LABEL = re.compile(
    r"(?<!GST )(?<!VAT )(?<!SST )\b(?:passport|passeport|pasaporte|reisepass|ausweis|personalausweis|identity(?: card)?|"
    r"id(?: card)?|driv(?:er|ing)['’]?s? licen[cs]e|licen[cs]e|f[uü]hrerschein|permis|"
    r"document|dokumenten?|national id|personal|personnummer|ssn|social security|"
    r"sozialversicherung(?:s)?|national insurance|steuer-?id(?:nr)?|tax id|tin|nif|nie|dni|"
    r"curp|codice fiscale|bsn|pesel|cpf|nric|health card|insurance|versicherten|krankenkassen|"
    r"patient|student|employee|membership|matr[ií]cula)[ -]?"
    r"(?:n[o0]\b|nr|number|num|nummer|n[°º]|#|№|id)?\.?[ ]?(?:/[\w .°º]{2,24})?[ :.\n#]{1,3}"
    r"(?P<value>(?=(?:[A-Z0-9\-/]*\d){5})[A-Z0-9][A-Z0-9\-/]{4,20})\b",
    re.IGNORECASE,
)


def find(text: str) -> Iterator[tuple[str, int, int, str]]:
    """Labelled values: kind, where the value stands, and why in words.

    A value may follow its label in the line, or begin the line below it.
    """
    yield from _passwords(text)
    for kind, pattern, words in (
        ("date_of_birth", _BORN, "date of birth"),
        ("name_badge", _NAME_LABEL, "name after its label"),
        ("name_badge", _NAME_BARE, "name after its label"),
        ("name_badge", _HELLO, "name after a greeting"),
        ("name_badge", _TITLE, "name with a title"),
        ("id_number", _ID_LABEL, "document number after its label"),
    ):
        for match in pattern.finditer(text):
            yield kind, *match.span("value"), words


def _passwords(text: str) -> Iterator[tuple[str, int, int, str]]:
    for match in _PASSWORD.finditer(text):
        group = "said" if match["said"] else "bare"
        value = match[group].strip()
        # A bare word after "password" is prose; a token with a digit or sign is not.
        if group == "said" or _mixed(value):
            a, b = match.span(group)
            yield "password", a, b, f"password, {len(value)} characters"
    for pattern, words in ((_PIN, "PIN or card check code"), (_SECRET, "secret key")):
        for match in pattern.finditer(text):
            yield "password", *match.span(), words


def _mixed(value: str) -> bool:
    """Whether a token looks made up: letters with digits, signs or inner capitals."""
    core = value.strip(".,;:!?\"'()")
    kinds = (
        any(c.isdigit() for c in core),
        any(c.isalpha() for c in core),
        any(not c.isalnum() and c not in "-'" for c in core),
        any(a.islower() and b.isupper() for a, b in itertools.pairwise(core)),
    )
    return len(core) >= 5 and sum(kinds) >= 2
