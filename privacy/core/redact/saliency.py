"""Saliency: what draws the eye stays sharp, the rest is softened. A courtesy.

Where the eye goes is told by the spectral residual (Hou and Zhang, CVPR 2007): what is
left of a picture's log spectrum when its local mean is taken away. The style keeps a
part of the very thing that is masked, so it protects least of all.
"""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from privacy.core.image import Pixels
from privacy.core.redact import blur
from privacy.core.redact.mask import Patch
from privacy.core.types import Region

_SIDE = 64  # the spectrum is taken of a copy of this longer side, as in the paper


def residual_map(part: Pixels) -> npt.NDArray[np.float32]:
    """(h, w) float32 in 0..1 for an (h, w, 3) picture: how much each place stands out."""
    h, w = part.shape[:2]
    grey = cv2.cvtColor(part, cv2.COLOR_RGB2GRAY)
    scale = min(1.0, _SIDE / max(h, w))
    size = max(1, round(w * scale)), max(1, round(h * scale))
    small = cv2.resize(grey, size, interpolation=cv2.INTER_AREA).astype(np.float32)
    if np.ptp(small) < 1:  # one tone throughout: nothing stands out
        return np.zeros((h, w), np.float32)
    spectrum = np.fft.fft2(small)
    log = np.log(np.abs(spectrum) + 1e-6).astype(np.float32)
    residual = log - cv2.blur(log, (3, 3), borderType=cv2.BORDER_REPLICATE)
    back = np.fft.ifft2(np.exp(residual + 1j * np.angle(spectrum)))
    stands_out = (np.abs(back) ** 2).astype(np.float32)
    stands_out = cv2.GaussianBlur(stands_out, (0, 0), max(1.0, 0.04 * max(size)))
    low, high = float(stands_out.min()), float(np.percentile(stands_out, 99))
    unit = np.clip((stands_out - low) / max(high - low, 1e-9), 0, 1)
    out: npt.NDArray[np.float32] = cv2.resize(
        unit, (w, h), interpolation=cv2.INTER_LINEAR
    )
    return out


def apply(pixels: Pixels, part: Pixels, patch: Patch, region: Region) -> None:
    """Write ``part``, the picture under ``patch``, sharp where it stands out.

    From strength 0 to 1 less and less is sharp, and the rest is blurred more.
    """
    if patch.empty:
        return
    strength = min(1.0, max(0.0, region.treatment.strength))
    soft = np.zeros_like(part)
    whole = Patch(0, 0, np.ones(part.shape[:2], dtype=np.bool_))
    blur.apply(soft, part, whole, region)
    keep = np.clip((residual_map(part) - 0.15 - 0.6 * strength) / 0.2, 0, 1)[..., None]
    made = np.clip(np.rint(soft + (part.astype(np.float32) - soft) * keep), 0, 255)
    np.copyto(pixels[patch.place], made.astype(np.uint8), where=patch.mask[..., None])
