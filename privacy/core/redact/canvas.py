"""What the zero-bit styles may look at: the pixels outside every mask, and no other.

A canvas begins as zeros, and only the pixels outside are ever copied to it, so that a
style cannot read the others even by mistake. What belongs there is continued inwards
from the rim by push-pull (Gortler et al., "The Lumigraph", SIGGRAPH 1996): the known
pixels are averaged down a pyramid, and the holes filled on the way up from the first
level that knows something.
"""

from __future__ import annotations

from functools import cached_property
from typing import TypeAlias

import cv2
import numpy as np
import numpy.typing as npt

from privacy.core.image import Pixels
from privacy.core.redact.mask import Patch

Layer: TypeAlias = npt.NDArray[np.float32]
"""(h, w) or (h, w, 3) float32, of the field's size or of a patch's."""
Shade: TypeAlias = npt.NDArray[np.uint8]
"""(h, w) uint8, 255 where something is hidden."""

LONG_SIDE = 768
"""Longer side in which the field is computed: it is soft, so more shows nothing."""
NEUTRAL = (150.0, 149.0, 146.0)
"""Tone where a mask leaves nothing of the picture."""

_SOFT_LEVELS = 3  # the rim is averaged over 2**3 pixels before it is continued
_NEAR = 0.05  # of the longer side: how far edges are continued inwards
_TRUSTED = 0.25  # share of a shrunk pixel that must be known for it to count


class Canvas:
    """A picture under treatment.

    Args:
        source: (h, w, 3) uint8 RGB, left as it is.
        hidden: (h, w) uint8, 255 in the union of all masks and 0 elsewhere; courtesy
            masks count, so that what a zero-bit style shows is a function of what
            nobody masked.

    Attributes:
        pixels: the working copy, written by the styles; at first zero where hidden.
        hidden: as given.
    """

    def __init__(self, source: Pixels, hidden: Shade) -> None:
        self.hidden = hidden
        self.pixels: Pixels = cv2.copyTo(
            source, cv2.bitwise_not(hidden), np.zeros_like(source)
        )
        self.height, self.width = hidden.shape
        scale = min(1.0, LONG_SIDE / max(hidden.shape))
        self.size = (
            max(1, round(self.width * scale)),
            max(1, round(self.height * scale)),
        )
        # Taken now, while all that is hidden is still zero.
        self._clear = _shrunk(self.pixels, self.size).astype(np.float32)
        self.covered: Layer = _shrunk(hidden, self.size).astype(np.float32)
        self.covered /= np.float32(255)

    @cached_property
    def blank(self) -> Pixels:
        """The picture with zeros wherever something is hidden, whatever was drawn there.

        All that a model that paints may be given.
        """
        seen = cv2.bitwise_not(self.hidden)
        blank: Pixels = cv2.copyTo(self.pixels, seen, np.zeros_like(self.pixels))
        blank.flags.writeable = False
        return blank

    @cached_property
    def soft(self) -> Layer:
        """``covered``, blurred: its level lines run inside the masks, corners rounded."""
        sigma = max(2.0, 0.006 * max(self.size))
        out: Layer = cv2.GaussianBlur(self.covered, (0, 0), sigma)
        return out

    @cached_property
    def field(self) -> Layer:
        """The surroundings, continued softly over everything that is hidden."""
        known = np.float32(1) - self.covered
        trusted = known >= min(_TRUSTED, float(known.max()))
        if not known.any():
            return np.full((*known.shape, 3), NEUTRAL, dtype=np.float32)
        weight = trusted.astype(np.float32)
        share = weight / np.maximum(known, np.float32(1 / 255))
        return _push_pull(self._clear * share[..., None], weight)

    @cached_property
    def painted(self) -> Layer:
        """The surroundings, continued along their edges near the rim (Telea, 2004).

        Further in, where edges become streaks, it passes into ``field``.
        """
        known = np.clip(self._clear, 0, 255).astype(np.uint8)
        holes = (self.covered > 0).astype(np.uint8)
        if holes.all():
            return self.field
        edges = cv2.inpaint(known, holes, 5, cv2.INPAINT_TELEA).astype(np.float32)
        deep = cv2.distanceTransform(holes, cv2.DIST_L2, 5) / (_NEAR * max(self.size))
        near = np.exp(-deep * deep)[..., None]
        out: Layer = (self.field + (edges - self.field) * near).astype(np.float32)
        return out

    @cached_property
    def _islands(self) -> tuple[npt.NDArray[np.int32], Layer]:
        """The connected mask that each place belongs to, and the tone of each."""
        touched = (self.covered > 0).astype(np.uint8)
        count, labels = cv2.connectedComponents(touched, connectivity=8)
        flat = labels.ravel()
        sums = [
            np.bincount(flat, self.field[..., band].ravel(), minlength=count)
            for band in range(3)
        ]
        tones = np.stack(sums, axis=1) / np.maximum(
            np.bincount(flat, minlength=count), 1
        ).reshape(-1, 1)
        return labels, tones.astype(np.float32)

    def tone(self, patch: Patch) -> Layer:
        """The mean colour around ``patch``: one for all masks that touch each other."""
        h, w = patch.mask.shape
        x = (patch.left + w / 2) / self.width * self.size[0]
        y = (patch.top + h / 2) / self.height * self.size[1]
        labels, tones = self._islands
        row, column = min(int(y), self.size[1] - 1), min(int(x), self.size[0] - 1)
        tone: Layer = tones[labels[row, column]]
        return tone

    def enlarged(self, small: Layer, patch: Patch) -> Layer:
        """The part of an array of the field's size that lies under ``patch``."""
        h, w = patch.mask.shape
        sx, sy = self.size[0] / self.width, self.size[1] / self.height
        if sx == sy == 1.0:
            return small[patch.place].copy()
        matrix = np.array(
            [
                [sx, 0, (patch.left + 0.5) * sx - 0.5],
                [0, sy, (patch.top + 0.5) * sy - 0.5],
            ]
        )
        out: Layer = cv2.warpAffine(
            small,
            matrix,
            (w, h),
            flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
            borderMode=cv2.BORDER_REPLICATE,
        )
        return out


def _shrunk(values: Shade, size: tuple[int, int]) -> Shade:
    if values.shape[1::-1] == size:
        return values
    out: Shade = cv2.resize(values, size, interpolation=cv2.INTER_AREA)
    return out


def _push_pull(colour: Layer, weight: Layer) -> Layer:
    """Fill the places of weight 0; ``colour`` is multiplied by ``weight`` already."""
    levels = [(colour, weight)]
    while min(weight.shape) > 1 or max(weight.shape) > 2:
        colour, weight = cv2.pyrDown(colour), cv2.pyrDown(weight)
        full = np.minimum(1, 2 * weight)
        share = full / np.maximum(weight, np.float32(1e-6))
        colour = (colour * share[..., None]).astype(np.float32)
        weight = full.astype(np.float32)
        levels.append((colour, weight))
    mean = colour.sum(axis=(0, 1)) / max(float(weight.sum()), 1e-6)
    filled: Layer = colour + (1 - weight)[..., None] * mean.astype(np.float32)
    for depth in range(len(levels) - 2, -1, -1):
        colour, weight = levels[depth]
        h, w = weight.shape
        filled = cv2.pyrUp(filled, dstsize=(w, h))
        if depth >= _SOFT_LEVELS or depth == 0:
            filled = colour + (1 - weight)[..., None] * filled
    return filled
