"""Blur: a Gaussian over what is there. A courtesy: it can be undone (docs/masking.md)."""

from __future__ import annotations

import cv2
import numpy as np

from privacy.core.image import Pixels
from privacy.core.redact.mask import Patch
from privacy.core.types import Region

_FINEST = 6.0  # px; a larger sigma is reached on a smaller copy, with the same look


def apply(pixels: Pixels, part: Pixels, patch: Patch, region: Region) -> None:
    """Write ``part``, the picture under ``patch``, blurred into ``pixels``.

    Sigma is 4 % to 24 % of the region's longer side, by strength.
    """
    if patch.empty:
        return
    h, w = part.shape[:2]
    share = 0.04 + 0.2 * min(1.0, max(0.0, region.treatment.strength))
    sigma = max(1.0, share * max(h, w))
    scale = min(1.0, _FINEST / sigma)
    small = max(1, round(w * scale)), max(1, round(h * scale))
    soft = cv2.resize(part, small, interpolation=cv2.INTER_AREA)
    soft = cv2.GaussianBlur(
        soft, (0, 0), sigma * scale, borderType=cv2.BORDER_REPLICATE
    )
    soft = cv2.resize(soft, (w, h), interpolation=cv2.INTER_CUBIC)
    np.copyto(pixels[patch.place], soft, where=patch.mask[..., None])
