"""Matching of findings to labels, and the figures that follow from it.

Boxes are (x0, y0, x1, y1) in pixels, throughout.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Boxes = npt.NDArray[np.float64]

MATCH_IOU = 0.5
IGNORED_SHARE = 0.5
"""A finding that lies this much inside an ignored label counts neither way."""


def boxes_of(rows: Sequence[Sequence[float]]) -> Boxes:
    """Rows as an (n, 4) array, also when there are none."""
    return np.asarray(rows, dtype=np.float64).reshape(-1, 4)


def intersections(a: Boxes, b: Boxes) -> Boxes:
    """(n, m) shared areas."""
    low = np.maximum(a[:, None, :2], b[None, :, :2])
    high = np.minimum(a[:, None, 2:], b[None, :, 2:])
    sides = np.clip(high - low, 0, None)
    shared: Boxes = sides[..., 0] * sides[..., 1]
    return shared


def areas(boxes: Boxes) -> Boxes:
    """(n,) areas."""
    found: Boxes = (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])
    return found


def ious(a: Boxes, b: Boxes) -> Boxes:
    """(n, m) intersection over union."""
    shared = intersections(a, b)
    union = areas(a)[:, None] + areas(b)[None, :] - shared
    return np.divide(shared, union, out=np.zeros_like(shared), where=union > 0)


@dataclass(slots=True)
class Tally:
    """Counts over any number of pictures; ``+`` adds them up.

    Attributes:
        hits: labels with a finding of their own at ``MATCH_IOU``.
        labels: labels that count.
        alarms: findings that match nothing and lie in no ignored label.
        covered: labels whose pixels lie wholly inside findings (to 99 %).
        leaks: labels that are found, yet stick out of what was found.
        share: sum over labels of the part that findings cover.
    """

    hits: int = 0
    labels: int = 0
    alarms: int = 0
    covered: int = 0
    leaks: int = 0
    share: float = 0.0

    def __add__(self, other: Tally) -> Tally:
        return Tally(
            self.hits + other.hits,
            self.labels + other.labels,
            self.alarms + other.alarms,
            self.covered + other.covered,
            self.leaks + other.leaks,
            self.share + other.share,
        )

    @property
    def recall(self) -> float:
        return self.hits / self.labels if self.labels else 1.0

    @property
    def precision(self) -> float:
        found = self.hits + self.alarms
        return self.hits / found if found else 1.0

    @property
    def coverage(self) -> float:
        """Mean part of a label that is covered."""
        return self.share / self.labels if self.labels else 1.0

    def as_json(self) -> dict[str, float]:
        return {
            "labels": self.labels,
            "hits": self.hits,
            "alarms": self.alarms,
            "recall": round(self.recall, 4),
            "precision": round(self.precision, 4),
            "coverage": round(self.coverage, 4),
            "wholly_covered": self.covered,
            "leaks": self.leaks,
        }


def coverage(labels: Boxes, found: Boxes) -> Boxes:
    """(n,) part of each label that lies inside the union of ``found``, 0..1.

    Exact: each label is cut into the cells that the edges of the findings draw.
    """
    shares = np.zeros(len(labels))
    for i, (x0, y0, x1, y1) in enumerate(labels):
        near = found[intersections(labels[i : i + 1], found)[0] > 0]
        if not len(near) or x1 <= x0 or y1 <= y0:
            continue
        xs = np.unique(np.clip(np.r_[x0, x1, near[:, 0], near[:, 2]], x0, x1))
        ys = np.unique(np.clip(np.r_[y0, y1, near[:, 1], near[:, 3]], y0, y1))
        mx, my = (xs[:-1] + xs[1:]) / 2, (ys[:-1] + ys[1:]) / 2
        inside = np.zeros((len(my), len(mx)), dtype=bool)
        for a, b, c, d in near:
            inside |= np.outer((my > b) & (my < d), (mx > a) & (mx < c))
        cells = np.outer(np.diff(ys), np.diff(xs))
        shares[i] = cells[inside].sum() / ((x1 - x0) * (y1 - y0))
    return shares


def match(
    labels: Boxes, found: Boxes, scores: Sequence[float], iou: float = MATCH_IOU
) -> list[int]:
    """For each finding the index of its label, or -1.

    Greedy from the most confident finding, one finding a label, as COCO does it.
    """
    pairs = [-1] * len(found)
    table = ious(found, labels)
    free = np.ones(len(labels), dtype=bool)
    for i in sorted(range(len(found)), key=lambda k: -scores[k]):
        if not free.any():
            break
        best = int(np.argmax(np.where(free, table[i], -1.0)))
        if table[i, best] >= iou:
            pairs[i] = best
            free[best] = False
    return pairs


def tally(
    labels: Boxes,
    ignored: Boxes,
    found: Boxes,
    scores: Sequence[float],
    iou: float = MATCH_IOU,
) -> Tally:
    """Count one picture's findings of one category against its labels."""
    pairs = match(labels, found, scores, iou)
    hit = {index for index in pairs if index >= 0}
    loose = found[[i for i, index in enumerate(pairs) if index < 0]]
    inside = np.zeros(len(loose), dtype=bool)
    if len(ignored) and len(loose):
        shared = intersections(loose, ignored) / np.maximum(areas(loose), 1e-9)[:, None]
        inside = (shared.max(1) >= IGNORED_SHARE) | (ious(loose, ignored).max(1) >= iou)
    shares = coverage(labels, found)
    whole = shares >= 0.99
    return Tally(
        hits=len(hit),
        labels=len(labels),
        alarms=int((~inside).sum()),
        covered=int(whole.sum()),
        leaks=sum(1 for index in hit if not whole[index]),
        share=float(shares.sum()),
    )
