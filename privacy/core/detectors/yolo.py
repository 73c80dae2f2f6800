"""Reading what a YOLO network says (Ultralytics' YOLOv8 layout), in model pixels."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from privacy.core.detectors.boxes import Floats
from privacy.core.errors import ModelError
from privacy.core.image import Pixels


class Candidates(NamedTuple):
    """What exceeds the threshold, before suppression.

    ``boxes`` (n, 4) x0, y0, x1, y1; ``scores`` (n,); ``kinds`` (n,) class numbers;
    ``extra`` (n, m) what follows the classes, such as mask coefficients.
    """

    boxes: Floats
    scores: Floats
    kinds: npt.NDArray[np.intp]
    extra: Floats


def tensor(pixels: Pixels) -> Floats:
    """(1, 3, h, w) RGB in 0..1 from (h, w, 3) bytes."""
    made: Floats = pixels.transpose(2, 0, 1)[None].astype(np.float32)
    made /= 255
    return made


def candidates(
    output: npt.NDArray[Any], classes: int, extra: int, threshold: float
) -> Candidates:
    """Read an output of shape (1, 4 + classes + extra, n).

    Raises:
        ModelError: the output has another shape, or no anchor at all.
    """
    rows = 4 + classes + extra
    if output.ndim != 3 or output.shape[:2] != (1, rows) or not output.shape[2]:
        raise ModelError(f"YOLO gave {output.shape} where (1, {rows}, n) was due")
    table = output[0].T
    scores = table[:, 4 : 4 + classes]
    kinds = scores.argmax(axis=1)
    best = scores[np.arange(len(scores)), kinds]
    kept = best >= threshold
    table = table[kept].astype(np.float32)
    middle, half = table[:, :2], table[:, 2:4] / 2
    return Candidates(
        np.hstack([middle - half, middle + half]),
        best[kept].astype(np.float32),
        kinds[kept],
        table[:, 4 + classes :],
    )
