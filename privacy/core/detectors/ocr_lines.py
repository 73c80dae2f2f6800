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


CUTS = (0.5, 0.8, 0.95)
"""Higher cuts at which a blob that does not fill its rectangle is taken apart."""

LOOSE = 0.6
"""Mean probability within the rectangle below which a blob may be more than one line:
well-found lines have .65 to .85, since the blob is narrower than the line."""

WORTH = 8.0
"""Pixels of the shorter side from which a blob can hold a line and something else."""

SURE = 0.67
"""Mean probability from which a part is a line."""

CARRIED = 0.95
"""Share of a blob's probability that its parts have to cover to stand for it."""
LEAST_PART = 0.25
"""Share of a blob's probability that a part has to hold: less is a crumb of the smear."""


def quads(
    chart: Chart, cut: float, unclip: float, least: float
) -> Iterator[tuple[Quad, float]]:
    """Grown rotated rectangles of the blobs, in pixels of the chart, with their score.

    A pale smear beside a line joins its blob, and the rectangle around both is mostly
    empty. Such a blob is looked at again at higher cuts; its parts stand for it where
    they hold most of it, or where the whole would be no line at all.
    """
    yield from _blobs(chart, (min(cut, least), *CUTS), unclip, least)


def _blobs(
    chart: Chart, cuts: tuple[float, ...], unclip: float, least: float
) -> Iterator[tuple[Quad, float]]:
    mask = (chart > cuts[0]).astype(np.uint8)
    mask = cv2.dilate(mask, np.ones((2, 2), np.uint8))
    contours, _ = cv2.findContours(mask, cv2.RETR_LIST, cv2.CHAIN_APPROX_SIMPLE)
    for contour in contours:
        centre, (a, b), angle = cv2.minAreaRect(contour)
        if min(a, b) < 3:
            continue
        score = _mean_within(chart, cv2.boxPoints((centre, (a, b), angle)))
        if score < LOOSE and len(cuts) > 1 and min(a, b) >= WORTH:
            parts, whole = _parts(chart, contour, cuts[1:], unclip, least)
            if parts and (whole or score < least):
                yield from parts
                continue
        if score < least:
            continue
        grow = a * b * unclip / (a + b)  # twice area * unclip / perimeter
        corners = cv2.boxPoints((centre, (a + grow, b + grow), angle))
        yield _clockwise(corners), score


def _parts(
    chart: Chart,
    contour: npt.NDArray[np.int32],
    cuts: tuple[float, ...],
    unclip: float,
    least: float,
) -> tuple[list[tuple[Quad, float]], bool]:
    """The lines within one blob at higher cuts, and whether they stand for all of it."""
    x, y, w, h = cv2.boundingRect(contour)
    inside = np.zeros((h, w), np.uint8)
    cv2.drawContours(inside, [contour], 0, 1, cv2.FILLED, offset=(-x, -y))
    part = chart[y : y + h, x : x + w] * inside
    total = float(part.sum())
    held = np.zeros((h, w), np.uint8)
    found = []
    for quad, score in _blobs(part, cuts, unclip, max(least, SURE)):
        own = cv2.fillPoly(np.zeros_like(held), [quad.round().astype(np.int32)], 1)
        if float((part * own).sum()) >= LEAST_PART * total:
            held |= own
            found.append((quad + np.array([x, y], np.float32), score))
    return found, float((part * held).sum()) >= CARRIED * total


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
