"""The avatar: a cartoon head where a face was.

Who it shows is chosen by a keyed hash: of the photo and the region, or, where the
caller knows a person by a token of its own, of that person, so that she keeps her
avatar across an album. Nothing of it follows from the face: skin, hair, beard, glasses
and age are dealt like cards. How it is turned and where it sits follows from the
region's box and landmarks alone. It lies on a veil and never leaves its mask.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import NamedTuple

import cv2
import numpy as np
import numpy.typing as npt

from privacy.core.redact import avatar_art as art
from privacy.core.redact import avatar_shapes as shapes
from privacy.core.redact import veil
from privacy.core.redact.avatar_shapes import Shape, Spot, Traits
from privacy.core.redact.canvas import Canvas
from privacy.core.redact.mask import Patch
from privacy.core.redact.seed import digest
from privacy.core.types import Region

_LARGEST = 400  # px; larger heads are enlarged from here
_FINE = 3  # times finer than shown while drawing
_SHIFT = 4  # bits below a pixel in OpenCV's coordinates
_TALL, _WIDE = 2.06, 1.96  # extent of a drawing
_LONGEST = 1.15
_STEEPEST = math.radians(40)
_TURN = 0.13  # how far the nose moves when the head is turned aside


class Pose(NamedTuple):
    """Roll in radians, clockwise; turn from -1 (to the left) to 1."""

    roll: float = 0.0
    turn: float = 0.0


def apply(canvas: Canvas, patch: Patch, region: Region, key: bytes) -> None:
    """Veil ``patch`` and draw the head on it; nothing of it is read."""
    veil.apply(canvas, patch, region, key)
    if patch.empty:
        return
    h, w = patch.mask.shape
    posed = pose(region, canvas.width, canvas.height)
    colour, alpha = _drawn(person(region, key), (h, w), posed)
    place = canvas.pixels[patch.place]
    mixed = place + (colour - place) * alpha[..., None]
    made = np.clip(np.rint(mixed), 0, 255).astype(np.uint8)
    np.copyto(place, made, where=patch.mask[..., None])


def pose(region: Region, width: int, height: int) -> Pose:
    """From the landmarks (eyes, nose, mouth corners, left to right), else upright."""
    marks = [(x * width, y * height) for x, y in region.landmarks]
    if len(marks) != 5 or not all(math.isfinite(v) for mark in marks for v in mark):
        return Pose()
    (lx, ly), (rx, ry), (nx, ny) = marks[:3]
    apart = math.hypot(rx - lx, ry - ly)
    if apart < 1e-6:
        return Pose()
    roll = max(-_STEEPEST, min(_STEEPEST, math.atan2(ry - ly, rx - lx)))
    along = (
        (nx - (lx + rx) / 2) * (rx - lx) + (ny - (ly + ry) / 2) * (ry - ly)
    ) / apart
    # In small steps: what a detector says of a face to the last digit is not shown.
    return Pose(
        round(roll / 0.05) * 0.05,
        round(max(-1.0, min(1.0, 2.5 * along / apart)) * 8) / 8,
    )


def traits(secret: bytes) -> Traits:
    """Who is drawn for these 32 bytes."""

    def dealt(place: int, count: int) -> int:
        return int.from_bytes(secret[2 * place : 2 * place + 2], "big") % count

    return Traits(
        skin=shapes.SKINS[dealt(0, len(shapes.SKINS))],
        hair=shapes.HAIRS[dealt(1, len(shapes.HAIRS))],
        cloth=shapes.CLOTHS[dealt(2, len(shapes.CLOTHS))],
        eyes=shapes.EYES[dealt(3, len(shapes.EYES))],
        head=dealt(4, 60),
        cut=dealt(5, 14),
        brows=dealt(6, 3),
        mouth=dealt(7, 4),
        beard=dealt(8, 7),
        glasses=dealt(9, 5),
        extra=dealt(10, 4),
    )


def person(region: Region, key: bytes) -> bytes:
    """The 32 bytes that deal who is drawn: those of a person, or of photo and region."""
    if region.person:
        return digest(region.person.encode(), "avatar of a person", "")
    return digest(key, "avatar", region.id)


@lru_cache(maxsize=64)
def _drawn(
    secret: bytes, size: tuple[int, int], posed: Pose
) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
    """Colours (h, w, 3) and cover (h, w) in 0..1 of a head within ``size``."""
    h, w = size
    small = min(1.0, _LARGEST / max(h, w))
    rows, columns = max(1, round(h * small)), max(1, round(w * small))
    sheet = _Sheet(rows * _FINE, columns * _FINE, posed)
    who = traits(secret)
    sheet.face = sheet.cover(art.skull(who))
    for shape in art.drawing(who):
        sheet.lay(shape)
    cover = cv2.resize(sheet.alpha, (columns, rows), interpolation=cv2.INTER_AREA)
    colour = cv2.resize(
        sheet.colour.astype(np.float32) * (sheet.alpha[..., None] / np.float32(255)),
        (columns, rows),
        interpolation=cv2.INTER_AREA,
    )
    alpha = cover.astype(np.float32) / np.float32(255)
    colour /= np.maximum(alpha, np.float32(1e-3))[..., None]
    if (rows, columns) != (h, w):
        alpha = cv2.resize(alpha, (w, h), interpolation=cv2.INTER_LINEAR)
        colour = cv2.resize(colour, (w, h), interpolation=cv2.INTER_LINEAR)
    alpha.flags.writeable = colour.flags.writeable = False
    return colour, alpha


class _Sheet:
    """Where shapes are laid, larger than shown."""

    def __init__(self, rows: int, columns: int, posed: Pose) -> None:
        self.colour = np.zeros((rows, columns, 3), np.uint8)
        self.alpha = np.zeros((rows, columns), np.uint8)
        self.face = np.zeros((rows, columns), np.uint8)
        self._cos, self._sin = math.cos(posed.roll), math.sin(posed.roll)
        self._turn = posed.turn * _TURN
        # A turned head, which is about an ellipse, has another extent.
        wide = math.hypot(_WIDE * self._cos, _TALL * self._sin)
        tall = math.hypot(_TALL * self._cos, _WIDE * self._sin)
        self._scale = min(columns / wide, rows / tall)
        # A mask that is taller than the drawing makes for a longer face.
        self._long = max(0.95, min(_LONGEST, rows / (tall * self._scale)))

    def lay(self, shape: Shape) -> None:
        cover = self.cover(shape)
        if shape.inside:
            cover &= self.face
        self.colour[cover > 0] = shape.ink
        self.alpha |= cover

    def cover(self, shape: Shape) -> npt.NDArray[np.uint8]:
        out = np.zeros_like(self.alpha)
        points = np.array([self._at(spot, shape.depth) for spot in shape.points])
        fixed = np.rint(points * 2**_SHIFT).astype(np.int32).reshape(-1, 1, 2)
        if shape.width:
            thick = max(1, round(shape.width * self._scale))
            cv2.polylines(out, [fixed], False, 255, thick, cv2.LINE_8, _SHIFT)
        else:
            cv2.fillPoly(out, [fixed], 255, cv2.LINE_8, _SHIFT)
        return out

    def _at(self, spot: Spot, depth: float) -> Spot:
        x, y = spot
        y *= self._long
        x += self._turn * depth * (1 - min(1.0, (x / 0.75) ** 2))
        height, width = self.alpha.shape
        return (
            width / 2 + (x * self._cos - y * self._sin) * self._scale,
            height / 2 + (x * self._sin + y * self._cos) * self._scale,
        )
