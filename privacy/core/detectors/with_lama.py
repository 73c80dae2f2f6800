"""Removal by a configured inpainting model of LaMa's interface.

Suvorov et al., "Resolution-robust Large Mask Inpainting with Fourier Convolutions", WACV
2022. As it is commonly exported to ONNX: ``image`` (1, 3, 512, 512) float32 in 0..1,
``mask`` (1, 1, 512, 512) float32, 1 where to paint, and back comes the whole picture,
(1, 3, 512, 512), in 0..``peak``.

What it is given is blank under every mask, not under this one alone, and only what it
made under the mask in hand is taken. It cannot tell what nobody told it.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Protocol

import cv2
import numpy as np
import numpy.typing as npt

from privacy.core.detectors.choices import Choice
from privacy.core.detectors.configured import checked
from privacy.core.detectors.onnx import Session
from privacy.core.errors import ModelError
from privacy.core.image import Pixels

Shade = npt.NDArray[np.uint8]
Floats = npt.NDArray[np.float32]
Span = tuple[int, int]

INPUT = 512
CONTEXT = 1.8
"""Side of what the model sees, in longer sides of what it paints."""
LONG = 2.0
"""Ratio of sides from which a region is painted piece by piece."""


class Place(Protocol):
    """What is needed of ``redact.mask.Patch``, which this package does not know."""

    @property
    def mask(self) -> npt.NDArray[np.bool_]: ...

    @property
    def place(self) -> tuple[slice, slice]: ...


class LamaPainter:
    """Paints one masked place after the other; see ``redact.remove.Painter``.

    Raises:
        ModelError: as ``configured.checked``; or the file is no such model.
    """

    def __init__(self, choice: Choice) -> None:
        self.model = choice.path.name
        self._peak = choice.peak
        self._session = Session(checked(choice))
        if len(self._session.inputs) != 2 or self._peak <= 0:
            raise ModelError(f"{self.model}: removal takes a model of image and mask")
        mask = [name for name in self._session.inputs if "mask" in name.lower()]
        self._mask = mask[0] if mask else self._session.inputs[1]
        self._image = next(n for n in self._session.inputs if n != self._mask)
        self._turn = threading.Lock()

    def __call__(self, blank: Pixels, hidden: Shade, patch: Place) -> Floats:
        """What to put under ``patch``: (h, w, 3) float32, 0..255."""
        rows, columns = patch.place
        seen, still = blank.copy(), hidden.copy()
        for top, bottom, left, right in _pieces(rows, columns):
            place = slice(top, bottom), slice(left, right)
            made = self._painted(seen, still, (top, bottom), (left, right))
            # The next piece goes on from this one, as far as it was this mask's.
            under = patch.mask[
                top - rows.start : bottom - rows.start,
                left - columns.start : right - columns.start,
            ]
            seen[place][under] = np.clip(np.rint(made), 0, 255).astype(np.uint8)[under]
            still[place][under] = 0
        return seen[rows, columns].astype(np.float32)

    def _painted(self, seen: Pixels, still: Shade, rows: Span, columns: Span) -> Floats:
        height, width = still.shape
        side = max(rows[1] - rows[0], columns[1] - columns[0])
        side = max(round(CONTEXT * side), INPUT)
        (top, bottom), (left, right) = (
            _around(rows, side, height),
            _around(columns, side, width),
        )
        part, shut = seen[top:bottom, left:right], still[top:bottom, left:right]
        h, w = shut.shape
        scale = min(1.0, INPUT / max(h, w))
        size = max(1, round(w * scale)), max(1, round(h * scale))
        mask = (cv2.resize(shut, size, interpolation=cv2.INTER_AREA) > 0).astype("u1")
        image = cv2.resize(part, size, interpolation=cv2.INTER_AREA)
        image[mask > 0] = 0  # rims that were averaged with zeros
        rim = 0, INPUT - size[1], 0, INPUT - size[0]
        image = cv2.copyMakeBorder(image, *rim, cv2.BORDER_REFLECT)
        mask = cv2.copyMakeBorder(mask, *rim, cv2.BORDER_REFLECT)
        with self._turn:
            (made, *_) = self._session.run(
                {
                    self._image: image.transpose(2, 0, 1)[None].astype(np.float32)
                    / 255,
                    self._mask: mask[None, None].astype(np.float32),
                }
            )
        if made.shape != (1, 3, INPUT, INPUT):
            raise ModelError(f"{self.model} gave {made.shape} for a picture of {INPUT}")
        drawn = made[0].transpose(1, 2, 0)[: size[1], : size[0]] * (255 / self._peak)
        full = cv2.resize(drawn.astype(np.float32), (w, h))
        out: Floats = np.clip(full, 0, 255)[
            rows[0] - top : rows[1] - top, columns[0] - left : columns[1] - left
        ]
        return out


def _around(span: Span, side: int, length: int) -> Span:
    """``side`` pixels around the middle of ``span``, moved to lie within 0..length."""
    start = (span[0] + span[1] - side) // 2
    start = max(0, min(start, length - side))
    return start, min(length, start + side)


def _pieces(rows: slice, columns: slice) -> Iterator[tuple[int, int, int, int]]:
    """Top, bottom, left, right of parts that are about square, in reading order."""
    h, w = rows.stop - rows.start, columns.stop - columns.start
    short, long = min(h, w), max(h, w)
    count = 1
    if long > LONG * short and long > INPUT:
        count = -(-long // max(short, INPUT // 2))
    for i in range(count):
        low, high = i * long // count, (i + 1) * long // count
        if h >= w:
            yield rows.start + low, rows.start + high, columns.start, columns.stop
        else:
            yield rows.start, rows.stop, columns.start + low, columns.start + high
