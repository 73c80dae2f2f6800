"""Where lines of text leave a straight way free, as two sheets that lie edge to edge do.

Two sheets of one colour have no edge that a flood of colour would stop at. What tells
them apart is that no line of text runs from one to the other, and that each half is a
document by itself: the caller's part.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from privacy.core.detectors.paper import Shape

WIDE = 1.2
"""Least width of a corridor, in heights of a line: two margins, and no gap of words."""


@dataclass(frozen=True, slots=True)
class Corridor:
    """A free way between two sets of lines, across ``normal``.

    Attributes:
        before, after: indices of the lines on its two sides.
        normal: unit vector from the one side to the other.
        along: unit vector of the text's direction.
        start, end: where the way begins and ends along ``normal``, in pixels.
    """

    before: tuple[int, ...]
    after: tuple[int, ...]
    normal: tuple[float, float]
    along: tuple[float, float]
    start: float
    end: float

    @property
    def middle(self) -> float:
        return (self.start + self.end) / 2

    def halves(self, shape: Shape, *, shared: bool) -> tuple[Shape, Shape] | None:
        """A convex shape cut in two; None where it lies on one side alone.

        Args:
            shared: whether each half takes the whole corridor, since nobody knows where
                in it the edge is: then no strip is left between them.
        """
        low, high = (self.end, self.start) if shared else (self.middle, self.middle)
        normal = np.array(self.normal, dtype=np.float32)
        one, two = _below(shape, normal, low), _below(shape, -normal, -high)
        return (one, two) if len(one) >= 3 and len(two) >= 3 else None

    def aspect(self, shape: Shape) -> float:
        """Width over height of a shape, for whoever reads the text."""
        x, y = self.along
        wide, tall = shape @ np.array([x, y]), shape @ np.array([-y, x])
        return float(np.ptp(wide) / max(1e-6, float(np.ptp(tall))))


def corridors(quads: Sequence[Shape]) -> Iterator[Corridor]:
    """The free ways with two lines at least on either side, widest first."""
    if len(quads) < 4:
        return
    angle = _direction(quads)
    tall = float(np.median([np.linalg.norm(q[3] - q[0]) for q in quads]))
    along = (math.cos(angle), math.sin(angle))
    found = [
        way
        for normal in (along, (-along[1], along[0]))
        for way in _across(quads, normal, along, WIDE * tall)
    ]
    yield from sorted(found, key=lambda way: way.start - way.end)


def _across(
    quads: Sequence[Shape],
    normal: tuple[float, float],
    along: tuple[float, float],
    least: float,
) -> Iterator[Corridor]:
    spans = [quad @ np.array(normal) for quad in quads]
    order = sorted(range(len(quads)), key=lambda i: float(spans[i].min()))
    reach = -math.inf
    for place, index in enumerate(order):
        start = float(spans[index].min())
        if 2 <= place <= len(order) - 2 and start - reach >= least:
            before, after = tuple(order[:place]), tuple(order[place:])
            yield Corridor(before, after, normal, along, reach, start)
        reach = max(reach, float(spans[index].max()))


def _direction(quads: Sequence[Shape]) -> float:
    """Angle along which most of the text runs, long lines counting for more."""
    ways = np.array([quad[1] - quad[0] for quad in quads])
    # Doubled angles: text upside down runs along the same lines.
    doubled = 2 * np.arctan2(ways[:, 1], ways[:, 0])
    weight = np.linalg.norm(ways, axis=1)
    return float(
        np.arctan2((weight * np.sin(doubled)).sum(), (weight * np.cos(doubled)).sum())
        / 2
    )


def _below(shape: Shape, normal: Shape, limit: float) -> Shape:
    """The part of a convex polygon where ``point . normal <= limit``."""
    points = cv2.convexHull(shape.astype(np.float32)).reshape(-1, 2)
    kept: list[Shape] = []
    for here, there in zip(points, np.roll(points, -1, axis=0), strict=True):
        a, b = float(here @ normal) - limit, float(there @ normal) - limit
        if a <= 0:
            kept.append(here)
        if a * b < 0:
            kept.append(here + (there - here) * (a / (a - b)))
    out: Shape = np.array(kept, dtype=np.float32).reshape(-1, 2)
    return out
