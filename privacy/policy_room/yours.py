"""Who sees what of mine, and why: one's own rules above the site's, and the question."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from privacy import decisions
from privacy.core.floors import stricter, with_own
from privacy.core.policy import Cells, Rule, RuleSet
from privacy.core.presets import preset
from privacy.core.rules import HIDDEN
from privacy.core.taxonomy import is_known, lookup
from privacy.models import RuleSet as RuleSetRow
from privacy.models import Scan
from privacy.policy_room import consent
from privacy.policy_room.matrix import TIERS
from privacy.policy_room.models import GlassPass, OwnRules

OFFERED = (
    "face", "person", "licence_plate", "text", "text.name_badge", "text.phone",
    "text.email", "text.address", "document", "document.letter", "document.receipt",
    "document.screen", "code", "code.qr", "nudity", "object", "object.laptop",
    "object.cell_phone", "object.tv", "object.book", "object.car",
)  # fmt: skip
HIDES: dict[str, Cells] = {
    "strangers": (HIDDEN, None, None),
    "followers": (HIDDEN, HIDDEN, None),
    "everyone": (HIDDEN, HIDDEN, HIDDEN),
}
"""What an owner may choose on top of the site's rules; nothing opens anything."""


@dataclass(frozen=True, slots=True)
class Seen:
    """One category and tier: whether it is masked, and which rule says so."""

    who: str | Promise
    masked: bool
    why: str
    link: str = ""  # to the rule that decides, where its owner can change it


@dataclass(frozen=True, slots=True)
class Line:
    category: str
    words: str
    chosen: str
    cells: tuple[Seen, ...]


@login_required
@require_http_methods(["GET", "POST"])
def your_rules(request: HttpRequest) -> HttpResponse:
    """The table, and with POST one's own rules."""
    if request.method == "POST":
        count = keep(request.user, read(request.POST))
        said = _("Kept. It holds from now on, for what is posted as well.")
        messages.success(request, said if count else _("Kept."))
        return redirect("your-rules")
    live = RuleSetRow.objects.filter(live=True).first()
    found = lines(request.user)
    context = {
        "lines": found,
        "sums": sums(found),
        "places": places(request.user),
        "question": consent.open_question(request.user),
        "live": live,
        "tiers": TIERS,
        "looks": GlassPass.objects.filter(
            subject__in=Scan.objects.filter(owner_id=request.user.pk).values("subject")
        ).order_by("-pk")[:20],
    }
    return render(request, "policy/yours.html", context)


@login_required
@require_POST
def answer(request: HttpRequest) -> HttpResponse:
    """The one tap. What it opens is asked in words before."""
    try:
        public_id = uuid.UUID(request.POST.get("question", ""))
    except ValueError:
        public_id = uuid.UUID(int=0)
    agreed = request.POST.get("agreed") == "yes"
    if consent.answer(request.user, public_id, agreed=agreed):
        messages.success(
            request, _("They follow the new rules.") if agreed else _("Nothing opens.")
        )
    else:
        messages.info(request, _("There is no such question any more."))
    return redirect("your-rules")


def read(data: QueryDict) -> RuleSet:
    """The rules that a form asks for; what is not offered is left out."""
    chosen = ((name, data.get(f"hide.{name}", "")) for name in OFFERED)
    return RuleSet(
        "own", tuple(Rule(name, HIDES[who]) for name, who in chosen if who in HIDES)
    )


def choices_of(body: dict[str, Any]) -> list[tuple[str, str, str]]:
    """Each offered category in words with what stored rules hide of it, for a form."""
    rules = decisions.parsed(body) if body else RuleSet("own")
    cells = {rule.category: rule.cells for rule in rules.rules}
    names = {cells: who for who, cells in HIDES.items()}
    found = []
    for name in OFFERED:
        words = lookup(name).many
        chosen = names.get(cells.get(name, (None, None, None)), "")
        found.append((name, words[:1].upper() + words[1:], chosen))
    return found


@transaction.atomic
def keep(owner: Any, rules: RuleSet) -> int:
    """Make these the owner's own; returns how many pictures have been looked at anew.

    Own rules only ever close. Taking one away opens as far as the site's rules and
    what was agreed to allow: it is the owner who does it.
    """
    before = decisions.own_rules(owner.pk)
    if before.rules == rules.rules:
        return 0
    OwnRules.objects.update_or_create(owner=owner, defaults={"body": rules.as_json()})
    scans = Scan.objects.filter(owner=owner, current=True)
    subjects = list(scans.values_list("subject", flat=True))
    replan: Callable[[list[uuid.UUID]], int] = import_string(settings.NOPEEK_REPLAN)
    return replan(subjects)


@dataclass(frozen=True, slots=True)
class Place:
    """Rules of one's own that stand elsewhere: an album's, or of a person.

    ``kind`` is ``album`` or ``person``; ``says`` is what they do, in words.
    """

    kind: str
    name: str
    says: str
    link: str


def places(owner: Any) -> list[Place]:
    """Asked of ``settings.NOPEEK_OWN_PLACES``, which knows albums and people."""
    ask: Callable[[int], list[Place]] = import_string(settings.NOPEEK_OWN_PLACES)
    return ask(int(owner.pk))


def sums(found: list[Line]) -> list[tuple[str | Promise, int, int]]:
    """For each tier, how many of the categories it sees, of how many."""
    return [
        (who, sum(not line.cells[at].masked for line in found), len(found))
        for at, (_tier, who) in enumerate(TIERS)
    ]


def lines(owner: Any) -> list[Line]:
    """What each tier sees of new photos, with the rule that decides."""
    site, own = decisions.live_rules(), decisions.own_rules(owner.pk)
    mine_too = with_own(site, own)
    careful = getattr(owner, "caution", "") == "strict"
    held = stricter(mine_too, preset("strict")) if careful else mine_too
    mine = {rule.category: rule.cells for rule in own.rules}
    names = {cells: who for who, cells in HIDES.items()}
    found = []
    for name in OFFERED:
        if not is_known(name):
            continue
        of_site, of_all = site.rule_for(name), held.rule_for(name)
        of_mine = mine_too.rule_for(name)
        cells = []
        for tier, who in TIERS:
            by_site = of_site is None or of_site.cells[tier] is not None
            masked = of_all is None or of_all.cells[tier] is not None
            by_mine = of_mine is None or of_mine.cells[tier] is not None
            if masked and not by_mine:
                why, link = _("your wish to be careful"), reverse("settings-privacy")
            else:
                why, link = _why(name, by_site, masked, of_site, own)
            cells.append(Seen(who, masked, why, link))
        words = lookup(name).many
        chosen = names.get(mine.get(name, (None, None, None)), "")
        found.append(Line(name, words[:1].upper() + words[1:], chosen, tuple(cells)))
    return found


def _why(
    name: str, by_site: bool, masked: bool, of_site: Rule | None, own: RuleSet
) -> tuple[str, str]:
    if by_site:
        decides = of_site.category if of_site else "*"
        return _("the site's rule for %(name)s") % {"name": _named(decides)}, ""
    if masked:
        rule = own.rule_for(name)
        decides = rule.category if rule else name
        return _("your rule for %(name)s") % {
            "name": _named(decides)
        }, f"#rule-{decides}"
    return "", ""


def _named(category: str) -> str:
    return _("everything else") if category == "*" else lookup(category).many
