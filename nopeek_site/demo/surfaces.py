"""What things are made of: clouds of noise, and the wood, cloth and stone made of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

Scene: TypeAlias = NDArray[np.float32]
"""(height, width) or (height, width, 3), sRGB in 0..1."""
Colour: TypeAlias = tuple[int, int, int]


def held(values: Any) -> Scene:
    """Kept within 0..1."""
    out: Scene = np.clip(values, 0, 1).astype(np.float32)
    return out


def clouds(
    width: int,
    height: int,
    seed: int,
    scale: tuple[float, float] = (4, 4),
    octaves: int = 6,
    gain: float = 0.5,
) -> Scene:
    """Soft noise in 0..1, (height, width); ``scale`` is cells across and down."""
    rng = np.random.default_rng(seed)
    out = np.zeros((height, width), np.float32)
    weight, total = 1.0, 0.0
    for octave in range(octaves):
        across = max(2, min(width, round(scale[0] * 2**octave)))
        down = max(2, min(height, round(scale[1] * 2**octave)))
        cells = rng.random((down, across), dtype=np.float32)
        out += weight * cv2.resize(
            cells, (width, height), interpolation=cv2.INTER_CUBIC
        )
        total += weight
        weight *= gain
    out /= total
    low, high = np.percentile(out, (1, 99))
    return held((out - low) / (high - low))


def ramp(values: Scene, stops: Sequence[tuple[float, Colour]]) -> Scene:
    """Colours for values in 0..1, between the given stops."""
    at = [stop for stop, _colour in stops]
    out = np.stack(
        [
            np.interp(values, at, [colour[channel] / 255 for _stop, colour in stops])
            for channel in range(3)
        ],
        axis=-1,
    )
    return held(out)


def wood(width: int, height: int, seed: int, tone: Colour = (150, 104, 66)) -> Scene:
    """Planks with grain, lying across."""
    planks = 4
    long = clouds(width, height, seed, (2, 60), 5, 0.62)
    fine = clouds(width, height, seed + 1, (6, 240), 3, 0.7)
    rings = 0.5 + 0.5 * np.sin(40 * clouds(width, height, seed + 2, (1.5, 7), 3))
    value = 0.55 * long + 0.25 * fine + 0.20 * rings
    base = np.array(tone, np.float32) / 255
    out = base * (0.62 + 0.62 * value[..., None])
    rng = np.random.default_rng(seed)
    for plank in range(planks):
        top, bottom = height * plank // planks, height * (plank + 1) // planks
        out[top:bottom] *= rng.uniform(0.9, 1.08)
        out[max(0, top - 1) : top + 2] *= 0.5
        out[top + 2 : top + 4] *= 1.08
    return held(out)


def cloth(width: int, height: int, seed: int, tone: Colour) -> Scene:
    """A woven cover with soft folds."""
    folds = clouds(width, height, seed, (3, 2), 3, 0.4)
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    weave = 0.5 + 0.25 * np.sin(x * 1.9) + 0.25 * np.sin(y * 2.1)
    fine = clouds(width, height, seed + 1, (200, 200), 2)
    value = 0.78 + 0.30 * folds + 0.06 * weave + 0.08 * (fine - 0.5)
    return held(np.array(tone, np.float32) / 255 * value[..., None])


def stone(width: int, height: int, seed: int, tone: Colour) -> Scene:
    """Plaster or a stone top."""
    value = 0.8 + 0.22 * clouds(width, height, seed, (5, 5), 7, 0.6)
    speck = clouds(width, height, seed + 1, (300, 300), 2)
    value = value + 0.08 * (speck - 0.5)
    return held(np.array(tone, np.float32) / 255 * value[..., None])
