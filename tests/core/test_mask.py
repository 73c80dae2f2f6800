"""I4: a mask covers its region, widened, snapped outward to the grid, and 2 px more.

The oracle below knows nothing of the code: it goes through the cells of the grid one by
one and asks which of them the widened region touches.
"""

from __future__ import annotations

import math
import time

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from privacy.core.measure import turned_grid
from privacy.core.redact.mask import Mask, region_mask, region_patch, union_mask
from privacy.core.types import Box, Grid, Point, Region, Treatment

quick = settings(
    max_examples=60, deadline=None, suppress_health_check=list(HealthCheck)
)

sizes = st.integers(1, 120)
grids = st.builds(
    Grid, st.sampled_from((8, 16, 32, 64)), st.integers(0, 63), st.integers(0, 63)
).map(lambda grid: Grid(grid.step, grid.x % grid.step, grid.y % grid.step))
paddings = st.sampled_from((0.0, 0.05, 0.3))


@st.composite
def boxes(draw: st.DrawFn) -> Box:
    """Anything from a point to the whole picture and beyond its edges."""
    x0, y0 = draw(st.floats(-0.3, 1.2)), draw(st.floats(-0.3, 1.2))
    side = st.sampled_from((0.0, 1e-4)) | st.floats(0, 0.9)
    return Box(x0, y0, x0 + draw(side), y0 + draw(side))


@st.composite
def polygons(draw: st.DrawFn) -> tuple[Point, ...]:
    """Rotated rectangles and arbitrary, even self-crossing, outlines."""
    if draw(st.booleans()):
        angle = draw(st.floats(0, math.pi))
        cx, cy = draw(st.floats(-0.1, 1.1)), draw(st.floats(-0.1, 1.1))
        a, b = draw(st.floats(0, 0.5)), draw(st.floats(0, 0.2))
        cos, sin = math.cos(angle), math.sin(angle)
        corners = ((-a, -b), (a, -b), (a, b), (-a, b))
        return tuple(
            (cx + x * cos - y * sin, cy + x * sin + y * cos) for x, y in corners
        )
    unit = st.floats(-0.2, 1.2)
    return tuple(draw(st.lists(st.tuples(unit, unit), min_size=3, max_size=7)))


def region(
    box: Box, outline: tuple[Point, ...] = (), padding: float = 0.0, name: str = "r"
) -> Region:
    return Region(name, box, Treatment(), outline=outline, padding=padding)


def hull(outline: tuple[Point, ...]) -> Box:
    xs, ys = zip(*outline, strict=True)
    return Box(min(xs), min(ys), max(xs), max(ys))


# --- the oracle ---------------------------------------------------------------------------


def margin(box: Box, padding: float, width: int, height: int) -> float:
    longer = max((box.x1 - box.x0) * width, (box.y1 - box.y0) * height)
    return max((0.08 + padding) * longer, 2.0)


def with_spill(
    touched: npt.NDArray[np.bool_], left: int, top: int, step: int, shape: Mask
) -> Mask:
    """The cells that are touched and 2 px around them, within the picture."""
    out = np.zeros(shape.shape, np.bool_)
    for row, column in np.argwhere(touched):
        y, x = top + row * step, left + column * step
        out[
            max(0, y - 2) : max(0, y + step + 2), max(0, x - 2) : max(0, x + step + 2)
        ] = True
    return out


def expected_of_box(
    box: Box, padding: float, size: tuple[int, int], grid: Grid
) -> Mask:
    """Exactly: a cell counts from the smallest overlap on."""
    width, height = size
    wider = margin(box, padding, width, height)
    x0, y0, x1, y1 = box.pixels(width, height)
    x0, y0, x1, y1 = x0 - wider, y0 - wider, x1 + wider, y1 + wider
    out = np.zeros((height, width), np.bool_)
    # One cell beyond the picture on every side: its spill may reach in.
    lefts = range(grid.x - 3 * grid.step, width + 2 * grid.step, grid.step)
    tops = range(grid.y - 3 * grid.step, height + 2 * grid.step, grid.step)
    columns = [x for x in lefts if x < x1 and x + grid.step > x0]
    rows = [y for y in tops if y < y1 and y + grid.step > y0]
    for y in rows:
        for x in columns:
            low, high = max(0, y - 2), max(0, y + grid.step + 2)
            out[low:high, max(0, x - 2) : max(0, x + grid.step + 2)] = True
    return out


