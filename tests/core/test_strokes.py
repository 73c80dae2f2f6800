"""Brush strokes: every pixel under the brush is masked, and little beside it."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from privacy.core.image import Picture
from privacy.core.margins import parts
from privacy.core.policy import Choice, plan
from privacy.core.presets import preset
from privacy.core.redact.mask import region_mask
from privacy.core.render import render
from privacy.core.types import Box, Finding, Grid, Plan, Point, Region, Tier, Treatment

WIDTH, HEIGHT = 160, 100
GRID = Grid(16, 3, 5)


def stroke(line: tuple[Point, ...], brush: float) -> Region:
    return Region("s", Box(0, 0, 1, 1), Treatment(), outline=line, brush=brush)


def under(line: tuple[Point, ...], radius: float) -> np.ndarray:
    """Pixels whose middle lies within ``radius`` of the line, one segment at a time."""
    ys, xs = np.mgrid[0:HEIGHT, 0:WIDTH] + 0.5
    best = np.full((HEIGHT, WIDTH), np.inf)
    points = [(x * WIDTH, y * HEIGHT) for x, y in line]
    for (ax, ay), (bx, by) in zip(points, points[1:] or points, strict=False):
        long = (bx - ax) ** 2 + (by - ay) ** 2
        t = ((xs - ax) * (bx - ax) + (ys - ay) * (by - ay)) / long if long else 0 * xs
        t = np.clip(t, 0, 1)
        away = np.hypot(xs - ax - t * (bx - ax), ys - ay - t * (by - ay))
        best = np.minimum(best, away)
    return best <= radius


unit = st.floats(0, 1)
lines = st.lists(st.tuples(unit, unit), min_size=1, max_size=8).map(tuple)


@given(lines, st.floats(0.004, 0.2))
def test_whatever_the_brush_touched_is_masked(
    line: tuple[Point, ...], brush: float
) -> None:
    mask = region_mask(stroke(line, brush), WIDTH, HEIGHT, GRID)
    assert not (under(line, brush * max(WIDTH, HEIGHT)) & ~mask).any()


def test_a_ring_leaves_its_middle_to_be_seen() -> None:
    steps = [2 * math.pi * i / 40 for i in range(41)]
    ring = tuple((0.5 + 0.4 * math.cos(a), 0.5 + 0.45 * math.sin(a)) for a in steps)
    region = Region("s", Box(0, 0, 1, 1), Treatment(), outline=ring, brush=0.01)
    mask = region_mask(region, 640, 400, Grid())
    assert mask.any()
    assert not mask[200, 320]


@pytest.mark.parametrize("bad", [math.nan, math.inf])
def test_a_stroke_without_a_place_masks_everything(bad: float) -> None:
    assert region_mask(stroke(((bad, 0.5),), 0.05), WIDTH, HEIGHT, GRID).all()


def test_what_lies_under_a_drawn_stroke_does_not_reach_the_render() -> None:
    line = ((0.2, 0.3), (0.5, 0.6), (0.8, 0.3))
    found = Finding(
        "manual", Box(0.1, 0.2, 0.9, 0.8), 1, "owner", outline=line, brush=0.05
    )
    hide = {found.id: Choice(hide=True)}
    planned = plan([found], preset("default"), Tier.NONE, hide)
    dice = np.random.default_rng(3)
    one = dice.integers(0, 256, (HEIGHT, WIDTH, 3)).astype(np.uint8)
    other = one.copy()
    touched = under(line, 0.05 * WIDTH)
    other[touched] = 255 - other[touched]
    made = [render(Picture(pixels, GRID), planned, b"key") for pixels in (one, other)]
    assert planned.regions
    assert np.array_equal(*made)
    assert (made[0][0, 0] == one[0, 0]).all()


def test_masks_that_touch_are_one_part() -> None:
    def at(*places: tuple[float, float]) -> Plan:
        return Plan.of(
            Region(f"r{x}{y}", Box(x, y, x + 0.3, y + 0.03), Treatment())
            for x, y in places
        )

    lines_of_a_letter = [(0.1, 0.1 + row * 0.04) for row in range(12)]
    assert parts(at(*lines_of_a_letter), 1200, 900) == 1
    assert parts(at(*lines_of_a_letter, (0.6, 0.9)), 1200, 900) == 2
    assert parts(at((0.1, 0.1), (0.6, 0.1), (0.6, 0.8)), 1200, 900) == 3
    assert parts(Plan(), 1200, 900) == 0
