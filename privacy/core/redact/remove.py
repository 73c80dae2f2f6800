"""Removal: what was there is painted over with what lies around it.

Painted by Telea's fast marching (An Image Inpainting Technique Based on the Fast
Marching Method, 2004) from the pixels outside every mask alone, at the size of the
canvas' field. It convinces on grass, sky and walls; on busy grounds it looks smeared.

Where an operator has configured a model that paints, it does so. It is given the picture
with everything that is hidden blanked, so what it makes up knows as little.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from privacy.core.image import Pixels
from privacy.core.redact import veil
from privacy.core.redact.canvas import Canvas, Shade
from privacy.core.redact.mask import Patch
from privacy.core.types import Region

Painter: TypeAlias = Callable[[Pixels, Shade, Patch], npt.NDArray[np.float32]]
"""From a picture that is blank where hidden (255), what to put under a patch: (h, w, 3)
float32 of the patch's size, 0..255."""


def apply(
    canvas: Canvas,
    patch: Patch,
    region: Region,
    key: bytes,
    painter: Painter | None = None,
) -> None:
    """Paint ``patch`` from outside; its pixels are made, not read."""
    if patch.empty:
        return
    if painter is None:
        made = canvas.enlarged(canvas.painted, patch)
    else:
        made = painter(canvas.blank, canvas.hidden, patch)
    made += veil.texture(canvas, patch, region, key)[..., None]
    bytes_ = np.clip(np.rint(made), 0, 255).astype(np.uint8)
    np.copyto(canvas.pixels[patch.place], bytes_, where=patch.mask[..., None])
