"""What avatars wear on their heads, and the head that wears nothing."""

from __future__ import annotations

from collections.abc import Iterator

from privacy.core.redact.avatar_shapes import (
    DARK,
    WHITE,
    Shape,
    Traits,
    closed,
    mirrored,
    mix,
    oval,
)


def scarf(who: Traits, behind: bool) -> Iterator[Shape]:
    fold = mix(who.cloth, DARK, 0.20)
    if behind:
        yield Shape(
            closed(
                mirrored(
                    [
                        (0.0, -0.94),
                        (0.48, -0.84),
                        (0.78, -0.36),
                        (0.80, 0.30),
                        (0.72, 0.90),
                        (0.40, 1.05),
                    ],
                    (0.0, 1.05),
                )
            ),
            who.cloth,
        )
        return
    outer = [
        (0.0, -0.94),
        (0.48, -0.84),
        (0.78, -0.36),
        (0.78, 0.30),
        (0.66, 0.80),
        (0.34, 1.02),
    ]
    inner = [(0.0, -0.52), (0.34, -0.44), (0.54, -0.10), (0.53, 0.24), (0.36, 0.60)]
    for side in (-1, 1):
        band = [
            (side * x, y)
            for x, y in (*outer, (0.0, 1.05), (0.0, 0.73), *reversed(inner))
        ]
        yield Shape(closed(band), who.cloth)
    yield Shape(
        ((0.52, 0.36), (0.30, 0.72), (-0.06, 0.92), (-0.40, 0.98)), fold, 0, 0.03
    )
    yield Shape(((0.40, -0.58), (0.62, -0.26), (0.66, 0.08)), fold, 0, 0.025)
    yield Shape(
        ((-0.40, -0.58), (-0.62, -0.26), (-0.66, 0.08)),
        mix(who.cloth, WHITE, 0.2),
        0,
        0.025,
    )


def beanie(who: Traits, behind: bool) -> Iterator[Shape]:
    if behind:
        yield Shape(
            closed(
                mirrored(
                    [(0.0, -0.6), (0.60, -0.40), (0.70, 0.10), (0.60, 0.40)], (0.0, 0.3)
                )
            ),
            mix(who.hair, DARK, 0.1),
        )
        return
    for side in (-1, 1):
        yield Shape(
            closed(
                [
                    (side * 0.52, -0.34),
                    (side * 0.66, -0.3),
                    (side * 0.66, 0.10),
                    (side * 0.575, -0.02),
                ]
            ),
            who.hair,
        )
    dome = mirrored(
        [(0.0, -0.96), (0.42, -0.88), (0.64, -0.58), (0.66, -0.36)], (0.0, -0.34)
    )
    yield Shape(closed(dome), who.cloth)
    yield Shape(oval(0, -0.96, 0.13, 0.11), mix(who.cloth, WHITE, 0.55))
    yield Shape(
        closed(
            mirrored(
                [(0.0, -0.52), (0.40, -0.50), (0.69, -0.46), (0.70, -0.28)],
                (0.0, -0.32),
            ),
            14,
        ),
        mix(who.cloth, DARK, 0.2),
    )
    for k in range(-5, 6):
        yield Shape(
            ((k * 0.12, -0.49), (k * 0.122, -0.34)),
            mix(who.cloth, DARK, 0.34),
            0,
            0.018,
        )


def bald(who: Traits, behind: bool) -> Iterator[Shape]:
    if not behind:
        yield Shape(
            oval(-0.22, -0.50, 0.16, 0.10, 0.55, 0.80),
            mix(who.skin, WHITE, 0.45),
            0.1,
            0.05,
        )
        for side in (-1, 1):
            yield Shape(
                closed(
                    [
                        (side * 0.55, -0.42),
                        (side * 0.66, -0.2),
                        (side * 0.655, 0.0),
                        (side * 0.58, -0.10),
                    ]
                ),
                who.hair,
            )
