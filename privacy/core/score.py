"""Stage 3: findings -> explained risk, 0..100, for what a tier still sees.

A finding weighs its category's severity, less where the detector is unsure or the
thing is small. Within a category the heaviest counts in full and the others add a
quarter of what they would together; across categories the weights unite as independent
chances (noisy-or). So the risk saturates, one more finding never lowers it, and taking
one away (masking it) never raises it.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from privacy.core.policy import Cells, Choice, RuleSet, looks
from privacy.core.taxonomy import lookup
from privacy.core.types import Finding, Tier

MORE_OF_THE_SAME = 0.25
"""Share at which further findings of one category add to its heaviest."""
LARGE = 0.2
"""Side, as a share of the picture's, from which on size takes nothing off."""

COVERED = 0.9
"""Share of a finding under one mask from which on it counts as not seen."""


class Strategy(StrEnum):
    SAFE = "safe"
    MASK = "mask"
    KEEP_PRIVATE = "keep_private"


@dataclass(frozen=True, slots=True)
class Reason:
    """What one category adds: ``points`` of the risk, and ``words`` for people."""

    category: str
    count: int
    points: int
    words: str

    def as_json(self) -> dict[str, Any]:
        return {
            "category": self.category,
            "count": self.count,
            "points": self.points,
            "words": self.words,
        }


@dataclass(frozen=True, slots=True)
class Score:
    """Risk 0..100 with its reasons, heaviest first, and what to do about it."""

    risk: int
    because: tuple[Reason, ...]
    strategy: Strategy

    @property
    def level(self) -> str:
        """calm, notice, warm or alarm: the four steps that pages show."""
        return ("calm", "notice", "warm", "alarm")[
            sum(self.risk >= step for step in (20, 45, 70))
        ]

    def as_json(self) -> dict[str, Any]:
        return {
            "risk": self.risk,
            "because": [reason.as_json() for reason in self.because],
            "strategy": self.strategy.value,
        }


def weight(finding: Finding, rules: RuleSet | None = None) -> float:
    """How much one finding weighs alone, 0..1; ``rules`` may give severities."""
    rule = rules.rule_for(finding.category, finding.kind) if rules else None
    severity = lookup(finding.category, finding.kind).severity
    if rule is not None and rule.severity is not None:
        severity = rule.severity
    side = math.sqrt(max(0.0, finding.box.area))
    size = 0.6 + 0.4 * min(1.0, side / LARGE)
    return severity * (0.5 + 0.5 * finding.confidence) * size


def risk(visible: Iterable[Finding], rules: RuleSet | None = None) -> Score:
    """The risk of showing exactly these findings."""
    groups: defaultdict[str, list[float]] = defaultdict(list)
    for finding in visible:
        groups[lookup(finding.category, finding.kind).name].append(
            weight(finding, rules)
        )
    burdens = {name: -math.log1p(-_united(weights)) for name, weights in groups.items()}
    total = math.fsum(burdens.values())
    value = 100 * -math.expm1(-total)
    because = tuple(
        Reason(
            name,
            len(groups[name]),
            round(value * burden / total) if total else 0,
            f"{len(groups[name])} "
            + (lookup(name).one if len(groups[name]) == 1 else lookup(name).many),
        )
        for name, burden in sorted(burdens.items(), key=lambda b: (-b[1], b[0]))
    )
    rounded = min(100, round(value))
    return Score(rounded, because, _strategy(rounded))


def score(
    findings: Iterable[Finding],
    rules: RuleSet,
    choices: Mapping[str, Choice] | None = None,
) -> dict[Tier, Score]:
    """For each tier, the risk of what it still sees under these rules.

    What lies under another thing's mask is not seen: the name on a masked card.
    """
    known = [
        (finding, looks(rules, finding, (choices or {}).get(finding.id)))
        for finding in findings
    ]
    return {tier: risk(_visible(known, tier), rules) for tier in Tier}


def _visible(known: list[tuple[Finding, Cells]], tier: Tier) -> list[Finding]:
    masks = [finding.box for finding, cells in known if cells[int(tier)] is not None]
    return [
        finding
        for finding, cells in known
        if cells[int(tier)] is None
        and not any(mask.covers(finding.box) >= COVERED for mask in masks)
    ]


def visible(
    findings: Iterable[Finding],
    rules: RuleSet,
    choices: Mapping[str, Choice],
    tier: Tier,
) -> list[Finding]:
    """What a tier still sees: neither masked itself nor under another thing's mask."""
    known = [(one, looks(rules, one, choices.get(one.id))) for one in findings]
    return _visible(known, tier)


def viper_score(findings: Iterable[Finding], rules: RuleSet, tier: Tier) -> float:
    """VIPER's own score: area of private boxes / area of the picture x 100.

    The areas are summed, overlaps counting twice, as VIPER does; lower is better.
    """
    return 100 * math.fsum(
        finding.box.area
        for finding in findings
        if looks(rules, finding)[int(tier)] is not None
    )


def _united(weights: list[float]) -> float:
    heaviest, *others = sorted(weights, reverse=True)
    rest = 1 - math.prod(1 - w for w in others)
    return min(0.999, heaviest + (1 - heaviest) * MORE_OF_THE_SAME * rest)


def _strategy(value: int) -> Strategy:
    if value < 20:
        return Strategy.SAFE
    return Strategy.MASK if value < 85 else Strategy.KEEP_PRIVATE
