"""Pixelate: a mosaic of what is there. A courtesy: it can be undone (docs/masking.md)."""

from __future__ import annotations

import cv2
import numpy as np

from privacy.core.image import Pixels
from privacy.core.redact.mask import Patch
from privacy.core.types import Region


def apply(pixels: Pixels, part: Pixels, patch: Patch, region: Region) -> None:
    """Write ``part``, the picture under ``patch``, as a mosaic into ``pixels``.

    16 to 4 cells lie along the region's longer side, by strength.
    """
    if patch.empty:
        return
    h, w = part.shape[:2]
    cells = 16 - 12 * min(1.0, max(0.0, region.treatment.strength))
    columns = max(1, round(w / max(h, w) * cells))
    rows = max(1, round(h / max(h, w) * cells))
    coarse = cv2.resize(part, (columns, rows), interpolation=cv2.INTER_AREA)
    mosaic = cv2.resize(coarse, (w, h), interpolation=cv2.INTER_NEAREST)
    np.copyto(pixels[patch.place], mosaic, where=patch.mask[..., None])
