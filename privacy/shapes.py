"""LIGHT: places that owners draw: a box, a polygon, or the stroke of a brush.

What is stored always has a box that holds the whole of it, so that whatever knows
boxes alone hides enough.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from privacy.core.types import Box, Point

LEAST = 0.004
"""Least side of a drawn region, as a share of the picture's."""
POINTS = 600
"""Points of one outline."""
THICKEST = 0.25
"""Largest radius of a brush, as a share of the picture's longer side."""


class BadRegion(Exception):
    """The change cannot be made; the text says why and what to do."""


@dataclass(frozen=True, slots=True)
class Shape:
    """A place in 0..1 of the picture.

    Attributes:
        box: holds all of it.
        outline: corners of a polygon, or with a ``brush`` the line that it went along.
        brush: radius as a share of the picture's longer side, 0 for none.
    """

    box: Box
    outline: tuple[Point, ...] = ()
    brush: float = 0.0


def drawn(
    width: int,
    height: int,
    *,
    box: Box | None = None,
    outline: Sequence[Point] = (),
    brush: float = 0.0,
) -> Shape:
    """A place that somebody drew in a picture of ``width`` x ``height`` pixels.

    Raises:
        BadRegion: too small, too many points, or no place in the picture.
    """
    if not outline:
        if box is None:
            raise BadRegion("the region has no place in the picture")
        return Shape(checked(box))
    if len(outline) > POINTS:
        raise BadRegion(f"an outline has at most {POINTS} points: draw it in parts")
    if not 0 <= brush <= THICKEST:
        raise BadRegion(f"the brush has a radius of at most {THICKEST:g}")
    if not brush and len(outline) < 3:
        raise BadRegion("an outline has at least 3 points")
    if not all(-1e6 < value < 1e6 for point in outline for value in point):
        raise BadRegion("the region has no place in the picture")
    points = tuple((_unit(x), _unit(y)) for x, y in outline)
    xs, ys = [x for x, _ in points], [y for _, y in points]
    longer = max(width, height, 1)
    dx, dy = brush * longer / max(width, 1), brush * longer / max(height, 1)
    hull = Box(min(xs) - dx, min(ys) - dy, max(xs) + dx, max(ys) + dy)
    return Shape(checked(hull), points, brush)


def moved(shape: Shape, box: Box, width: int, height: int) -> Shape:
    """The same drawing in another box: moved, and stretched as far as the box is.

    Raises:
        BadRegion: as ``drawn`` does.
    """
    if not shape.outline:
        return Shape(checked(box))
    old = shape.box
    sx = (box.x1 - box.x0) / (old.x1 - old.x0)
    sy = (box.y1 - box.y0) / (old.y1 - old.y0)
    points = [
        (box.x0 + (x - old.x0) * sx, box.y0 + (y - old.y0) * sy)
        for x, y in shape.outline
    ]
    brush = min(THICKEST, shape.brush * max(sx, sy))
    return drawn(width, height, outline=points, brush=brush)


def checked(box: Box) -> Box:
    """``box`` within the picture.

    Raises:
        BadRegion: nothing of it is in the picture, or it is too small.
    """
    if not all(-1e6 < value < 1e6 for value in box.as_tuple()):
        raise BadRegion("the region has no place in the picture")
    place = box.clipped()
    if place.x1 - place.x0 < LEAST or place.y1 - place.y0 < LEAST:
        raise BadRegion("this region is too small: draw a larger one")
    return place


def _unit(value: float) -> float:
    return min(1.0, max(0.0, float(value)))
