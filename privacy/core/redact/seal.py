"""The look of a seal: woven paper with a keyhole, over a veil.

What lies beneath can be opened later by whoever is let closer (docs/seal.md); nothing of
that is here. The paper's tones are those of the surroundings, its grain is keyed like
every other, and the keyhole says to everybody alike that the place is sealed.
"""

from __future__ import annotations

from functools import lru_cache

import cv2
import numpy as np
import numpy.typing as npt

from privacy.core.redact import veil
from privacy.core.redact.canvas import Canvas, Layer
from privacy.core.redact.mask import Patch
from privacy.core.redact.seed import choose
from privacy.core.types import Region

_GRAIN = 0.8  # further veils' worth of grain
_WEAVE = 4.5  # height of the weave in levels of 255
_THREAD = 5.0  # px at the size at which a picture is looked at
_SEEN_AT = 1440  # longer side at which a thread is that wide
_SHARE = 0.36  # of the shorter side that the disc takes
_LEAST, _MOST = 14, 0.11  # px; share of the picture's longer side
_FINE = 4  # times finer than shown while drawing


def apply(
    canvas: Canvas, patch: Patch, region: Region, key: bytes, *, plain: bool = False
) -> None:
    """Seal ``patch``; its pixels are made, not read. ``plain`` leaves out the keyhole."""
    veil.apply(canvas, patch, region, key)
    if patch.empty:
        return
    place = canvas.pixels[patch.place]
    paper = place.astype(np.float32)
    paper += _weave(canvas, patch, choose(key, "seal", region.id, 360))[..., None]
    paper += veil.texture(canvas, patch, region, key)[..., None] * np.float32(_GRAIN)
    if not plain:
        _keyhole(paper, patch, max(canvas.height, canvas.width))
    made = np.clip(np.rint(paper), 0, 255).astype(np.uint8)
    np.copyto(place, made, where=patch.mask[..., None])


def _weave(canvas: Canvas, patch: Patch, phase: int) -> Layer:
    """Threads in two directions, laid out from the picture's corner."""
    h, w = patch.mask.shape
    thread = _THREAD * max(1.0, max(canvas.width, canvas.height) / _SEEN_AT)
    step = np.float32(np.pi / thread)
    y = np.arange(patch.top, patch.top + h, dtype=np.float32)[:, None] * step
    x = np.arange(patch.left, patch.left + w, dtype=np.float32)[None, :] * step
    shift = np.float32(np.radians(phase))
    threads: Layer = np.sin(x + y + shift) * np.sin(x - y - shift)
    return threads * np.float32(_WEAVE)


def _keyhole(paper: Layer, patch: Patch, longer: int) -> None:
    """A disc of the paper's own tone, darker or lighter, with a keyhole in it."""
    h, w = patch.mask.shape
    size = min(round(_SHARE * min(h, w)), round(_MOST * longer))
    if size < _LEAST:
        return
    row, column = _middle(patch)
    top = min(max(row - size // 2, 0), h - size)
    left = min(max(column - size // 2, 0), w - size)
    disc, rim, hole = _drawn(size)
    part = paper[top : top + size, left : left + size]
    tone = part.mean(axis=(0, 1))
    light = bool(tone.mean() > 128)
    ground = tone * np.float32(0.86) if light else tone + (255 - tone) * np.float32(0.2)
    edge = tone + (255 - tone) * np.float32(0.55)
    ink = tone * np.float32(0.3) if light else tone + (255 - tone) * np.float32(0.85)
    for cover, colour, share in ((disc, ground, 0.9), (rim, edge, 0.8), (hole, ink, 1)):
        part += (colour - part) * (cover * np.float32(share))[..., None]


def _middle(patch: Patch) -> tuple[int, int]:
    """The place in the mask that is furthest from its edge; of a box, its centre."""
    h, w = patch.mask.shape
    if patch.mask.all():
        return h // 2, w // 2
    deep = cv2.distanceTransform(
        np.pad(patch.mask.astype(np.uint8), 1), cv2.DIST_L2, 5
    )[1:-1, 1:-1]
    row, column = np.unravel_index(int(deep.argmax()), deep.shape)
    return int(row), int(column)


@lru_cache(maxsize=64)
def _drawn(size: int) -> tuple[Layer, Layer, Layer]:
    """Disc, rim and keyhole, each (size, size) of 0..1."""
    fine = size * _FINE
    middle = fine / 2

    def round_at(radius: float, width: float = 0.0, y: float = 0.0) -> Layer:
        sheet = np.zeros((fine, fine), dtype=np.uint8)
        at = round(middle), round(middle + y * middle)
        thick = max(1, round(width * middle)) if width else cv2.FILLED
        cv2.circle(sheet, at, round(radius * middle), 255, thick, cv2.LINE_AA)
        return _small(sheet, size)

    skirt = np.array([[-0.1, -0.1], [0.1, -0.1], [0.21, 0.45], [-0.21, 0.45]])
    sheet = np.zeros((fine, fine), dtype=np.uint8)
    corners = np.rint(middle + skirt * middle).astype(np.int32)
    cv2.fillPoly(sheet, [corners], 255, cv2.LINE_AA)
    hole: Layer = np.maximum(round_at(0.23, y=-0.17), _small(sheet, size))
    made = round_at(0.96), round_at(0.92, 0.05), hole
    for cover in made:
        cover.flags.writeable = False
    return made


def _small(sheet: npt.NDArray[np.uint8], size: int) -> Layer:
    small = cv2.resize(sheet, (size, size), interpolation=cv2.INTER_AREA)
    cover: Layer = small.astype(np.float32) / np.float32(255)
    return cover
