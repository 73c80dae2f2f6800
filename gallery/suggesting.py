"""The suggestion for one picture: told in words, taken in one edit, undone in another."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from gallery import editing
from gallery.models import Media
from privacy import advice, decisions, review, words
from privacy.advice import Advice, Step
from privacy.core.score import Reason, Strategy
from privacy.core.taxonomy import lookup
from privacy.core.types import Tier
from privacy.models import Finding, Scan
from privacy.personal import habits
from privacy.personal.habits import Habit
from privacy.personal.learning import Known


@dataclass(frozen=True, slots=True)
class Told:
    """For the owner: what each tier sees, in words, and what could be done."""

    sentences: tuple[tuple[Tier, str], ...]
    strategy: str
    steps: int
    things: str
    before: int
    after: int


def told(scan: Scan) -> Told:
    """Words and figures for strangers' risk, before and after the suggestion."""
    found = advice.advise(scan)
    return Told(
        sentences=tuple(
            (tier, words.risk_in_words(tier, found.before[tier])) for tier in Tier
        ),
        strategy=found.strategy.value,
        steps=len(found.steps),
        things=_things(found),
        before=found.before[Tier.FULL].risk,
        after=found.after[Tier.FULL].risk,
    )


def take(media: Media) -> dict[str, Any]:
    """Do what is suggested, as one edit; returns the edit that undoes it.

    What is returned is a body for PATCH of ``regions``.

    Raises:
        services.Refused: there is no scan to change yet.
    """
    scan = decisions.current_scan(media.public_id)
    steps = advice.advise(scan).steps if scan else ()
    if not steps:
        return {"changes": []}
    regions = {step.region for step in steps}
    before = [
        {"id": row.region, "choice": row.choice, "show_from": row.show_from}
        for row in review.findings(media.public_id)
        if row.region in regions
    ]
    changes = [editing.Change(s.region, s.choice, s.tier) for s in steps]
    editing.change_all(media, changes)
    return {"changes": before}


def take_unasked(scan: Scan) -> int:
    """What the owner wants done without being asked, before the first plans are made.

    Call it in the transaction that makes them. Returns how many regions it hid.
    """
    steps: tuple[Step, ...] = (
        *advice.wanted_unasked(scan),
        *habits.wanted_unasked(scan),
    )
    for step in steps:
        rows = scan.findings.filter(region=step.region)
        rows.filter(choice=Finding.Choice.AUTO).update(
            choice=step.choice, show_from=step.tier
        )
    return len(steps)


def as_usual(scan: Scan) -> list[tuple[Habit, str]]:
    """What the owner would usually do with this picture, each with its reason."""
    return [(habit, _reason(habit)) for habit in habits.habits(scan)]


def take_usual(
    media: Media, category: str, *, hides: bool, confirmed: bool = False
) -> int:
    """Do with one category as usual; returns for how many regions.

    Raises as ``editing.change_all`` does: what shows more of a post asks first.
    """
    scan = decisions.current_scan(media.public_id)
    found = habits.habits(scan) if scan else ()
    for habit in found:
        if (habit.category, habit.hides) == (category, hides):
            style = habit.style or None
            editing.change_all(
                media,
                [
                    editing.Change(step.region, step.choice, step.tier, style)
                    for step in habit.steps
                ],
                confirmed=confirmed,
            )
            return len(habit.steps)
    return 0


def learned_words(known: Known) -> str:
    """What was learned of one category, as a sentence for its owner."""
    usual = known.usual
    said = {"what": lookup(usual.category).many, "n": usual.times, "of": usual.of}
    if usual.hides:
        return _("%(what)s: hidden %(n)d of %(of)d times") % said
    return _("%(what)s: left visible %(n)d of %(of)d times") % said


def _reason(habit: Habit) -> str:
    usual = habit.usual
    said = {"what": lookup(habit.category).many, "n": usual.times, "of": usual.of}
    if usual.of >= habits.LEAST and usual.hides == habit.hides:
        if habit.hides:
            return _("You usually hide %(what)s: %(n)d of %(of)d times.") % said
        return _("You usually leave %(what)s visible: %(n)d of %(of)d times.") % said
    if habit.hides:
        return (
            _("Going by what you decided before, you would hide %(what)s here.") % said
        )
    return (
        _("Going by what you decided before, you would leave %(what)s visible here.")
        % said
    )


def _things(found: Advice) -> str:
    """What the steps hide: ``2 faces, 1 phone number``."""
    if found.strategy == Strategy.SAFE:
        return ""
    counts: dict[str, int] = {}
    for step in found.steps:
        counts[step.category] = counts.get(step.category, 0) + 1
    return ", ".join(
        words.counted(Reason(name, count, 0, "")) for name, count in counts.items()
    )
