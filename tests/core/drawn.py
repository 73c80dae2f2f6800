"""Pictures that tests draw: pages of text and codes, with known places and contents."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
import zxingcpp
from PIL import Image, ImageDraw, ImageFont

from privacy.core.image import Picture, Pixels
from privacy.core.types import Box


def ground(width: int, height: int, seed: int = 7) -> Pixels:
    """A soft, textured background that holds neither text nor code."""
    rng = np.random.default_rng(seed)
    coarse = rng.integers(60, 190, (6, 8, 3), dtype=np.uint8)
    out: Pixels = cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC)
    return out


def write(
    pixels: Pixels,
    lines: Sequence[str],
    at: tuple[int, int],
    size: int = 28,
    ink: tuple[int, int, int] = (20, 20, 30),
    paper: tuple[int, int, int] | None = (240, 240, 235),
    margin: int = 30,
) -> tuple[Pixels, list[Box], Box]:
    """Lines on a sheet: the picture, the box of each line, the box of the sheet."""
    height, width = pixels.shape[:2]
    image = Image.fromarray(pixels.copy())
    pen = ImageDraw.Draw(image)
    font = ImageFont.load_default(size)
    step = round(size * 1.7)
    wide = max(pen.textlength(line, font) for line in lines)
    x, y = at
    sheet = (x - margin, y - margin, x + wide + margin, y + step * len(lines) + margin)
    if paper:
        pen.rectangle(sheet, fill=paper)
    boxes = []
    for number, line in enumerate(lines):
        place = (x, y + number * step)
        pen.text(place, line, fill=ink, font=font)
        boxes.append(Box.from_pixels(*pen.textbbox(place, line, font), width, height))
    return np.asarray(image), boxes, Box.from_pixels(*sheet, width, height)


def symbol(
    kind: zxingcpp.BarcodeFormat, content: str, module: int = 4, inverted: bool = False
) -> Pixels:
    """A code with its quiet zone, (h, w, 3)."""
    drawn = np.array(zxingcpp.create_barcode(content, kind).to_image(scale=module))
    grey = drawn if drawn.ndim == 2 else drawn[..., 0]
    rim = 4 * module
    grey = cv2.copyMakeBorder(grey, rim, rim, rim, rim, cv2.BORDER_CONSTANT, value=255)
    return np.repeat((255 - grey if inverted else grey)[..., None], 3, axis=2)


def paste(
    pixels: Pixels, part: Pixels, at: tuple[int, int], degrees: float = 0
) -> Pixels:
    """``part`` turned about its middle, which comes to stand ``at``."""
    height, width = part.shape[:2]
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, 1.0)
    turn[:, 2] += (at[0] - width / 2, at[1] - height / 2)
    size = (pixels.shape[1], pixels.shape[0])
    laid = cv2.warpAffine(part, turn, size, flags=cv2.INTER_LINEAR)
    mask = cv2.warpAffine(np.full(part.shape[:2], 255, np.uint8), turn, size) > 127
    out = pixels.copy()
    out[mask] = laid[mask]
    return out


def turned(pixels: Pixels, quarters: int) -> Picture:
    """The picture turned anticlockwise by so many quarters."""
    return Picture(np.ascontiguousarray(np.rot90(pixels, quarters)))


def labelled(corners: Sequence[float], picture: Picture) -> Box:
    """A label's pixels (x0, y0, x1, y1) as a box of the picture."""
    x0, y0, x1, y1 = corners
    return Box.from_pixels(x0, y0, x1, y1, picture.width, picture.height)
