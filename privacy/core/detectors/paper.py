"""The sheet, card or screen that a group of text lines is printed on, by its colour."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import cv2
import numpy as np
import numpy.typing as npt

from privacy.core.image import Picture

Shape: TypeAlias = npt.NDArray[np.float32]
"""(n, 2) corners in picture pixels."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What the search depends on.

    Attributes:
        side: longer side in pixels at which sheets are looked for.
        tolerance: difference to the colour beside the text, per channel, that still is
            the same sheet.
        solid: share of its convex hull that a sheet fills; less is a spill.
        seeds: share of the places beside text that the sheet must hold.
        rim: how far a sheet is widened, in pixels of the small view.
        margin: what is added around text without a sheet, in heights of a line.
        bezel: how much darker (0..255) the rim of a screen is than what it shows.
    """

    side: int = 512
    tolerance: int = 20
    solid: float = 0.75
    seeds: float = 0.5
    rim: float = 2.0
    margin: float = 1.5
    bezel: float = 50.0


def sheet(
    picture: Picture, quads: Sequence[Shape], settings: Settings | None = None
) -> Shape | None:
    """Convex outline of the sheet around these lines, text included.

    ``None`` where the colour beside the text runs out into the surroundings, or where
    the lines do not share one.
    """
    chosen = settings or Settings()
    view = picture.fitted(chosen.side)
    scale = np.array(
        [view.pixels.shape[1] / picture.width, view.pixels.shape[0] / picture.height]
    )
    image = picture.once(
        ("sheets", chosen.side), lambda: cv2.medianBlur(view.pixels, 5)
    )
    height, width = image.shape[:2]
    seeds = _seeds(quads, scale, width, height)
    if not seeds:
        return None
    filled = _filled(image, seeds, chosen.tolerance)
    tall = np.median([np.linalg.norm(q[3] - q[0]) * scale.mean() for q in quads])
    body = _body(filled, seeds, max(3, round(float(tall))) | 1, chosen.seeds)
    if body is None:
        return None
    hull = cv2.convexHull(body)
    if cv2.contourArea(body) < chosen.solid * cv2.contourArea(hull):
        return None
    text = np.concatenate([q * scale for q in quads]).astype(np.float32)
    every = np.concatenate([hull.reshape(-1, 2).astype(np.float32), text])
    around = cv2.convexHull(every)
    slim = cv2.approxPolyDP(around, 0.004 * cv2.arcLength(around, True), True)
    slim = slim.reshape(-1, 2) + 0.5
    # The rim of the sheet is blurred in the small view: half as far again outwards.
    away = slim - slim.mean(axis=0)
    far = np.maximum(np.linalg.norm(away, axis=1, keepdims=True), 1e-6)
    out: Shape = ((slim + chosen.rim * away / far) / scale).astype(np.float32)
    return out if len(out) >= 3 else None


def by_colour(
    picture: Picture, quads: Sequence[Shape], settings: Settings | None = None
) -> list[list[int]]:
    """Indices of the lines, grouped by the ground that runs from one to the next.

    Two sheets of different colour that touch are two groups; so may be the parts of a
    printed card, hence whoever asks has to see that each part is a sheet by itself.
    """
    chosen = settings or Settings()
    view = picture.fitted(chosen.side)
    scale = np.array(
        [view.pixels.shape[1] / picture.width, view.pixels.shape[0] / picture.height]
    )
    image = picture.once(
        ("sheets", chosen.side), lambda: cv2.medianBlur(view.pixels, 5)
    )
    height, width = image.shape[:2]
    places = [_seeds([quad], scale, width, height) for quad in quads]
    left = [i for i, seeds in enumerate(places) if seeds]
    groups: list[list[int]] = []
    while left:
        ground = _filled(image, places[left[0]], chosen.tolerance)
        held = {
            i
            for i in left
            if 2 * sum(int(ground[y, x]) for x, y in places[i]) >= len(places[i])
        } | {left[0]}
        groups.append([i for i in left if i in held])
        left = [i for i in left if i not in held]
    return groups


def _filled(
    image: npt.NDArray[np.uint8], seeds: Sequence[tuple[int, int]], tolerance: int
) -> npt.NDArray[np.uint8]:
    """1 where the colour of a seed runs to, 0 elsewhere."""
    height, width = image.shape[:2]
    mask = np.zeros((height + 2, width + 2), np.uint8)
    reach = (tolerance,) * 3
    flags = 4 | (1 << 8) | cv2.FLOODFILL_MASK_ONLY | cv2.FLOODFILL_FIXED_RANGE
    for x, y in seeds:
        if not mask[y + 1, x + 1]:
            cv2.floodFill(image, mask, (x, y), 0, reach, reach, flags)
    out: npt.NDArray[np.uint8] = mask[1:-1, 1:-1]
    return out


def _body(
    filled: npt.NDArray[np.uint8],
    seeds: Sequence[tuple[int, int]],
    size: int,
    share: float,
) -> npt.NDArray[np.int32] | None:
    """Contour of the part that holds most seeds, and at least ``share`` of them.

    A sheet is wide; where its colour runs out into the surroundings, the gap is mostly
    narrower than two lines of text. Opening cuts there; growing back within the
    filled area restores the corners that opening rounds off.
    """
    closed = cv2.morphologyEx(filled, cv2.MORPH_CLOSE, np.ones((size, size), np.uint8))
    round_ = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * size + 1, 2 * size + 1))
    opened = cv2.morphologyEx(closed, cv2.MORPH_OPEN, round_)
    contours, _ = cv2.findContours(opened, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    best, most = None, 0
    for contour in contours:
        held = sum(cv2.pointPolygonTest(contour, s, False) >= 0 for s in seeds)
        if held > most:
            best, most = contour, held
    if best is None or most < share * len(seeds):
        return None
    body = cv2.drawContours(np.zeros_like(closed), [best], 0, 1, cv2.FILLED)
    grown = cv2.dilate(body, np.ones((size, size), np.uint8)) & closed | body
    contours, _ = cv2.findContours(grown, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    out: npt.NDArray[np.int32] = max(contours, key=cv2.contourArea)
    return out


def around(
    quads: Sequence[Shape], aspect: float = 0.0, settings: Settings | None = None
) -> Shape:
    """The smallest rotated rectangle around the lines, with a margin.

    With an ``aspect`` (longer to shorter side) the rectangle is widened to it.
    """
    chosen = settings or Settings()
    points = np.concatenate(list(quads)).astype(np.float32)
    centre, (wide, tall), angle = cv2.minAreaRect(points)
    line = float(np.median([np.linalg.norm(q[3] - q[0]) for q in quads]))
    wide, tall = (side + 2 * chosen.margin * line for side in (wide, tall))
    if aspect and wide >= tall:
        wide, tall = max(wide, tall * aspect), max(tall, wide / aspect)
    elif aspect:
        wide, tall = max(wide, tall / aspect), max(tall, wide * aspect)
    out: Shape = cv2.boxPoints((centre, (wide, tall), angle))
    return out


def screens(picture: Picture, settings: Settings | None = None) -> list[Shape]:
    """Bright four-sided shapes within a dark rim, as monitors and phones show."""
    chosen = settings or Settings()
    view = picture.fitted(chosen.side)
    grey = cv2.cvtColor(view.pixels, cv2.COLOR_RGB2GRAY)
    scale = np.array(
        [view.pixels.shape[1] / picture.width, view.pixels.shape[0] / picture.height]
    )
    soft = cv2.GaussianBlur(grey, (5, 5), 0)
    level, bright = cv2.threshold(soft, 0, 255, cv2.THRESH_BINARY + cv2.THRESH_OTSU)
    found = []
    for cut in (level, 0.7 * level, 1.25 * level):
        _, bright = cv2.threshold(soft, cut, 255, cv2.THRESH_BINARY)
        bright = cv2.morphologyEx(bright, cv2.MORPH_CLOSE, np.ones((9, 9), np.uint8))
        for contour in cv2.findContours(bright, cv2.RETR_LIST, cv2.CHAIN_APPROX_SIMPLE)[
            0
        ]:
            corners = _four(contour, bright.size)
            if corners is not None and _rimmed(grey, corners, chosen.bezel):
                found.append((corners / scale).astype(np.float32))
    return found


def _seeds(
    quads: Sequence[Shape], scale: npt.NDArray[np.float64], width: int, height: int
) -> list[tuple[int, int]]:
    """Places just above, below and beside each line, in pixels of the small view."""
    seeds = []
    for quad in quads:
        a, b, c, d = quad
        up = (a - d) * 0.2
        for place in ((a + b) / 2 + up, (c + d) / 2 - up, (b * 3 + a) / 4 + up,
                      (c * 3 + d) / 4 - up, (a + d) / 2 - np.linalg.norm(up) * _unit(b - a)):  # fmt: skip
            x, y = (place * scale).round().astype(int)
            if 0 <= x < width and 0 <= y < height:
                seeds.append((int(x), int(y)))
    return seeds


def _unit(vector: Shape) -> Shape:
    out: Shape = vector / max(float(np.linalg.norm(vector)), 1e-6)
    return out


def _four(contour: npt.NDArray[np.int32], area: int) -> Shape | None:
    """The contour as a convex four-sided shape of a fair size, or ``None``."""
    hull = cv2.convexHull(contour)
    if not 0.01 * area < cv2.contourArea(hull) < 0.95 * area:
        return None
    if cv2.contourArea(contour) < 0.8 * cv2.contourArea(hull):
        return None
    corners = cv2.approxPolyDP(hull, 0.03 * cv2.arcLength(hull, True), True)
    if len(corners) != 4:
        return None
    out: Shape = corners.reshape(4, 2).astype(np.float32)
    return out


def _rimmed(grey: npt.NDArray[np.uint8], corners: Shape, bezel: float) -> bool:
    """Whether three sides at least are dark just outside, and much darker than inside."""
    middle = corners.mean(axis=0)
    dark = 0
    for start, end in zip(corners, np.roll(corners, -1, axis=0), strict=True):
        inside: list[int] = []
        outside: list[int] = []
        for share in np.linspace(0.15, 0.85, 12):
            edge = start + share * (end - start)
            away = _unit(edge - middle)
            for place, values in (
                (edge - 5 * away, inside),
                (edge + 4 * away, outside),
            ):
                x, y = place.round().astype(int)
                if 0 <= x < grey.shape[1] and 0 <= y < grey.shape[0]:
                    values.append(int(grey[y, x]))
        if inside and outside:
            rim = float(np.median(outside))
            dark += rim < 80 and float(np.median(inside)) - rim > bezel
    return dark >= 3
