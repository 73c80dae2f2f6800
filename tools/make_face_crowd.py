"""Draw the crowd that faces are told apart from: people who do not exist.

    python -m tools.make_face_crowd ../shared/data/devset/images

Every face of 20 pixels and more in the given photos is put into numbers; from their mean
and spread, 128 rows are drawn with a fixed seed (float16, 32 kB). Their mean is where
privacy/core/embed.py measures from, and the red-team meter hides a face among them.

In the same way 48 pictures are drawn from the mean and spread of the faces' pixels
(eigenfaces: Turk and Pentland, 1991), for an attacker who masks his own pictures before
he compares. Nothing drawn belongs to anyone, and none can be led back to a photo.
"""

from __future__ import annotations

import argparse
import hashlib
from io import BytesIO
from pathlib import Path

import cv2
import numpy as np
from PIL import Image

from privacy.core import embed
from privacy.core.detectors.faces import FaceDetector
from privacy.core.image import Picture, Pixels

MODELS = Path(__file__).parents[1] / "privacy" / "core" / "models"
PEOPLE = 128
SEED = 20261127
LEAST_SIDE = 20
LEAST_CONFIDENCE = 0.5
PICTURES, COLUMNS, SIDE = 48, 8, 64
FACES = 60  # the spread of pixels is kept along so many directions


def cuts_of(folder: Path) -> list[Pixels]:
    """The upright faces of every photo."""
    detector = FaceDetector()
    detector.load()
    found = []
    for path in sorted(folder.glob("*.jpg")):
        with Image.open(path) as image:
            picture = Picture(np.asarray(image.convert("RGB")))
        for face in detector.detect(picture):
            x0, y0, x1, y1 = face.box.pixels(picture.width, picture.height)
            least = min(x1 - x0, y1 - y0)
            if face.confidence >= LEAST_CONFIDENCE and least >= LEAST_SIDE:
                found.append(embed.cut(picture, face))
    return found


def drawn(rows: embed.Embeddings) -> embed.Embeddings:
    """(128, 128) rows like ``rows``, with their mean."""
    centre = rows.mean(0)
    spread = np.cov(rows.astype(np.float64), rowvar=False)
    crowd = np.random.default_rng(SEED).multivariate_normal(
        np.zeros(len(centre)), spread, PEOPLE, method="eigh"
    )
    crowd += centre - crowd.mean(0)
    return crowd.astype(np.float32)


def pictures(cuts: list[Pixels]) -> Image.Image:
    """A sheet of faces like ``cuts``, 64 x 64 each."""
    small = [cv2.resize(c, (SIDE, SIDE), interpolation=cv2.INTER_AREA) for c in cuts]
    flat = np.stack(small).reshape(len(cuts), -1).astype(np.float64)
    mean = flat.mean(0)
    _, sizes, ways = np.linalg.svd(flat - mean, full_matrices=False)
    chance = np.random.default_rng(SEED).standard_normal((PICTURES, FACES))
    made = mean + (chance * sizes[:FACES] / np.sqrt(len(cuts))) @ ways[:FACES]
    faces = np.clip(np.rint(made), 0, 255).astype(np.uint8)
    sheet = faces.reshape(-1, COLUMNS, SIDE, SIDE, 3).transpose(0, 2, 1, 3, 4)
    return Image.fromarray(sheet.reshape(-1, COLUMNS * SIDE, 3))


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("photos", type=Path)
    args = parser.parse_args()
    cuts = cuts_of(args.photos)
    numbers, sheet = BytesIO(), BytesIO()
    rows = embed.Network().raw(cuts)
    np.save(numbers, drawn(rows).astype(np.float16), allow_pickle=False)
    pictures(cuts).save(sheet, "webp", quality=85, method=6)
    for name, made in (("face-crowd.npy", numbers), ("face-sheet.webp", sheet)):
        content = made.getvalue()
        (MODELS / name).write_bytes(content)
        print(f"{name}: {len(content)} bytes of {len(cuts)} faces")
        print(f"sha256 {hashlib.sha256(content).hexdigest()}")


if __name__ == "__main__":
    main()
