"""Licence plates, with platedet (YOLOv8s-seg fine-tuned on plates; docs/models).

The network sees 640 x 640, in which a plate across the street is a few pixels high, so
larger pictures are also shown in parts. The half of the network that draws masks is run
only when there is something to draw.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from privacy.core.detectors import yolo
from privacy.core.detectors.boxes import Floats, suppress
from privacy.core.detectors.onnx import Session
from privacy.core.errors import ModelError
from privacy.core.image import Picture, View
from privacy.core.types import Box, Finding, Point

SIZE = 640
THRESHOLD = 0.25
SAME = 0.45  # IoU at which two candidates of one view are one plate

PART = 700
"""Pixels of the picture's side that one part should show."""
MOST = (3, 2)
"""Most parts along the longer and the shorter side."""
EDGE = 4.0  # model pixels: nearer to a part's edge than this counts as cut by it

WIDEN = 0.03
"""Added at each side of the box, in parts of its width and height."""

TILTED = 0.7
"""A tilted plate fills less of its box than this: then its outline is worth giving."""
OUTLINE_WIDEN = 1.15

_FEATURE = "/model.15/cv2/act/Mul_output_0"
"""The tensor from which the network draws its 160 x 160 mask prototypes."""
_COEFFICIENTS = 32
_MASK_STRIDE = 4


@dataclass(slots=True)
class _Seen:
    """One plate in one view: box in model pixels, with what its mask needs."""

    view: View
    feature: Floats
    box: Floats
    score: float
    coefficients: Floats
    cut: bool

    def place(self) -> Box:
        x0, y0, x1, y1 = (float(v) for v in self.box)
        w, h = (x1 - x0) * WIDEN, (y1 - y0) * WIDEN
        return self.view.to_box(x0 - w, y0 - h, x1 + w, y1 + h)


class PlateDetector:
    """Finds licence plates, from all over the world where the training set has them.

    Args:
        threads: threads of the network, see ``Session``.
    """

    name = "plates"
    model = "platedet"

    def __init__(self, threads: int | None = None) -> None:
        self._threads = threads
        self._sessions: tuple[Session, Session] | None = None

    def load(self) -> None:
        """Read and check the weights (see ``Detector``)."""
        if self._sessions is None:
            self._sessions = (
                Session(
                    self.model, self._threads, widen=True, gives=("output0", _FEATURE)
                ),
                Session(
                    self.model,
                    self._threads,
                    widen=True,
                    reads=(_FEATURE,),
                    gives=("output1",),
                ),
            )

    def detect(
        self, picture: Picture, *, threshold: float | None = None
    ) -> list[Finding]:
        """Plates, whole ones before cut ones, each the most confident first.

        A plate that stands at a tilt has an outline too (see ``Detector``).
        """
        least = THRESHOLD if threshold is None else threshold
        seen = [
            plate
            for part in (None, *_parts(picture))
            for plate in self._see(picture.letterbox(SIZE, part=part), least)
        ]
        return [
            Finding(
                category="licence_plate",
                box=plate.place(),
                confidence=min(1.0, plate.score),
                detector=self.name,
                outline=self._outline(plate),
            )
            for plate in _distinct(seen)
        ]

    def _see(self, view: View, least: float) -> list[_Seen]:
        self.load()
        assert self._sessions is not None  # noqa: S101 - load() has made them
        output, feature = self._sessions[0].run(yolo.tensor(view.pixels))
        found = yolo.candidates(output, 1, _COEFFICIENTS, least)
        return [
            _Seen(
                view,
                feature,
                found.boxes[i],
                float(found.scores[i]),
                found.extra[i],
                _is_cut(found.boxes[i], view),
            )
            for i in suppress(found.boxes, found.scores, SAME)
        ]

    def _outline(self, plate: _Seen) -> tuple[Point, ...]:
        """Corners of the tilted rectangle around the plate's mask, if it is tilted."""
        assert self._sessions is not None  # noqa: S101 - something was seen
        (prototypes,) = self._sessions[1].run(plate.feature)
        if prototypes.shape[:2] != (1, _COEFFICIENTS):
            raise ModelError(f"platedet gave prototypes of shape {prototypes.shape}")
        logits = np.tensordot(plate.coefficients, prototypes[0], axes=1)
        return _tilted(logits, plate)


def _tilted(logits: Floats, plate: _Seen) -> tuple[Point, ...]:
    x0, y0 = np.floor(np.maximum(plate.box[:2], 0) / _MASK_STRIDE).astype(int)
    x1, y1 = np.ceil(plate.box[2:] / _MASK_STRIDE).astype(int)
    rows, columns = np.nonzero(logits[y0:y1, x0:x1] > 0)
    if len(rows) < 3:
        return ()
    spots = np.stack([columns + x0 + 0.5, rows + y0 + 0.5], axis=1) * _MASK_STRIDE
    middle, (w, h), angle = cv2.minAreaRect(spots.astype(np.float32))
    # A cell stands for its whole square, half of which lies beyond its middle.
    w, h = (side * OUTLINE_WIDEN + _MASK_STRIDE for side in (w, h))
    bw, bh = plate.box[2:] - plate.box[:2]
    if w * h >= TILTED * bw * bh:
        return ()
    corners = cv2.boxPoints((middle, (w, h), angle))
    points = tuple(plate.view.to_point(float(x), float(y)) for x, y in corners)
    inside = all(0 <= value <= 1 for point in points for value in point)
    return points if inside else ()  # clipping a corner would uncover a rim


def _parts(picture: Picture) -> list[tuple[int, int, int, int]]:
    wide = picture.width >= picture.height
    most = MOST if wide else MOST[::-1]
    columns = min(most[0], max(1, round(picture.width / PART)))
    rows = min(most[1], max(1, round(picture.height / PART)))
    return [] if columns * rows == 1 else list(picture.tiles(columns, rows))


def _is_cut(box: Floats, view: View) -> bool:
    """Whether the view ends at the plate while the picture goes on."""
    right = view.left + (SIZE - 2 * view.pad_x) / view.scale
    below = view.top + (SIZE - 2 * view.pad_y) / view.scale
    x0, y0, x1, y1 = box - (view.pad_x, view.pad_y, view.pad_x, view.pad_y)
    return bool(
        (x0 < EDGE and view.left > 0)
        or (y0 < EDGE and view.top > 0)
        or (x1 > SIZE - 2 * view.pad_x - EDGE and right < view.width - 1)
        or (y1 > SIZE - 2 * view.pad_y - EDGE and below < view.height - 1)
    )


def _distinct(seen: list[_Seen]) -> list[_Seen]:
    """One sight a plate: whole rather than cut, and then the most confident."""
    kept: list[_Seen] = []
    for plate in sorted(seen, key=lambda p: (p.cut, -p.score)):
        box = plate.place()
        if not any(
            box.iou(k.place()) >= SAME or k.place().covers(box) >= 0.6 for k in kept
        ):
            kept.append(plate)
    return kept
