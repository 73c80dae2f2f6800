"""NoPeek's own stickers: round, two tones, drawn by the functions below.

Every drawing is a set of shapes on a disc of diameter 2 around (0, 0), y down. They are
filled at four times the size and averaged down, so edges are smooth at any size.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import TypeAlias

import cv2
import numpy as np
import numpy.typing as npt

Shape: TypeAlias = list[tuple[float, float]]
Cover: TypeAlias = npt.NDArray[np.float32]

_FINE = 4  # times finer than asked for while drawing
_LARGEST = 512  # px; larger stickers are enlarged from here


def names() -> tuple[str, ...]:
    """The stickers that there are."""
    return tuple(_DRAWINGS)


@lru_cache(maxsize=64)
def covers(name: str, size: int) -> tuple[Cover, Cover]:
    """Two (size, size) arrays, 0..1: where the disc is, and where its drawing is.

    Raises:
        KeyError: no sticker of this name.
    """
    side = min(size, _LARGEST)
    disc = _filled([_ellipse(0, 0, 0.98, 0.98)], side)
    drawing = np.minimum(_filled(_DRAWINGS[name](), side), disc)
    if side != size:
        disc = cv2.resize(disc, (size, size), interpolation=cv2.INTER_LINEAR)
        drawing = cv2.resize(drawing, (size, size), interpolation=cv2.INTER_LINEAR)
    disc.flags.writeable = drawing.flags.writeable = False
    return disc, drawing


def _filled(shapes: Iterable[Shape], side: int) -> Cover:
    fine = side * _FINE
    canvas = np.zeros((fine, fine), dtype=np.uint8)
    for shape in shapes:
        points = (np.array(shape) + 1) * fine / 2
        # Each shape by itself: overlapping ones add up instead of cutting holes.
        cv2.fillPoly(canvas, [np.rint(points).astype(np.int32)], 255)
    small = cv2.resize(canvas, (side, side), interpolation=cv2.INTER_AREA)
    cover: Cover = small.astype(np.float32) / np.float32(255)
    return cover


def _ellipse(
    x: float, y: float, rx: float, ry: float, turn: float = 0.0, count: int = 96
) -> Shape:
    cos, sin = math.cos(turn), math.sin(turn)
    ring = []
    for step in range(count):
        angle = 2 * math.pi * step / count
        dx, dy = rx * math.cos(angle), ry * math.sin(angle)
        ring.append((x + dx * cos - dy * sin, y + dx * sin + dy * cos))
    return ring


def _leaf(x: float, y: float, length: float, width: float, turn: float) -> Shape:
    cos, sin = math.cos(turn), math.sin(turn)
    side = [
        (length * (t / 24 - 0.5), width * math.sin(math.pi * t / 24) ** 1.2)
        for t in range(25)
    ]
    rim = side + [(dx, -dy) for dx, dy in reversed(side)]
    return [(x + dx * cos - dy * sin, y + dx * sin + dy * cos) for dx, dy in rim]


def _moon() -> list[Shape]:
    big, small, apart = 0.6, 0.47, 0.26
    # Where the two circles meet: the crescent's horns.
    x = (apart**2 + big**2 - small**2) / (2 * apart)
    y = math.sqrt(big**2 - x**2)
    start, end = math.atan2(y, x), math.atan2(y, x - apart)
    outer = [
        (big * math.cos(a) - 0.1, big * math.sin(a))
        for a in np.linspace(start, 2 * math.pi - start, 64)
    ]
    inner = [
        (small * math.cos(a) + apart - 0.1, small * math.sin(a))
        for a in np.linspace(2 * math.pi - end, end, 64)
    ]
    return [outer + inner]


def _sun() -> list[Shape]:
    rays = [
        _leaf(0.62 * math.cos(a), 0.62 * math.sin(a), 0.34, 0.07, a)
        for a in np.linspace(0, 2 * math.pi, 11)[:-1]
    ]
    return [_ellipse(0, 0, 0.34, 0.34), *rays]


def _branch() -> list[Shape]:
    leaves = []
    for step in range(4):
        y = 0.45 - step * 0.3
        leaves += [_leaf(-0.2, y, 0.46, 0.12, 0.6), _leaf(0.2, y, 0.46, 0.12, -0.6)]
    return [
        *leaves,
        _leaf(0, -0.66, 0.4, 0.1, math.pi / 2),
        _leaf(0, 0, 1.4, 0.035, math.pi / 2),
    ]


def _cloud() -> list[Shape]:
    return [
        _ellipse(-0.28, 0.1, 0.3, 0.26),
        _ellipse(0.05, -0.08, 0.36, 0.34),
        _ellipse(0.36, 0.14, 0.26, 0.22),
        _ellipse(0.02, 0.24, 0.56, 0.14),
    ]


def _star() -> list[Shape]:
    rim = []
    for step in range(10):
        radius = 0.64 if step % 2 == 0 else 0.29
        angle = -math.pi / 2 + math.pi * step / 5
        rim.append((radius * math.cos(angle), radius * math.sin(angle) + 0.04))
    return [rim]


def _waves() -> list[Shape]:
    bands = []
    for y in (-0.32, 0.02, 0.36):
        top = [(x, y + 0.1 * math.sin(5.2 * x)) for x in np.linspace(-0.66, 0.66, 48)]
        bands.append(top + [(x, dy + 0.15) for x, dy in reversed(top)])
    return bands


def _flower() -> list[Shape]:
    petals = [
        _ellipse(0.36 * math.cos(a), 0.36 * math.sin(a), 0.28, 0.19, a)
        for a in np.linspace(0, 2 * math.pi, 7)[:-1]
    ]
    return [*petals, _ellipse(0, 0, 0.16, 0.16)]


def _drop() -> list[Shape]:
    rim = []
    for step in range(64):
        t = 2 * math.pi * step / 64
        rim.append((0.46 * math.sin(t) * math.sin(t / 2) ** 1.4, -0.62 * math.cos(t)))
    return [rim]


def _hills() -> list[Shape]:
    near = [
        (x, 0.2 + 0.2 * math.sin(3.1 * x + 0.6)) for x in np.linspace(-0.98, 0.98, 64)
    ]
    return [[*near, (0.98, 1.0), (-0.98, 1.0)], _ellipse(0.34, -0.34, 0.2, 0.2)]


def _stones() -> list[Shape]:
    return [
        _ellipse(0, 0.46, 0.56, 0.2),
        _ellipse(0.04, 0.08, 0.4, 0.16),
        _ellipse(-0.02, -0.22, 0.26, 0.12),
        _ellipse(0.03, -0.44, 0.15, 0.08),
    ]


_DRAWINGS: dict[str, Callable[[], list[Shape]]] = {
    "moon": _moon,
    "sun": _sun,
    "branch": _branch,
    "cloud": _cloud,
    "star": _star,
    "waves": _waves,
    "flower": _flower,
    "drop": _drop,
    "hills": _hills,
    "stones": _stones,
}
