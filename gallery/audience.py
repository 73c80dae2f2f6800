"""Whom a post reaches, and who gains by a looser audience or mask.

The counts are for the owner, to decide by. What somebody may see is decided in
``gallery.access`` alone.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.circles import FOLLOWER_LANES, lane
from accounts.models import Closeness, User
from gallery.access import TIER_OF
from gallery.models import Audience, Post
from privacy.core.types import Plan, Region, Tier

ORDER = (Audience.ONLY_ME, Audience.CLOSE, Audience.FOLLOWERS, Audience.EVERYONE)


@dataclass(frozen=True, slots=True)
class Gains:
    """Who sees more than before: so many followers, and perhaps everyone.

    ``held`` says in which lanes they are, so that gains can be added up.
    """

    people: int
    everyone: bool
    held: frozenset[Closeness] = field(default=frozenset(), compare=False)

    def __bool__(self) -> bool:
        return self.everyone or self.people > 0

    def words(self) -> str:
        """For the question before it happens."""
        followers = ngettext("%(n)d follower", "%(n)d followers", self.people) % {
            "n": self.people
        }
        if self.everyone and self.people:
            return _("%(followers)s and everyone else") % {"followers": followers}
        return _("everyone") if self.everyone else followers


class NeedsConfirmation(Exception):
    """Somebody would see more of a published post; the owner has to say yes first."""

    def __init__(self, gains: Gains) -> None:
        super().__init__(gains.words())
        self.gains = gains


def is_looser(old: str, new: str) -> bool:
    return ORDER.index(Audience(new)) > ORDER.index(Audience(old))


def gains_by_audience(post: Post, audience: str) -> Gains:
    """Who may see the post under ``audience`` and may not now."""
    if not is_looser(post.audience, audience):
        return Gains(0, everyone=False)
    added = _let_in(audience) - _let_in(post.audience)
    return Gains(
        _count(post.owner, added),
        everyone=audience == Audience.EVERYONE,
        held=frozenset(added),
    )


def together(owner: User, gains: Iterable[Gains]) -> Gains:
    """Who sees more by several changes, each person once."""
    every = list(gains)
    held = {one for gain in every for one in gain.held}
    return Gains(
        _count(owner, held),
        everyone=any(gain.everyone for gain in every),
        held=frozenset(held),
    )


def gains_by_mask(post: Post, tiers: Iterable[Tier]) -> Gains:
    """Who of the post's audience sees pixels of one of ``tiers``."""
    looser = set(tiers)
    held = {held for held in _let_in(post.audience) if TIER_OF[held] in looser}
    everyone = post.audience == Audience.EVERYONE and Tier.FULL in looser
    return Gains(_count(post.owner, held), everyone, frozenset(held))


def looser_tiers(old: dict[Tier, Plan], new: dict[Tier, Plan]) -> set[Tier]:
    """Tiers for which some place is no longer masked as a whole, or by a weaker class.

    A place that is masked in two halves now counts as opened: asking once too often
    is the lesser harm.
    """
    return {tier for tier in old if not _covered(old[tier], new.get(tier, Plan()))}


def _covered(old: Plan, new: Plan) -> bool:
    return all(
        any(
            _holds(other, region)
            and (other.treatment.zero_bit or not region.treatment.zero_bit)
            for other in new.regions
        )
        for region in old.regions
    )


def _holds(other: Region, region: Region) -> bool:
    """Whether the one surely masks all of the other; of outlines only an equal one."""
    if other.outline and (other.outline, other.brush) != (region.outline, region.brush):
        return False
    return other.box.covers(region.box) > 1 - 1e-9


def _let_in(audience: str) -> set[Closeness]:
    match audience:
        case Audience.CLOSE:
            return {Closeness.CLOSE}
        case Audience.FOLLOWERS | Audience.EVERYONE:
            return set(Closeness)
    return set()


def _count(owner: User, held: set[Closeness]) -> int:
    return sum(
        lane(owner, name).count()
        for name, closeness in FOLLOWER_LANES.items()
        if closeness in held
    )


def reached(owner: User) -> list[str]:
    """Public ids of the owner and all followers: whom an event *may* concern.

    Whoever delivers it asks the one door for each of them.
    """
    found = [str(owner.public_id)]
    for name in FOLLOWER_LANES:
        people = lane(owner, name).values_list("public_id", flat=True)
        found += [str(public_id) for public_id in people]
    return found
