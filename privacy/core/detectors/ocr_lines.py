"""Geometry of text lines: from a probability map to rectangles, and to flat strips."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeAlias

import cv2
import numpy as np
import numpy.typing as npt

from privacy.core.image import Pixels

Chart: TypeAlias = npt.NDArray[np.float32]
"""(h, w) probability of text, 0..1."""

Quad: TypeAlias = npt.NDArray[np.float32]
"""(4, 2) corners in picture pixels, clockwise from the top left of the reading."""


def strip(pixels: Pixels, quad: Quad, height: int = 48, longest: int = 3200) -> Pixels:
    """The quad as a flat strip, its width rounded up to 16 so that shapes repeat."""
    wide = float(np.linalg.norm(quad[1] - quad[0]))
    tall = max(float(np.linalg.norm(quad[3] - quad[0])), 1e-3)
    inner = min(longest, max(1, round(height * wide / tall)))
    target = np.array(
        [[0, 0], [inner, 0], [inner, height], [0, height]], dtype=np.float32
    )
    # Shrinking by a warp alone would alias: shrink the neighbourhood first.
    low = np.floor(quad.min(axis=0)).astype(int).clip(0)
    high = np.ceil(quad.max(axis=0)).astype(int) + 1
    patch = pixels[low[1] : high[1], low[0] : high[0]]
    if not patch.size:
        return np.zeros((height, 48, 3), np.uint8)
    shrink = min(1.0, 1.5 * height / max(tall, 1.0))
    size = tuple(
        max(1, round(side * shrink)) for side in (patch.shape[1], patch.shape[0])
    )
    if shrink < 1:
        patch = cv2.resize(patch, size, interpolation=cv2.INTER_AREA)
    matrix = cv2.getPerspectiveTransform(
        ((quad - low) * shrink).astype(np.float32), target
    )
    flat = cv2.warpPerspective(
        patch, matrix, (inner, height), flags=cv2.INTER_CUBIC,
        borderMode=cv2.BORDER_REPLICATE,
    )  # fmt: skip
    padded = np.full((height, max(48, -(-inner // 16) * 16), 3), 127, np.uint8)
    padded[:, :inner] = flat
    return padded


def quads(
    chart: Chart, cut: float, unclip: float, least: float
) -> Iterator[tuple[Quad, float]]:
    """Grown rotated rectangles of the blobs, in pixels of the chart, with their score."""
    mask = (chart > min(cut, least)).astype(np.uint8)
    mask = cv2.dilate(mask, np.ones((2, 2), np.uint8))
    contours, _ = cv2.findContours(mask, cv2.RETR_LIST, cv2.CHAIN_APPROX_SIMPLE)
    for contour in contours:
        centre, (a, b), angle = cv2.minAreaRect(contour)
        if min(a, b) < 3:
            continue
        score = _mean_within(chart, cv2.boxPoints((centre, (a, b), angle)))
        if score < least:
            continue
        grow = a * b * unclip / (a + b)  # twice area * unclip / perimeter
        corners = cv2.boxPoints((centre, (a + grow, b + grow), angle))
        yield _clockwise(corners), score


def _mean_within(chart: Chart, corners: Quad) -> float:
    height, width = chart.shape
    low = np.floor(corners.min(axis=0)).astype(int).clip(0)
    high = np.ceil(corners.max(axis=0)).astype(int)
    x1, y1 = min(high[0], width - 1), min(high[1], height - 1)
    inside = np.zeros((y1 - low[1] + 1, x1 - low[0] + 1), np.uint8)
    cv2.fillPoly(inside, [(corners - low).astype(np.int32)], 1)
    return float(cv2.mean(chart[low[1] : y1 + 1, low[0] : x1 + 1], inside)[0])


def _clockwise(corners: Quad) -> Quad:
    """Corners from the top left, as a line that is turned by less than 45 degrees."""
    middle = corners.mean(axis=0)
    around = np.arctan2(corners[:, 1] - middle[1], corners[:, 0] - middle[0])
    ring = corners[np.argsort(around, kind="stable")]
    edges = np.roll(ring, -1, axis=0) - ring
    # The top edge runs to the right: the one whose direction is nearest to (1, 0).
    lengths = np.linalg.norm(edges, axis=1)
    start = int(np.argmax(edges[:, 0] / np.maximum(lengths, 1e-6)))
    turned: Quad = np.roll(ring, -start, axis=0).astype(np.float32)
    return turned


def united(
    coarse: list[tuple[Quad, float]], fine: list[tuple[Quad, float]]
) -> list[tuple[Quad, float]]:
    """Larger lines first; a line that a kept one covers to 80 % is dropped.

    Nothing that only one look saw is lost.
    """
    ranked = sorted((*coarse, *fine), key=lambda line: -cv2.contourArea(line[0]))
    kept: list[tuple[Quad, float]] = []
    for quad, score in ranked:
        area = max(cv2.contourArea(quad), 1e-6)
        if not any(_shared(quad, other) >= 0.8 * area for other, _ in kept):
            kept.append((quad, score))
    return kept


def _shared(a: Quad, b: Quad) -> float:
    """Area that two rectangles share."""
    if (a.min(axis=0) > b.max(axis=0)).any() or (b.min(axis=0) > a.max(axis=0)).any():
        return 0.0
    return float(cv2.intersectConvexConvex(a, b)[0])
