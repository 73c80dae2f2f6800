"""The attack on masked faces: who is it, by what the mask itself shows.

The attacker knows where the face was and has a picture of everybody who could be meant,
among strangers. He compares in two ways: with his pictures as they are, and with his
pictures masked as the published one is (McPherson et al., arXiv:1609.00408, call it
parrot recognition; it beats blur and mosaic). He is given this very photo, mirrored for
the second way, so what he reaches is an upper bound. What lies beside a mask is left
out: hair and clothes are no matter of the mask.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from io import BytesIO

import cv2
import numpy as np
from PIL import Image

from privacy.core import embed, weights
from privacy.core.embed import BOX, POINTS, SIDE, Embeddings
from privacy.core.image import Picture, Pixels
from privacy.core.redact.mask import Patch, region_patch
from privacy.core.render import render
from privacy.core.types import Box, Finding, Plan, Region, Treatment

LEAST = 16
"""Pixels of a face's shorter side below which nobody could be told apart."""
MOST = 8
"""Faces of a picture that are attacked, the largest first."""
RECOGNISED = 0.4
"""Similarity from which the nearest of a clear gallery counts as recognised; below it
the nearest is nobody in particular."""
NEAR = 0.3
"""Similarity from which a face that was drawn in another's place is too much like it:
hardly two photos of one person lie below (1 of 80)."""
STRANGERS = 16
"""Drawn faces among which the attacker of the second way looks."""

_FLAT = 127
_TIE = 1e-3  # what is no nearer than this is not nearer
_RIM = 0.25  # of a cut around it when it is masked
_SIZES = (16, 24, 32, 48, 64, 96, 128)  # of a face's side; masks suit themselves to it
_KEY = b"the attacker's own key".ljust(32)
_SHEET_SIDE = 64


@dataclass(frozen=True, slots=True)
class Recognised:
    """Of one masked face: whether each way led to its person."""

    region: str
    clean: bool
    parrot: bool


class Gallery:
    """What the attacker has of one picture's faces; attacks on several renders share it.

    Args:
        picture: the original.
        findings: of the picture; faces that are too small are left out.

    Attributes:
        faces: those that are attacked, the largest first.
    """

    def __init__(self, picture: Picture, findings: Iterable[Finding]) -> None:
        self._picture = picture
        self.faces = _large(picture, findings)
        self._network = embed.embedder() if self.faces else None
        self._cuts = [embed.cut(picture, face) for face in self.faces]
        self._clear = self._seen(self._cuts)
        self._masked: dict[tuple[Treatment, int], Embeddings] = {}
        self._known: dict[bytes, Embeddings] = {}

    def attacked(self, pixels: Pixels, plan: Plan) -> tuple[Recognised, ...]:
        """Every face that ``plan`` masks, attacked in ``pixels``, its render.

        Args:
            pixels: (h, w, 3) of the picture's size.

        Raises:
            ModelError: the network failed.
        """
        picture = self._picture
        regions = {region.id: region for region in plan.regions}
        found = []
        for number, face in enumerate(self.faces):
            region = regions.get(face.id)
            if region is None:
                continue
            patch = region_patch(region, picture.width, picture.height, picture.grid)
            if patch.empty:
                continue
            probe = self._one(alone(pixels, patch, face))
            found.append(
                Recognised(
                    face.id,
                    self._by_clear(probe, number, region.treatment),
                    self._by_masked(probe, number, region.treatment),
                )
            )
        return tuple(found)

    def _by_clear(self, probe: Embeddings, number: int, look: Treatment) -> bool:
        """What masks of this kind have in common is taken away first."""
        assert self._network is not None  # noqa: S101 - there is a face
        common = strangers(look, self._size(number)).mean(axis=0)
        own = probe - common
        own /= max(float(np.linalg.norm(own)), 1e-9)
        mine = self._clear @ own
        others = self._network.crowd @ own
        nearest = mine[number] >= max(mine.max(), others.max())
        return bool(nearest and mine[number] >= RECOGNISED)

    def _by_masked(self, probe: Embeddings, number: int, look: Treatment) -> bool:
        side = self._size(number)
        if (look, side) not in self._masked:
            mine = [masked_cut(cut[:, ::-1], look, side) for cut in self._cuts]
            every = np.concatenate([self._seen(mine), strangers(look, side)])
            self._masked[look, side] = every
        similar = self._masked[look, side] @ probe
        others = np.delete(similar, number)
        return bool(similar[number] > others.max() + _TIE)

    def _size(self, number: int) -> int:
        """The face's side, as one of a few."""
        box = self.faces[number].box
        x0, y0, x1, y1 = box.pixels(self._picture.width, self._picture.height)
        side = float(np.sqrt((x1 - x0) * (y1 - y0)))
        return min(_SIZES, key=lambda size: abs(np.log(size / side)))

    def _one(self, cut: Pixels) -> Embeddings:
        """Tiers that mask alike show the same, and it is looked at once."""
        key = cut.tobytes()
        if key not in self._known:
            self._known[key] = self._seen([cut])[0]
        return self._known[key]

    def _seen(self, cuts: Sequence[Pixels]) -> Embeddings:
        if self._network is None:
            return np.zeros((0, embed.NUMBERS), np.float32)
        return self._network.embed_cuts(cuts, mirrored=False)


