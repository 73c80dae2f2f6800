"""How often people are recognised under each mask, by photos of them at other times.

Eight people, five photos each. Each photo is masked, and the attacker looks for the
same person among all other photos, clear (``clean``) or masked like it with a key of
his own (``parrot``). Only the mask's pixels are shown to him. Who answers at random is
right in 1 of 8.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from privacy.bench.report import Report, Table
from privacy.core import embed
from privacy.core.detectors.faces import FaceDetector
from privacy.core.image import Picture, Pixels
from privacy.core.redact.mask import region_patch
from privacy.core.reidentify import alone
from privacy.core.render import render
from privacy.core.types import Finding, Plan, Region, Style, Treatment

LOOKS: tuple[Treatment, ...] = (
    *(Treatment(style) for style in (Style.FILL, Style.VEIL, Style.STICKER)),
    *(Treatment(style) for style in (Style.AVATAR, Style.SYNTHETIC, Style.REMOVE)),
    Treatment(Style.SEAL),
    *(Treatment(Style.BLUR, strength) for strength in (0.0, 0.5, 1.0)),
    *(Treatment(Style.PIXELATE, strength) for strength in (0.0, 0.5, 1.0)),
    *(Treatment(Style.SALIENCY, strength) for strength in (0.0, 0.5, 1.0)),
)

Masker = Callable[[Picture, Plan, bytes], Pixels]


@dataclass(frozen=True, slots=True)
class Portrait:
    """One photo of one person, and where the face is."""

    name: str
    picture: Picture
    face: Finding


def portraits(folder: Path) -> list[Portrait]:
    """``name_1.png`` … of a folder, by name; the largest face of each."""
    detector = FaceDetector()
    detector.load()
    found = []
    for path in sorted(folder.glob("*_[0-9].png")):
        with Image.open(path) as image:
            picture = Picture(np.asarray(image.convert("RGB")))
        face = max(detector.detect(picture), key=lambda one: one.box.area)
        found.append(Portrait(path.stem.rpartition("_")[0], picture, face))
    return found


def grey(picture: Picture, plan: Plan, key: bytes) -> Pixels:
    """The opaque control: one grey for all, whatever lies around."""
    pixels = picture.pixels.copy()
    for region in plan.regions:
        patch = region_patch(region, picture.width, picture.height, picture.grid)
        pixels[patch.place][patch.mask] = 127
    return pixels


def masked(
    people: Sequence[Portrait], look: Treatment, key: bytes, masker: Masker = render
) -> embed.Embeddings:
    """(n, 128): each portrait by what its mask shows, each with a secret of its own."""
    cuts = []
    for number, one in enumerate(people):
        region = Region(one.face.id, one.face.box, look, landmarks=one.face.landmarks)
        picture = one.picture
        patch = region_patch(region, picture.width, picture.height, picture.grid)
        secret = key + number.to_bytes(4, "big")
        made = masker(picture, Plan((region,)), secret)
        cuts.append(alone(made, patch, one.face))
    return embed.embedder().embed_cuts(cuts)


def clear(people: Sequence[Portrait]) -> embed.Embeddings:
    """(n, 128): each portrait as it is."""
    cuts = [embed.cut(one.picture, one.face) for one in people]
    return embed.embedder().embed_cuts(cuts)


def rank_one(
    people: Sequence[Portrait], probes: embed.Embeddings, gallery: embed.Embeddings
) -> float:
    """Share of probes whose nearest of the other photos shows the same person.

    Of several that are equally near, each counts for its part.
    """
    names = np.array([one.name for one in people])
    similar = probes @ gallery.T
    np.fill_diagonal(similar, -2)
    nearest = similar >= similar.max(axis=1, keepdims=True) - 1e-5
    right = nearest & (names[:, None] == names[None])
    return float((right.sum(axis=1) / nearest.sum(axis=1)).mean())


def recognition(folder: Path) -> Report:
    """Rank-1 by look and strength, beside no mask and an opaque control."""
    people = portraits(folder)
    plain = clear(people)
    rows: list[tuple[str, float, float]] = [
        ("no mask", rank_one(people, plain, plain), rank_one(people, plain, plain))
    ]
    looks = [("opaque control", Treatment(Style.FILL), grey)]
    looks += [(_words(look), look, render) for look in LOOKS]
    for words, look, masker in looks:
        mine = masked(people, look, b"owner", masker)
        theirs = masked(people, look, b"attacker", masker)
        rows.append(
            (words, rank_one(people, mine, plain), rank_one(people, mine, theirs))
        )
    return Report(
        "recognition",
        [
            Table(
                "Faces recognised under masks", ("mask", "clean", "parrot"), tuple(rows)
            )
        ],
        {"portraits": len(people), "people": len({one.name for one in people})},
    )


def _words(look: Treatment) -> str:
    return look.style if look.zero_bit else f"{look.style} {look.strength:g}"
