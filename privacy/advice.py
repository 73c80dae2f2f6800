"""LIGHT: what to hide, from whom, so that the risk of what each tier sees comes down.

The advice only ever tightens: it adds masks for tiers that still see a thing, keeps
every mask there is, and leaves alone what the owner has decided themselves.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace

from privacy import decisions
from privacy.core.policy import Choice
from privacy.core.score import Score, Strategy, risk, score, visible
from privacy.core.taste import ENOUGH
from privacy.core.types import Finding, Tier
from privacy.models import AutoMask, Scan
from privacy.models import Finding as FindingRow

__all__ = ["ENOUGH"]  # beside all that is defined below


@dataclass(frozen=True, slots=True)
class Step:
    """Hide one region from the tiers below ``show_from``; from all where it is 3."""

    region: str
    category: str
    show_from: int

    @property
    def choice(self) -> str:
        hidden = self.show_from > int(Tier.NONE)
        return FindingRow.Choice.HIDE if hidden else FindingRow.Choice.SHOW

    @property
    def tier(self) -> int:
        """As ``privacy.review.set_choice`` takes it."""
        return 0 if self.choice == FindingRow.Choice.HIDE else self.show_from


@dataclass(frozen=True, slots=True)
class Advice:
    """What could be hidden, and the scores before and after.

    ``strategy`` is ``safe`` where nothing is to be done, ``mask`` where the steps are
    enough, and ``keep_private`` where too much stays to be seen by strangers.
    """

    steps: tuple[Step, ...]
    before: dict[Tier, Score]
    after: dict[Tier, Score]
    strategy: Strategy


def advise(scan: Scan) -> Advice:
    """What would be hidden of a picture by the rules, the choices, and a calm mind."""
    findings, choices = decisions.findings_of(scan)
    rules = decisions.rules_for(scan)
    decided = set(
        scan.findings.exclude(choice=FindingRow.Choice.AUTO, wish="").values_list(
            "region", flat=True
        )
    )
    steps: dict[str, Step] = {}
    for tier in Tier:
        seen = visible(findings, rules, choices, tier)
        for one in _too_much(seen, decided, ENOUGH[tier]):
            steps[one.id] = Step(one.id, one.category, int(tier) + 1)
    taken = dict(choices)
    for region, step in steps.items():
        taken[region] = replace(
            choices.get(region, Choice()),
            hide=step.choice == FindingRow.Choice.HIDE,
            show_from=Tier(step.tier) if step.choice == "show" else None,
        )
    before = score(findings, rules, choices)
    after = score(findings, rules, taken)
    return Advice(
        tuple(sorted(steps.values(), key=lambda s: (s.category, s.region))),
        before,
        after,
        _strategy(steps, after),
    )


def wanted_unasked(scan: Scan) -> tuple[Step, ...]:
    """The steps that the owner wants taken without being asked: none by default."""
    least = (
        AutoMask.objects.filter(owner_id=scan.owner_id)
        .values_list("least", flat=True)
        .first()
    )
    if least is None:
        return ()
    advice = advise(scan)
    worst = max((found.risk for found in advice.before.values()), default=0)
    return advice.steps if worst >= least else ()


def set_unasked(owner_id: int, least: int | None) -> None:
    """From which risk on advice is taken unasked; None for never."""
    if least is None:
        AutoMask.objects.filter(owner_id=owner_id).delete()
        return
    AutoMask.objects.update_or_create(owner_id=owner_id, defaults={"least": least})


def unasked(owner_id: int) -> int | None:
    """What ``set_unasked`` was told."""
    rows = AutoMask.objects.filter(owner_id=owner_id)
    return rows.values_list("least", flat=True).first()


def _too_much(seen: list[Finding], decided: set[str], enough: int) -> list[Finding]:
    """The heaviest categories, until what is left is below ``enough``."""
    left = list(seen)
    hidden: list[Finding] = []
    kinds: defaultdict[str, list[Finding]] = defaultdict(list)
    for one in seen:
        if one.id not in decided:
            kinds[one.category].append(one)
    order = sorted(kinds, key=lambda name: (-risk(kinds[name]).risk, name))
    for name in order:
        if risk(left).risk < enough:
            break
        hidden += kinds[name]
        left = [one for one in left if one not in kinds[name]]
    return hidden


def _strategy(steps: dict[str, Step], after: dict[Tier, Score]) -> Strategy:
    if after[Tier.FULL].risk >= ENOUGH[Tier.FULL]:
        return Strategy.KEEP_PRIVATE
    return Strategy.MASK if steps else Strategy.SAFE
