"""Small drawn pictures for the line. Everything on them is made up."""

from __future__ import annotations

import io
from functools import cache

import numpy as np
from PIL import Image, ImageDraw, ImageFont

CARD_NUMBER = (
    "4929 0000 0000 0006"  # a test number: passes the checksum, belongs to nobody
)


@cache
def card(width: int = 480, height: int = 320) -> bytes:
    """A JPEG of a wall with a number of a bank card on it, and some grain."""
    dice = np.random.default_rng(5)
    wall = dice.normal(170, 4, (height, width, 3)).clip(0, 255).astype(np.uint8)
    image = Image.fromarray(wall)
    draw = ImageDraw.Draw(image)
    draw.rectangle((60, 120, 420, 190), fill="white")
    draw.text((80, 135), CARD_NUMBER, fill="black", font=ImageFont.load_default(32))
    file = io.BytesIO()
    exif = Image.Exif()
    exif[0x010F] = "CANARY CAMERA"
    image.save(file, "JPEG", quality=90, exif=exif)
    return file.getvalue()
