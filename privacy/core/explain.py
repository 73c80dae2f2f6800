"""Why a detector found a thing: a heat map by occlusion, for any detector.

D-RISE (Petsiuk et al., CVPR 2021, arXiv 2006.03204): hide random parts of the picture,
look again, and weigh each mask by how much of the finding is left. Where hiding hurts,
the detector was looking. It asks the detector alone, so it works for each of them.

Only the surroundings of the finding are looked at, and small: a heat map has no detail.

A configured torch model can tell by its gradient instead (``by_gradient``): one look.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image

from privacy.core.image import Picture, Pixels
from privacy.core.types import Box, Finding

Look = Callable[[Picture], Sequence[Finding]]
Floats = npt.NDArray[np.float32]

MASKS = 300
SECONDS = 20.0
SIDE = 256
"""Longer side of what is looked at, in pixels."""
CELLS = 8
KEPT = 0.5
"""Share of the cells that a mask leaves."""
AROUND = 0.75
"""Surroundings on each side, in sides of the finding."""
FLAT = 0.02
"""Least rise above the usual that means anything."""
LEAST = 40
"""Masks below which a map says nothing."""


class NoMap(Exception):
    """The detector does not see the thing again, or was too slow: nothing to show."""


@dataclass(frozen=True, slots=True)
class Heat:
    """How much each place mattered.

    Attributes:
        values: (h, w) float32, 0..1.
        place: which part of the picture it covers.
        masks: how many looks it is made of.
    """

    values: Floats
    place: Box
    masks: int


def heat(
    picture: Picture,
    finding: Finding,
    look: Look,
    *,
    masks: int = MASKS,
    seconds: float = SECONDS,
    clock: Callable[[], float] = time.monotonic,
) -> Heat:
    """Where ``look`` looked when it found ``finding``. The same input, the same map.

    Args:
        look: a detector at a low threshold.
        masks: how often to look at most.
        seconds: after which it makes do with what it has.

    Raises:
        NoMap: see there.
    """
    end = clock() + seconds
    part, place, box = _surroundings(picture, finding.box)
    height, width = part.shape[:2]
    grey = part.reshape(-1, 3).mean(axis=0)
    if _left(look(Picture(part.copy())), finding, box) <= 0:
        raise NoMap("the detector does not see it again from near")
    rng = np.random.default_rng(0)
    hot = np.zeros((height, width), np.float32)
    seen = np.full((height, width), 1e-6, np.float32)
    count, total = 0, 0.0
    while count < masks and (clock() < end or count < LEAST):
        if clock() > end + seconds:
            raise NoMap("the detector is too slow for a map")
        mask = _mask(rng, height, width)
        shown = part * mask[..., None] + grey * (1 - mask[..., None])
        value = _left(look(Picture(shown.astype(np.uint8))), finding, box)
        hot += value * mask
        seen += mask
        total += value
        count += 1
    usual = total / max(1, count)  # what a place gets that does not matter
    values = np.maximum(hot / seen - usual, 0)
    most = float(values.max())
    if most <= FLAT * usual:
        raise NoMap("hiding parts of it makes no difference")
    return Heat((values / most).astype(np.float32), place, count)


@runtime_checkable
class Attentive(Protocol):
    """A detector that may tell by its gradient where it looked."""

    @property
    def attends(self) -> bool: ...

    def attend(self, picture: Picture, finding: Finding) -> Floats | None: ...


def by_gradient(picture: Picture, finding: Finding, detector: object) -> Heat | None:
    """Grad-CAM's map of the whole picture; None where the detector has no gradients.

    Raises:
        NoMap: it does not see the thing again.
        ModelError: it failed.
    """
    if not isinstance(detector, Attentive) or not detector.attends:
        return None
    values = detector.attend(picture, finding)
    if values is None:
        raise NoMap("the detector does not see it again")
    return Heat(values, Box(0, 0, 1, 1), 1)


def overlay(found: Heat, width: int, height: int, side: int = 720) -> Image.Image:
    """RGBA of the whole picture's shape: clear where nothing mattered."""
    ratio = min(1.0, side / max(width, height))
    w, h = max(1, round(width * ratio)), max(1, round(height * ratio))
    x0, y0, x1, y1 = (round(v) for v in found.place.pixels(w, h))
    inner = cv2.resize(found.values, (max(1, x1 - x0), max(1, y1 - y0)))
    whole = np.zeros((h, w), np.float32)
    whole[y0 : y0 + inner.shape[0], x0 : x0 + inner.shape[1]] = inner[
        : h - y0, : w - x0
    ]
    steps = (whole * 255).astype(np.uint8)
    colour = cv2.cvtColor(
        cv2.applyColorMap(steps, cv2.COLORMAP_INFERNO), cv2.COLOR_BGR2RGB
    )
    alpha = (np.sqrt(whole) * 200).astype(np.uint8)
    return Image.fromarray(np.dstack([colour, alpha]), "RGBA")


def _surroundings(picture: Picture, box: Box) -> tuple[Pixels, Box, Box]:
    """The part to look at, its place in the picture, and the finding's box in it."""
    reach = AROUND * max(box.x1 - box.x0, box.y1 - box.y0)
    wide = Box(box.x0 - reach, box.y0 - reach, box.x1 + reach, box.y1 + reach).clipped()
    left, top, right, bottom = (
        round(v) for v in wide.pixels(picture.width, picture.height)
    )
    right, bottom = max(right, left + 2), max(bottom, top + 2)
    part = picture.pixels[top:bottom, left:right]
    height, width = part.shape[:2]
    ratio = min(1.0, SIDE / max(height, width))
    small: Pixels = cv2.resize(
        part,
        (max(8, round(width * ratio)), max(8, round(height * ratio))),
        interpolation=cv2.INTER_AREA,
    )
    place = Box.from_pixels(left, top, right, bottom, picture.width, picture.height)
    w, h = place.x1 - place.x0, place.y1 - place.y0
    inner = Box(
        (box.x0 - place.x0) / w,
        (box.y0 - place.y0) / h,
        (box.x1 - place.x0) / w,
        (box.y1 - place.y0) / h,
    ).clipped()
    return small, place, inner


def _left(found: Sequence[Finding], finding: Finding, box: Box) -> float:
    """How much of the finding is there still: overlap times confidence, 0..1."""
    root = finding.category.partition(".")[0]
    return max(
        (
            one.box.iou(box) * one.confidence
            for one in found
            if one.category.partition(".")[0] == root
        ),
        default=0.0,
    )


def _mask(rng: np.random.Generator, height: int, width: int) -> Floats:
    """Soft squares, shifted at random (RISE, Petsiuk et al., BMVC 2018)."""
    cells = (rng.random((CELLS + 1, CELLS + 1)) < KEPT).astype(np.float32)
    step_y, step_x = -(-height // CELLS), -(-width // CELLS)
    size = ((CELLS + 1) * step_x, (CELLS + 1) * step_y)
    grown = cv2.resize(cells, size, interpolation=cv2.INTER_LINEAR)
    y, x = int(rng.integers(step_y)), int(rng.integers(step_x))
    mask: Floats = grown[y : y + height, x : x + width].astype(np.float32)
    return mask
