"""Light, surfaces and lenses: what makes drawn things look photographed.

A scene is float32, (height, width, 3), sRGB in 0..1. A sheet is a Pillow RGBA image
that is laid into a scene in perspective. Equal arguments give equal pixels.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from nopeek_site.demo.surfaces import Colour, Scene, clouds, held

Quad: TypeAlias = Sequence[tuple[float, float]]
"""Corners in pixels: top left, top right, bottom right, bottom left."""


# --- sheets ------------------------------------------------------------------------


def sheet(width: int, height: int, colour: Colour, radius: int = 0) -> Image.Image:
    """A card or a page with rounded corners."""
    image = Image.new("RGBA", (width, height), (*colour, 0))
    pen = ImageDraw.Draw(image)
    pen.rounded_rectangle((0, 0, width - 1, height - 1), radius, (*colour, 255))
    return image


def write(
    image: Image.Image,
    at: tuple[float, float],
    words: str,
    size: float,
    ink: Colour = (32, 32, 38),
    *,
    bold: bool = False,
    anchor: str = "la",
    spread: float = 0,
) -> float:
    """One line of text; returns its width. ``spread`` parts the letters, in pixels."""
    pen = ImageDraw.Draw(image)
    font = ImageFont.load_default(size)
    stroke = max(1, round(size / 34)) if bold else 0
    if not spread:
        pen.text(at, words, ink, font, anchor, stroke_width=stroke)
        return float(pen.textlength(words, font))
    x = at[0]
    for letter in words:
        pen.text((x, at[1]), letter, ink, font, anchor, stroke_width=stroke)
        x += pen.textlength(letter, font) + spread
    return x - at[0]


def paragraph(
    image: Image.Image,
    at: tuple[float, float],
    lines: Sequence[str],
    size: float,
    ink: Colour = (40, 40, 46),
    step: float = 1.55,
) -> float:
    """Lines below each other; returns where the next one would stand."""
    y = at[1]
    for line in lines:
        write(image, (at[0], y), line, size, ink)
        y += size * step
    return y


def bars(image: Image.Image, box: tuple[int, int, int, int], seed: int) -> None:
    """Grey strokes where words would stand that nobody is to read."""
    pen = ImageDraw.Draw(image)
    rng = np.random.default_rng(seed)
    x0, y0, x1, y1 = box
    y = y0
    while y < y1:
        end = x0 + (x1 - x0) * rng.uniform(0.62, 1.0)
        pen.rounded_rectangle((x0, y, end, y + 8), 4, (205, 206, 212, 255))
        y += 24


def shaded(image: Image.Image, seed: int, strength: float = 0.07) -> Image.Image:
    """Paper that is not quite even."""
    value = 1 - strength * clouds(image.width, image.height, seed, (3, 3), 4)
    out = np.asarray(image).astype(np.float32)
    out[..., :3] *= value[..., None]
    return Image.fromarray(out.clip(0, 255).astype(np.uint8))


# --- laying them into a scene -----------------------------------------------------------


def lay(
    scene: Scene,
    image: Image.Image,
    quad: Quad,
    *,
    shadow: float = 0.5,
    reach: float = 14,
    drop: tuple[float, float] = (10, 14),
    light: tuple[float, float] = (1.0, 1.0),
) -> Scene:
    """Lay a sheet into the scene so that its corners come to ``quad``.

    Args:
        shadow: how dark its shadow is, 0 for things that glow.
        reach: how soft the shadow is, in pixels.
        drop: how far the shadow falls, right and down.
        light: brightness at the sheet's left and right edge.
    """
    height, width = scene.shape[:2]
    source = np.asarray(image).astype(np.float32) / 255
    shade = np.linspace(*light, source.shape[1], dtype=np.float32)[None, :, None]
    colour = source[..., :3] * shade
    alpha = source[..., 3:]
    stacked = np.concatenate([colour * alpha, alpha], axis=2)
    over = warped(stacked, quad, width, height)
    mask = over[..., 3:]
    out = scene
    if shadow:
        moved = cv2.warpAffine(
            mask[..., 0], np.array([[1, 0, drop[0]], [0, 1, drop[1]]], np.float32),
            (width, height),
        )  # fmt: skip
        soft = cv2.GaussianBlur(moved, (0, 0), reach)
        near = cv2.GaussianBlur(mask[..., 0], (0, 0), 3)
        dark = np.maximum(soft, 0.6 * near)[..., None]
        out = out * (1 - shadow * dark)
    return held(out * (1 - mask) + over[..., :3])


def warped(stacked: Scene, quad: Quad, width: int, height: int) -> Scene:
    """Pixels with alpha in perspective, drawn large and made small: no jagged edges."""
    twice = 2
    rows, columns = stacked.shape[:2]
    corners = np.array(
        [(0, 0), (columns, 0), (columns, rows), (0, rows)], dtype=np.float32
    )
    goal = np.array(quad, dtype=np.float32) * twice
    matrix = cv2.getPerspectiveTransform(corners, goal)
    large = cv2.warpPerspective(
        stacked, matrix, (width * twice, height * twice), flags=cv2.INTER_AREA
    )
    return held(cv2.resize(large, (width, height), interpolation=cv2.INTER_AREA))


def turned(
    centre: tuple[float, float], width: float, height: float, degrees: float
) -> Quad:
    """The corners of a sheet that lies turned, seen from straight above."""
    angle = np.radians(degrees)
    cos, sin = float(np.cos(angle)), float(np.sin(angle))
    corners = ((-1, -1), (1, -1), (1, 1), (-1, 1))
    return [
        (
            centre[0] + x * width / 2 * cos - y * height / 2 * sin,
            centre[1] + x * width / 2 * sin + y * height / 2 * cos,
        )
        for x, y in corners
    ]


# --- light and lens ------------------------------------------------------------------


def lamp(
    scene: Scene,
    at: tuple[float, float],
    *,
    reach: float = 0.8,
    low: float = 0.55,
    high: float = 1.15,
    warm: float = 0.04,
) -> Scene:
    """Light from one side: brightest ``at`` (0..1), falling off with distance."""
    height, width = scene.shape[:2]
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    away = np.hypot(x / width - at[0], (y / height - at[1]) * height / width)
    glow = np.exp(-((away / reach) ** 2)).astype(np.float32)
    value = (low + (high - low) * glow)[..., None]
    tint = 1 + np.array([warm, 0, -warm], np.float32) * glow[..., None]
    return held(scene * value * tint)


def defocus(scene: Scene, radius: int, sparkle: float = 0.0) -> Scene:
    """Out of focus, as through an open lens; ``sparkle`` lets lights bloom to discs."""
    height, width = scene.shape[:2]
    small = cv2.resize(scene, (width // 2, height // 2), interpolation=cv2.INTER_AREA)
    half = max(1, radius // 2)
    y, x = np.mgrid[-half : half + 1, -half : half + 1]
    disc = ((x * x + y * y) <= half * half).astype(np.float32)
    linear = small**2.2
    if sparkle:
        bright = np.clip((small.max(axis=2, keepdims=True) - 0.75) * 4, 0, 1)
        linear = linear * (1 + sparkle * bright)
    blurred = cv2.filter2D(linear.astype(np.float32), -1, disc / disc.sum())
    out = np.clip(blurred, 0, 1) ** (1 / 2.2)
    return held(cv2.resize(out.astype(np.float32), (width, height)))


def lens(
    scene: Scene, seed: int, grain: float = 0.014, vignette: float = 0.22
) -> Scene:
    """What a small camera adds: a little softness, darker corners, and grain."""
    height, width = scene.shape[:2]
    out = cv2.GaussianBlur(scene, (0, 0), 0.7)
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    away = ((x / width - 0.5) ** 2 + (y / height - 0.5) ** 2) * 2
    out = out * (1 - vignette * away[..., None])
    rng = np.random.default_rng(seed)
    noise = rng.standard_normal((height, width, 1), dtype=np.float32)
    tint = rng.standard_normal((height, width, 3), dtype=np.float32)
    noise = cv2.GaussianBlur(noise, (0, 0), 0.8)[..., None] * 1.6
    shade = 0.6 + 0.8 * (1 - out.mean(axis=2, keepdims=True))
    return held(out + grain * shade * (noise + 0.3 * tint))


def fitted(photo: Any, width: int, height: int) -> Scene:
    """A photo cut and scaled to fill the given size."""
    rows, columns = photo.shape[:2]
    scale = max(width / columns, height / rows)
    size = (max(width, round(columns * scale)), max(height, round(rows * scale)))
    large = cv2.resize(photo, size, interpolation=cv2.INTER_CUBIC)
    left, top = (size[0] - width) // 2, (size[1] - height) // 2
    cut = large[top : top + height, left : left + width]
    return held(cut.astype(np.float32) / 255)


def finished(scene: Scene) -> Image.Image:
    """The scene as an image of 8 bits."""
    return Image.fromarray((np.clip(scene, 0, 1) * 255 + 0.5).astype(np.uint8))
