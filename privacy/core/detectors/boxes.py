"""Overlap and suppression of boxes as arrays, while they are still in model pixels."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
import numpy.typing as npt

Floats: TypeAlias = npt.NDArray[np.float32]


def ious(box: Floats, boxes: Floats) -> Floats:
    """(n,) intersection over union of one (4,) box with (n, 4) others; x0, y0, x1, y1."""
    low = np.maximum(box[:2], boxes[:, :2])
    high = np.minimum(box[2:], boxes[:, 2:])
    sides = np.clip(high - low, 0, None)
    shared = sides[:, 0] * sides[:, 1]
    own = (box[2] - box[0]) * (box[3] - box[1])
    others = (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])
    found: Floats = shared / np.maximum(own + others - shared, 1e-9)
    return found


def clusters(
    boxes: Floats, scores: Floats, iou: float, kinds: Floats | None = None
) -> list[tuple[int, npt.NDArray[np.intp], Floats]]:
    """Greedy suppression that remembers what it suppressed.

    Boxes whose ``kinds`` (n,) differ never meet.

    Returns:
        From the most confident box on: its index, the indices of all free boxes that
        overlap it by ``iou`` or more (itself first), and those overlaps. Equal scores
        go by index, so the result depends on nothing else.
    """
    order = np.argsort(-scores, kind="stable")
    found = []
    while len(order):
        overlap = ious(boxes[order[0]], boxes[order])
        near = overlap >= iou
        if kinds is not None:
            near &= kinds[order] == kinds[order[0]]
        near[0] = True
        found.append((int(order[0]), order[near], overlap[near]))
        order = order[~near]
    return found


def suppress(
    boxes: Floats, scores: Floats, iou: float, kinds: Floats | None = None
) -> list[int]:
    """Indices that greedy non-maximum suppression keeps, most confident first."""
    return [best for best, _, _ in clusters(boxes, scores, iou, kinds)]
