"""Noise against models: a person sees what was there, a detector does not. A courtesy.

What changes is what a gradient of the model says hurts it most, within a bound that
eyes forgive: FGSM in one step (Goodfellow et al., arXiv 1412.6572), PGD in several
(Madry et al., arXiv 1706.06083), with momentum (Dong et al., arXiv 1710.06081) and a
smoothed gradient (Dong et al., arXiv 1904.02884), so that it outlives an encoder and
reaches models that it was not made against.

It hides nothing from people, and from a model that was not asked only by luck: what it
came to is measured each time (``privacy.core.effect``, docs/masking.md). Its start is
the region's own dice and its gradient that of the region's own pixels, so that the
same picture gives the same noise for every tier and for ever.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Protocol, TypeAlias

import cv2
import numpy as np
import numpy.typing as npt

from privacy.core.image import Pixels
from privacy.core.redact.mask import Mask, Patch
from privacy.core.redact.seed import digest
from privacy.core.types import Region

Floats: TypeAlias = npt.NDArray[np.float32]
"""(h, w, 3) float32, 0..255."""

STEPS = 16
LEAST, MOST = 8.0, 32.0  # bound of the change, in levels of 255, by strength
SEEN = 1080
"""Longer side at which most viewers get a picture: finer noise would not reach them."""
SIDE = 256
"""Longer side in which noise is made; larger regions get coarser noise."""
_KEPT = 0.9  # of the gradients before
_SOFT = 0.5  # sigma by which gradients are smoothed, px of the noise


class View(NamedTuple):
    """The whole picture's longer side: in pixels of a part, and as viewers get it."""

    side: float
    shown: float


class Opponent(Protocol):
    """A model that is to be misled, as far as that takes to know of it."""

    @property
    def name(self) -> str: ...

    def gradient(self, part: Floats, view: View, turn: int) -> tuple[float, Floats]:
        """How much it sees in ``part``, and how much each value adds to that.

        Args:
            part: (h, w, 3) float32 RGB, 0..255.
            turn: counts up; an opponent that looks at several sizes takes turns.
        """


def epsilon(region: Region) -> int:
    """By how many levels of 255 a value may change, from the region's strength."""
    strength = min(1.0, max(0.0, region.treatment.strength))
    return int(LEAST + (MOST - LEAST) * strength)


def apply(
    pixels: Pixels,
    part: Pixels,
    patch: Patch,
    region: Region,
    key: bytes,
    opponents: Sequence[Opponent],
    steps: int = STEPS,
) -> None:
    """Write ``part``, the picture under ``patch``, with its noise into ``pixels``.

    Without opponents it is the dice alone: how it looks, and no protection whatever.
    """
    if patch.empty:
        return
    h, w = part.shape[:2]
    whole = max(pixels.shape[:2])
    scale = min(1.0, SEEN / whole, SIDE / max(h, w))
    size = max(1, round(w * scale)), max(1, round(h * scale))
    small = cv2.resize(part, size, interpolation=cv2.INTER_AREA).astype(np.float32)
    mask = cv2.resize(patch.mask.astype(np.uint8), size) > 0
    bound = float(epsilon(region))
    view = View(whole * scale, min(whole, SEEN))
    start = _dice(key, region.id, small.shape) * np.float32(bound)
    if not opponents:
        made = start
    elif steps == 1:
        made = fgsm(small, mask, opponents, bound, view)
    else:
        made = pgd(small, mask, opponents, bound, view, start, steps)
    full = cv2.resize(made, (w, h), interpolation=cv2.INTER_LINEAR)
    out = np.clip(np.rint(part + full), 0, 255).astype(np.uint8)
    np.copyto(pixels[patch.place], out, where=patch.mask[..., None])


def fgsm(
    part: Floats, mask: Mask, opponents: Sequence[Opponent], bound: float, view: View
) -> Floats:
    """One step against the gradient, as long as the bound allows; (h, w, 3) of change."""
    slope = _slope(part, mask, opponents, view, 0)
    change: Floats = -np.sign(slope) * np.float32(bound)
    return change


def pgd(
    part: Floats,
    mask: Mask,
    opponents: Sequence[Opponent],
    bound: float,
    view: View,
    start: Floats,
    steps: int = STEPS,
) -> Floats:
    """Many short steps, each brought back within the bound; (h, w, 3) of change."""
    change = np.where(mask[..., None], start, 0).astype(np.float32)
    run = np.zeros_like(part)
    pace = np.float32(2.5 * bound / steps)
    for turn in range(steps):
        seen = np.clip(part + change, 0, 255)
        run = _KEPT * run + _slope(seen, mask, opponents, view, turn)
        change = np.clip(change - pace * np.sign(run), -bound, bound)
    return change.astype(np.float32)


def _slope(
    part: Floats, mask: Mask, opponents: Sequence[Opponent], view: View, turn: int
) -> Floats:
    """The opponents' gradients, each as loud as the others, smoothed, where it counts."""
    total = np.zeros_like(part)
    for opponent in opponents:
        _seen, slope = opponent.gradient(part, view, turn)
        loud = float(np.abs(slope).mean())
        if loud > 0:
            total += slope / np.float32(loud)
    soft = cv2.GaussianBlur(total, (0, 0), _SOFT, borderType=cv2.BORDER_REFLECT)
    out: Floats = np.where(mask[..., None], soft, 0).astype(np.float32)
    return out


def _dice(key: bytes, region_id: str, shape: tuple[int, ...]) -> Floats:
    """-1..1, from Philox's raw words (see ``seed.grain``)."""
    seed = np.frombuffer(digest(key, "noise", region_id), dtype="<u8")
    count = int(np.prod(shape))
    words = np.random.Philox(key=seed[:2]).random_raw(count // 8 + 1).astype("<u8")
    dice = words.view(np.uint8)[:count].reshape(shape).astype(np.float32)
    return (dice / np.float32(127.5) - np.float32(1)).astype(np.float32)
