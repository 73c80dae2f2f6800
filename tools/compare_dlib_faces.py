"""Run dlib's original face network beside the converted one.

    pip install dlib-bin    # into an environment of its own; nothing else needs it
    python tools/compare_dlib_faces.py FILE.dat PHOTO.png …

Prints the smallest cosine and the largest difference of the 128 numbers over the photos,
each scaled to 150 x 150.
"""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path

import numpy as np
import onnxruntime
from PIL import Image

MODEL = Path(__file__).parents[1] / "privacy" / "core" / "models" / "dlib-faces.onnx"


def main(dat: str, *photos: str) -> None:
    dlib = import_module("dlib")
    original = dlib.face_recognition_model_v1(dat)
    session = onnxruntime.InferenceSession(str(MODEL))
    cuts = []
    for photo in photos:
        with Image.open(photo) as image:
            cuts.append(np.array(image.convert("RGB").resize((150, 150))))
    theirs = np.array([np.array(original.compute_face_descriptor(cut)) for cut in cuts])
    ours = session.run(None, {"faces": np.stack(cuts).astype(np.float32)})[0]
    lengths = np.linalg.norm(theirs, axis=1) * np.linalg.norm(ours, axis=1)
    print(
        f"{len(cuts)} photos, cosine >= {((theirs * ours).sum(1) / lengths).min():.6f}"
    )
    print(f"difference <= {abs(theirs - ours).max():.4f} of {abs(theirs).max():.2f}")


if __name__ == "__main__":
    main(*sys.argv[1:])
