"""Scenes on tables and walls: where the sheets, cards and screens lie."""

from __future__ import annotations

import cv2
import numpy as np
from PIL import Image, ImageDraw

from nopeek_site.demo import canvas, cards, papers, screens, surfaces
from nopeek_site.demo.canvas import Quad, lay, turned
from nopeek_site.demo.surfaces import Colour, Scene, held

WIDE = (1600, 1100)
TALL = (1280, 1600)


def desk() -> Image.Image:
    """A laptop with mail on it, a letter and a telephone on a wooden desk."""
    width, height = WIDE
    scene = _room(width, height, 340)
    page = papers.letter()
    scene = lay(scene, page, [(1010, 560), (1330, 520), (1560, 905), (1130, 985)], shadow=0.45, light=(0.95, 0.8))  # fmt: skip
    display: Quad = [(235, 70), (1045, 70), (1015, 540), (265, 540)]
    scene = screens.laptop(scene, display, (890.0, 110.0, 1090.0))
    scene = screens.glow(scene, display, (190, 205, 255), 0.10)
    scene = lay(scene, _pen(), [(1190, 1005), (1460, 960), (1464, 984), (1194, 1030)], shadow=0.4, reach=6, drop=(4, 8))  # fmt: skip
    scene = canvas.lamp(scene, (0.2, 0.1), reach=1.1, low=0.62, high=1.12)
    return canvas.finished(canvas.lens(scene, 1))


def lunch() -> Image.Image:
    """The bill of a lunch, and the card it was paid with."""
    width, height = WIDE
    scene = surfaces.stone(width, height, 21, (92, 96, 100))
    scene = _veins(scene, 22)
    scene = lay(scene, papers.receipt(), turned((1210, 560), 440, 950, 7), shadow=0.32, reach=16, light=(1.0, 0.94))  # fmt: skip
    scene = lay(scene, cards.bank_card(), turned((430, 750), 600, 378, -13), shadow=0.5, reach=12, light=(1.08, 0.92))  # fmt: skip
    scene = lay(scene, _plate(), turned((330, 110), 560, 560, 0), shadow=0.45, reach=26, drop=(16, 22))  # fmt: skip
    scene = _leaves(scene, 23)
    return canvas.finished(canvas.lens(scene, 2))


def badge() -> Image.Image:
    """A speaker's badge, just taken off."""
    width, height = TALL
    scene = surfaces.cloth(width, height, 31, (66, 84, 108))
    scene = _ribbon(scene, [(560, -40), (520, 260), (700, 420), (640, 560)], (92, 76, 190))  # fmt: skip
    scene = _ribbon(scene, [(900, -40), (860, 200), (620, 360), (650, 560)], (80, 64, 172))  # fmt: skip
    scene = lay(scene, papers.badge(), turned((650, 1000), 660, 930, -6), shadow=0.55, reach=20, light=(1.04, 0.9))  # fmt: skip
    scene = canvas.lamp(scene, (0.25, 0.2), reach=0.95, low=0.6, high=1.15)
    return canvas.finished(canvas.lens(scene, 3))


def poster(wall: Scene | None) -> Image.Image:
    """A poster with a code, on a wall of bricks."""
    width, height = TALL
    scene = _bricks(width, height, 41) if wall is None else wall
    scene = lay(scene, papers.poster(), [(250, 190), (1010, 150), (1030, 1290), (235, 1250)], shadow=0.5, reach=10, drop=(7, 9), light=(1.0, 0.86))  # fmt: skip
    scene = canvas.lamp(scene, (0.3, 0.2), reach=1.0, low=0.5, high=1.12, warm=0.06)
    return canvas.finished(canvas.lens(scene, 4))


def boarding() -> Image.Image:
    """A boarding pass on the lid of a suitcase."""
    width, height = WIDE
    scene = surfaces.cloth(width, height, 51, (158, 92, 66))
    scene = _stitches(scene)
    scene = lay(scene, papers.boarding_pass(), [(150, 380), (1400, 250), (1465, 760), (190, 900)], shadow=0.5, reach=14, light=(1.05, 0.88))  # fmt: skip
    scene = canvas.lamp(scene, (0.3, 0.15), reach=1.0, low=0.55, high=1.15)
    return canvas.finished(canvas.lens(scene, 5))


def identity() -> Image.Image:
    """An identity card of Utopia beside a purse."""
    width, height = WIDE
    scene = surfaces.wood(width, height, 61, (120, 84, 58))
    face = cards.portrait((226, 184, 156), (70, 46, 34), (84, 104, 140), ((206, 214, 222), (170, 182, 196)))  # fmt: skip
    purse = canvas.shaded(canvas.sheet(900, 620, (112, 62, 44), 60), 62, 0.3)
    scene = lay(scene, purse, turned((1240, 250), 900, 620, 18), shadow=0.6, reach=24, drop=(14, 20))  # fmt: skip
    scene = lay(scene, cards.id_card(face), turned((690, 610), 960, 605, -5), shadow=0.5, reach=12, light=(1.04, 0.92))  # fmt: skip
    scene = canvas.lamp(scene, (0.3, 0.3), reach=1.0, low=0.6, high=1.12)
    return canvas.finished(canvas.lens(scene, 6))


