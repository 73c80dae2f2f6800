"""The pixels of sealed places, packed: what a key opens in a picture that hides them.

They are taken from the masked master of the tier that may open, at the size in which
that tier gets the picture anyway, and lie there uncompressed: how long a packet is
follows from where the places are, never from what they show (docs/seal.md).

    "NPI1", then as big-endian 16-bit numbers: width and height of the picture, how many
    places, and of each its top, left, height and width; then their pixels, RGB
"""

from __future__ import annotations

import math
import struct
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from privacy.core.errors import NoPeekError
from privacy.core.image import Pixels
from privacy.core.redact.mask import region_patch
from privacy.core.render import scaled
from privacy.core.types import Grid, Region

MAGIC = b"NPI1"
SIDE = 2048
"""Longer side in pixels: no key shows more detail than the tier's largest version."""
_REACH = 2  # px around a place that was made smaller: its edge took from both sides

Place = tuple[int, int, int, int]
"""Top, left, height, width in pixels."""


class InlayError(NoPeekError):
    """What was opened is no packet of pixels; says which and why."""


@dataclass(frozen=True, slots=True)
class Inlay:
    """Pixels of some places in a picture of ``width`` x ``height``."""

    width: int
    height: int
    parts: tuple[tuple[Place, Pixels], ...]


def inlay(pixels: Pixels, regions: Iterable[Region], grid: Grid) -> bytes:
    """Pack what ``pixels`` show where ``regions`` lie, margins included.

    Args:
        pixels: the masked master of the tier that may open, (h, w, 3) uint8 RGB.
        regions: sealed from a stricter tier; one that lies outside gives nothing.
        grid: of the stored picture, as masks are widened to it.
    """
    height, width = pixels.shape[:2]
    small = scaled(pixels, SIDE)
    high, wide = small.shape[:2]
    places = []
    for region in regions:
        patch = region_patch(region, width, height, grid)
        rows, columns = patch.mask.shape
        if rows and columns:
            top, end = _scaled(patch.top, rows, high, height)
            left, right = _scaled(patch.left, columns, wide, width)
            places.append((top, left, end - top, right - left))
    head = struct.pack(">4s3H", MAGIC, wide, high, len(places))
    head += b"".join(struct.pack(">4H", *place) for place in places)
    return head + b"".join(_part(small, place).tobytes() for place in places)


def read(data: bytes) -> Inlay:
    """What ``inlay`` has packed.

    Raises:
        InlayError: it is something else, or cut off.
    """
    try:
        magic, width, height, count = struct.unpack_from(">4s3H", data)
        places = [struct.unpack_from(">4H", data, 10 + 8 * i) for i in range(count)]
    except struct.error as error:
        raise InlayError("the packet is cut off") from error
    at = 10 + 8 * count
    if magic != MAGIC or len(data) != at + sum(3 * p[2] * p[3] for p in places):
        raise InlayError("not a packet of sealed places, or not a whole one")
    parts = []
    for top, left, high, wide in places:
        if top + high > height or left + wide > width:
            raise InlayError("a place lies outside the picture")
        size = 3 * high * wide
        part = np.frombuffer(data, np.uint8, size, at).reshape(high, wide, 3)
        parts.append(((top, left, high, wide), part))
        at += size
    return Inlay(width, height, tuple(parts))


def _scaled(start: int, length: int, now: int, before: int) -> tuple[int, int]:
    """From and to, outward to whole pixels of the smaller picture."""
    if now == before:
        return start, start + length
    low = math.floor(start * now / before) - _REACH
    high = math.ceil((start + length) * now / before) + _REACH
    return max(0, low), min(now, high)


def _part(pixels: Pixels, place: Place) -> Pixels:
    top, left, height, width = place
    part: Pixels = pixels[top : top + height, left : left + width]
    return part
