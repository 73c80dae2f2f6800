"""Faces, with CenterFace.

The network (Xu et al., "CenterFace: Joint Face Detection and Alignment Using Face as
Point", 2020, arXiv:1911.03599; trained on WIDER FACE) gives a heat map of face centres
at a quarter of the input's size, with a box and five landmarks at each cell. It takes
any multiple of 32, so the picture is enlarged rather than letterboxed: it sees small
faces well when they are made half as large again. The same input mirrored finds some
that the first look misses. A face that fills the picture is seen best when small.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from privacy.core.detectors.boxes import Floats, clusters
from privacy.core.detectors.onnx import Session
from privacy.core.errors import ModelError
from privacy.core.image import Picture
from privacy.core.types import Box, Finding

STRIDE = 4
MULTIPLE = 32

ENLARGE = 1.5
MOST_PIXELS = 2_000_000
"""Pixels of the enlarged input; larger pictures are shrunk to it."""
COARSE_SIDE = 512
"""Longer side of the coarse input, for faces beyond the network's reach (700 px)."""
COARSE_LEAST = 64
"""The coarse input counts for faces of this many of its pixels; the fine one sees the
smaller ones better."""

THRESHOLD = 0.22
SMALL_THRESHOLD = 0.45
SMALL, LARGE = 20.0, 27.0
"""Sides in input pixels between which the threshold falls from one to the other: three
of four false alarms are smaller than a face can be recognised at."""

SAME = 0.3  # IoU at which two candidates are one face
ALIKE = 0.6  # IoU at which a candidate has a say in where its edges are

LEFT, TOP, RIGHT, BOTTOM = 0.05, 0.08, 0.05, 0.05
"""Parts of the box that are added at each side: the network's boxes end at the brow."""

_MIRRORED = [1, 0, 2, 4, 3]  # eyes, nose, mouth corners after a mirror


class FaceDetector:
    """Finds faces; each has five landmarks: eyes, nose, mouth corners, left to right.

    Args:
        threads: threads of the network, see ``Session``.
    """

    name = "faces"
    model = "centerface"

    def __init__(self, threads: int | None = None) -> None:
        self._threads = threads
        self._session: Session | None = None

    def load(self) -> None:
        """Read and check the weights (see ``Detector``)."""
        if self._session is None:
            self._session = Session(self.model, self._threads, dynamic=True)

    def detect(
        self, picture: Picture, *, threshold: float | None = None
    ) -> list[Finding]:
        """Faces, most confident first (see ``Detector``).

        ``threshold`` replaces the shipped one at every size.
        """
        self.load()
        fine = min(ENLARGE, math.sqrt(MOST_PIXELS / (picture.width * picture.height)))
        looks = [
            self._look(picture, fine, threshold, mirror=False),
            self._look(picture, fine, threshold, mirror=True),
        ]
        coarse = COARSE_SIDE / max(picture.width, picture.height)
        if coarse < fine / ENLARGE:
            rows = self._look(picture, coarse, threshold, mirror=False)
            side = np.sqrt(np.prod(rows[:, 2:4] - rows[:, :2], axis=1)) * coarse
            looks.append(rows[side >= COARSE_LEAST])
        return [self._finding(row, picture) for row in _united(np.concatenate(looks))]

    def _look(
        self, picture: Picture, scale: float, threshold: float | None, *, mirror: bool
    ) -> Floats:
        """(n, 15) rows in picture pixels: box, score, five points."""
        width = max(1, math.ceil(picture.width * scale / MULTIPLE)) * MULTIPLE
        height = max(1, math.ceil(picture.height * scale / MULTIPLE)) * MULTIPLE
        pixels = picture.resized(width, height)
        if mirror:
            pixels = pixels[:, ::-1]
        assert self._session is not None  # noqa: S101 - detect() has loaded it
        heads = self._session.run(pixels.transpose(2, 0, 1)[None].astype(np.float32))
        rows = _decoded(heads, (height // STRIDE, width // STRIDE), threshold)
        if mirror:
            rows[:, [0, 2]] = width - rows[:, [2, 0]]
            points = rows[:, 5:].reshape(-1, 5, 2)[:, _MIRRORED]
            points[:, :, 0] = width - points[:, :, 0]
            rows[:, 5:] = points.reshape(-1, 10)
        x, y = picture.width / width, picture.height / height
        rows[:, [0, 2, 5, 7, 9, 11, 13]] *= x
        rows[:, [1, 3, 6, 8, 10, 12, 14]] *= y
        return rows

    def _finding(self, row: Floats, picture: Picture) -> Finding:
        x0, y0, x1, y1, score = (float(v) for v in row[:5])
        w, h = x1 - x0, y1 - y0
        box = Box.from_pixels(
            x0 - LEFT * w,
            y0 - TOP * h,
            x1 + RIGHT * w,
            y1 + BOTTOM * h,
            picture.width,
            picture.height,
        )
        marks = row[5:].reshape(5, 2) / (picture.width, picture.height)
        return Finding(
            category="face",
            box=box,
            confidence=min(1.0, score),
            detector=self.name,
            landmarks=tuple((float(x), float(y)) for x, y in marks),
        )


def _decoded(
    heads: list[npt.NDArray[np.float32]],
    cells: tuple[int, int],
    threshold: float | None,
) -> Floats:
    """(n, 15) rows in input pixels from heat map, size, offset and landmark heads."""
    shapes = [(1, depth, *cells) for depth in (1, 2, 2, 10)]
    if [head.shape for head in heads] != shapes:
        found = [head.shape for head in heads]
        raise ModelError(f"centerface gave {found} where {shapes} were due")
    heat, size, offset, points = (head[0] for head in heads)
    y, x = np.nonzero(heat[0] >= (THRESHOLD if threshold is None else threshold))
    score = heat[0, y, x]
    with np.errstate(over="ignore"):
        h, w = np.exp(size[:, y, x]) * STRIDE
    if not (np.isfinite(h).all() and np.isfinite(w).all()):
        raise ModelError("centerface: a box has no finite size")
    left = (x + offset[1, y, x] + 0.5) * STRIDE - w / 2
    top = (y + offset[0, y, x] + 0.5) * STRIDE - h / 2
    marks = points[:, y, x].reshape(5, 2, -1)  # y before x, in parts of the box
    spots = np.stack([marks[:, 1] * w + left, marks[:, 0] * h + top], axis=1)
    rows = np.column_stack(
        [left, top, left + w, top + h, score, spots.reshape(10, -1).T]
    ).astype(np.float32)
    if threshold is None:
        rows = rows[score >= _threshold(np.sqrt(w * h))]
    return rows


def _threshold(side: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    slope = np.clip((side - SMALL) / (LARGE - SMALL), 0, 1)
    limit: npt.NDArray[np.float32] = SMALL_THRESHOLD + slope * (
        THRESHOLD - SMALL_THRESHOLD
    )
    return limit


def _united(rows: Floats) -> list[Floats]:
    """One row a face: the best candidate's, its box the mean of those alike."""
    found = []
    for best, near, overlap in clusters(rows[:, :4], rows[:, 4], SAME):
        alike = near[overlap >= ALIKE]
        row = rows[best].copy()
        row[:4] = np.average(rows[alike, :4], axis=0, weights=rows[alike, 4])
        found.append(row)
    return found
