"""Scenes without papers: the sea, hills, and a parked car at night."""

from __future__ import annotations

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from nopeek_site.demo import canvas
from nopeek_site.demo.canvas import write
from nopeek_site.demo.surfaces import Scene, clouds, held, ramp

PLATE = "NP 2049 K"
"""On no car: no country's plates look so."""


def sea() -> Image.Image:
    """The beach at dusk."""
    width, height = 1600, 1067
    horizon = 520
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    sky = ramp(np.clip(y / horizon, 0, 1), [(0, (58, 74, 122)), (0.45, (150, 124, 158)), (0.75, (236, 168, 132)), (1, (255, 214, 150))])  # fmt: skip
    veil = clouds(width, height, 3, (2.2, 9), 6, 0.52)
    lit = np.clip((veil - 0.52) * 3.2, 0, 1) * np.clip(1.15 - y / horizon, 0.12, 1)
    sky = sky * (1 - lit[..., None] * 0.55) + lit[..., None] * 0.55 * np.array([1.0, 0.72, 0.64], np.float32)  # fmt: skip
    away = np.hypot(x - 1040, (y - 470) * 1.1)
    sun = np.exp(-((away / 34) ** 6)) + 0.7 * np.exp(-away / 150)
    sky = np.clip(sky + sun[..., None] * np.array([0.9, 0.72, 0.42], np.float32), 0, 1)
    depth = np.clip((y - horizon) / (height - horizon), 0, 1)
    waves = _waves(width, height, horizon)
    tone = ramp(depth, [(0, (196, 158, 146)), (0.25, (104, 110, 142)), (0.7, (48, 78, 104)), (1, (60, 96, 112))])  # fmt: skip
    path = np.exp(-(((x - 1040) / (50 + 330 * depth)) ** 2)) * (1.1 - 0.7 * depth)
    water = tone * (0.72 + 0.5 * waves[..., None])
    glint = np.clip(waves - 0.48, 0, 1) * 2.6 * path
    water = np.clip(water + glint[..., None] * np.array([1.0, 0.78, 0.5], np.float32), 0, 1)  # fmt: skip
    scene = np.where((y < horizon)[..., None], sky, water)
    scene = _shore(scene.astype(np.float32), x, y)
    scene[horizon - 2 : horizon + 2] = cv2.GaussianBlur(scene[horizon - 8 : horizon + 8], (0, 0), 2)[6:10]  # fmt: skip
    return canvas.finished(canvas.lens(scene.astype(np.float32), 11, 0.012))


def _waves(width: int, height: int, horizon: int) -> Scene:
    """Crests that grow towards the camera."""
    flat = clouds(1600, 1600, 5, (22, 90), 4, 0.6)
    out = np.zeros((height, width), np.float32)
    for row in range(horizon, height):
        depth = (row - horizon + 3) / (height - horizon)
        line = flat[int(1500 / (1 + 9 * depth)) % 1600]
        stretch = 0.5 + 3.2 * depth
        at = (np.arange(width) - width / 2) / stretch + 800
        out[row] = np.interp(at % 1600, np.arange(1600), line)
    mixed: Scene = cv2.GaussianBlur(out, (0, 0), sigmaX=3.0, sigmaY=0.8)
    return mixed


def _shore(scene: Scene, x: Scene, y: Scene) -> Scene:
    """Wet sand in the corner, and the foam of the last wave."""
    height, width = scene.shape[:2]
    edge = 900 + 60 * np.sin(x / 260) - 0.12 * x + 26 * clouds(width, height, 7, (5, 5), 4)  # fmt: skip
    sand = np.array([0.55, 0.43, 0.36], np.float32) * (0.75 + 0.35 * clouds(width, height, 8, (60, 60), 4)[..., None])  # fmt: skip
    wet = np.clip((y - edge) / 160, 0, 1)[..., None]
    mirrored = scene[::-1] * 0.55
    ground = sand * (0.55 + 0.45 * wet) * (0.4 + 0.6 * wet) + mirrored * (1 - wet) * 0.7
    inside = np.clip((y - edge) / 10, 0, 1)[..., None]
    out = scene * (1 - inside) + ground * inside
    lace = clouds(width, height, 9, (40, 60), 4, 0.7)
    foam = np.exp(-(((y - edge) / 12) ** 2)) + 0.5 * np.exp(-(((y - edge + 42) / 26) ** 2)) * (lace > 0.6)  # fmt: skip
    foam = np.clip(foam * (0.35 + 0.8 * lace), 0, 0.85)[..., None]
    return held(out * (1 - foam) + foam * np.array([0.98, 0.9, 0.86], np.float32))


