"""Draw the crowd that faces are told apart from: 128 people who do not exist.

    python tools/make_face_crowd.py ../shared/data/devset/images

Every face of 20 pixels and more in the given photos is put into numbers; from their mean
and spread, 128 rows are drawn with a fixed seed. No row belongs to anyone, and none can
be led back to a photo. Their mean is where privacy/core/embed.py measures from, and the
red-team meter hides a face among them. The file is float16 and takes 32 kB.
"""

from __future__ import annotations

import argparse
import hashlib
from io import BytesIO
from pathlib import Path

import numpy as np
from PIL import Image

from privacy.core import embed
from privacy.core.detectors.faces import FaceDetector
from privacy.core.image import Picture

OUT = Path(__file__).parents[1] / "privacy" / "core" / "models" / "face-crowd.npy"
PEOPLE = 128
SEED = 20261127
LEAST_SIDE = 20
LEAST_CONFIDENCE = 0.5


def measured(folder: Path) -> embed.Embeddings:
    """(n, 128) rows of length 1, one a face, neither centred nor drawn."""
    detector, network = FaceDetector(), embed.Network()
    detector.load()
    network.load()
    rows = []
    for path in sorted(folder.glob("*.jpg")):
        with Image.open(path) as image:
            picture = Picture(np.asarray(image.convert("RGB")))
        for face in detector.detect(picture):
            x0, y0, x1, y1 = face.box.pixels(picture.width, picture.height)
            if (
                face.confidence >= LEAST_CONFIDENCE
                and min(x1 - x0, y1 - y0) >= LEAST_SIDE
            ):
                rows.append(network.raw([embed.cut(picture, face)])[0])
    return np.stack(rows)


def drawn(rows: embed.Embeddings) -> embed.Embeddings:
    """(128, 128) rows like ``rows``, with their mean."""
    centre = rows.mean(0)
    spread = np.cov(rows.astype(np.float64), rowvar=False)
    crowd = np.random.default_rng(SEED).multivariate_normal(
        np.zeros(len(centre)), spread, PEOPLE, method="eigh"
    )
    crowd += centre - crowd.mean(0)
    return crowd.astype(np.float32)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("photos", type=Path)
    args = parser.parse_args()
    rows = measured(args.photos)
    buffer = BytesIO()
    np.save(buffer, drawn(rows).astype(np.float16), allow_pickle=False)
    OUT.write_bytes(buffer.getvalue())
    print(f"{len(rows)} faces, {OUT.name}: {len(buffer.getvalue())} bytes")
    print(f"sha256 {hashlib.sha256(buffer.getvalue()).hexdigest()}")


if __name__ == "__main__":
    main()
