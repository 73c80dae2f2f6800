"""A second opinion on faces, for attacking a render: NudeNet's two face classes.

NudeNet 320n is a YOLOv8 trained apart from CenterFace and on other pictures, so what
hides a face from the one need not hide it from the other. It is the weaker of the two,
and no detector of a scan.
"""

from __future__ import annotations

import numpy as np

from privacy.core.detectors import fusion
from privacy.core.detectors.onnx import Session
from privacy.core.errors import ModelError
from privacy.core.image import Picture
from privacy.core.types import Finding

FACES = (1, 12)  # FACE_FEMALE, FACE_MALE of NudeNet's 18 classes
SIZE = 640  # twice its training size: small faces show, large ones still do
THRESHOLD = 0.25


class SecondFaceDetector:
    """Faces by NudeNet; boxes only."""

    name = "faces"
    model = "nudenet"

    def __init__(self) -> None:
        self._session: Session | None = None

    def load(self) -> None:
        self._session = self._session or Session(self.model)

    def detect(
        self, picture: Picture, *, threshold: float | None = None
    ) -> list[Finding]:
        if self._session is None:
            raise ModelError("faces: load the second detector before it detects")
        least = THRESHOLD if threshold is None else threshold
        view = picture.letterbox(SIZE, pad=0, centre=False)
        planes = view.pixels.transpose(2, 0, 1)[None].astype(np.float32) / 255
        rows = self._session.run(planes)[0][0].T  # centre, size, 18 classes
        scores = rows[:, [4 + i for i in FACES]].max(axis=1)
        rows, scores = rows[scores >= least], scores[scores >= least]
        centre, half = rows[:, :2], rows[:, 2:4] / 2
        boxes = np.column_stack((centre - half, centre + half, scores, scores * 0))
        found = []
        for row in fusion.suppress(boxes.astype(np.float32)):
            x0, y0, x1, y1, score = (float(v) for v in row[:5])
            box = view.to_box(x0, y0, x1, y1)
            if box.area > 0:
                found.append(Finding("face", box, min(1.0, score), self.name))
        return found
