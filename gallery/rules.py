"""What new rules come to for posts: the gallery's side of the policy room.

Reached by name from ``privacy`` (``settings.NOPEEK_ON_RULES`` and its neighbours),
which knows pictures by their public ids alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from uuid import UUID

from accounts.models import Closeness, Follow, User
from gallery import events
from gallery.access import TIER_OF, Grant, access_media, visible_media
from gallery.models import Audience, Media
from gallery.replan import PLANNED, replan
from privacy import decisions
from privacy.core.policy import RuleSet
from privacy.core.types import Tier
from privacy.models import RuleSet as RuleSetRow
from privacy.models import Scan
from privacy.policy_room.foresee import Fact, chunks, outcomes
from privacy.services import Effects


def rules_changed(
    before: RuleSet, after: RuleSet, effects: Effects, *, staged: bool = False
) -> None:
    """Make plans anew where ``after`` comes to something else than ``before``.

    Called within the transaction that publishes the rules. What closes anything is
    done here and now, in every case; with ``staged``, what is only drawn differently
    is left for later. Nothing that is posted opens: its owners are to be asked.
    """
    old, new = decisions.Held(before), decisions.Held(after)
    live = RuleSetRow.objects.get(live=True)
    for scans in chunks():
        found = list(outcomes(scans, old, new))
        drafts = [one.scan.pk for one in found if not one.fact.published]
        Scan.objects.filter(pk__in=drafts).update(floor=live)
        at_once = []
        for one in found:
            subject = str(one.scan.subject)
            if any(change.opens for change in one.if_asked):
                effects.ask[one.fact.owner_id] += 1
            if not one.at_once:
                continue
            closes = any(change.closes for change in one.at_once)
            if staged and one.fact.published and not closes:
                effects.later.append(subject)
            else:
                at_once.append(one.scan.subject)
        effects.now += [str(subject) for subject in at_once]
        _replan(at_once, after)
    events.rules_asked(User.objects.filter(pk__in=effects.ask), live.version)


def replan_subjects(subjects: Iterable[UUID]) -> int:
    """Make the plans of these anew under what holds now; returns how many there are."""
    return _replan(list(subjects), None)


def _replan(subjects: list[UUID], rules: RuleSet | None) -> int:
    rows = list(Media.objects.filter(public_id__in=subjects).order_by("pk"))
    for media in rows:
        replan(media, rules)
    return len(rows)


def facts(subjects: list[UUID]) -> Mapping[UUID, Fact]:
    """What the policy room may know of posts; of pictures that have plans alone."""
    states = [state.value for state in PLANNED]
    rows = Media.objects.filter(public_id__in=subjects, state__in=states)
    return {
        row[0]: Fact(row[1], row[2], row[3], row[4] is not None)
        for row in rows.values_list(
            "public_id", "post_id", "owner_id", "post__audience", "post__published_at"
        )
    }


def followers_at(tier: Tier, owners: Iterable[int]) -> int:
    """How many different people follow any of ``owners`` at this tier."""
    held = next(one for one, its in TIER_OF.items() if its == tier)
    rows = Follow.objects.filter(
        followee__in=list(owners), accepted_at__isnull=False, closeness=held
    )
    return rows.values("follower").distinct().count()


EXAMPLES = 24


def examples(viewer: User, subjects: list[str]) -> list[Grant]:
    """Some of these pictures, as ``viewer`` may see them anyway."""
    rows = visible_media(viewer).filter(public_id__in=subjects).order_by("-pk")
    found = rows.values_list("public_id", flat=True)[:EXAMPLES]
    return [access_media(viewer, public_id) for public_id in found]


def reaches(audience: str, tier: Tier) -> bool:
    """Whether anybody of this tier is let in by an audience."""
    if audience == Audience.CLOSE:
        return TIER_OF[Closeness.CLOSE] == tier
    return audience in (Audience.FOLLOWERS, Audience.EVERYONE)
