"""The veil: light through frosted glass. It looks like blur and knows nothing.

Its colours are those around the mask, continued inwards (canvas.py). Over them lie a
breath of light with a rounded, slightly brighter edge, so that it reads as a pane that
was put there, and a fine grain that is fixed for each photo and region.
"""

from __future__ import annotations

import numpy as np

from privacy.core.image import Pixels
from privacy.core.redact.canvas import Canvas, Layer
from privacy.core.redact.mask import Patch
from privacy.core.redact.seed import TILE, grain
from privacy.core.types import Region

_LIGHT = 0.16  # how far the pane is lifted towards white at strength 0.5
_EDGE = 0.22  # how much further its edge is
_SHADE = np.array([112, 104, 92], dtype=np.float32)  # how far it darkens on white
_GRAIN = 2.6  # standard deviation of the grain in levels of 255
_SEEN_AT = 1440  # longer side at which a grain is one pixel


def apply(canvas: Canvas, patch: Patch, region: Region, key: bytes) -> None:
    """Veil ``patch``; its pixels are made, not read."""
    if patch.empty:
        return
    strength = min(1.0, max(0.0, region.treatment.strength))
    pane = canvas.enlarged(canvas.field, patch)
    light = _frost(canvas.enlarged(canvas.soft, patch))[..., None]
    pane += (_lamp(pane) - pane) * (light * np.float32(2 * strength))
    pane += texture(canvas, patch, region, key)[..., None]
    made: Pixels = np.clip(np.rint(pane), 0, 255).astype(np.uint8)
    np.copyto(canvas.pixels[patch.place], made, where=patch.mask[..., None])


def _lamp(pane: Layer) -> Layer:
    """The light's tone: white, but a cool shade where the pane is near white itself."""
    bright = np.clip((pane.mean(axis=2, keepdims=True) - 180) / 60, 0, 1)
    lamp: Layer = np.float32(255) - bright * _SHADE
    return lamp


def _frost(soft: Layer) -> Layer:
    """Light of the pane, 0..1: even inside, brighter at its rounded rim."""
    inside = np.clip((soft - 0.62) / 0.16, 0, 1)
    edge = np.clip(1 - np.abs(soft - 0.72) / 0.12, 0, 1)
    light: Layer = _LIGHT * inside + _EDGE * edge * edge
    return light


def texture(canvas: Canvas, patch: Patch, region: Region, key: bytes) -> Layer:
    """The region's tile, laid out from the picture's corner, as coarse as it is big."""
    h, w = patch.mask.shape
    cell = max(1, round(max(canvas.width, canvas.height) / _SEEN_AT))
    rows = (np.arange(patch.top, patch.top + h) // cell) % TILE
    columns = (np.arange(patch.left, patch.left + w) // cell) % TILE
    tile = grain(key, region.id)
    laid: Layer = tile[rows[:, None], columns[None, :]]
    return laid * np.float32(_GRAIN)