def least_of_polygon(
    outline: tuple[Point, ...], padding: float, size: tuple[int, int], grid: Grid
) -> Mask:
    """At least: cells of which the middle of some pixel lies in the widened outline."""
    width, height = size
    wider = margin(hull(outline), padding, width, height)
    step = grid.step
    left, top = grid.x - 2 * step, grid.y - 2 * step
    columns = math.ceil((width - left) / step) + 1
    rows = math.ceil((height - top) / step) + 1
    ys, xs = np.mgrid[0 : rows * step, 0 : columns * step]
    points = np.stack([xs + left + 0.5, ys + top + 0.5], axis=-1).reshape(-1, 2)
    corners = np.array([(x * width, y * height) for x, y in outline])
    near: Mask = distance(points, corners) <= wider
    within = near | inside(points, corners)
    cells = np.any(within.reshape(rows, step, columns, step), axis=(1, 3))
    return with_spill(cells, left, top, step, np.zeros((height, width), np.bool_))


def distance(
    points: npt.NDArray[np.float64], corners: npt.NDArray[np.float64]
) -> npt.NDArray[np.float64]:
    """From each point to the nearest edge."""
    best = np.full(len(points), np.inf)
    for a, b in zip(corners, np.roll(corners, -1, axis=0), strict=True):
        along = b - a
        length = max(float(along @ along), 1e-12)
        share = np.clip((points - a) @ along / length, 0, 1)
        gap = points - (a + share[:, None] * along)
        best = np.minimum(best, np.hypot(gap[:, 0], gap[:, 1]))
    return best


def inside(
    points: npt.NDArray[np.float64], corners: npt.NDArray[np.float64]
) -> npt.NDArray[np.bool_]:
    """Even-odd: how many edges a ray to the right crosses."""
    odd = np.zeros(len(points), np.bool_)
    for a, b in zip(corners, np.roll(corners, -1, axis=0), strict=True):
        if a[1] == b[1]:
            continue
        between = (a[1] <= points[:, 1]) != (b[1] <= points[:, 1])
        crossing = a[0] + (points[:, 1] - a[1]) * (b[0] - a[0]) / (b[1] - a[1])
        odd ^= between & (points[:, 0] < crossing)
    return odd


# --- what a mask covers -------------------------------------------------------------------


@quick
@given(box=boxes(), padding=paddings, width=sizes, height=sizes, grid=grids)
def test_i4_a_box_is_covered_exactly_to_the_grid(
    box: Box, padding: float, width: int, height: int, grid: Grid
) -> None:
    mask = region_mask(region(box, padding=padding), width, height, grid)
    expected = expected_of_box(box, padding, (width, height), grid)
    assert not (expected & ~mask).any()
    # Not a cell more either, but where rounding of the last digit decides.
    x0, y0, x1, y1 = box.pixels(width, height)
    wider = margin(box, padding, width, height)
    edges = [x0 - wider - grid.x, x1 + wider - grid.x]
    edges += [y0 - wider - grid.y, y1 + wider - grid.y]
    ties = any(abs(v / grid.step - round(v / grid.step)) < 1e-9 for v in edges)
    inside_it = x1 + wider >= 0 and x0 - wider <= width
    inside_it &= y1 + wider >= 0 and y0 - wider <= height
    if not ties and inside_it:
        assert np.array_equal(mask, expected)


@quick
@given(outline=polygons(), padding=paddings, width=sizes, height=sizes, grid=grids)
def test_i4_an_outline_is_covered_whatever_its_shape(
    outline: tuple[Point, ...], padding: float, width: int, height: int, grid: Grid
) -> None:
    drawn = region(hull(outline), outline, padding)
    mask = region_mask(drawn, width, height, grid)
    least = least_of_polygon(outline, padding, (width, height), grid)
    assert not (least & ~mask).any()


