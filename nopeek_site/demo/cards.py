"""Plastic cards with specimen numbers, and the drawn faces on them."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from nopeek_site.demo.canvas import sheet, write
from nopeek_site.demo.surfaces import Colour, clouds, ramp

SIZE = (1012, 638)
"""ID-1, the format of every card in a purse, at 300 dots an inch."""


def _gradient(stops: list[tuple[float, Colour]], seed: int) -> Image.Image:
    """A card of two tones that flow into each other."""
    width, height = SIZE
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    value = 0.55 * x / width + 0.35 * y / height
    value = value + 0.10 * clouds(width, height, seed, (2, 2), 2)
    colours = (ramp(value.astype(np.float32), stops) * 255).astype(np.uint8)
    return Image.fromarray(colours)


def _cut(card: Image.Image) -> Image.Image:
    """With round corners. Kept for the end: on RGB, translucent strokes blend."""
    out = card.convert("RGBA")
    out.putalpha(sheet(*SIZE, (0, 0, 0), 44).getchannel("A"))
    return out


def bank_card() -> Image.Image:
    """With the number that payment services publish for trying things out."""
    card = _gradient(
        [(0, (24, 52, 70)), (0.5, (28, 104, 112)), (1, (120, 186, 160))], 5
    )
    pen = ImageDraw.Draw(card, "RGBA")
    pen.ellipse((560, -260, 1200, 380), fill=(255, 255, 255, 18))
    pen.ellipse((640, 180, 1240, 780), fill=(255, 255, 255, 16))
    write(card, (64, 56), "Harbour Bank", 48, (240, 250, 248), bold=True)
    pen.rounded_rectangle((70, 190, 196, 286), 16, (222, 192, 122, 255))
    for x in (112, 154):
        pen.line((x, 190, x, 286), (150, 122, 66, 255), 3)
    for y in (222, 254):
        pen.line((70, y, 196, y), (150, 122, 66, 255), 3)
    write(card, (66, 348), "4242 4242 4242 4242", 74, (244, 250, 250), bold=True, spread=3)  # fmt: skip
    write(card, (66, 466), "VALID THRU", 22, (206, 228, 226))
    write(card, (220, 456), "08/29", 40, (244, 250, 250), bold=True)
    write(card, (66, 548), "ANA BRANDT", 42, (244, 250, 250), bold=True, spread=3)
    write(card, (946, 536), "VISA", 68, (244, 250, 250), bold=True, anchor="ra")
    return _cut(card)


def id_card(portrait: Image.Image) -> Image.Image:
    """Of a country that does not exist, marked as a specimen."""
    card = _gradient([(0, (214, 226, 232)), (0.5, (232, 226, 214)), (1, (206, 222, 212))], 6)  # fmt: skip
    pen = ImageDraw.Draw(card, "RGBA")
    for wave in range(12):
        pen.arc((-200 + wave * 60, 180 - wave * 8, 900 + wave * 60, 900), 180, 360, (120, 150, 160, 50), 2)  # fmt: skip
    write(card, (52, 36), "IDENTITY CARD", 46, (44, 68, 92), bold=True)
    write(card, (960, 44), "REPUBLIC OF UTOPIA", 32, (44, 68, 92), anchor="ra")
    photo = portrait.resize((264, 340))
    card.paste(photo, (56, 118))
    for row, (label, value) in enumerate([
        ("Surname", "BRANDT"), ("Given names", "ANA SOFIE"),
        ("Date of birth", "14.02.1994"), ("Nationality", "UTO"), ("Card No.", "L01X00T47"),
    ]):  # fmt: skip
        write(card, (360, 118 + row * 70), label, 20, (96, 112, 126))
        write(card, (360, 141 + row * 70), value, 38, (30, 38, 50), bold=True)
    for row, words in enumerate(_MRZ):
        write(card, (52, 486 + row * 46), words, 37, (24, 26, 32), spread=4.5)
    return _cut(card)


_MRZ = (
    "IDUTOL01X00T471<<<<<<<<<<<<<<<",
    "9402146F2905121UTO<<<<<<<<<<<6",
    "BRANDT<<ANA<SOFIE<<<<<<<<<<<<<",
)


def portrait(
    skin: Colour, hair: Colour, shirt: Colour, back: tuple[Colour, Colour]
) -> Image.Image:
    """A painted head and shoulders, 528 x 680, lit from the left."""
    width, height = 528, 680
    y = np.linspace(0, 1, height, dtype=np.float32)[:, None].repeat(width, 1)
    image = Image.fromarray((ramp(y, [(0, back[0]), (1, back[1])]) * 255).astype(np.uint8))  # fmt: skip
    pen = ImageDraw.Draw(image)
    dark = tuple(int(part * 0.78) for part in skin)
    pen.ellipse((92, 60, 436, 520), fill=hair)
    pen.rounded_rectangle((92, 280, 436, 560), 90, hair)
    pen.ellipse((20, 520, 508, 900), fill=shirt)
    pen.polygon([(204, 430), (324, 430), (344, 560), (264, 620), (184, 560)], fill=dark)
    pen.ellipse((148, 130, 380, 468), fill=skin)
    pen.chord((140, 90, 388, 330), 180, 360, hair)
    for x in (214, 314):
        pen.arc((x - 34, 236, x + 34, 280), 200, 340, hair, 7)
        pen.ellipse((x - 26, 272, x + 26, 302), fill=(250, 248, 244))
        pen.ellipse((x - 13, 273, x + 13, 301), fill=(74, 52, 40))
        pen.ellipse((x - 5, 281, x + 5, 293), fill=(12, 10, 10))
        pen.arc((x - 28, 268, x + 28, 306), 190, 350, (40, 28, 24), 5)
    pen.arc((240, 300, 290, 366), 20, 160, dark, 7)
    pen.chord((216, 384, 312, 424), 0, 180, (178, 84, 84))
    pen.chord((216, 380, 312, 412), 180, 360, (160, 70, 74))
    soft = image.filter(ImageFilter.GaussianBlur(2.2))
    light = np.linspace(1.08, 0.8, width, dtype=np.float32)[None, :, None]
    lit = np.asarray(soft).astype(np.float32) * light
    return Image.fromarray(lit.clip(0, 255).astype(np.uint8))
