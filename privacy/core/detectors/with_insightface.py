"""Faces by SCRFD through insightface's model zoo, with the five landmarks.

Guo et al., "Sample and Computation Redistribution for Efficient Face Detection", ICLR
2022. The published weights are for research only: an operator may configure them, NoPeek
neither ships nor fetches them.
"""

from __future__ import annotations

import contextlib
import io
import os
import threading
from typing import Any

import numpy as np

from privacy.core.detectors.choices import Choice
from privacy.core.detectors.configured import checked, library
from privacy.core.errors import ModelError
from privacy.core.image import Picture
from privacy.core.types import Box, Finding

THRESHOLD = 0.4
SIZE = 640


class InsightFaceDetector:
    """A detection model of insightface, for ``faces``."""

    def __init__(self, choice: Choice) -> None:
        if choice.name != "faces":
            raise ModelError(f"{choice.name}: insightface finds faces and nothing else")
        self.name = choice.name
        self.model = choice.path.name
        self._choice = choice
        self._threshold = choice.threshold or THRESHOLD
        self._zoo: Any = None
        self._lock = threading.Lock()  # the threshold is an attribute of the model

    def load(self) -> None:
        path = checked(self._choice)
        os.environ.setdefault("NO_ALBUMENTATIONS_UPDATE", "1")
        get_model = library("insightface.model_zoo").get_model
        size = self._choice.size or SIZE
        try:
            with contextlib.redirect_stdout(io.StringIO()):
                zoo = get_model(str(path), providers=["CPUExecutionProvider"])
                if getattr(zoo, "taskname", "") != "detection":
                    raise ModelError(f"{self.model} is not a face detector")
                zoo.prepare(-1, input_size=(size, size), det_thresh=self._threshold)
        except ModelError:
            raise
        except Exception as error:
            raise ModelError(f"{self.model} does not load: {error}") from error
        self._zoo = zoo

    def detect(
        self, picture: Picture, *, threshold: float | None = None
    ) -> list[Finding]:
        if self._zoo is None:
            raise ModelError(f"{self.name}: load the detector before it detects")
        bgr = np.ascontiguousarray(picture.pixels[..., ::-1])
        try:
            with self._lock, contextlib.redirect_stdout(io.StringIO()):
                self._zoo.det_thresh = (
                    self._threshold if threshold is None else threshold
                )
                rows, marks = self._zoo.detect(bgr)
        except Exception as error:
            raise ModelError(f"{self.model} failed: {error}") from error
        rows = np.asarray(rows, dtype=np.float64)
        if not np.isfinite(rows).all():
            raise ModelError(f"{self.model}: output holds NaN or infinity")
        found = []
        for i, (x0, y0, x1, y1, score) in enumerate(rows):
            box = Box.from_pixels(x0, y0, x1, y1, picture.width, picture.height)
            if box.area <= 0:
                continue
            points = [] if marks is None else marks[i]
            found.append(
                Finding(
                    category="face",
                    box=box,
                    confidence=min(1.0, float(score)),
                    detector=self.name,
                    landmarks=tuple(
                        (float(x) / picture.width, float(y) / picture.height)
                        for x, y in points
                    ),
                )
            )
        return found
