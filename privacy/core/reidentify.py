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
RECOGNISED = 0.3
"""Similarity from which the nearest of a clear gallery counts as recognised; below it
the nearest is nobody in particular."""
STRANGERS = 16
"""Drawn faces among which the attacker of the second way looks."""

_FLAT = 127
_TIE = 1e-3  # what is no nearer than this is not nearer
_RIM = 33  # pixels around a cut when it is masked
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
        self._masked: dict[Treatment, Embeddings] = {}
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
                    self._by_clear(probe, number),
                    self._by_masked(probe, number, region.treatment),
                )
            )
        return tuple(found)

    def _by_clear(self, probe: Embeddings, number: int) -> bool:
        assert self._network is not None  # noqa: S101 - there is a face
        mine = self._clear @ probe
        others = self._network.crowd @ probe
        nearest = mine[number] >= max(mine.max(), others.max())
        return bool(nearest and mine[number] >= RECOGNISED)

    def _by_masked(self, probe: Embeddings, number: int, look: Treatment) -> bool:
        if look not in self._masked:
            mine = [masked_cut(cut[:, ::-1], look) for cut in self._cuts]
            self._masked[look] = np.concatenate([self._seen(mine), strangers(look)])
        similar = self._masked[look] @ probe
        others = np.delete(similar, number)
        return bool(similar[number] > others.max() + _TIE)

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
    return mine >= RECOGNISED or mine > float((network.crowd @ after).max())


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


def masked_cut(cut: Pixels, look: Treatment) -> Pixels:
    """A clear cut, masked as the attacker masks his own pictures, and cut again."""
    side = SIDE + 2 * _RIM
    canvas = np.full((side, side, 3), _FLAT, np.uint8)
    canvas[_RIM:-_RIM, _RIM:-_RIM] = cut
    x, y, half = (SIDE * v for v in (BOX[0], BOX[1], BOX[2] / 2))
    box = Box.from_pixels(
        x - half + _RIM, y - half + _RIM, x + half + _RIM, y + half + _RIM, side, side
    )
    marks = tuple((float(a), float(b)) for a, b in (POINTS + _RIM) / side)
    region = Region("attacker", box, look, landmarks=marks)
    picture = Picture(canvas)
    patch = region_patch(region, side, side, picture.grid)
    made = render(picture, Plan((region,)), _KEY)
    return alone(made, patch, Finding("face", box, 1.0, "attacker", landmarks=marks))


@lru_cache(maxsize=32)
def strangers(look: Treatment) -> Embeddings:
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
        cuts.append(masked_cut(large, look))
    return embed.embedder().embed_cuts(cuts, mirrored=False)


def _large(picture: Picture, findings: Iterable[Finding]) -> tuple[Finding, ...]:
    def side(face: Finding) -> float:
        x0, y0, x1, y1 = face.box.pixels(picture.width, picture.height)
        return min(x1 - x0, y1 - y0)

    faces = [f for f in findings if f.category.partition(".")[0] == "face"]
    large = [face for face in faces if side(face) >= LEAST]
    return tuple(sorted(large, key=lambda face: (-side(face), face.id))[:MOST])
