"""The hair of avatars: what lies behind the head, and what before it."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from typing import TypeAlias

from privacy.core.redact.avatar_hats import bald, beanie, scarf
from privacy.core.redact.avatar_shapes import (
    DARK,
    WHITE,
    Shape,
    Spot,
    Traits,
    closed,
    mirrored,
    mix,
    oval,
)

Cut: TypeAlias = Callable[[Traits, bool], Iterator[Shape]]

# The outer rim of short hair, from the crown down to the temple.
_RIM: Sequence[Spot] = ((0.0, -0.90), (0.40, -0.82), (0.66, -0.50), (0.70, -0.10))


def _cap(who: Traits, hairline: Sequence[Spot], rim: Sequence[Spot] = _RIM) -> Shape:
    """Short hair: the rim on both sides, and a hairline from the right temple to the left."""
    left = [(-x, y) for x, y in reversed(rim) if x]
    return Shape(closed([*rim, *hairline, *left]), who.hair, 0.15)


def _gloss(who: Traits, x: float, y: float, turn: float) -> Shape:
    start = 0.60 + turn
    return Shape(
        oval(x, y, 0.44, 0.36, start, start + 0.10),
        mix(who.hair, WHITE, 0.22),
        0.15,
        0.05,
    )


def _crop(who: Traits, behind: bool) -> Iterator[Shape]:
    if not behind:
        yield _cap(
            who,
            [
                (0.60, -0.14),
                (0.50, -0.36),
                (0.20, -0.44),
                (-0.2, -0.44),
                (-0.50, -0.36),
                (-0.60, -0.14),
            ],
        )
        yield _gloss(who, 0, -0.42, 0)


def _parted(who: Traits, behind: bool) -> Iterator[Shape]:
    if not behind:
        yield _cap(
            who,
            [
                (0.60, -0.10),
                (0.55, -0.28),
                (0.30, -0.34),
                (-0.05, -0.46),
                (-0.24, -0.62),
                (-0.38, -0.44),
                (-0.57, -0.26),
                (-0.61, -0.08),
            ],
        )
        yield Shape(
            ((-0.26, -0.62), (-0.20, -0.80), (-0.10, -0.90)),
            mix(who.hair, DARK, 0.3),
            0.15,
            0.03,
        )
        yield _gloss(who, 0.05, -0.44, 0.09)


def _quiff(who: Traits, behind: bool) -> Iterator[Shape]:
    if not behind:
        rim = ((0.06, -1.0), (0.44, -0.94), (0.66, -0.56), (0.66, -0.12))
        yield _cap(
            who,
            [
                (0.58, -0.16),
                (0.52, -0.38),
                (0.30, -0.50),
                (0.0, -0.46),
                (-0.34, -0.52),
                (-0.52, -0.38),
                (-0.58, -0.16),
            ],
            rim,
        )
        for x in (-0.22, 0.02, 0.26):
            yield Shape(
                ((x, -0.56), (x + 0.03, -0.72), (x + 0.14, -0.86)),
                mix(who.hair, WHITE, 0.16),
                0.15,
                0.035,
            )


def _curls(who: Traits, behind: bool) -> Iterator[Shape]:
    count, rx, ry, size = 13, 0.62, 0.60, 0.215
    for k in range(count):
        a = math.pi * (0.94 + 1.12 * k / (count - 1))
        x, y = rx * math.cos(a), -0.22 + ry * math.sin(a)
        if behind:
            yield Shape(oval(x, y, size, size), mix(who.hair, DARK, 0.18))
        else:
            yield Shape(
                oval(x * 0.90, y * 0.98 - 0.02, size * 0.72, size * 0.72),
                who.hair,
                0.15,
            )
    if not behind:
        for x, y in (
            (-0.30, -0.46),
            (-0.10, -0.52),
            (0.10, -0.50),
            (0.30, -0.47),
            (0.0, -0.70),
            (-0.25, -0.68),
            (0.25, -0.68),
        ):
            yield Shape(oval(x, y, 0.17, 0.15), who.hair, 0.15)
        for x, y in ((-0.34, -0.66), (0.02, -0.76), (0.28, -0.58), (-0.12, -0.54)):
            yield Shape(
                oval(x, y, 0.09, 0.08, 0.52, 0.80),
                mix(who.hair, WHITE, 0.2),
                0.15,
                0.03,
            )


def _afro(who: Traits, behind: bool) -> Iterator[Shape]:
    if behind:
        for k in range(22):
            a = 2 * math.pi * k / 22
            yield Shape(
                oval(0.66 * math.cos(a), -0.24 + 0.60 * math.sin(a), 0.21, 0.21),
                who.hair,
            )
        yield Shape(oval(0, -0.24, 0.74, 0.66), who.hair)
    else:
        yield _cap(
            who,
            [
                (0.60, -0.16),
                (0.46, -0.42),
                (0.0, -0.52),
                (-0.46, -0.42),
                (-0.60, -0.16),
            ],
        )


def _bob(who: Traits, behind: bool) -> Iterator[Shape]:
    if behind:
        yield Shape(
            closed(
                mirrored(
                    [
                        (0.0, -0.92),
                        (0.50, -0.80),
                        (0.78, -0.30),
                        (0.82, 0.30),
                        (0.70, 0.66),
                        (0.40, 0.60),
                    ],
                    (0.0, 0.50),
                )
            ),
            mix(who.hair, DARK, 0.16),
        )
    else:
        rim = ((0.0, -0.92), (0.48, -0.82), (0.76, -0.36), (0.80, 0.22), (0.70, 0.48))
        yield _cap(
            who,
            [
                (0.57, 0.42),
                (0.55, 0.0),
                (0.50, -0.24),
                (0.25, -0.27),
                (0.0, -0.25),
                (-0.25, -0.27),
                (-0.50, -0.24),
                (-0.55, 0.0),
                (-0.57, 0.42),
            ],
            rim,
        )
        yield _gloss(who, 0, -0.40, 0)


def _long(who: Traits, behind: bool) -> Iterator[Shape]:
    if behind:
        half = [
            (0.0, -0.92),
            (0.50, -0.80),
            (0.78, -0.25),
            (0.80, 0.40),
            (0.77, 0.84),
            (0.5, 0.97),
        ]
        yield Shape(closed(mirrored(half, (0.0, 0.94))), mix(who.hair, DARK, 0.16))
    else:
        rim = ((0.0, -0.92), (0.48, -0.82), (0.74, -0.36), (0.78, 0.30), (0.76, 0.80))
        yield _cap(
            who,
            [
                (0.62, 0.86),
                (0.60, 0.20),
                (0.50, -0.22),
                (0.24, -0.44),
                (0.02, -0.68),
                (-0.22, -0.44),
                (-0.50, -0.22),
                (-0.60, 0.20),
                (-0.62, 0.86),
            ],
            rim,
        )
        yield _gloss(who, 0.22, -0.40, 0.10)


def _bun(who: Traits, behind: bool) -> Iterator[Shape]:
    if behind:
        yield Shape(oval(0, -0.86, 0.25, 0.20), mix(who.hair, DARK, 0.10))
        yield Shape(
            oval(0.02, -0.88, 0.14, 0.10, 0.50, 0.86),
            mix(who.hair, WHITE, 0.18),
            0,
            0.035,
        )
    else:
        rim = ((0.0, -0.80), (0.40, -0.74), (0.64, -0.44), (0.66, -0.06))
        yield _cap(
            who,
            [
                (0.59, -0.06),
                (0.52, -0.30),
                (0.26, -0.50),
                (0.0, -0.54),
                (-0.26, -0.50),
                (-0.52, -0.30),
                (-0.59, -0.06),
            ],
            rim,
        )
        for x in (-0.3, 0.3):
            yield Shape(
                ((x, -0.56), (x * 0.6, -0.68), (x * 0.2, -0.75)),
                mix(who.hair, DARK, 0.22),
                0.15,
                0.025,
            )


def _tails(who: Traits, behind: bool) -> Iterator[Shape]:
    if behind:
        for side in (-1, 1):
            lock = [
                (0.60, -0.30),
                (0.86, -0.28),
                (0.97, 0.05),
                (0.90, 0.50),
                (0.80, 0.66),
                (0.74, 0.30),
                (0.66, 0.0),
            ]
            yield Shape(
                closed([(side * x, y) for x, y in lock]), mix(who.hair, DARK, 0.1)
            )
        return
    yield from _bun(who, False)
    for side in (-1, 1):
        yield Shape(oval(side * 0.68, -0.24, 0.085, 0.085), who.cloth)


SMOOTH = frozenset({scarf, _bob, _tails})
"""Cuts below which no beard is drawn."""
CUTS: tuple[Cut, ...] = (
    _crop, _parted, _quiff, _curls, _afro, _bob, _long, _bun, bald, scarf, beanie,
    _tails, _parted, _long,
)  # fmt: skip
