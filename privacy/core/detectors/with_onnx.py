"""Models that need no library beyond ONNX Runtime: YOLOX (objects) and YuNet (faces).

Ge et al., "YOLOX: Exceeding YOLO Series in 2021", arXiv 2107.08430; Wu et al., "YuNet: A
Tiny Millisecond-level Face Detector", Machine Intelligence Research 2023.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from privacy.core import taxonomy
from privacy.core.detectors import fusion
from privacy.core.detectors.choices import Choice
from privacy.core.detectors.configured import categories, checked
from privacy.core.detectors.onnx import Session
from privacy.core.errors import ModelError
from privacy.core.image import Picture, View
from privacy.core.types import Box, Finding

STRIDES = (8, 16, 32)
Floats = npt.NDArray[np.float32]


class _OnnxDetector:
    """What both share: a checked file, one square view, BGR 0..255, padding below."""

    threshold = 0.3
    size = 640

    def __init__(self, choice: Choice) -> None:
        self.name = choice.name
        self.model = choice.path.name
        self._choice = choice
        self._session: Session | None = None

    def load(self) -> None:
        self._session = Session(checked(self._choice))

    def _least(self, threshold: float | None) -> float:
        own = self._choice.threshold or self.threshold
        return own if threshold is None else threshold

    def _see(self, picture: Picture) -> tuple[View, dict[str, Floats]]:
        if self._session is None:
            raise ModelError(f"{self.name}: load the detector before it detects")
        view = picture.letterbox(self._choice.size or self.size, centre=False)
        planes = view.pixels[..., ::-1].transpose(2, 0, 1)[None].astype(np.float32)
        outputs = self._session.run(planes)
        return view, dict(zip(self._session.outputs, outputs, strict=True))


class YoloxDetector(_OnnxDetector):
    """YOLOX with raw outputs (n, 85): centre, log size, objectness, 80 classes."""

    size = 416

    def load(self) -> None:
        super().load()
        self._categories = categories(self._choice, dict(enumerate(taxonomy.COCO)))

    def detect(
        self, picture: Picture, *, threshold: float | None = None
    ) -> list[Finding]:
        view, outputs = self._see(picture)
        raw = next(iter(outputs.values()))[0]
        cells, steps = _grid(view.pixels.shape[0])
        if raw.shape != (len(cells), 85):
            raise ModelError(f"{self.model} is no YOLOX for {view.pixels.shape[0]} px")
        centre = (raw[:, :2] + cells) * steps
        half = np.exp(raw[:, 2:4]) * steps / 2
        kinds = raw[:, 5:].argmax(axis=1)
        scores = raw[:, 4] * raw[:, 5:].max(axis=1)
        rows = np.column_stack((centre - half, centre + half, scores, kinds))
        rows = rows[scores >= self._least(threshold)].astype(np.float32)
        return [
            finding
            for row in fusion.suppress(rows)
            if (category := self._categories.get(int(row[5])))
            and (finding := _finding(self.name, category, row, view))
        ]


class YunetDetector(_OnnxDetector):
    """YuNet: class, objectness, box and five landmarks at each of three strides."""

    threshold = 0.45

    def __init__(self, choice: Choice) -> None:
        super().__init__(choice)
        if choice.name != "faces":
            raise ModelError(f"{choice.name}: YuNet finds faces and nothing else")

    def detect(
        self, picture: Picture, *, threshold: float | None = None
    ) -> list[Finding]:
        view, outputs = self._see(picture)
        cells, steps = _grid(view.pixels.shape[0])
        try:
            cls, obj, bbox, kps = (
                np.concatenate([outputs[f"{name}_{s}"][0] for s in STRIDES])
                for name in ("cls", "obj", "bbox", "kps")
            )
        except KeyError as error:
            raise ModelError(f"{self.model} is no YuNet: no output {error}") from error
        scores = np.sqrt(cls[:, 0].clip(0, 1) * obj[:, 0].clip(0, 1))
        kept = np.flatnonzero(scores >= self._least(threshold))
        cells, steps = cells[kept], steps[kept]
        centre = (bbox[kept, :2] + cells) * steps
        half = np.exp(bbox[kept, 2:]) * steps / 2
        marks = (kps[kept].reshape(-1, 5, 2) + cells[:, None]) * steps[:, None]
        boxes = np.column_stack((centre - half, centre + half, scores[kept]))
        rows = np.column_stack((boxes, np.zeros(len(kept)))).astype(np.float32)
        found = []
        for i in fusion.best(rows):
            points = tuple(view.to_point(float(x), float(y)) for x, y in marks[i])
            if finding := _finding(self.name, "face", rows[i], view, points):
                found.append(finding)
        return found


def _grid(side: int) -> tuple[Floats, Floats]:
    """Columns and rows (n, 2) of all cells of a square input, and their strides (n, 1)."""
    cells, steps = [], []
    for stride in STRIDES:
        count = side // stride
        y, x = np.mgrid[:count, :count]
        cells.append(np.stack((x, y), axis=-1).reshape(-1, 2))
        steps.append(np.full((count * count, 1), stride))
    return (
        np.concatenate(cells).astype(np.float32),
        np.concatenate(steps).astype(np.float32),
    )


def _finding(
    name: str,
    category: str,
    row: Floats,
    view: View,
    landmarks: tuple[tuple[float, float], ...] = (),
) -> Finding | None:
    x0, y0, x1, y1, score = (float(v) for v in row[:5])
    box: Box = view.to_box(x0, y0, x1, y1)
    if box.area <= 0:
        return None
    return Finding(category, box, min(1.0, score), name, landmarks=landmarks)