@quick
@given(outline=polygons(), width=sizes, height=sizes, grid=grids)
def test_i4_an_outline_never_takes_more_than_its_box(
    outline: tuple[Point, ...], width: int, height: int, grid: Grid
) -> None:
    box = region_mask(region(hull(outline)), width, height, grid)
    drawn = region_mask(region(hull(outline), outline), width, height, grid)
    assert not (drawn & ~box).any()


def test_i4_a_slanted_outline_takes_less_than_its_box() -> None:
    slanted = ((0.1, 0.1), (0.15, 0.1), (0.9, 0.85), (0.9, 0.9), (0.85, 0.9))
    box = region_mask(region(hull(slanted)), 400, 400, Grid())
    drawn = region_mask(region(hull(slanted), slanted), 400, 400, Grid())
    assert drawn.sum() < 0.75 * box.sum()


@quick
@given(
    several=st.lists(boxes(), max_size=5),
    outline=polygons(),
    width=sizes,
    height=sizes,
    grid=grids,
)
def test_i4_overlapping_regions_are_covered_together(
    several: list[Box], outline: tuple[Point, ...], width: int, height: int, grid: Grid
) -> None:
    regions = [region(box, name=str(i)) for i, box in enumerate(several)]
    regions.append(region(hull(outline), outline, name="outline"))
    union = union_mask(regions, width, height, grid)
    each = [region_mask(one, width, height, grid) for one in regions]
    assert np.array_equal(union, np.logical_or.reduce(each))


def test_i4_a_region_of_one_pixel() -> None:
    one = Box.from_pixels(40, 40, 41, 41, 100, 100)
    mask = region_mask(region(one), 100, 100, Grid())
    ys, xs = np.nonzero(mask)
    # 38..43 after widening by 2, the cell 32..48, and 2 px more.
    assert (xs.min(), xs.max(), ys.min(), ys.max()) == (30, 49, 30, 49)


@pytest.mark.parametrize(
    ("box", "edge"),
    [
        (Box(0, 0.4, 0.05, 0.6), np.s_[:, 0]),
        (Box(0.95, 0.4, 1, 0.6), np.s_[:, -1]),
        (Box(0.4, 0, 0.6, 0.05), np.s_[0]),
        (Box(0.4, 0.95, 0.6, 1), np.s_[-1]),
        (Box(0.4, 0.99, 0.6, 1.4), np.s_[-1]),
    ],
)
@pytest.mark.parametrize("side", [97, 112, 113, 128])
def test_i4_regions_at_the_edge_reach_it(
    box: Box, edge: tuple[slice | int, ...], side: int
) -> None:
    mask = region_mask(region(box), side, side, Grid())
    line = mask[edge]
    low, high = math.floor(0.4 * side), math.ceil(0.6 * side)
    assert line[low:high].all()
    assert mask.sum() < mask.size


def test_i4_a_region_outside_masks_nothing_and_breaks_nothing() -> None:
    far = [Box(-3, -3, -2, -2), Box(1.8, 0.2, 2.5, 0.4), Box(0, 9, 1, 10)]
    for box in far:
        patch = region_patch(region(box), 64, 48, Grid())
        assert patch.empty
        assert not region_mask(region(box), 64, 48, Grid()).any()


def test_i4_a_region_just_outside_still_shields_the_block_it_shares() -> None:
    beside = Box(51 / 50, 10 / 48, 60 / 50, 20 / 48)  # right of a picture 50 px wide
    mask = region_mask(region(beside), 50, 48, Grid())
    assert mask[10:20, 46:].all()  # the cell 48..64 and its spill


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
@pytest.mark.parametrize("place", range(4))
def test_i4_coordinates_that_are_no_numbers_mask_everything(
    bad: float, place: int
) -> None:
    values = [0.2, 0.2, 0.4, 0.4]
    values[place] = bad
    assert region_mask(region(Box(*values)), 40, 30, Grid()).all()
    outline = ((0.2, 0.2), (0.4, bad), (0.3, 0.5))
    assert region_mask(region(Box(0.2, 0.2, 0.4, 0.5), outline), 40, 30, Grid()).all()
    assert region_mask(region(Box(0.1, 0.1, 0.2, 0.2), (), bad), 40, 30, Grid()).all()


