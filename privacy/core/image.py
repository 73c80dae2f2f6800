"""A clean picture, and the derived tensors that detectors share.

A scan runs some ten models over one picture; each size, tile and colour order is made
once, by whoever asks first, and is read-only from then on.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeAlias, TypeVar, cast

import cv2
import numpy as np
import numpy.typing as npt

from privacy.core.types import Box, Grid

Pixels: TypeAlias = npt.NDArray[np.uint8]
"""(height, width, 3), RGB, 8 bits, sRGB."""


T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class View:
    """A part of a picture as a model sees it: scaled, then padded to a fixed size.

    Attributes:
        pixels: (h, w, 3) uint8 RGB, what goes into the model.
        scale: model pixels per picture pixel.
        left, top: where the part begins in the picture, in picture pixels.
        pad_x, pad_y: padding before the first pixel, in model pixels.
        width, height: size of the whole picture in pixels.
    """

    pixels: Pixels
    scale: float
    left: float
    top: float
    pad_x: float
    pad_y: float
    width: int
    height: int

    def to_box(self, x0: float, y0: float, x1: float, y1: float) -> Box:
        """From model pixels to 0..1 of the whole picture, clipped."""
        (ax, ay), (bx, by) = self.to_point(x0, y0), self.to_point(x1, y1)
        return Box(ax, ay, bx, by).clipped()

    def to_point(self, x: float, y: float) -> tuple[float, float]:
        """From model pixels to 0..1 of the whole picture."""
        return (
            ((x - self.pad_x) / self.scale + self.left) / self.width,
            ((y - self.pad_y) / self.scale + self.top) / self.height,
        )


class Picture:
    """Clean pixels of one picture, in displayed orientation.

    Args:
        pixels: (height, width, 3) uint8 RGB; kept without a copy and made read-only.
        grid: block grid of the stored file, see ``Grid``.
    """

    def __init__(self, pixels: Pixels, grid: Grid | None = None) -> None:
        if pixels.ndim != 3 or pixels.shape[2] != 3 or pixels.dtype != np.uint8:
            raise ValueError(
                f"need (h, w, 3) uint8 RGB, got {pixels.shape} {pixels.dtype}"
            )
        if 0 in pixels.shape:
            raise ValueError("a picture needs at least one pixel")
        self.pixels = np.ascontiguousarray(pixels)
        self.pixels.flags.writeable = False
        self.grid = grid or Grid()
        self._derived: dict[object, object] = {}
        self._making: dict[object, threading.RLock] = {}
        self._lock = threading.Lock()

    @property
    def height(self) -> int:
        return int(self.pixels.shape[0])

    @property
    def width(self) -> int:
        return int(self.pixels.shape[1])

    @property
    def megapixels(self) -> float:
        return self.width * self.height / 1e6

    def resized(self, width: int, height: int) -> Pixels:
        """The whole picture at another size, shared and read-only."""
        return self.once(
            ("resized", width, height),
            lambda: _scaled(self.pixels, width, height),
        )

    def fitted(self, long_side: int, multiple: int = 1, grow: bool = False) -> View:
        """The whole picture, its longer side at most ``long_side``, no padding.

        Width and height are rounded to ``multiple``, so x and y scales may differ by
        less than ``multiple / 2`` pixels over the whole width.
        """
        scale = long_side / max(self.width, self.height)
        if not grow:
            scale = min(1.0, scale)
        w = max(multiple, round(self.width * scale / multiple) * multiple)
        h = max(multiple, round(self.height * scale / multiple) * multiple)
        return View(self.resized(w, h), scale, 0, 0, 0, 0, self.width, self.height)

    def letterbox(
        self,
        size: int,
        pad: int = 114,
        part: tuple[int, int, int, int] | None = None,
        centre: bool = True,
    ) -> View:
        """A part (pixels x0, y0, x1, y1; the whole by default) within size x size."""
        return self.once(
            ("letterbox", size, pad, part, centre),
            lambda: self._letterbox(size, pad, part, centre),
        )

    def tiles(
        self, columns: int, rows: int, overlap: float = 0.2
    ) -> Iterator[tuple[int, int, int, int]]:
        """Overlapping parts in pixels, row by row; ``overlap`` is a share of a tile."""
        for y0, y1 in _spans(self.height, rows, overlap):
            for x0, x1 in _spans(self.width, columns, overlap):
                yield x0, y0, x1, y1

    def _letterbox(
        self, size: int, pad: int, part: tuple[int, int, int, int] | None, centre: bool
    ) -> View:
        x0, y0, x1, y1 = part or (0, 0, self.width, self.height)
        scale = size / max(x1 - x0, y1 - y0)
        w = max(1, round((x1 - x0) * scale))
        h = max(1, round((y1 - y0) * scale))
        source = (
            self.resized(w, h)
            if part is None
            else _scaled(self.pixels[y0:y1, x0:x1], w, h)
        )
        canvas = np.full((size, size, 3), pad, dtype=np.uint8)
        dx, dy = ((size - w) // 2, (size - h) // 2) if centre else (0, 0)
        canvas[dy : dy + h, dx : dx + w] = source
        canvas.flags.writeable = False
        return View(canvas, scale, x0, y0, dx, dy, self.width, self.height)

    def once(self, key: object, make: Callable[[], T]) -> T:
        """Make a derived thing once for this picture, whichever thread asks first.

        Threads that want the same thing wait for it; others go on.
        """
        with self._lock:
            lock = self._making.setdefault(key, threading.RLock())
        with lock:
            if key not in self._derived:
                self._derived[key] = make()
            return cast("T", self._derived[key])


def _scaled(pixels: Pixels, width: int, height: int) -> Pixels:
    """Area averaging when shrinking, bilinear when growing."""
    if pixels.shape[:2] == (height, width):
        return pixels
    shrink = width * height < pixels.shape[0] * pixels.shape[1]
    how = cv2.INTER_AREA if shrink else cv2.INTER_LINEAR
    out: Pixels = cv2.resize(pixels, (width, height), interpolation=how)
    out.flags.writeable = False
    return out


def _spans(length: int, count: int, overlap: float) -> Iterator[tuple[int, int]]:
    size = min(length, round(length / (count - (count - 1) * overlap)))
    for i in range(count):
        start = round(i * (length - size) / (count - 1)) if count > 1 else 0
        yield start, start + size
