"""Licence plates, by the real model on real pictures."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from privacy.bench.datasets import Example, load
from privacy.bench.metrics import Tally, boxes_of, tally
from privacy.core import weights
from privacy.core.detectors.base import Detector
from privacy.core.detectors.plates import PlateDetector, _parts
from privacy.core.detectors.yolo import candidates
from privacy.core.errors import ModelError
from privacy.core.image import Picture

DATA = Path(__file__).parents[2].parent / "shared" / "data"

needs_weights = pytest.mark.skipif(
    weights.state("platedet") is not weights.State.OK,
    reason="platedet is not fetched: python -m privacy.core weights fetch",
)
needs_data = pytest.mark.skipif(
    not DATA.is_dir(), reason="needs the labelled pictures in ../shared/data"
)


@pytest.fixture(scope="module")
def detector() -> Detector:
    found = PlateDetector()
    found.load()
    return found


def measured(detector: Detector, examples: list[Example]) -> Tally:
    total = Tally()
    for example in examples:
        picture = example.picture()
        found = detector.detect(picture)
        total += tally(
            boxes_of([label.box for label in example.labels]),
            boxes_of([]),
            boxes_of([f.box.pixels(picture.width, picture.height) for f in found]),
            [f.confidence for f in found],
        )
    return total


@needs_weights
@needs_data
@pytest.mark.shared
def test_recall_floor_on_european_plates(detector: Detector) -> None:
    examples = list(load(DATA / "devset", ("plate",)))
    total = measured(detector, [e for e in examples if "_eu_" in e.path.name][::2])
    assert total.labels == 5
    assert total.recall >= 0.93
    assert total.precision >= 0.90
    assert total.coverage >= 0.95


@needs_weights
@needs_data
@pytest.mark.shared
@pytest.mark.long
def test_recall_floor_on_all_plates(detector: Detector) -> None:
    """The floor of docs/detectors.md: R .93 at P .90."""
    total = measured(detector, list(load(DATA / "devset", ("plate",))))
    assert total.labels == 27
    assert total.recall >= 0.93
    assert total.precision >= 0.90
    assert total.coverage >= 0.93


@needs_weights
@needs_data
@pytest.mark.shared
def test_a_tilted_plate_has_an_outline_inside_its_box(detector: Detector) -> None:
    example = next(
        e for e in load(DATA / "devset", ("plate",)) if "eu_4097f681" in e.path.name
    )
    pixels = example.picture().pixels
    height, width = pixels.shape[:2]
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), 30, 1.0)
    turned = np.asarray(cv2.warpAffine(pixels, turn, (width, height)), np.uint8)
    x0, y0, x1, y1 = example.labels[0].box
    middle = turn @ ((x0 + x1) / 2, (y0 + y1) / 2, 1)
    found = detector.detect(Picture(turned))
    (plate,) = [f for f in found if f.outline]
    assert len(plate.outline) == 4
    outline = np.array(plate.outline, np.float32) * (width, height)
    assert cv2.pointPolygonTest(outline.astype(np.float32), tuple(middle), False) > 0
    box = plate.box
    assert cv2.contourArea(outline.astype(np.float32)) < box.area * width * height
    corners = np.array([[x0, y0, 1], [x1, y0, 1], [x1, y1, 1], [x0, y1, 1]]) @ turn.T
    shared, _ = cv2.intersectConvexConvex(
        outline.astype(np.float32), corners.astype(np.float32)
    )
    assert shared / ((x1 - x0) * (y1 - y0)) >= 0.95


@needs_weights
@pytest.mark.parametrize("shape", [(1, 1), (20, 900), (1500, 30)])
def test_pictures_without_a_plate_give_none(
    detector: Detector, shape: tuple[int, int]
) -> None:
    assert detector.detect(Picture(np.full((*shape, 3), 90, np.uint8))) == []


def test_large_pictures_are_seen_in_parts_that_cover_them() -> None:
    for width, height, count in ((640, 480, 0), (1280, 720, 2), (720, 1280, 2)):
        parts = _parts(Picture(np.zeros((height, width, 3), np.uint8)))
        assert len(parts) == count
    seen = np.zeros((3000, 4000), bool)
    parts = _parts(Picture(np.zeros((3000, 4000, 3), np.uint8)))
    for x0, y0, x1, y1 in parts:
        seen[y0:y1, x0:x1] = True
    assert len(parts) == 6
    assert seen.all()


@pytest.mark.parametrize("shape", [(1, 36, 8400), (37, 8400), (1, 37, 0), (2, 37, 9)])
def test_k9_outputs_of_another_shape_are_an_error(shape: tuple[int, ...]) -> None:
    with pytest.raises(ModelError, match="was due"):
        candidates(np.zeros(shape, np.float32), 1, 32, 0.25)
