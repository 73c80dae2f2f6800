"""A laptop and a telephone, and what is on their screens."""

from __future__ import annotations

import cv2
import numpy as np
import zxingcpp
from PIL import Image, ImageDraw

from nopeek_site.demo.canvas import (
    Quad,
    bars,
    lay,
    paragraph,
    sheet,
    warped,
    write,
)
from nopeek_site.demo.papers import IRIS, code
from nopeek_site.demo.surfaces import Colour, Scene, held


def mail() -> Image.Image:
    """A message from a doctor's practice, in a mail program. 1280 x 800."""
    page = sheet(1280, 800, (250, 250, 252))
    pen = ImageDraw.Draw(page)
    pen.rectangle((0, 0, 1280, 54), fill=(232, 232, 238, 255))
    for place, tone in ((28, (236, 106, 94)), (56, (244, 190, 79)), (84, (98, 197, 84))):  # fmt: skip
        pen.ellipse((place - 9, 18, place + 9, 36), fill=(*tone, 255))
    write(page, (640, 14), "Inbox", 24, (90, 92, 104), anchor="ma")
    pen.rectangle((0, 54, 330, 800), fill=(240, 240, 246, 255))
    pen.rounded_rectangle((14, 74, 316, 164), 12, (222, 218, 246, 255))
    rows = [("Dr Mira Holt", "Your appointment"), ("Harbour Housing", "Rent from June"),
            ("Ben Okafor", "Saturday?"), ("Gull Air", "Your trip to Lisbon"),
            ("Open Lens", "Speakers' dinner"), ("Carla Neri", "Photos!")]  # fmt: skip
    for row, (who, what) in enumerate(rows):
        write(page, (34, 84 + 104 * row), who, 25, bold=True)
        write(page, (34, 120 + 104 * row), what, 22, (110, 112, 124))
    write(page, (380, 88), "Your appointment", 42, bold=True)
    pen.ellipse((380, 164, 440, 224), fill=(*IRIS, 255))
    write(page, (410, 178), "MH", 26, (255, 255, 255), anchor="ma")
    write(page, (460, 162), "Dr Mira Holt", 27, bold=True)
    write(page, (460, 196), "to ana.brandt@example.org", 25, (90, 92, 104))
    paragraph(page, (380, 270), ["Dear Ms Brandt,", "",
        "your results are in. Please come on", "Thursday 22 May at 09:30, or call", "+44 7700 900461.", "",
        "Born 14.02.1994, insured with Tide Mutual", "Practice, 27 Mill Road, Westhaven"], 30, step=1.5)  # fmt: skip
    bars(page, (380, 670, 1200, 780), 8)
    return page


def laptop(scene: Scene, screen: Quad, front: tuple[float, float, float]) -> Scene:
    """A laptop with mail on it, open towards the camera.

    Args:
        screen: corners of its display.
        front: y of the front edge, and x of its left and right end.
    """
    (x0, y0), (x1, _), (x2, y2), (x3, y3) = screen
    rim = 18.0
    lid = sheet(1336, 860, (22, 22, 25), 26)
    shell: Quad = [(x0 - rim, y0 - rim), (x1 + rim, y0 - rim), (x2 + rim, y2 + 26), (x3 - rim, y3 + 26)]  # fmt: skip
    base: Quad = [(x3 - rim, y3 + 26), (x2 + rim, y2 + 26), (front[2], front[0]), (front[1], front[0])]  # fmt: skip
    out = lay(scene, _keys(), base, shadow=0.6, reach=26, drop=(16, 24), light=(0.9, 1.04))  # fmt: skip
    out = lay(out, lid, shell, shadow=0.3, reach=20, drop=(14, 6))
    return lay(out, mail(), screen, shadow=0, light=(0.97, 1.0))


def glow(scene: Scene, quad: Quad, colour: Colour, strength: float) -> Scene:
    """The light that a screen throws on what is around it."""
    height, width = scene.shape[:2]
    mask = warped(np.ones((8, 8, 1), np.float32).repeat(4, 2), quad, width, height)
    small = cv2.resize(mask[..., 0], (width // 8, height // 8))
    soft = cv2.resize(cv2.GaussianBlur(small, (0, 0), 16), (width, height))
    tint = np.array(colour, np.float32) / 255 * soft[..., None] * strength
    return held(1 - (1 - scene) * (1 - tint))


def _keys() -> Image.Image:
    """The lower half, seen as a sheet: keys and touchpad. 1336 x 860."""
    base = sheet(1336, 860, (196, 198, 203), 30)
    pen = ImageDraw.Draw(base)
    for line in range(860):
        tone = 206 - line // 32
        pen.line((0, line, 1336, line), (tone, tone + 1, tone + 5, 255))
    pen.rounded_rectangle((90, 60, 1246, 480), 16, (52, 54, 60, 255))
    for row in range(5):
        x = 102
        widths = [76] * 14 if row < 4 else [76, 76, 76, 96, 420, 96, 76, 76, 76]
        for wide in widths:
            if x + wide > 1240:
                break
            pen.rounded_rectangle((x, 72 + row * 82, x + wide, 140 + row * 82), 10, (26, 27, 31, 255))  # fmt: skip
            pen.line((x + 8, 76 + row * 82, x + wide - 8, 76 + row * 82), (70, 72, 78, 255), 2)  # fmt: skip
            x += wide + 6
    pen.rounded_rectangle((440, 520, 896, 810), 20, (184, 186, 191, 255), (160, 162, 168, 255), 3)  # fmt: skip
    whole = sheet(1336, 860, (0, 0, 0), 30).getchannel("A")
    base.putalpha(whole)
    return base


def phone(login: bool = False) -> Image.Image:
    """A telephone with a chat on it, or with a code that logs its owner in."""
    body = sheet(560, 1160, (18, 18, 20), 84)
    pen = ImageDraw.Draw(body)
    back = (248, 248, 250) if not login else (28, 26, 48)
    pen.rounded_rectangle((18, 18, 541, 1141), 68, (*back, 255))
    pen.rounded_rectangle((200, 34, 360, 66), 16, (18, 18, 20, 255))
    if login:
        write(body, (280, 150), "Sign in on your laptop", 38, (240, 238, 252), anchor="ma")  # fmt: skip
        write(body, (280, 206), "Scan this with the new device", 27, (186, 182, 216), anchor="ma")  # fmt: skip
        drawn = code(zxingcpp.BarcodeFormat.QRCode, "otpauth://totp/Harbour%20Bank:ana.brandt?secret=JBSWY3DPEHPK3PXP&issuer=Harbour%20Bank", 400)  # fmt: skip
        body.alpha_composite(drawn.resize((420, 420), Image.Resampling.NEAREST), (70, 300))  # fmt: skip
        write(body, (280, 790), "Harbour Bank", 40, (240, 238, 252), anchor="ma", bold=True)  # fmt: skip
        return body
    write(body, (280, 104), "Ben Okafor", 38, anchor="ma", bold=True)
    chat = [(False, "Market on Friday?"), (True, "Yes! Call me:"), (True, "020 7946 0172"),
            (False, "Where shall I ring?"), (True, "12 Harbour Lane"), (False, "See you at six")]  # fmt: skip
    y = 200
    for mine, words in chat:
        wide = 44 + pen.textlength(words, None, font_size=36)
        left = 516 - wide if mine else 44
        pen.rounded_rectangle((left, y, left + wide, y + 76), 34, (*(IRIS if mine else (226, 227, 233)), 255))  # fmt: skip
        write(body, (left + 22, y + 16), words, 36, (255, 255, 255) if mine else (34, 36, 44))  # fmt: skip
        y += 104
    return body
