"""By how much a mask is wider than its region, and how many masks there are to be seen.

Numbers alone, so that a web process may ask; the pixels are ``redact.mask``'s.
"""

from __future__ import annotations

from privacy.core.types import Box, Plan, Region

MARGIN = 0.08
"""Share of the longer side by which every region is widened."""
LEAST = 2.0
"""Pixels by which every region is widened at least."""
SPILL = 2
"""Pixels that chroma upsampling carries over the edge of a block."""


def parts(plan: Plan, width: int, height: int, step: int = 16) -> int:
    """How many masks somebody sees in a picture of ``width`` x ``height`` pixels.

    Regions whose masks touch look like one, as the lines of a letter do. Of an outline
    its box counts: two slanted shapes that nearly touch may be taken for one.
    """
    left = [_reach(region, width, height, step) for region in plan.regions]
    count = 0
    while left:
        count += 1
        todo = [left.pop()]
        while todo:
            box = todo.pop()
            near = [other for other in left if _touch(box, other)]
            left = [other for other in left if not _touch(box, other)]
            todo += near
    return count


def _touch(one: Box, other: Box) -> bool:
    return (
        one.x0 <= other.x1
        and other.x0 <= one.x1
        and one.y0 <= other.y1
        and other.y0 <= one.y1
    )


def _reach(region: Region, width: int, height: int, step: int) -> Box:
    """In pixels, how far the mask of a region goes: margin, blocks and spill."""
    x0, y0, x1, y1 = region.box.pixels(width, height)
    share = MARGIN + max(0.0, region.padding)
    wide = max(share * max(x1 - x0, y1 - y0), LEAST)
    if region.brush > 0:
        wide = max(share * 2 * region.brush * max(width, height), LEAST)
    low_x, low_y = (x0 - wide) // step * step, (y0 - wide) // step * step
    high_x, high_y = -(-(x1 + wide) // step) * step, -(-(y1 + wide) // step) * step
    return Box(low_x - SPILL, low_y - SPILL, high_x + SPILL, high_y + SPILL)
