"""The face of an avatar, and the order in which its shapes are laid."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from privacy.core.redact.avatar_hair import CUTS, SMOOTH
from privacy.core.redact.avatar_shapes import (
    DARK,
    HEADS,
    WHITE,
    Ink,
    Shape,
    Traits,
    closed,
    mirrored,
    mix,
    oval,
)

_ROSE: Ink = (226, 92, 92)


def drawing(who: Traits) -> Iterator[Shape]:
    """All shapes of one avatar, the hindmost first."""
    cut = CUTS[who.cut % len(CUTS)]
    yield from cut(who, True)
    yield from _ears(who)
    yield skull(who)
    yield from _face(who)
    if cut not in SMOOTH:
        yield from BEARDS[who.beard % len(BEARDS)](who)
    yield from _mouth(who)
    yield from _nose_and_eyes(who)
    yield from cut(who, False)
    yield from GLASSES[who.glasses % len(GLASSES)](who)


def skull(who: Traits) -> Shape:
    """The outline of the face, from crown to chin."""
    cheek, jaw, chin = HEADS[who.head % len(HEADS)]
    half = [
        (0.0, -0.70),
        (0.40, -0.60),
        (cheek, -0.16),
        (cheek * 0.97, 0.20),
        (jaw, 0.58),
    ]
    return Shape(closed(mirrored(half, (0.0, chin))), who.skin)


# --- the face -----------------------------------------------------------------------------


def _ears(who: Traits) -> Iterator[Shape]:
    cheek = HEADS[who.head % len(HEADS)][0]
    shade = mix(who.skin, DARK, 0.16)
    for side in (-1, 1):
        yield Shape(oval(side * cheek, 0.10, 0.11, 0.15), who.skin)
        yield Shape(oval(side * (cheek + 0.015), 0.11, 0.05, 0.085), shade)
        if who.extra == 1:
            yield Shape(oval(side * (cheek + 0.03), 0.29, 0.05, 0.05), (242, 196, 84))


def _face(who: Traits) -> Iterator[Shape]:
    shade, blush = mix(who.skin, DARK, 0.10), mix(who.skin, _ROSE, 0.30)
    # Light comes from the upper left: one soft shade runs down the other side.
    yield Shape(
        closed(
            [
                (0.30, -0.75),
                (0.75, -0.6),
                (0.80, 0.9),
                (-0.1, 0.95),
                (0.36, 0.60),
                (0.47, 0.1),
            ]
        ),
        shade,
        inside=True,
    )
    for side in (-1, 1):
        yield Shape(oval(side * 0.36, 0.26, 0.13, 0.09), blush, 0.6, inside=True)
    if who.extra == 2:
        for x, y in (
            (-0.42, 0.20),
            (-0.33, 0.24),
            (-0.25, 0.19),
            (0.25, 0.19),
            (0.33, 0.24),
            (0.42, 0.20),
        ):
            yield Shape(
                oval(x, y, 0.018, 0.018),
                mix(who.skin, (120, 60, 30), 0.45),
                0.7,
                inside=True,
            )


def _nose_and_eyes(who: Traits) -> Iterator[Shape]:
    line = mix(who.skin, DARK, 0.32)
    yield Shape(
        ((0.02, 0.06), (0.055, 0.19), (0.06, 0.23), (-0.03, 0.245)), line, 1.3, 0.045
    )
    brow = (
        mix(who.hair, DARK, 0.35)
        if sum(who.hair) > 160
        else mix(who.hair, who.skin, 0.12)
    )
    for side in (-1, 1):
        yield Shape(oval(side * 0.25, 0.03, 0.082, 0.100), WHITE, 0.8)
        yield Shape(oval(side * 0.245, 0.035, 0.062, 0.078), who.eyes, 0.9)
        yield Shape(oval(side * 0.245 - 0.022, 0.008, 0.022, 0.024), WHITE, 0.9)
        lift = (0.0, 0.035, -0.02)[who.brows % 3]
        wide = (0.045, 0.055, 0.07)[who.brows % 3]
        yield Shape(
            ((side * 0.14, -0.165 - lift * 0.6), (side * 0.26, -0.19 - lift), (side * 0.37, -0.145)),
            brow, 0.7, wide,
        )  # fmt: skip


def _mouth(who: Traits) -> Iterator[Shape]:
    lip = mix(who.skin, (150, 40, 50), 0.55)
    kind = who.mouth % 4
    if kind == 0:
        yield Shape(oval(0, 0.37, 0.16, 0.11, 0.06, 0.44), lip, 0.8, 0.042)
    elif kind == 1:
        half = closed(
            [
                (-0.18, 0.41),
                (0.0, 0.43),
                (0.18, 0.41),
                (0.12, 0.53),
                (0.0, 0.565),
                (-0.12, 0.53),
            ]
        )
        yield Shape(half, (122, 36, 48), 0.8)
        yield Shape(
            closed(
                [
                    (-0.15, 0.42),
                    (0.0, 0.437),
                    (0.15, 0.42),
                    (0.12, 0.463),
                    (-0.12, 0.463),
                ]
            ),
            WHITE,
            0.8,
        )
    elif kind == 2:
        yield Shape(((-0.12, 0.46), (0.0, 0.475), (0.14, 0.435)), lip, 0.8, 0.042)
    else:
        yield Shape(oval(0, 0.40, 0.12, 0.09, 0.04, 0.46), lip, 0.8, 0.05)
        yield Shape(oval(0, 0.555, 0.05, 0.012), mix(who.skin, DARK, 0.18), 0.8)


# --- beards and glasses ---------------------------------------------------------------------


def _none(_who: Traits) -> Iterator[Shape]:
    return iter(())


def _full_beard(who: Traits) -> Iterator[Shape]:
    rim = mirrored(
        [
            (0.0, 0.30),
            (0.20, 0.31),
            (0.34, 0.38),
            (0.50, 0.12),
            (0.70, 0.02),
            (0.68, 0.42),
            (0.46, 0.78),
        ],
        (0.0, 0.96),
    )
    yield Shape(closed(rim), who.hair)
    yield Shape(oval(0, 0.47, 0.22, 0.12), mix(who.skin, DARK, 0.06), 0.6)


def _moustache(who: Traits) -> Iterator[Shape]:
    yield Shape(
        closed(
            mirrored(
                [(0.0, 0.30), (0.12, 0.29), (0.27, 0.40)],
                (0.12, 0.375),
                (0.0, 0.36),
                (-0.12, 0.375),
            )
        ),
        who.hair,
        0.9,
    )


def _goatee(who: Traits) -> Iterator[Shape]:
    yield Shape(
        closed(mirrored([(0.0, 0.58), (0.14, 0.56), (0.17, 0.72)], (0.0, 0.86))),
        who.hair,
        0.5,
    )


def _round_glasses(who: Traits) -> Iterator[Shape]:
    rim = (58, 50, 62) if sum(who.hair) > 200 else (196, 148, 74)
    for side in (-1, 1):
        yield Shape(oval(side * 0.255, 0.045, 0.175, 0.175), rim, 0.8, 0.036)
        yield Shape(((side * 0.42, 0.02), (side * 0.60, 0.0)), rim, 0.3, 0.032)
    yield Shape(((-0.085, 0.03), (0.0, 0.005), (0.085, 0.03)), rim, 0.9, 0.032)


def _square_glasses(who: Traits) -> Iterator[Shape]:
    rim = mix(who.cloth, DARK, 0.45)
    for side in (-1, 1):
        x = side * 0.255
        frame = (
            (x - 0.17, -0.09),
            (x + 0.17, -0.09),
            (x + 0.15, 0.17),
            (x - 0.15, 0.17),
            (x - 0.17, -0.09),
        )
        yield Shape(frame, rim, 0.8, 0.048)
        yield Shape(((side * 0.42, -0.04), (side * 0.60, -0.03)), rim, 0.3, 0.036)
    yield Shape(((-0.09, -0.03), (0.09, -0.03)), rim, 0.9, 0.042)


BEARDS: tuple[Callable[[Traits], Iterator[Shape]], ...] = (
    _none, _none, _none, _none, _full_beard, _moustache, _goatee,
)  # fmt: skip
GLASSES: tuple[Callable[[Traits], Iterator[Shape]], ...] = (
    _none, _none, _none, _round_glasses, _square_glasses,
)  # fmt: skip
