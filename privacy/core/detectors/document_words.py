"""Which kind of document a group of lines belongs to, by its words and its numbers."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

PASSPORT = r"passports?\b|passeport|reisepass|pasaporte|passaporto?|paspoort|paszport|pasaportu"
IDENTITY = (
    r"identity card|identification card|id card|personalausweis|bundesrepublik|ausweis\b|"
    r"carte (?:nationale )?d.?identite|titre de sejour|documento nacional|"
    r"carta d.?identita|cartao de cidadao|identiteitskaart|dowod osobisty|"
    r"driv(?:er|ing).?s? ?licen[cs]e|fuhrerschein|permis de conduire|permiso de conducir|"
    r"patente di guida|rijbewijs|prawo jazdy|carta de conducao|residence permit|"
    r"aufenthaltstitel|health insurance card|gesundheitskarte|student (?:id|card)|"
    r"studierendenausweis|employee id|national id|voter|social security"
)
FIELDS = (
    r"(?:^|\n)(?:sur|given |first |last )?names?\b|vorname|nachname|\bnom\b|apellidos",
    r"\bborn\b|date of birth|\bdob\b|geburts|geboren|naissance|nacimiento|nascita",
    r"national(?:ity|ite|idad|ita)|staatsangehorigkeit",
    r"\bid ?n[o0]\b|document n|card n[o0]\b|licen[cs]e n|personal n|ausweisnummer",
    r"\bsexe?\b|geschlecht|\bsexo\b|\bsesso\b",
    r"expir|valid until|gultig bis|valable|caduci|scadenza|issued?\b|delivrance",
    r"place of birth|geburtsort|lieu de naissance|\bheight\b|eye colou?r|signature",
    r"authority|behorde|autorite|republic|specimen|bundes",
)
BANK = (
    r"valid (?:thru|through|from)|good thru|gultig bis|expires? end|exp\.? ?date|month/year",
    r"\bvisa\b|master ?card|maestro|american express|\bamex\b|girocard|discover|unionpay",
    r"\bbank|banque|banco|banca|sparkasse|credit|debit|\bcard ?holder\b|cvv|cvc",
    r"(?<!\d)(?:0[1-9]|1[0-2]) ?/ ?[2-4]\d(?!\d)",
)
LETTER = (
    r"\bdear\b|sehr geehrte|\bliebe[rs]?\b|madame|monsieur|estimad[oa]|gentile|geachte",
    r"sincerely|regards|yours (?:truly|faithfully)|mit freundlichen|salutations|saluti",
    r"\binvoice|rechnung|facture|factura|fattura|amount due|payment due",
    r"\bsubject:|betreff|\bobjet\b|asunto|oggetto|\bre:",
    r"\b(?:our |your )?ref(?:erence)?[.: ]|aktenzeichen|kundennummer|customer n",
    r"\b(?:date|datum|fecha|data) ?:",
    r"patient|diagnos|doctor|clinic|hospital|medical|insurance|versicherung",
    r"account|konto|\biban\b|statement|salary|payslip|gehalt|contract|vertrag|tenan",
    r"letter|enclos|anlage|attachment|confidential|vertraulich",
    r"tax office|finanzamt|ministry|department|council|court|notice",
)
RECEIPT = (
    r"sub ?-?total|\btotal|summe|gesamt|montant|importe|totale",
    r"\bcash\b|\bbar\b|change\b|ruckgeld|rendu|cambio|tender|card payment|visa|mastercard",
    r"\btax|\bvat\b|\bgst\b|mwst|\btva\b|\biva\b|rounding|\bsst\b",
    r"receipt|\bquittung|\bbon\b|kassenbon|\bticket\b|invoice n|\binv\b|bill\b",
    r"\bqty|\bitem|\bmenge|quantite|cantidad|\bprice|\bamount|\bamt",
    r"cashier|kassierer|thank you|danke|merci|gracias|grazie|terima|goods sold|welcome",
)
_PRICE = re.compile(r"(?<![\d.,])\d{1,5}[.,] ?\d{2}(?![\d.,]\d)")


@dataclass(frozen=True, slots=True)
class Verdict:
    """A kind of document, how sure (0..1), and why in words."""

    kind: str
    confidence: float
    words: str


def judge(texts: Iterable[str], kinds: Iterable[str]) -> Verdict | None:
    """The kind of document, or ``None`` where these lines are none.

    Args:
        texts: what the lines say, top to bottom.
        kinds: kinds of personal data that stand in them, with repetition.
    """
    lines = [_folded(text) for text in texts]
    whole, found = "\n".join(lines), list(kinds)
    for rule in (_bank_card, _passport, _id_card, _receipt, _letter):
        verdict = rule(whole, lines, found)
        if verdict:
            return verdict
    return None


def _bank_card(whole: str, lines: list[str], kinds: list[str]) -> Verdict | None:
    signs = _count(BANK, whole)
    if "card" in kinds and len(lines) <= 20:
        return Verdict("bank_card", _sure(2 + signs), "card number, card words")
    # The back of a card, or a front whose number is not read.
    if signs >= 3 and len(lines) <= 12 and "iban" not in kinds:
        return Verdict("bank_card", _sure(signs - 1), "card words")
    return None


def _passport(whole: str, lines: list[str], kinds: list[str]) -> Verdict | None:
    fields = _count(FIELDS, whole)
    code = "passport_mrz" in kinds
    first = any(
        re.match(r"p[<a-z0][a-z0<]{3}", line) and "<<" in line for line in lines
    )
    named = bool(re.search(PASSPORT, whole))
    if code and (first or named):
        return Verdict("passport", _sure(3 + named + fields), "passport code lines")
    if named and fields >= 3:
        return Verdict("passport", _sure(fields), "passport words and fields")
    return None


def _id_card(whole: str, lines: list[str], kinds: list[str]) -> Verdict | None:
    fields = _count(FIELDS, whole)
    named = len(set(re.findall(IDENTITY, whole)))
    proofs = len({"passport_mrz", "date_of_birth", "id_number"} & set(kinds))
    score = min(named, 2) + fields + proofs
    few = len(lines) <= 30
    if few and (
        "passport_mrz" in kinds
        or (named and fields + proofs >= 2)
        or (fields >= 4 and proofs)
    ):
        return Verdict("id_card", _sure(score), "identity words and fields")
    return None


def _receipt(whole: str, lines: list[str], kinds: list[str]) -> Verdict | None:
    prices = sum(bool(_PRICE.search(line)) for line in lines)
    signs = _count(RECEIPT, whole)
    formal = _count(LETTER[:2], whole)
    if prices >= 3 and signs >= 2 and not formal and len(lines) >= 6:
        return Verdict("receipt", _sure(signs), f"{prices} prices, receipt words")
    return None


def _letter(whole: str, lines: list[str], kinds: list[str]) -> Verdict | None:
    signs = _count(LETTER, whole)
    personal = len(
        {"address", "iban", "email", "phone", "name_badge", "id_number"} & set(kinds)
    )
    prose = sum(line.count(" ") >= 4 for line in lines)
    if len(lines) >= 4 and (signs >= 2 or (signs and personal) or personal >= 3):
        return Verdict("letter", _sure(signs + personal), "letter words and details")
    if prose >= 8:
        return Verdict("letter", 0.45, f"{prose} lines of prose")
    return None


def _count(patterns: Iterable[str], text: str) -> int:
    return sum(bool(re.search(pattern, text)) for pattern in patterns)


def _sure(signs: int) -> float:
    return min(0.95, 0.45 + 0.1 * signs)


def _folded(text: str) -> str:
    """Small letters without accents; runs of blanks as one."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    return " ".join("".join(c for c in plain if not unicodedata.combining(c)).split())
