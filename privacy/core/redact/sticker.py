"""The sticker: drawn art on a veil, in the tones of the surroundings.

Which of the drawings it is depends on the photo's key and the region's place, never on
what the region shows: a sticker that told faces from plates would tell.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

import cv2
import numpy as np
import numpy.typing as npt

from privacy.core.redact import art, veil
from privacy.core.redact.canvas import Canvas
from privacy.core.redact.mask import Patch
from privacy.core.redact.seed import choose
from privacy.core.types import Region

Art: TypeAlias = Mapping[str, npt.NDArray[np.uint8]]
"""Custom stickers by name: (h, w, 4) uint8 RGBA."""

_SHARE = 0.9  # of the shorter side that the disc takes


def apply(
    canvas: Canvas, patch: Patch, region: Region, key: bytes, custom: Art | None = None
) -> None:
    """Veil ``patch`` and put the sticker in its middle, cut at its edges.

    A name that is neither custom art nor one of ours gives the sticker of the key.
    """
    veil.apply(canvas, patch, region, key)
    if patch.empty:
        return
    own = (custom or {}).get(region.art)
    if own is not None:
        colour, alpha = _custom(own, patch)
    else:
        colour, alpha = _drawn(canvas, patch, region, key)
    _put(canvas, patch, colour, alpha)


def _drawn(
    canvas: Canvas, patch: Patch, region: Region, key: bytes
) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
    known = art.names()
    index = choose(key, "sticker", region.id, len(known))
    name = region.art if region.art in known else known[index]
    h, w = patch.mask.shape
    size = max(1, round(_SHARE * min(h, w)))
    disc, drawing = art.covers(name, size)
    ground, figure = _two_tones(canvas.tone(patch))
    colour = ground + (figure - ground) * drawing[..., None]
    return colour, disc


def _two_tones(
    tone: npt.NDArray[np.float32],
) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
    """A soft ground and a figure that stands out from it, both of the same family."""
    grey = np.float32(tone @ np.array([0.299, 0.587, 0.114], dtype=np.float32))
    lively = np.clip(grey + (tone - grey) * np.float32(1.5), 0, 255)
    light = lively + (np.float32(255) - lively) * np.float32(0.55)
    dark = lively * np.float32(0.42)
    return (dark, light) if grey > 140 else (light, dark)


def _custom(
    own: npt.NDArray[np.uint8], patch: Patch
) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
    h, w = patch.mask.shape
    scale = min(w / own.shape[1], h / own.shape[0])
    size = max(1, round(own.shape[1] * scale)), max(1, round(own.shape[0] * scale))
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    fitted = cv2.resize(own, size, interpolation=how).astype(np.float32)
    return fitted[..., :3], fitted[..., 3] / np.float32(255)


def _put(
    canvas: Canvas,
    patch: Patch,
    colour: npt.NDArray[np.float32],
    alpha: npt.NDArray[np.float32],
) -> None:
    h, w = patch.mask.shape
    sh, sw = alpha.shape
    top, left = (h - sh) // 2, (w - sw) // 2
    place = canvas.pixels[patch.place][top : top + sh, left : left + sw]
    where = patch.mask[top : top + sh, left : left + sw]
    mixed = place + (colour - place) * alpha[..., None]
    made = np.clip(np.rint(mixed), 0, 255).astype(np.uint8)
    np.copyto(place, made, where=where[..., None])
