"""The words in which avatars are drawn: shapes, traits, palettes and curves.

Coordinates run from -1 to 1 in both directions, y down, on a head that looks straight
ahead: the chin is near y = .8, the crown near y = -.7, hair reaches to -1. Nothing here
knows a picture.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

Spot: TypeAlias = tuple[float, float]
Ink: TypeAlias = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Shape:
    """A filled outline, or, with a ``width``, a line of that thickness.

    ``depth`` is how far it moves when the head turns (the nose most, the skull not at
    all); what is ``inside`` shows on the face alone.
    """

    points: tuple[Spot, ...]
    ink: Ink
    depth: float = 0.0
    width: float = 0.0
    inside: bool = False


@dataclass(frozen=True, slots=True)
class Traits:
    """What one avatar looks like; every combination can be drawn."""

    skin: Ink
    hair: Ink
    cloth: Ink
    eyes: Ink
    head: int
    cut: int
    brows: int
    mouth: int
    beard: int
    glasses: int
    extra: int


SKINS: tuple[Ink, ...] = (
    (255, 219, 190), (246, 198, 160), (228, 171, 128), (198, 137, 96),
    (158, 103, 68), (117, 74, 49), (88, 56, 40), (238, 187, 155),
)  # fmt: skip
HAIRS: tuple[Ink, ...] = (
    (38, 32, 36), (64, 44, 38), (104, 68, 46), (150, 98, 56), (214, 168, 92),
    (188, 84, 48), (232, 210, 168), (172, 172, 180), (226, 226, 230), (70, 92, 150),
    (186, 92, 128),
)  # fmt: skip
CLOTHS: tuple[Ink, ...] = (
    (226, 96, 84), (240, 176, 72), (88, 160, 128), (76, 130, 196), (132, 108, 184),
    (60, 76, 100), (214, 124, 156), (94, 172, 180),
)  # fmt: skip
EYES: tuple[Ink, ...] = ((46, 36, 40), (62, 44, 34), (40, 58, 88), (48, 70, 56))
HEADS = ((0.60, 0.40, 0.78), (0.64, 0.47, 0.74), (0.57, 0.42, 0.82), (0.61, 0.52, 0.77))
"""Half width of the cheeks and of the jaw, and where the chin is."""

WHITE: Ink = (255, 255, 255)
DARK: Ink = (44, 34, 40)


def mix(one: Ink, other: Ink, share: float) -> Ink:
    a, b, c = (round(x + (y - x) * share) for x, y in zip(one, other, strict=True))
    return a, b, c


def closed(spots: Sequence[Spot], steps: int = 10) -> tuple[Spot, ...]:
    """A smooth outline through the spots (Catmull-Rom)."""
    count, out = len(spots), []
    for i in range(count):
        a, b, c, d = (spots[(i + k) % count] for k in (-1, 0, 1, 2))
        for step in range(steps):
            t = step / steps
            out.append(
                (_spline(t, a[0], b[0], c[0], d[0]), _spline(t, a[1], b[1], c[1], d[1]))
            )
    return tuple(out)


def mirrored(half: Sequence[Spot], *last: Spot) -> list[Spot]:
    """The right half, from the top down, with its mirror image."""
    left = [(-x, y) for x, y in reversed(half) if x]
    return [*half, *last, *left]


def oval(
    x: float, y: float, rx: float, ry: float, start: float = 0, end: float = 1
) -> tuple[Spot, ...]:
    """An ellipse, or a part of its rim, in turns from the right clockwise."""
    angles = [2 * math.pi * (start + (end - start) * k / 40) for k in range(41)]
    return tuple((x + rx * math.cos(a), y + ry * math.sin(a)) for a in angles)


def _spline(t: float, a: float, b: float, c: float, d: float) -> float:
    return 0.5 * (
        2 * b
        + (c - a) * t
        + (2 * a - 5 * b + 4 * c - d) * t**2
        + (3 * b - a - 3 * c + d) * t**3
    )
