"""What a threshold on confidence means: precision, recall and cost. Plain numbers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

STEPS = tuple(step / 100 for step in range(0, 100, 5))


@dataclass(frozen=True, slots=True)
class Labelled:
    """One finding with the word of somebody who knows: ``real`` or a false alarm."""

    confidence: float
    real: bool


@dataclass(frozen=True, slots=True)
class At:
    """What a threshold comes to.

    Attributes:
        masked: real ones that are masked.
        needless: false alarms that are masked.
        missed: real ones below the threshold, and those that nothing found.
        precision, recall: 0..1; 1 where there is nothing to be wrong about.
        cost: ``miss`` for each missed one, 1 for each needless mask.
    """

    threshold: float
    masked: int
    needless: int
    missed: int
    cost: float

    @property
    def precision(self) -> float:
        shown = self.masked + self.needless
        return self.masked / shown if shown else 1.0

    @property
    def recall(self) -> float:
        real = self.masked + self.missed
        return self.masked / real if real else 1.0


def at(
    labelled: Iterable[Labelled], threshold: float, unfound: int = 0, miss: float = 10
) -> At:
    """One point. ``unfound`` are real ones that no detector found at all."""
    found = list(labelled)
    above = [one for one in found if one.confidence >= threshold]
    masked = sum(one.real for one in above)
    real = sum(one.real for one in found)
    missed = real - masked + unfound
    needless = len(above) - masked
    return At(threshold, masked, needless, missed, miss * missed + needless)


def curve(labelled: Sequence[Labelled], unfound: int = 0, miss: float = 10) -> list[At]:
    """A point for each of ``STEPS``; recall never rises along it."""
    return [at(labelled, step, unfound, miss) for step in STEPS]


def best(points: Sequence[At]) -> At:
    """The cheapest point; of equals the lowest, which masks more."""
    return min(points, key=lambda point: (point.cost, point.threshold))


def line(values: Sequence[float], width: float, height: float) -> str:
    """An SVG path through values of 0..1, from left to right, 1 at the top."""
    last = max(1, len(values) - 1)
    points = (
        f"{width * place / last:.1f} {height * (1 - value):.1f}"
        for place, value in enumerate(values)
    )
    return "M" + " L".join(points)
