"""The whole area of a code, from the part of it that a decoder reports."""

from __future__ import annotations

from typing import TypeAlias

import cv2
import numpy as np
import numpy.typing as npt

Corners: TypeAlias = npt.NDArray[np.float32]
"""(4, 2) corners in picture pixels, clockwise."""

QUIET_QR, QUIET_OTHER = 0.15, 0.10
"""Quiet zone on each side, as a share of the code: 4 modules of 25 (ISO/IEC 18004)."""

QUIET_ENDS = 0.08
"""Quiet zone at each end of a barcode: 10 modules of some 110 (ISO/IEC 15420)."""

BELOW = 0.25
"""What is added above and below the bars: the digits in print say the same."""

BARS = 0.35
"""Rows belong to the bars while their contrast is this share of the part read."""


def grown_matrix(corners: Corners, name: str) -> Corners:
    """The square with its quiet zone."""
    share = QUIET_QR if "QR" in name else QUIET_OTHER
    middle = corners.mean(axis=0)
    out: Corners = (middle + (corners - middle) * (1 + 2 * share)).astype(np.float32)
    return out


def whole_bars(grey: npt.NDArray[np.uint8], corners: Corners) -> Corners:
    """The full length of all bars, with quiet zones and the digits in print.

    A decoder reports the scan lines that it read, which may be a strip of the middle.
    The bars' direction is measured (structure tensor), the surroundings are turned to
    it, and rows are added up and down as long as they look like bars.

    Args:
        grey: (h, w) the picture.
        corners: the part that was read, in picture pixels.
    """
    across = _direction(grey, corners)
    along = np.array([-across[1], across[0]])
    middle = corners.mean(axis=0).astype(np.float64)
    offsets = (corners - middle) @ across
    left, right = float(offsets.min()), float(offsets.max())
    length = max(right - left, 8.0)
    reach = int(np.ceil(length))
    scale = min(1.0, 400 / length)
    width, height = max(8, round(length * scale)), max(8, round(2 * reach * scale))
    # Rows of the patch run across the bars, from -reach to +reach along them.
    start = middle + across * left - along * reach
    forth = np.array([across / scale, along / scale]).T
    patch = cv2.warpAffine(
        grey, np.c_[forth, start], (width, height),
        flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP, borderMode=cv2.BORDER_REPLICATE,
    ).astype(np.float32)  # fmt: skip
    contrast = np.abs(np.diff(patch, axis=1)).mean(axis=1)[:-1] - np.abs(
        np.diff(patch, axis=0)
    ).mean(axis=1)
    heights = ((corners - middle) @ along) * scale + height / 2
    top = int(np.clip(heights.min(), 0, height - 3))
    bottom = int(np.clip(np.ceil(heights.max()), top + 1, height - 2))
    usual = float(np.median(contrast[top : bottom + 1]))
    gap = max(2, height // 60)
    top, bottom = _stretch(contrast > BARS * usual, top, bottom, gap)
    low, high = (top - height / 2) / scale, (bottom + 1 - height / 2) / scale
    margin = BELOW * (high - low)
    low, high = low - margin, high + margin
    left, right = left - QUIET_ENDS * length, right + QUIET_ENDS * length
    return np.array(
        [
            middle + across * x + along * y
            for x, y in ((left, low), (right, low), (right, high), (left, high))
        ],
        dtype=np.float32,
    )


def _direction(
    grey: npt.NDArray[np.uint8], corners: Corners
) -> npt.NDArray[np.float64]:
    """Unit vector across the bars, pointing right or down."""
    low = np.floor(corners.min(axis=0)).astype(int).clip(0)
    high = np.ceil(corners.max(axis=0)).astype(int) + 2
    patch = grey[low[1] : high[1], low[0] : high[0]].astype(np.float32)
    if min(patch.shape, default=0) < 3:
        edge = (corners[1] - corners[0]).astype(np.float64)
        unit: npt.NDArray[np.float64] = edge / max(float(np.linalg.norm(edge)), 1e-6)
        return unit
    dx = cv2.Sobel(patch, cv2.CV_32F, 1, 0)
    dy = cv2.Sobel(patch, cv2.CV_32F, 0, 1)
    xx, yy, xy = (float((a * b).sum()) for a, b in ((dx, dx), (dy, dy), (dx, dy)))
    angle = 0.5 * np.arctan2(2 * xy, xx - yy)
    return np.array([np.cos(angle), np.sin(angle)])


def _stretch(
    good: npt.NDArray[np.bool_], top: int, bottom: int, gap: int
) -> tuple[int, int]:
    """Widen [top, bottom] over rows that are good, bridging up to ``gap`` bad ones."""
    for step in (-1, 1):
        edge = top if step < 0 else bottom
        row, misses = edge + step, 0
        while 0 <= row < len(good) and misses <= gap:
            if good[row]:
                edge, misses = row, 0
            else:
                misses += 1
            row += step
        top, bottom = (edge, bottom) if step < 0 else (top, edge)
    return top, bottom
