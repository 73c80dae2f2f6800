"""Which pixels a region masks: more than its box, by a measured margin.

A lossy file mixes the pixels of a block, and 4:2:0 chroma spills over its edge: with
the exact box, thousands of pixels outside it still depended on the inside. Hence

1. the region, widened by ``max((8 % + padding) of its longer side, 2 px)``,
2. outward to the block grid of the *stored* file (every cell that is touched),
3. then 2 px more.

Nothing here sees a pixel, so a mask can depend on place alone (docs/masking.md).
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeAlias

import cv2
import numpy as np
import numpy.typing as npt

from privacy.core.margins import LEAST, MARGIN, SPILL
from privacy.core.types import Grid, Region

__all__ = ["LEAST", "MARGIN", "SPILL"]  # beside all that is defined below

Mask: TypeAlias = npt.NDArray[np.bool_]
"""(height, width), true where a pixel is masked."""

_FAR = 4.0  # outlines reaching further out (in pictures) are masked by their hull
_THICKEST = 32767  # the thickest line that OpenCV draws
_SLACK = 2  # pixels by which OpenCV's rounding could fall short of an outline


@dataclass(frozen=True, slots=True)
class Patch:
    """A mask without the empty rest of the picture: ``mask`` begins at (top, left)."""

    top: int
    left: int
    mask: Mask

    @property
    def place(self) -> tuple[slice, slice]:
        """Index of the patch in an array of the whole picture."""
        h, w = self.mask.shape
        return slice(self.top, self.top + h), slice(self.left, self.left + w)

    @property
    def empty(self) -> bool:
        return not self.mask.any()


def region_patch(region: Region, width: int, height: int, grid: Grid) -> Patch:
    """The masked pixels of ``region`` in a picture of ``width`` x ``height``.

    Total: a region outside the picture gives an empty patch, one whose coordinates
    are not finite masks everything, corners may be in any order.
    """
    if region.brush > 0 and region.outline:
        return stroke_patch(region, width, height, grid)
    points = region.outline if _usable(region) else ()
    x0, y0, x1, y1 = _bounds(region, points, width, height)
    if not all(map(math.isfinite, (x0, y0, x1, y1, region.padding))):
        return Patch(0, 0, np.ones((height, width), dtype=np.bool_))
    share = MARGIN + max(0.0, region.padding)
    margin = max(share * max(x1 - x0, y1 - y0), LEAST)
    left, right = _snapped(x0 - margin, x1 + margin, grid.x, grid.step, width)
    top, bottom = _snapped(y0 - margin, y1 + margin, grid.y, grid.step, height)
    mask = np.ones((bottom - top, right - left), dtype=np.bool_)
    patch = Patch(top, left, mask)
    return _outlined(patch, points, margin, width, height, grid) if points else patch


def region_mask(region: Region, width: int, height: int, grid: Grid) -> Mask:
    """As ``region_patch``, as an array of the whole picture."""
    return union_mask((region,), width, height, grid)


def union_mask(regions: Iterable[Region], width: int, height: int, grid: Grid) -> Mask:
    """Every pixel that any of ``regions`` masks."""
    mask = np.zeros((height, width), dtype=np.bool_)
    for region in regions:
        patch = region_patch(region, width, height, grid)
        mask[patch.place] |= patch.mask
    return mask


def stroke_patch(region: Region, width: int, height: int, grid: Grid) -> Patch:
    """The pixels under a brush that went along the outline, with every margin.

    Where the line or the brush is beyond what can be drawn, its whole extent is masked.
    """
    xs = [x * width for x, _ in region.outline]
    ys = [y * height for _, y in region.outline]
    radius = region.brush * max(width, height)
    if not all(map(math.isfinite, (*xs, *ys, radius, region.padding))):
        return Patch(0, 0, np.ones((height, width), dtype=np.bool_))
    share = MARGIN + max(0.0, region.padding)
    reach = radius + max(share * 2 * radius, LEAST)
    left, right = _snapped(min(xs) - reach, max(xs) + reach, grid.x, grid.step, width)
    top, bottom = _snapped(min(ys) - reach, max(ys) + reach, grid.y, grid.step, height)
    patch = Patch(top, left, np.ones((bottom - top, right - left), dtype=np.bool_))
    if not all(-_FAR <= value <= 1 + _FAR for at in region.outline for value in at):
        return patch
    return _outlined(patch, region.outline, reach, width, height, grid, filled=False)


def _usable(region: Region) -> bool:
    """Whether the outline can be drawn; else the box, which holds it, is masked."""
    return len(region.outline) >= 3 and all(
        -_FAR <= value <= 1 + _FAR for point in region.outline for value in point
    )


def _bounds(
    region: Region, points: tuple[tuple[float, float], ...], width: int, height: int
) -> tuple[float, float, float, float]:
    """In pixels. A box is joined with an outline that cannot be drawn."""
    corners = points or (*region.outline, *_corners(region))
    xs = [x * width for x, _ in corners]
    ys = [y * height for _, y in corners]
    if not all(map(math.isfinite, (*xs, *ys))):  # min() would skip a NaN
        return math.nan, math.nan, math.nan, math.nan
    return min(xs), min(ys), max(xs), max(ys)


def _corners(region: Region) -> tuple[tuple[float, float], tuple[float, float]]:
    x0, y0, x1, y1 = region.box.as_tuple()
    return (x0, y0), (x1, y1)


def _snapped(
    low: float, high: float, origin: int, step: int, length: int
) -> tuple[int, int]:
    """Outward to grid lines, ``SPILL`` more, within 0..length (equal when outside)."""
    step = max(1, step)
    far = float(length + 4 * step + abs(origin))
    low, high = max(-far, min(far, low)), max(-far, min(far, high))
    start = math.floor((low - origin) / step) * step + origin - SPILL
    end = math.ceil((high - origin) / step) * step + origin + SPILL
    start = min(max(start, 0), length)
    return start, min(max(end, start), length)


def _outlined(
    patch: Patch,
    points: tuple[tuple[float, float], ...],
    margin: float,
    width: int,
    height: int,
    grid: Grid,
    *,
    filled: bool = True,
) -> Patch:
    """Keep the cells of ``patch`` that the widened outline touches, and their spill.

    Drawn somewhat too thick (``_SLACK``), since OpenCV rounds, and without the holes
    that a line crossing itself leaves: a cell too many, never one too few. What is not
    ``filled`` is the line alone, open at its ends.
    """
    thickness = 2 * (math.ceil(margin) + _SLACK) + 1
    if patch.mask.size == 0 or thickness > _THICKEST:
        return patch
    step = max(1, grid.step)
    h, w = patch.mask.shape
    # Whole cells around the patch, so that a cell cut by its edge counts as well.
    left = math.floor((patch.left - grid.x) / step) * step + grid.x
    top = math.floor((patch.top - grid.y) / step) * step + grid.y
    columns = math.ceil((patch.left + w - left) / step)
    rows = math.ceil((patch.top + h - top) / step)
    # The spill of a cell just outside the picture reaches into it: one cell more.
    left, top, columns, rows = left - step, top - step, columns + 2, rows + 2
    drawn = np.zeros((rows * step, columns * step), dtype=np.uint8)
    corners = np.array(
        [[round(x * width - left), round(y * height - top)] for x, y in points],
        dtype=np.int32,
    ).reshape(-1, 1, 2)
    cv2.polylines(drawn, [corners], filled, 1, thickness)
    if not filled:  # of one point no line is drawn, and ends are to be round
        for x, y in corners[:, 0].tolist():
            cv2.circle(drawn, (x, y), thickness // 2, 1, cv2.FILLED)
    else:
        cv2.fillPoly(drawn, [corners], 1)
        rims, _ = cv2.findContours(drawn, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
        cv2.drawContours(drawn, rims, -1, 1, cv2.FILLED)
    cells = drawn.reshape(rows, step, columns, step).max(axis=(1, 3))
    full = np.kron(cells, np.ones((step, step), dtype=np.uint8))
    spilt = cv2.dilate(full, np.ones((2 * SPILL + 1, 2 * SPILL + 1), dtype=np.uint8))
    y, x = patch.top - top, patch.left - left
    return Patch(patch.top, patch.left, spilt[y : y + h, x : x + w].astype(np.bool_))
