"""Exposed intimate parts, with NudeNet 320n (YOLOv8n; docs/models/nudenet.md).

The network tells 18 things; five of them count as nudity here. Its two face classes
serve ``second_faces``.
"""

from __future__ import annotations

import numpy as np

from privacy.core.detectors import yolo
from privacy.core.detectors.boxes import suppress
from privacy.core.detectors.onnx import Session
from privacy.core.image import Picture
from privacy.core.types import Finding

SIZE = 320
THRESHOLD = 0.4
SAME = 0.45

CLASSES = (
    "female_genitalia_covered",
    "face_female",
    "buttocks",
    "female_breast",
    "female_genitalia",
    "male_breast",
    "anus",
    "feet",
    "belly_covered",
    "feet_covered",
    "armpits_covered",
    "armpits",
    "face_male",
    "belly",
    "male_genitalia",
    "anus_covered",
    "female_breast_covered",
    "buttocks_covered",
)
"""The network's classes in its order; what is not called covered is exposed."""

CATEGORIES = {
    CLASSES.index(part): f"nudity.{part}"
    for part in (
        "female_genitalia",
        "male_genitalia",
        "anus",
        "female_breast",
        "buttocks",
    )
}


class NudityDetector:
    """Finds exposed parts as ``nudity.<part>``.

    Args:
        threads: threads of the network, see ``Session``.
    """

    name = "nudity"
    model = "nudenet"

    def __init__(self, threads: int | None = None) -> None:
        self._threads = threads
        self._session: Session | None = None

    def load(self) -> None:
        """Read and check the weights (see ``Detector``)."""
        if self._session is None:
            self._session = Session(self.model, self._threads)

    def detect(
        self, picture: Picture, *, threshold: float | None = None
    ) -> list[Finding]:
        """Exposed parts, most confident first (see ``Detector``)."""
        self.load()
        assert self._session is not None  # noqa: S101 - load() has made it
        # As in training: black below and to the right, not grey all round.
        view = picture.letterbox(SIZE, pad=0, centre=False)
        (output,) = self._session.run(yolo.tensor(view.pixels))
        least = THRESHOLD if threshold is None else threshold
        found = yolo.candidates(output, len(CLASSES), 0, least)
        # First the wanted classes, then the best: what is covered hides nothing bare.
        wanted = np.isin(found.kinds, list(CATEGORIES))
        boxes, kinds = found.boxes[wanted], found.kinds[wanted]
        scores = found.scores[wanted]
        findings = []
        for i in suppress(boxes, scores, SAME):
            box = view.to_box(*(float(v) for v in boxes[i]))
            if box.area > 0:
                category = CATEGORIES[int(kinds[i])]
                score = min(1.0, float(scores[i]))
                findings.append(Finding(category, box, score, self.name))
        return findings
