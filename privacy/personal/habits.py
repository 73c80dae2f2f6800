"""LIGHT: what an owner would do with a picture as they usually do: told, never done.

A habit is a suggestion about all findings of one category that nobody has decided
about. Where it hides, it only adds masks; where it shows, it is a question with its
reason, and one that is never asked of what gives its owner away (secrets, nudity).
"""

from __future__ import annotations

from dataclasses import dataclass

from privacy import decisions
from privacy.advice import Step
from privacy.core import taste
from privacy.core.policy import looks
from privacy.core.taxonomy import lookup
from privacy.core.types import Tier
from privacy.models import Finding as FindingRow
from privacy.models import Scan
from privacy.personal import learning

SURE = 0.65
"""Chance from which on a tier's decision is worth a word."""
LEAST = 3
"""Lessons before anything is said."""


@dataclass(frozen=True, slots=True)
class Habit:
    """What is usually done with one category, and what that comes to here.

    Attributes:
        hides: whether it hides more than now; else it shows more.
        steps: what to do; with ``hides`` false their ``show_from`` is below what
            the rules say.
        usual: how often the owner decided so.
        chance: how sure the model is, for the order.
        style: the look that the owner mostly chooses for it, or empty.
    """

    category: str
    hides: bool
    steps: tuple[Step, ...]
    usual: taste.Usual
    chance: float
    style: str = ""


def habits(scan: Scan) -> tuple[Habit, ...]:
    """What the owner of this picture would usually do with it, surest first."""
    # Read with the owner where many scans are asked about (gallery.dossiers).
    stored = getattr(scan.owner, "taste", None)
    if stored is None or not stored.weights:
        return ()
    lessons = learning.lessons_of(scan.owner_id)
    if len(lessons) < LEAST:
        return ()
    learned = taste.Taste(stored.weights)
    findings, choices = decisions.findings_of(scan)
    rules = decisions.rules_for(scan)
    traits = taste.traits(findings, rules)
    rows = scan.findings.exclude(choice=FindingRow.Choice.AUTO, wish="")
    decided = set(rows.values_list("region", flat=True))
    generic = taste.Taste()
    found: dict[tuple[str, bool], list[tuple[Step, float]]] = {}
    for one in findings:
        if one.id in decided or one.category == "manual":
            continue
        now = sum(cell is not None for cell in looks(rules, one, choices.get(one.id)))
        wanted, chance = _wanted(learned, traits[one.id], now)
        if wanted == now or (wanted < now and _grave(one.category, one.kind)):
            continue
        learned_it = learned.hidden(traits[one.id]) != generic.hidden(traits[one.id])
        if not learned_it and not taste.usual(lessons, one.category).of:
            continue  # the site's own score would say so: that is the advice's part
        step = Step(one.id, one.category, wanted)
        found.setdefault((one.category, wanted > now), []).append((step, chance))
    styles = learning.styles(scan.owner_id)
    made = [
        Habit(
            category,
            hides,
            tuple(step for step, _chance in steps),
            taste.usual(lessons, category),
            max(chance for _step, chance in steps),
            styles.get(category, "") if hides else "",
        )
        for (category, hides), steps in found.items()
    ]
    return tuple(sorted(made, key=lambda one: (-one.chance, one.category)))


def wanted_unasked(scan: Scan) -> tuple[Step, ...]:
    """What the owner usually hides and wants hidden without a question."""
    if not learning.settings_of(scan.owner_id).unasked:
        return ()
    return tuple(step for habit in habits(scan) if habit.hides for step in habit.steps)


def _wanted(learned: taste.Taste, trait: taste.Trait, now: int) -> tuple[int, float]:
    """From how many tiers it would be hidden where the model is sure, and how sure.

    Each tier moves only where its own chance is beyond ``SURE``; ``now`` stays else.
    """
    wanted, surest = now, 0.0
    chances = learned.chances(trait)
    for tier in Tier:  # hide from more
        if int(tier) >= now and chances[tier] >= SURE:
            wanted, surest = int(tier) + 1, max(surest, chances[tier])
    if wanted > now:
        return wanted, surest
    for tier in reversed(Tier):  # show to more
        if int(tier) < now and 1 - chances[tier] >= SURE:
            wanted, surest = int(tier), max(surest, 1 - chances[tier])
    return wanted, surest


def _grave(category: str, kind: str) -> bool:
    known = lookup(category, kind)
    return known.secret or known.name == "*" or known.name.startswith("nudity")
