"""LIGHT: risk in sentences, in the reader's language. Made when asked for, kept nowhere.

They follow from the findings, the rules and the choices alone, which is cheap, so they
never tell of yesterday's masks (docs/adr/0010-words.md).
"""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.functional import Promise
from django.utils.text import get_text_list
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext_lazy

from privacy.core.score import Reason, Score
from privacy.core.taxonomy import ancestors, lookup
from privacy.core.types import Tier

WHO = {
    Tier.FULL: gettext_lazy("Strangers"),
    Tier.SEMI: gettext_lazy("Followers"),
    Tier.NONE: gettext_lazy("Close friends"),
}

TELLS: dict[str, Promise] = {
    "face": gettext_lazy("who is in it"),
    "person": gettext_lazy("who was there"),
    "licence_plate": gettext_lazy("whose car was where"),
    "text.name_badge": gettext_lazy("what somebody is called"),
    "text.email": gettext_lazy("how to reach somebody"),
    "text.phone": gettext_lazy("how to reach somebody"),
    "text.address": gettext_lazy("where somebody lives"),
    "text.date_of_birth": gettext_lazy("how old somebody is"),
    "text.id_number": gettext_lazy("enough to pass for somebody"),
    "text.iban": gettext_lazy("where to take money from"),
    "text.card": gettext_lazy("enough to pay with"),
    "text.password": gettext_lazy("how to log in as somebody"),
    "text.passport_mrz": gettext_lazy("enough to pass for somebody"),
    "text": gettext_lazy("what is written there"),
    "document.id_card": gettext_lazy("enough to pass for somebody"),
    "document.passport": gettext_lazy("enough to pass for somebody"),
    "document.bank_card": gettext_lazy("enough to pay with"),
    "document": gettext_lazy("what somebody's papers say"),
    "code.qr.login": gettext_lazy("how to log in as somebody"),
    "code": gettext_lazy("what is behind a code"),
    "nudity": gettext_lazy("somebody's body"),
    "object.laptop": gettext_lazy("what can be fetched there"),
    "object": gettext_lazy("how somebody lives"),
    "manual": gettext_lazy("what you marked yourself"),
    "*": gettext_lazy("something that we do not know"),
}
"""What a stranger could learn from a thing, by the narrowest name that there is."""

COUNTED = {
    "face": ngettext_lazy("%(n)d face", "%(n)d faces", "n"),
    "person": ngettext_lazy("%(n)d person", "%(n)d people", "n"),
    "licence_plate": ngettext_lazy("%(n)d licence plate", "%(n)d licence plates", "n"),
    "text": ngettext_lazy("%(n)d piece of text", "%(n)d pieces of text", "n"),
    "text.url": ngettext_lazy("%(n)d web address", "%(n)d web addresses", "n"),
    "text.name_badge": ngettext_lazy("%(n)d name badge", "%(n)d name badges", "n"),
    "text.email": ngettext_lazy("%(n)d e-mail address", "%(n)d e-mail addresses", "n"),
    "text.phone": ngettext_lazy("%(n)d phone number", "%(n)d phone numbers", "n"),
    "text.address": ngettext_lazy(
        "%(n)d postal address", "%(n)d postal addresses", "n"
    ),
    "text.date_of_birth": ngettext_lazy(
        "%(n)d date of birth", "%(n)d dates of birth", "n"
    ),
    "text.id_number": ngettext_lazy("%(n)d ID number", "%(n)d ID numbers", "n"),
    "text.iban": ngettext_lazy(
        "%(n)d bank account number", "%(n)d bank account numbers", "n"
    ),
    "text.card": ngettext_lazy("%(n)d card number", "%(n)d card numbers", "n"),
    "text.password": ngettext_lazy("%(n)d password", "%(n)d passwords", "n"),
    "document": ngettext_lazy("%(n)d document", "%(n)d documents", "n"),
    "document.letter": ngettext_lazy("%(n)d letter", "%(n)d letters", "n"),
    "document.receipt": ngettext_lazy("%(n)d receipt", "%(n)d receipts", "n"),
    "document.screen": ngettext_lazy(
        "%(n)d screen with text", "%(n)d screens with text", "n"
    ),
    "document.id_card": ngettext_lazy("%(n)d ID card", "%(n)d ID cards", "n"),
    "document.passport": ngettext_lazy("%(n)d passport", "%(n)d passports", "n"),
    "document.bank_card": ngettext_lazy("%(n)d bank card", "%(n)d bank cards", "n"),
    "code": ngettext_lazy("%(n)d code", "%(n)d codes", "n"),
    "code.barcode": ngettext_lazy("%(n)d barcode", "%(n)d barcodes", "n"),
    "code.qr": ngettext_lazy("%(n)d QR code", "%(n)d QR codes", "n"),
    "manual": ngettext_lazy("%(n)d region of yours", "%(n)d regions of yours", "n"),
}

_MOST = 3


def risk_in_words(tier: Tier, score: Score) -> str:
    """One sentence on what a tier still sees, and what that could tell."""
    who = str(WHO[tier])
    if not score.because:
        return _("%(who)s see nothing of what was found.") % {"who": who}
    given = {
        "who": who,
        "things": get_text_list([counted(r) for r in score.because[:_MOST]], _("and")),
        "tells": get_text_list(_tells(score.because), _("and")),
    }
    if score.level == "calm":
        return _("%(who)s still see %(things)s: little to worry about.") % given
    return _("%(who)s still see %(things)s. That can tell %(tells)s.") % given


def counted(reason: Reason) -> str:
    """``2 faces``; in English where a thing has no words in the reader's language."""
    if reason.category in COUNTED:
        return str(COUNTED[reason.category] % {"n": reason.count})
    names = lookup(reason.category)
    return f"{reason.count} {names.one if reason.count == 1 else names.many}"


def tells(category: str) -> str:
    """What a thing could tell."""
    return str(next(TELLS[name] for name in ancestors(category) if name in TELLS))


def _tells(because: Iterable[Reason]) -> list[str]:
    """Of the heaviest reasons, each thing that they tell once."""
    heaviest = sorted(because, key=lambda r: -r.points)[:_MOST]
    return list(dict.fromkeys(tells(reason.category) for reason in heaviest))