def hills() -> Image.Image:
    """Hills behind each other in the mist of a morning."""
    width, height = 1600, 1067
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    scene = ramp(y / height, [(0, (120, 156, 196)), (0.45, (232, 206, 190)), (1, (246, 224, 198))])  # fmt: skip
    away = np.hypot(x - 420, y - 330)
    scene = np.clip(scene + (np.exp(-((away / 46) ** 4)) * 0.5 + 0.35 * np.exp(-away / 220))[..., None], 0, 1)  # fmt: skip
    layers = 7
    for layer in range(layers):
        near = layer / (layers - 1)
        rough = clouds(width, 8, 40 + layer, (3 + 2 * layer, 2), 7, 0.48)[3]
        crest = 380 + 560 * near**1.15 - (150 - 20 * layer) * rough
        inside = np.clip((y - crest[None, :]) / 2.0, 0, 1)[..., None]
        far, dark = np.array([0.82, 0.72, 0.74]), np.array([0.09, 0.15, 0.20])
        tone = far * (1 - near) + dark * near
        mist = np.clip((y - crest[None, :]) / (210 - 90 * near), 0, 1)[..., None]
        trees = clouds(width, height, 60 + layer, (60, 40), 4, 0.7)[..., None]
        body = tone * (1 + near * 0.22 * (trees - 0.5))
        body = body * (1 - 0.55 * mist * (1 - near)) + np.array([0.95, 0.86, 0.80]) * 0.55 * mist * (1 - near)  # fmt: skip
        scene = scene * (1 - inside) + body * inside
    return canvas.finished(canvas.lens(scene.astype(np.float32), 12, 0.012))


def plate() -> Image.Image:
    """A number plate, 520 x 110 mm."""
    image = canvas.sheet(1040, 220, (250, 250, 246), 18)
    pen = ImageDraw.Draw(image)
    pen.rounded_rectangle((6, 6, 1033, 213), 14, outline=(24, 24, 28, 255), width=7)
    pen.rounded_rectangle((12, 12, 100, 207), 10, (28, 66, 150, 255))
    write(image, (56, 142), "UT", 52, (255, 255, 255), bold=True, anchor="ma")
    write(image, (570, 22), PLATE, 176, (22, 22, 26), bold=True, anchor="ma", spread=0)
    return image


def car(city: Scene | None) -> Image.Image:
    """The back of a parked car in the evening, with its plate lit."""
    width, height = 1600, 1067
    scene = _evening(width, height, city)
    body, lights = _car(1200, 720)
    left, top = 200, 262
    quad = [
        (left, top),
        (left + 1200, top),
        (left + 1200, top + 720),
        (left, top + 720),
    ]
    ground = np.zeros((height, width), np.float32)
    cv2.ellipse(ground, (800, 965), (640, 46), 0, 0, 360, 1.0, -1)
    scene = scene * (1 - 0.85 * cv2.GaussianBlur(ground, (0, 0), 18)[..., None])
    scene = canvas.lay(scene, body, quad, shadow=0)
    lamp = canvas.lay(np.zeros_like(scene), lights, quad, shadow=0)
    for reach, share in ((6, 0.5), (34, 0.55), (120, 0.6)):
        scene = 1 - (1 - scene) * (1 - share * cv2.GaussianBlur(lamp, (0, 0), reach))
    scene = np.clip(scene.astype(np.float32), 0, 1)
    place = [(597, 706), (1003, 706), (1003, 792), (597, 792)]
    scene = canvas.lay(scene, plate(), place, shadow=0.5, reach=4, drop=(0, 3), light=(0.84, 0.86))  # fmt: skip
    return canvas.finished(canvas.lens(scene, 13, 0.02, 0.35))


