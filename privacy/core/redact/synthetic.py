"""Dummies: an invented plate, line of text or sheet where a real one was.

Size and aspect are those of the region, tones those of its surroundings, and what it
says is dealt by the keyed hash of photo and region: no real word, name or number. What
kind of thing is drawn stands in the region's ``art``; else its shape tells.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from functools import lru_cache

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFont

from privacy.core.redact.canvas import Canvas
from privacy.core.redact.mask import Patch
from privacy.core.redact.seed import digest
from privacy.core.types import Region

KINDS = ("plate", "text", "document")
"""Names that a region's ``art`` may have for this style."""

LETTERS = "ABCDEFHJKLMNPRTUVWXYZ"
_STARTS = "ba be da do fe ga ka la le lo ma me mi mo na ne no pa ra re ri sa se so ta te ti va vo za"
_ENDS = "l n r s t m nd st rn x"
_INK, _CHALK = (44, 44, 50), (236, 236, 230)
_PAPER = (244, 243, 238)
_FINE = 2  # times larger than shown while drawing
_LARGEST = 900  # px; larger dummies are enlarged from here
_LEAST = 6  # px; smaller ones are a veil
_WIDE = 2.2  # times as wide as high: one line of text


def apply(canvas: Canvas, patch: Patch, region: Region, key: bytes) -> None:
    """Draw the dummy on what lies under ``patch``, a veil; nothing of it is read."""
    h, w = patch.mask.shape
    x0, y0, x1, y1 = region.box.clipped().pixels(canvas.width, canvas.height)
    left, top = max(0, round(x0) - patch.left), max(0, round(y0) - patch.top)
    right, bottom = min(w, round(x1) - patch.left), min(h, round(y1) - patch.top)
    wide, high = right - left, bottom - top
    if patch.empty or min(wide, high) < _LEAST:
        return
    kind = region.art if region.art in KINDS else _kind(wide / high)
    light = bool(float(canvas.tone(patch).mean()) > 118)
    drawn = _drawn(digest(key, "synthetic", region.id), kind, (high, wide), light)
    colour, alpha = drawn[..., :3].astype(np.float32), drawn[..., 3:] / np.float32(255)
    place = canvas.pixels[patch.place][top:bottom, left:right]
    made = np.clip(np.rint(place + (colour - place) * alpha), 0, 255).astype(np.uint8)
    np.copyto(place, made, where=patch.mask[top:bottom, left:right, None])


def _kind(aspect: float) -> str:
    return "text" if aspect >= _WIDE else "document"


@lru_cache(maxsize=64)
def _drawn(
    secret: bytes, kind: str, size: tuple[int, int], light: bool
) -> npt.NDArray[np.uint8]:
    """(h, w, 4) RGBA."""
    h, w = size
    small = min(1.0, _LARGEST / max(h, w))
    columns, rows = max(1, round(w * small)), max(1, round(h * small))
    ink = _INK if light else _CHALK
    # The ground is the ink's own tone, so that edges do not darken when shrunk.
    image = Image.new("RGBA", (columns * _FINE, rows * _FINE), (*ink, 0))
    dice = random.Random(secret)  # noqa: S311 - seeded by HMAC, fixed for ever
    pen = ImageDraw.Draw(image)
    match kind:
        case "plate":
            _plate(pen, image.size, dice)
        case "document":
            _document(pen, image.size, dice)
        case _:
            wide, high = image.size
            _line(pen, (0.02 * wide, 0.04 * high, 0.98 * wide, 0.96 * high), ink, dice)
    made = np.asarray(image.resize((w, h), Image.Resampling.BOX)).copy()
    made.flags.writeable = False
    return made


def words(dice: random.Random) -> Iterator[str]:
    """Words of no language, for ever."""
    starts, ends = _STARTS.split(), _ENDS.split()
    while True:
        count = dice.randrange(1, 4)
        parts = [starts[dice.randrange(len(starts))] for _ in range(count)]
        yield "".join(parts) + ends[dice.randrange(len(ends))]


def plate(dice: random.Random) -> str:
    """Signs in the order of a plate; of no country's own pattern."""

    def some(signs: str, count: int) -> str:
        return "".join(signs[dice.randrange(len(signs))] for _ in range(count))

    return f"{some(LETTERS, 2)} {some('0123456789', 3)} {some(LETTERS, 2)}"


def _plate(
    pen: ImageDraw.ImageDraw, size: tuple[int, int], dice: random.Random
) -> None:
    wide, high = size
    rim = max(1, round(0.035 * high))
    edge = (rim, rim, wide - rim, high - rim)
    pen.rounded_rectangle(edge, 0.12 * high, _PAPER, _INK, rim)
    text = plate(dice)
    font = _fitted(text, 0.80 * wide, 0.56 * high)
    pen.text((wide / 2, high / 2), text, _INK, font, anchor="mm")


def _line(
    pen: ImageDraw.ImageDraw,
    box: tuple[float, float, float, float],
    ink: tuple[int, int, int],
    dice: random.Random,
) -> None:
    """Invented words over the whole width of ``box``."""
    x0, y0, x1, y1 = box
    font = ImageFont.load_default(max(4.0, 0.85 * (y1 - y0)))
    text = ""
    for word in words(dice):
        longer = f"{text} {word}".strip()
        if text and pen.textlength(longer, font) > x1 - x0:
            break
        text = longer
        if len(text) > 400:
            break
    if pen.textlength(text, font) > x1 - x0:
        font = _fitted(text, x1 - x0, y1 - y0)
    pen.text((x0, (y0 + y1) / 2), text.capitalize(), ink, font, anchor="lm")


def _document(
    pen: ImageDraw.ImageDraw, size: tuple[int, int], dice: random.Random
) -> None:
    wide, high = size
    rim = 0.02 * min(wide, high)
    sheet = (rim, rim, wide - rim, high - rim)
    pen.rounded_rectangle(sheet, 0.03 * min(wide, high), _PAPER, (206, 204, 198), 2)
    step = max(14.0, high / 16)
    y, first = 4 * rim, True
    while y + step < high - 3 * rim:
        tall = 0.62 * step * (1.25 if first else 1.0)
        share = 0.5 if first else 0.55 + 0.4 * dice.randrange(100) / 100
        if first or dice.randrange(7):
            right = 4 * rim + share * (wide - 8 * rim)
            _line(pen, (4 * rim, y, right, y + tall), _INK, dice)
        y, first = y + step * (1.6 if first else 1.0), False


def _fitted(
    text: str, wide: float, high: float
) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    font = ImageFont.load_default(100)
    x0, y0, x1, y1 = font.getbbox(text)
    return ImageFont.load_default(
        max(4.0, 100 * min(wide / max(x1 - x0, 1), high / max(y1 - y0, 1)))
    )
