"""Removal: what was there is painted over with what lies around it.

Painted by Telea's fast marching (An Image Inpainting Technique Based on the Fast
Marching Method, 2004) from the pixels outside every mask alone, at the size of the
canvas' field. It convinces on grass, sky and walls; on busy grounds it looks smeared.
"""

from __future__ import annotations

import numpy as np

from privacy.core.redact import veil
from privacy.core.redact.canvas import Canvas
from privacy.core.redact.mask import Patch
from privacy.core.types import Region


def apply(canvas: Canvas, patch: Patch, region: Region, key: bytes) -> None:
    """Paint ``patch`` from outside; its pixels are made, not read."""
    if patch.empty:
        return
    made = canvas.enlarged(canvas.painted, patch)
    made += veil.texture(canvas, patch, region, key)[..., None]
    bytes_ = np.clip(np.rint(made), 0, 255).astype(np.uint8)
    np.copyto(canvas.pixels[patch.place], bytes_, where=patch.mask[..., None])