def parcel() -> Image.Image:
    """A parcel with its label, on the doormat."""
    width, height = WIDE
    scene = surfaces.cloth(width, height, 71, (96, 92, 84))
    box = canvas.shaded(canvas.sheet(1200, 860, (186, 142, 96), 8), 72, 0.22)
    pen = ImageDraw.Draw(box)
    pen.rectangle((0, 90, 1200, 190), fill=(204, 170, 122, 255))
    pen.line((0, 140, 1200, 140), (148, 112, 74, 255), 3)
    top: Quad = [(250, 130), (1330, 170), (1400, 930), (180, 900)]
    scene = lay(scene, box, top, shadow=0.7, reach=34, drop=(20, 34), light=(1.08, 0.9))
    scene = lay(scene, papers.parcel_label(), [(420, 400), (1190, 412), (1228, 870), (395, 862)], shadow=0.15, reach=4, drop=(1, 2), light=(1.0, 0.92))  # fmt: skip
    scene = canvas.lamp(scene, (0.35, 0.2), reach=1.0, low=0.55, high=1.12)
    return canvas.finished(canvas.lens(scene, 7))


def fridge() -> Image.Image:
    """A note with the Wi-Fi password for guests."""
    width, height = TALL
    scene = surfaces.stone(width, height, 81, (206, 214, 216))
    y = np.linspace(1.08, 0.86, height, dtype=np.float32)[:, None, None]
    scene = (scene * y).astype(np.float32)
    scene = lay(scene, papers.wifi_note(), turned((620, 720), 780, 780, 4), shadow=0.4, reach=16, drop=(8, 18))  # fmt: skip
    magnet = canvas.sheet(120, 120, (186, 52, 58), 60)
    scene = lay(scene, magnet, turned((640, 350), 96, 96, 0), shadow=0.5, reach=8, drop=(5, 9), light=(1.2, 0.8))  # fmt: skip
    scene = canvas.lamp(scene, (0.3, 0.25), reach=1.0, low=0.62, high=1.1)
    return canvas.finished(canvas.lens(scene, 8))


def telephone(login: bool = False) -> Image.Image:
    """A telephone on a table, with a chat or with a code that logs one in."""
    width, height = TALL
    tone = (70, 60, 54) if login else (176, 132, 92)
    scene = surfaces.wood(width, height, 91 + login, tone)
    place = turned((640, 800), 600, 1243, 8 if login else -7)
    scene = lay(scene, screens.phone(login), place, shadow=0.6, reach=22, drop=(14, 20))
    scene = canvas.lamp(scene, (0.25, 0.2), reach=1.0, low=0.55, high=1.12)
    return canvas.finished(canvas.lens(scene, 9))


def post() -> Image.Image:
    """A letter to a friend, ready to be posted."""
    width, height = WIDE
    scene = surfaces.wood(width, height, 101, (188, 150, 112))
    scene = lay(scene, papers.envelope(), turned((800, 580), 1120, 652, -4), shadow=0.45, reach=16, light=(1.05, 0.92))  # fmt: skip
    scene = lay(scene, _pen(), turned((1270, 960), 420, 26, 28), shadow=0.4, reach=6, drop=(4, 8))  # fmt: skip
    scene = canvas.lamp(scene, (0.2, 0.2), reach=1.1, low=0.66, high=1.1)
    return canvas.finished(canvas.lens(scene, 10))


# --- what stands around ------------------------------------------------------------------


def _room(width: int, height: int, edge: int) -> Scene:
    """A wall in the light of a window, and a desk before it."""
    y = np.linspace(0, 1, height, dtype=np.float32)[:, None].repeat(width, 1)
    wall = surfaces.ramp(y, [(0, (172, 178, 176)), (0.35, (204, 202, 194)), (1, (200, 196, 188))])  # fmt: skip
    panes = np.zeros((height, width), np.float32)
    for left in (1110, 1330):
        for top in (-30, 150):
            corners = np.array([(left, top), (left + 180, top - 14), (left + 160, top + 146), (left - 20, top + 160)], np.int32)  # fmt: skip
            cv2.fillPoly(panes, [corners], 1.0)
    scene = wall * (0.86 + 0.26 * cv2.GaussianBlur(panes, (0, 0), 14)[..., None])
    board = surfaces.wood(1600, 900, 2, (164, 116, 76))
    whole = np.concatenate([board, np.ones_like(board[..., :1])], axis=2)
    quad: Quad = [(-160, edge), (width + 160, edge), (width + 900, height + 60), (-900, height + 60)]  # fmt: skip
    over = canvas.warped(whole, quad, width, height)
    mask = over[..., 3:]
    shade = 1 - 0.35 * np.exp(-np.abs(np.arange(height) - edge) / 30.0)
    scene = scene * (1 - mask) * shade[:, None, None] + over[..., :3]
    return held(scene)


def _pen() -> Image.Image:
    image = canvas.sheet(420, 26, (30, 34, 46), 12)
    pen = ImageDraw.Draw(image)
    pen.rectangle((300, 0, 312, 26), fill=(206, 176, 108, 255))
    pen.line((20, 7, 290, 7), (96, 102, 120, 255), 4)
    return image


