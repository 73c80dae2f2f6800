"""The fill: one flat tone, that of the surroundings."""

from __future__ import annotations

import numpy as np

from privacy.core.redact.canvas import Canvas
from privacy.core.redact.mask import Patch
from privacy.core.types import Region


def apply(canvas: Canvas, patch: Patch, region: Region, key: bytes) -> None:
    """Fill ``patch`` with the mean colour around it; nothing of it is read."""
    if patch.empty:
        return
    tone = np.clip(np.rint(canvas.tone(patch)), 0, 255).astype(np.uint8)
    canvas.pixels[patch.place][patch.mask] = tone