def _evening(width: int, height: int, city: Scene | None) -> Scene:
    """A street with its lights out of focus, and wet asphalt that mirrors them."""
    if city is None:
        y = np.linspace(0, 1, height, dtype=np.float32)[:, None].repeat(width, 1)
        city = ramp(y, [(0, (18, 22, 44)), (0.6, (62, 48, 72)), (1, (40, 34, 46))])
        rng = np.random.default_rng(71)
        for _light in range(90):
            place = (int(rng.uniform(0, width)), int(rng.uniform(120, 640)))
            tone = rng.choice([(1.0, 0.8, 0.45), (1.0, 0.95, 0.85), (0.6, 0.8, 1.0)])
            cv2.circle(city, place, 3, tone.tolist(), -1)
    far = canvas.defocus(city, 17, 5.0) * np.array([0.86, 0.8, 0.92], np.float32)
    edge = 700
    out = far.astype(np.float32).copy()
    mirrored = cv2.GaussianBlur(far[edge - (height - edge) : edge][::-1], (0, 0), sigmaX=5, sigmaY=40)  # fmt: skip
    rough = 0.55 + 0.5 * clouds(width, height - edge, 72, (90, 60), 4, 0.75)
    asphalt = np.array([0.13, 0.13, 0.15], np.float32) * rough[..., None]
    out[edge:] = asphalt + 0.5 * mirrored * rough[..., None]
    fade = np.clip(np.abs(np.arange(height) - edge) / 20.0, 0.55, 1)[:, None, None]
    return held(out * fade)


def _car(width: int, height: int) -> tuple[Image.Image, Image.Image]:
    """The body, and the light that its lamps give, as two sheets."""
    k = 2
    size = (width * k, height * k)
    body, lights = Image.new("RGBA", size, (0, 0, 0, 0)), Image.new("RGBA", size)
    pen, glow = ImageDraw.Draw(body), ImageDraw.Draw(lights)

    def s(*values: float) -> list[float]:
        return [value * k for value in values]

    for x in (120, 900):  # wheels
        pen.rounded_rectangle(s(x, 520, x + 180, 716), 60, (12, 12, 14, 255))
    pen.polygon(s(270, 60, 330, 22, 870, 22, 930, 60, 1050, 270, 150, 270), (34, 44, 62, 255))  # fmt: skip
    pen.rounded_rectangle(s(70, 236, 1130, 640), 150, (40, 54, 78, 255))
    pen.polygon(s(306, 70, 346, 44, 854, 44, 894, 70, 984, 250, 216, 250), (16, 22, 32, 255))  # fmt: skip
    pen.polygon(s(346, 52, 560, 52, 470, 244, 250, 244), (48, 62, 84, 255))
    pen.rounded_rectangle(s(96, 560, 1104, 668), 80, (24, 26, 30, 255))
    pen.rounded_rectangle(s(340, 404, 860, 566), 30, (26, 34, 50, 255))
    pen.line(s(120, 392, 1080, 392), (92, 112, 146, 255), 5)
    pen.rounded_rectangle(s(540, 330, 660, 354), 20, (168, 178, 194, 255))
    for x0, x1 in ((86, 330), (870, 1114)):
        pen.rounded_rectangle(s(x0, 306, x1, 386), 40, (120, 14, 20, 255))
        pen.rounded_rectangle(s(x0 + 12, 318, x1 - 12, 348), 24, (236, 48, 44, 255))
        glow.rounded_rectangle(s(x0 + 8, 314, x1 - 8, 376), 34, (255, 44, 34, 255))
    for x in (150, 980):
        pen.rounded_rectangle(s(x, 596, x + 70, 628), 10, (150, 24, 26, 255))
    for x in (30, 1100):
        pen.rounded_rectangle(s(x, 214, x + 74, 262), 40, (30, 40, 58, 255))
    glow.ellipse(s(470, 420, 730, 480), fill=(120, 112, 96, 255))
    out = body.filter(ImageFilter.GaussianBlur(1.6)).resize((width, height), Image.Resampling.LANCZOS)  # fmt: skip
    lit = np.asarray(out).astype(np.float32)
    down = np.linspace(0, 1, height, dtype=np.float32)[:, None, None]
    side = np.linspace(-1, 1, width, dtype=np.float32)[None, :, None]
    edge = np.exp(-(((down - 0.40) / 0.05) ** 2))
    sheen = 1.35 - 0.75 * down + 0.5 * edge - 0.25 * side**2
    lit[..., :3] = (lit[..., :3] * sheen).clip(0, 255)
    small = lights.resize((width, height), Image.Resampling.LANCZOS)
    return Image.fromarray(lit.astype(np.uint8)), small
