"""Who sees which sensitive thing, counted: the ledger beside see-as, for the owner.

It says what the one door will do and decides nothing: a thing is seen by a tier where
no mask of the tier's plan covers it, and by those of the audience who have that tier.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.db.models import Count
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import Closeness, User
from accounts.relations import visible_people
from gallery.access import TIER_OF
from gallery.models import Audience
from privacy.core.taxonomy import lookup
from privacy.core.types import Box, Plan, Tier
from privacy.models import Finding


@dataclass(frozen=True, slots=True)
class Reach:
    """How many followers of each tier an audience lets in, and whether strangers too."""

    people: Mapping[Tier, int]
    everyone: bool
    published: bool


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the ledger: what is seen, by how many, and why."""

    what: str
    words: str
    everyone: bool


def reach(owner: User, audience: str, *, published: bool) -> Reach:
    """Whom a post for ``audience`` reaches, in one query."""
    rows = (
        visible_people(owner)
        .filter(follows_out__followee=owner, follows_out__accepted_at__isnull=False)
        .values_list("follows_out__closeness")
        .annotate(n=Count("pk"))
        .order_by()
    )
    counted = {TIER_OF[Closeness(held)]: count for held, count in rows}
    match audience:
        case Audience.EVERYONE | Audience.FOLLOWERS:
            people = counted
        case Audience.CLOSE:
            people = {Tier.NONE: counted.get(Tier.NONE, 0)}
        case _:
            people = {}
    return Reach(people, audience == Audience.EVERYONE, published)


def seen_by(finding: Finding, plans: Mapping[Tier, Plan]) -> frozenset[Tier]:
    """The tiers in whose picture the finding is not covered by a mask."""
    box = Box(finding.x0, finding.y0, finding.x1, finding.y1)
    return frozenset(
        tier
        for tier, plan in plans.items()
        if not any(
            one.id == finding.region
            or (not one.outline and one.box.covers(box) > 0.999)
            for one in plan.regions
        )
    )


def words(category: str, tiers: frozenset[Tier], of: Reach) -> str:
    """Who sees a thing of this category, in a sentence."""
    names = {"what": lookup(category).one}
    if of.everyone and Tier.FULL in tiers:
        return _("Everyone can see this %(what)s.") % names
    count = sum(of.people.get(tier, 0) for tier in tiers)
    if not tiers & {*of.people} or not count:
        if tiers and of.people:
            return _("Nobody you have let in so far sees this %(what)s.") % names
        return _("Only you see this %(what)s.") % names
    given = {**names, "n": count}
    if Tier.FULL in tiers:
        return (
            ngettext(
                "%(n)d person sees this %(what)s, because they follow you.",
                "%(n)d people see this %(what)s, because they follow you.",
                count,
            )
            % given
        )
    if Tier.SEMI in tiers:
        return (
            ngettext(
                "%(n)d person sees this %(what)s, because they are not distant.",
                "%(n)d people see this %(what)s, because they are not distant.",
                count,
            )
            % given
        )
    return (
        ngettext(
            "%(n)d person sees this %(what)s, because they are close.",
            "%(n)d people see this %(what)s, because they are close.",
            count,
        )
        % given
    )


def ledger(seen: Iterable[tuple[str, frozenset[Tier]]], of: Reach) -> tuple[Entry, ...]:
    """What anyone but the owner sees, grouped by category, gravest first."""
    grouped: dict[tuple[str, frozenset[Tier]], int] = {}
    for category, tiers in seen:
        open_to = frozenset(
            tier
            for tier in tiers
            if of.people.get(tier) or (of.everyone and tier is Tier.FULL)
        )
        if open_to:
            key = category, open_to
            grouped[key] = grouped.get(key, 0) + 1
    ordered = sorted(
        grouped.items(), key=lambda item: (-lookup(item[0][0]).severity, item[0][0])
    )
    return tuple(_entry(category, tiers, n, of) for (category, tiers), n in ordered)


def _entry(category: str, tiers: frozenset[Tier], n: int, of: Reach) -> Entry:
    names = lookup(category)
    what = f"{n} {names.one if n == 1 else names.many}"
    if of.everyone and Tier.FULL in tiers:
        return Entry(what, _("everyone"), everyone=True)
    count = sum(of.people.get(tier, 0) for tier in tiers)
    people = ngettext("%(n)d person", "%(n)d people", count) % {"n": count}
    if Tier.FULL in tiers:
        why = _("%(people)s: all followers")
    elif Tier.SEMI in tiers:
        why = _("%(people)s, because they are not distant")
    else:
        why = _("%(people)s, because they are close")
    return Entry(what, why % {"people": people}, everyone=False)