def _plate() -> Image.Image:
    """An emptied plate with a rim."""
    image = Image.new("RGBA", (800, 800), (236, 234, 228, 0))
    pen = ImageDraw.Draw(image)
    for step in range(40):
        inset = step * 2
        tone = 246 - int(14 * np.sin(step / 39 * np.pi))
        pen.ellipse((inset, inset, 799 - inset, 799 - inset), fill=(tone, tone - 2, tone - 7, 255))  # fmt: skip
    pen.ellipse((130, 130, 669, 669), fill=(240, 238, 231, 255), outline=(214, 211, 203, 255), width=5)  # fmt: skip
    rng = np.random.default_rng(24)
    for _crumb in range(46):
        x, y = rng.normal(430, 80, 2)
        size = rng.uniform(2, 8)
        pen.ellipse((x, y, x + size * 1.4, y + size), fill=(188, 134, 72, 255))
    return image


def _veins(scene: Scene, seed: int) -> Scene:
    """Marble."""
    height, width = scene.shape[:2]
    field = surfaces.clouds(width, height, seed, (2.5, 2.5), 6, 0.55)
    line = np.exp(-((np.abs(field - 0.5) / 0.012) ** 2)) * 0.16
    wide = np.exp(-((np.abs(field - 0.5) / 0.07) ** 2)) * 0.06
    return held(scene * (1 - (line + wide)[..., None]))


def _leaves(scene: Scene, seed: int) -> Scene:
    """The shadow of a plant at the window, and light between its leaves."""
    height, width = scene.shape[:2]
    rng = np.random.default_rng(seed)
    mask = np.zeros((height, width), np.float32)
    for _leaf in range(34):
        centre = (int(rng.uniform(0, width * 0.9)), int(rng.uniform(-80, height * 0.8)))
        axes = (int(rng.uniform(60, 150)), int(rng.uniform(14, 34)))
        cv2.ellipse(mask, centre, axes, float(rng.uniform(20, 70)), 0, 360, 1.0, -1)
    soft = cv2.GaussianBlur(mask, (0, 0), 15)[..., None]
    warm = np.array([1.03, 1.0, 0.95], np.float32)
    return held(scene * (warm * 1.03 - 0.30 * soft))


def _ribbon(scene: Scene, points: list[tuple[int, int]], tone: Colour) -> Scene:
    """A lanyard along a curve through four points."""
    height, width = scene.shape[:2]
    at = np.linspace(0, 1, 160)[:, None]
    p = np.array(points, np.float64)
    curve = (1 - at) ** 3 * p[0] + 3 * at * (1 - at) ** 2 * p[1] + 3 * at**2 * (1 - at) * p[2] + at**3 * p[3]  # fmt: skip
    mask = np.zeros((height, width), np.float32)
    cv2.polylines(mask, [curve.astype(np.int32)], False, 1.0, 34, cv2.LINE_AA)
    inner = np.zeros((height, width), np.float32)
    cv2.polylines(inner, [curve.astype(np.int32)], False, 1.0, 20, cv2.LINE_AA)
    shadow = cv2.GaussianBlur(np.roll(mask, (12, 9), (0, 1)), (0, 0), 9)[..., None]
    colour = np.array(tone, np.float32) / 255
    out = scene * (1 - 0.45 * shadow)
    body = colour * (0.82 + 0.22 * inner[..., None])
    return held(out * (1 - mask[..., None]) + body * mask[..., None])


def _stitches(scene: Scene) -> Scene:
    """A seam and a handle of leather."""
    out = scene.copy()
    for x in range(20, scene.shape[1], 34):
        cv2.line(out, (x, 96), (x + 20, 94), (0.86, 0.74, 0.58), 4, cv2.LINE_AA)
    strap = canvas.shaded(canvas.sheet(900, 120, (92, 52, 36), 50), 52, 0.3)
    return lay(out, strap, turned((1260, 1010), 900, 110, -5), shadow=0.6, reach=16)


def _bricks(width: int, height: int, seed: int) -> Scene:
    """An old wall."""
    rng = np.random.default_rng(seed)
    out = np.full((height, width, 3), (0.62, 0.58, 0.53), np.float32)
    rows, columns = 22, 8
    for row in range(rows):
        shift = (row % 2) * width // columns // 2
        for column in range(-1, columns):
            x0 = column * width // columns + shift + 5
            y0 = row * height // rows + 5
            tone = np.array((0.52, 0.27, 0.20)) * rng.uniform(0.75, 1.2)
            cv2.rectangle(out, (x0, y0), (x0 + width // columns - 10, y0 + height // rows - 10), tone.tolist(), -1)  # fmt: skip
    rough = surfaces.clouds(width, height, seed, (30, 30), 5, 0.7)
    wash = surfaces.clouds(width, height, seed + 1, (3, 3), 4)
    out = cv2.GaussianBlur(out, (0, 0), 1.6)
    return held(out * (0.7 + 0.4 * rough + 0.2 * wash)[..., None])