def recognisable(picture: Picture, pixels: Pixels, face: Finding) -> bool:
    """Whether ``face`` of ``picture`` is recognised in ``pixels``, where it was replaced.

    For whoever draws another face in its place, by whatever means, and has to know
    before anybody sees it (``meter.meter_ok``). The whole place is looked at, not a
    mask's pixels alone.
    """
    network = embed.embedder()
    before, after = network.embed_cuts(
        [embed.cut(picture, face), embed.cut(Picture(pixels), face)]
    )
    mine = float(before @ after)
    return mine >= NEAR or mine > float((network.crowd @ after).max())


def alone(pixels: Pixels, patch: Patch, face: Finding) -> Pixels:
    """The upright cut of what a mask shows, everything beside it one grey."""
    height, width = pixels.shape[:2]
    h, w = patch.mask.shape
    rim = max(h, w) // 4 + 8
    canvas = np.full((h + 2 * rim, w + 2 * rim, 3), _FLAT, np.uint8)
    shown = canvas[rim : rim + h, rim : rim + w]
    np.copyto(shown, pixels[patch.place], where=patch.mask[..., None])

    def moved(x: float, y: float) -> tuple[float, float]:
        return (
            (x * width - patch.left + rim) / canvas.shape[1],
            (y * height - patch.top + rim) / canvas.shape[0],
        )

    b = face.box
    box = Box(*moved(b.x0, b.y0), *moved(b.x1, b.y1))
    marks = tuple(moved(x, y) for x, y in face.landmarks)
    return embed.cut(Picture(canvas), replace(face, box=box, landmarks=marks))


def masked_cut(cut: Pixels, look: Treatment, side: int) -> Pixels:
    """A clear cut, masked as the attacker masks his own pictures, and cut again.

    The face is first brought to ``side`` pixels: the margin of a mask is the wider the
    smaller a face is, and a blur the stronger.
    """
    scale = side / (SIDE * BOX[2])
    wide = round(SIDE * scale)
    rim = round(_RIM * wide) + 16
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    whole = wide + 2 * rim
    canvas = np.full((whole, whole, 3), _FLAT, np.uint8)
    canvas[rim:-rim, rim:-rim] = cv2.resize(cut, (wide, wide), interpolation=how)
    x, y, half = (wide * v for v in (BOX[0], BOX[1], BOX[2] / 2))
    box = Box.from_pixels(
        x - half + rim, y - half + rim, x + half + rim, y + half + rim, whole, whole
    )
    spots = (POINTS * wide / SIDE + rim) / whole
    marks = tuple((float(a), float(b)) for a, b in spots)
    region = Region("attacker", box, look, landmarks=marks)
    picture = Picture(canvas)
    patch = region_patch(region, whole, whole, picture.grid)
    made = render(picture, Plan((region,)), _KEY)
    return alone(made, patch, Finding("face", box, 1.0, "attacker", landmarks=marks))


@lru_cache(maxsize=64)
def strangers(look: Treatment, side: int) -> Embeddings:
    """Faces that nobody has, masked by ``look``: drawn by tools/make_face_crowd.py.

    Under a mask that is made without looking all come out alike, so few will do.
    """
    data = weights.read("face-sheet")
    with Image.open(BytesIO(data)) as image:
        sheet = np.asarray(image.convert("RGB"))
    count = 2 if look.zero_bit else STRANGERS
    across = sheet.shape[1] // _SHEET_SIDE
    cuts = []
    for number in range(count):
        top, left = (_SHEET_SIDE * n for n in divmod(number, across))
        small = sheet[top : top + _SHEET_SIDE, left : left + _SHEET_SIDE]
        large = cv2.resize(small, (SIDE, SIDE), interpolation=cv2.INTER_CUBIC)
        cuts.append(masked_cut(large, look, side))
    return embed.embedder().embed_cuts(cuts, mirrored=False)


def _large(picture: Picture, findings: Iterable[Finding]) -> tuple[Finding, ...]:
    def side(face: Finding) -> float:
        x0, y0, x1, y1 = face.box.pixels(picture.width, picture.height)
        return min(x1 - x0, y1 - y0)

    faces = [f for f in findings if f.category.partition(".")[0] == "face"]
    large = [face for face in faces if side(face) >= LEAST]
    return tuple(sorted(large, key=lambda face: (-side(face), face.id))[:MOST])
