"""Uniting what one model says about several views of one picture.

Arrays of detections are float32 (n, 6): x0, y0, x1, y1 in picture pixels, score 0..1,
class number. Boxes of different classes never meet.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from privacy.core.detectors import boxes

Detections = npt.NDArray[np.float32]
Part = tuple[float, float, float, float]

EDGE = 0.02  # of a view's longer side: nearer to a cut than this counts as cut
AGREE = 0.55  # IoU at which two views mean the same thing
TRUST = 0.5  # how far the mean over views counts, against the best view


def empty() -> Detections:
    return np.zeros((0, 6), np.float32)


def best(found: Detections, iou: float = 0.5) -> list[int]:
    """Rows to keep, best first: none overlaps a better one of its class by as much."""
    return boxes.suppress(found[:, :4], found[:, 4], iou, found[:, 5])


def suppress(found: Detections, iou: float = 0.5) -> Detections:
    """Of detections of one class that overlap by ``iou`` or more keep the best."""
    return found[best(found, iou)]


def whole(found: Detections, part: Part, width: int, height: int) -> Detections:
    """Clip to the view's part; drop what its inner edges cut, and what has no area."""
    found = found.copy()
    x0, y0, x1, y1 = part
    found[:, 0:4:2] = found[:, 0:4:2].clip(x0, x1)
    found[:, 1:4:2] = found[:, 1:4:2].clip(y0, y1)
    sides = np.minimum(found[:, 2] - found[:, 0], found[:, 3] - found[:, 1])
    kept: Detections = found[(sides >= 2) & _inside(found, part, width, height)]
    return kept


def _inside(
    found: Detections, part: Part, width: int, height: int
) -> npt.NDArray[np.bool_]:
    x0, y0, x1, y1 = part
    edge = EDGE * max(x1 - x0, y1 - y0)
    seen = np.ones(len(found), dtype=bool)
    if x0 > 0:
        seen &= found[:, 0] >= x0 + edge
    if y0 > 0:
        seen &= found[:, 1] >= y0 + edge
    if x1 < width:
        seen &= found[:, 2] <= x1 - edge
    if y1 < height:
        seen &= found[:, 3] <= y1 - edge
    return seen


def fuse(
    views: Sequence[Detections], parts: Sequence[Part], width: int, height: int
) -> Detections:
    """One detection for each thing, from what each view says of it.

    The box is the mean by score (weighted boxes fusion, Solovyev et al. 2021). The score
    lies between the best view's and the mean over all views that could see the whole
    thing, found it or not: two views that agree outweigh one that is alone.
    """
    if not any(len(view) for view in views):
        return empty()
    found = np.concatenate(views)
    source = np.repeat(np.arange(len(views)), [len(view) for view in views])
    visible = np.stack([_inside(found, part, width, height) for part in parts], axis=1)
    fused = []
    for first, group, _ in boxes.clusters(
        found[:, :4], found[:, 4], AGREE, found[:, 5]
    ):
        scores = np.zeros(len(views), np.float32)
        np.maximum.at(scores, source[group], found[group, 4])
        able = int((visible[first] | (scores > 0)).sum())
        score = (1 - TRUST) * scores.max() + TRUST * scores.sum() / able
        box = np.average(found[group, :4], axis=0, weights=found[group, 4])
        fused.append((*box, score, found[first, 5]))
    return suppress(np.array(fused, np.float32))
