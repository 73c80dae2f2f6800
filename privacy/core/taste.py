"""A personal score: what one owner hides, learned from what they corrected.

For a finding and a tier the model gives the chance that this owner hides it from the
tier. It is logistic regression with a fixed offset and a Gaussian prior around zero::

    chance = sigmoid(SHARPNESS x (weight - cut of the tier) + w . x)

``weight`` is the finding's share in the site's own score (``score.weight``), so with no
lesson at all (w = 0) the answer is the generic one. Each correction is three labels, one
for each tier, and the weights are the maximum a posteriori of all of them, found by
Newton's method from the weights before (Bishop, Pattern Recognition and Machine
Learning, 4.3.3 and 4.5). Features are names and numbers of a finding; no pixels.

The answer is a suggestion. Nothing here masks or shows anything (docs/score.md).
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from privacy.core.policy import RuleSet
from privacy.core.score import LARGE, weight
from privacy.core.taxonomy import ancestors, lookup
from privacy.core.types import Finding, Tier

ENOUGH = {Tier.FULL: 20, Tier.SEMI: 45, Tier.NONE: 70}
"""Risk below which a tier may see what is left: calm, at most notice, at most warm."""

MOST = 500
"""Lessons that count; older ones are forgotten."""

SHARPNESS = 6.0
_SPREAD = {
    "bias": 0.5, "root": 1.2, "name": 1.6, "tier": 0.6, "both": 1.0,
    "size": 0.8, "size of": 0.8, "place": 0.3, "sure": 0.3, "many": 0.4,
}  # fmt: skip
"""Standard deviations of the prior, by what a feature is about."""
_TURNS = 25


@dataclass(frozen=True, slots=True)
class Trait:
    """What is known of a finding, without its pixels and without its place on the map.

    Attributes:
        category, kind: as ``Finding`` has them.
        weight: its share in the site's score, 0..1.
        side: root of its area, 0..1.
        off: distance of its middle from the picture's, 0 (middle) to 1 (corner).
        confidence: the detector's, 0..1.
        count: findings of its category in the picture, itself included.
    """

    category: str
    kind: str = ""
    weight: float = 0.0
    side: float = 0.0
    off: float = 0.0
    confidence: float = 1.0
    count: int = 1


@dataclass(frozen=True, slots=True)
class Lesson:
    """What an owner decided: hidden from the tiers below ``hidden``, 0 (none) to 3 (all).

    ``share`` is how much it counts: 1 for a decision on this very finding.
    """

    trait: Trait
    hidden: int
    share: float = 1.0


@dataclass(frozen=True, slots=True)
class Taste:
    """The weights of one owner; without any the generic score decides."""

    weights: Mapping[str, float] = field(default_factory=dict)

    def chances(self, trait: Trait) -> tuple[float, float, float]:
        """For FULL, SEMI and NONE, the chance that the owner hides it; falling."""
        logits = [
            _offset(trait, tier)
            + math.fsum(
                self.weights.get(name, 0.0) * value
                for name, value in _features(trait, tier).items()
            )
            for tier in Tier
        ]
        full, semi, none = (_sigmoid(value) for value in logits)
        # Nesting: whoever is trusted more never sees less.
        semi = max(semi, none)
        return max(full, semi), semi, none

    def hidden(self, trait: Trait) -> int:
        """From how many tiers the owner would hide it, 0 to 3, as in ``Lesson``."""
        return sum(chance >= 0.5 for chance in self.chances(trait))


@dataclass(frozen=True, slots=True)
class Usual:
    """How often an owner decided one way about a category: ``times`` of ``of``."""

    category: str
    hides: bool
    times: int
    of: int


def traits(
    findings: Sequence[Finding], rules: RuleSet | None = None
) -> dict[str, Trait]:
    """The trait of each finding of one picture, by its id."""
    counts: defaultdict[str, int] = defaultdict(int)
    for finding in findings:
        counts[finding.category] += 1
    return {
        one.id: Trait(
            one.category,
            one.kind,
            weight(one, rules),
            math.sqrt(max(0.0, one.box.area)),
            _off_centre(one),
            one.confidence,
            counts[one.category],
        )
        for one in findings
    }


def learn(lessons: Iterable[Lesson], before: Taste | None = None) -> Taste:
    """The taste that these lessons (the last ``MOST``) make most likely.

    ``before`` is where the search starts; the answer does not depend on it, as the
    problem is convex.
    """
    rows, offsets, labels, shares = _table(list(lessons)[-MOST:])
    names = sorted({name for row in rows for name in row})
    if not names:
        return Taste()
    place = {name: index for index, name in enumerate(names)}
    x = np.zeros((len(rows), len(names)))
    for index, row in enumerate(rows):
        for name, value in row.items():
            x[index, place[name]] = value
    known = before.weights if before else {}
    w = np.array([known.get(name, 0.0) for name in names])
    precision = np.array([1 / _SPREAD[name.partition("|")[0]] ** 2 for name in names])
    for _turn in range(_TURNS):
        chance = 1 / (1 + np.exp(-np.clip(offsets + x @ w, -30, 30)))
        slope = x.T @ (shares * (labels - chance)) - precision * w
        curve = (x.T * (shares * chance * (1 - chance))) @ x + np.diag(precision)
        step = np.linalg.solve(curve, slope)
        # Newton's steps may run too far where the curve is flat.
        w = w + step / max(1.0, float(np.abs(step).max()))
        if float(np.abs(step).max()) < 1e-6:
            break
    return Taste({name: float(value) for name, value in zip(names, w, strict=True)})


def usual(lessons: Iterable[Lesson], category: str) -> Usual:
    """What an owner mostly did with a category, in whole decisions."""
    mine = [one for one in lessons if one.trait.category == category and one.share >= 1]
    hidden = sum(one.hidden > 0 for one in mine)
    hides = hidden * 2 > len(mine)
    return Usual(category, hides, hidden if hides else len(mine) - hidden, len(mine))


def _table(
    lessons: Sequence[Lesson],
) -> tuple[list[dict[str, float]], np.ndarray, np.ndarray, np.ndarray]:
    rows, offsets, labels, shares = [], [], [], []
    for lesson in lessons:
        for tier in Tier:
            rows.append(_features(lesson.trait, tier))
            offsets.append(_offset(lesson.trait, tier))
            labels.append(1.0 if lesson.hidden > int(tier) else 0.0)
            shares.append(lesson.share)
    return rows, np.array(offsets), np.array(labels), np.array(shares)


def _offset(trait: Trait, tier: Tier) -> float:
    """The generic decision: zero where the finding alone is just enough to mask."""
    return SHARPNESS * (trait.weight - ENOUGH[tier] / 100)


def _features(trait: Trait, tier: Tier) -> dict[str, float]:
    name = lookup(trait.category, trait.kind).name
    size = min(1.0, trait.side / (2 * LARGE)) - 0.5
    found = {
        "bias": 1.0,
        f"tier|{int(tier)}": 1.0,
        "size": size,
        "place": trait.off - 0.5,
        "sure": trait.confidence - 0.5,
        "many": min(1.0, math.log2(max(1, trait.count)) / 4),
    }
    *narrow, root = [path for path in ancestors(name) if path != "*"] or ["*"]
    found[f"root|{root}"] = 1.0
    found[f"size of|{root}"] = size
    for path in narrow or [root]:
        found[f"name|{path}"] = 1.0
        found[f"both|{path}|{int(tier)}"] = 1.0
    return found


def _off_centre(finding: Finding) -> float:
    box = finding.box
    x, y = (box.x0 + box.x1) / 2, (box.y0 + box.y1) / 2
    return min(1.0, math.hypot(x - 0.5, y - 0.5) / math.hypot(0.5, 0.5))


def _sigmoid(value: float) -> float:
    return 1 / (1 + math.exp(-max(-30.0, min(30.0, value))))