def test_i4_corners_in_any_order_mask_the_same() -> None:
    right = region_mask(region(Box(0.2, 0.3, 0.5, 0.7)), 90, 70, Grid())
    for box in (Box(0.5, 0.3, 0.2, 0.7), Box(0.5, 0.7, 0.2, 0.3)):
        assert np.array_equal(region_mask(region(box), 90, 70, Grid()), right)


def test_i4_five_hundred_regions_are_all_covered() -> None:
    dice = np.random.default_rng(4)
    width, height, grid = 1500, 1000, Grid(16, 5, 11)
    regions = []
    for number in range(500):
        x, y = dice.uniform(-0.02, 1.0, 2)
        w, h = dice.uniform(0.001, 0.05, 2)
        outline = ((x, y), (x + w, y + h / 2), (x + w / 2, y + h)) if number % 3 else ()
        box = Box(x, y, x + w, y + h)
        regions.append(region(box, outline, name=f"r{number}"))
    start = time.perf_counter()
    union = union_mask(regions, width, height, grid)
    seconds = time.perf_counter() - start
    print(f"500 regions: {1000 * seconds:.0f} ms")  # noqa: T201
    for one in regions:
        x0, y0, x1, y1 = one.box.clipped().pixels(width, height)
        place = (
            slice(math.floor(y0), math.ceil(y1)),
            slice(math.floor(x0), math.ceil(x1)),
        )
        if not one.outline:
            assert union[place].all()
        else:
            middle = np.mean(one.outline, axis=0)
            row, column = int(middle[1] * height), int(middle[0] * width)
            if 0 <= row < height and 0 <= column < width:
                assert union[row, column]
    assert 0 < union.sum() < union.size


# --- turned pictures ------------------------------------------------------------------------


def displayed(pixels: Mask, orientation: int) -> Mask:
    """A stored array as EXIF's ``orientation`` shows it (TIFF 6.0, tag 274)."""
    if orientation >= 5:
        pixels = pixels.T
    if orientation in (2, 3, 6, 7):
        pixels = pixels[:, ::-1]
    if orientation in (3, 4, 7, 8):
        pixels = pixels[::-1]
    return pixels


@quick
@given(
    size=st.tuples(st.integers(20, 120), st.integers(20, 120)),
    corner=st.tuples(st.integers(0, 60), st.integers(0, 60)),
    side=st.tuples(st.integers(1, 50), st.integers(1, 50)),
    orientation=st.integers(1, 8),
    step=st.sampled_from((16, 32)),
)
def test_i4_masks_of_a_turned_picture_lie_on_the_stored_blocks(
    size: tuple[int, int],
    corner: tuple[int, int],
    side: tuple[int, int],
    orientation: int,
    step: int,
) -> None:
    """Masking what is shown masks the same stored pixels, block by block."""
    width, height = size
    # Uneven fractions keep every edge off the grid's lines, where rounding would decide.
    x0, y0 = corner[0] + 0.31, corner[1] + 0.31
    x1, y1 = x0 + side[0] + 0.26, y0 + side[1] + 0.26
    box = Box(x0 / width, y0 / height, x1 / width, y1 / height)
    stored = region_mask(region(box), width, height, Grid(step))
    a, b, c, d = box.as_tuple()
    if orientation >= 5:
        a, b, c, d = b, a, d, c
    if orientation in (2, 3, 6, 7):
        a, c = 1 - c, 1 - a
    if orientation in (3, 4, 7, 8):
        b, d = 1 - d, 1 - b
    shown = displayed(stored, orientation)
    grid = turned_grid(Grid(step), width, height, orientation)
    mask = region_mask(region(Box(a, b, c, d)), shown.shape[1], shown.shape[0], grid)
    assert np.array_equal(mask, shown)
