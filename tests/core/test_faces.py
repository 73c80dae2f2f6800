"""Faces, by the real model on real pictures."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from privacy.bench.datasets import load
from privacy.bench.metrics import Tally, boxes_of, tally
from privacy.core import weights
from privacy.core.detectors.base import Detector
from privacy.core.detectors.faces import FaceDetector, _decoded, _united
from privacy.core.errors import ModelError
from privacy.core.image import Picture

DATA = Path(__file__).parents[2].parent / "shared" / "data"

needs_weights = pytest.mark.skipif(
    weights.state("centerface") is not weights.State.OK,
    reason="centerface is not fetched: python -m privacy.core weights fetch",
)
needs_data = pytest.mark.skipif(
    not DATA.is_dir(), reason="needs the labelled pictures in ../shared/data"
)


@pytest.fixture(scope="module")
def detector() -> Detector:
    found = FaceDetector()
    found.load()
    return found


@needs_weights
@needs_data
@pytest.mark.shared
@pytest.mark.long
def test_recall_floor_on_wider(detector: Detector) -> None:
    """The aim of docs/detectors.md on faces of 16 px and more: R .92 at P .80."""
    total = Tally()
    for example in load(DATA / "devset", ("face",)):
        picture = example.picture()
        found = detector.detect(picture)
        small = [x for x in example.labels if x.ignore or x.side < 16]
        total += tally(
            boxes_of([x.box for x in example.labels if x not in small]),
            boxes_of([x.box for x in small]),
            boxes_of([f.box.pixels(picture.width, picture.height) for f in found]),
            [f.confidence for f in found],
        )
    assert total.labels == 262
    assert total.recall >= 0.91
    assert total.precision >= 0.80
    assert total.coverage >= 0.88


@needs_weights
@needs_data
@pytest.mark.shared
@pytest.mark.parametrize(
    "side", [96, 400, *(pytest.param(n, marks=pytest.mark.long) for n in (1000, 2400))]
)
def test_finds_a_face_that_fills_the_picture(detector: Detector, side: int) -> None:
    for name in ("amy_1", "amy_2", "amy_3"):
        with Image.open(DATA / "identities" / f"{name}.png") as image:
            pixels = np.asarray(image.convert("RGB").resize((side, side)))
        picture = Picture(pixels)
        found = detector.detect(picture)
        assert found, f"{name} at {side} px"
        best = found[0]
        assert best.category == "face"
        assert best.detector == "faces"
        assert best.box.area > 0.2
        left_eye, right_eye, nose, left_mouth, right_mouth = best.landmarks
        assert left_eye[0] < right_eye[0]
        assert left_mouth[0] < right_mouth[0]
        assert max(left_eye[1], right_eye[1]) < nose[1]
        assert nose[1] < min(left_mouth[1], right_mouth[1])


@needs_weights
@pytest.mark.parametrize("shape", [(1, 1), (3, 900), (40, 1)])
def test_pictures_without_a_face_give_none(
    detector: Detector, shape: tuple[int, int]
) -> None:
    assert detector.detect(Picture(np.full((*shape, 3), 128, np.uint8))) == []


@needs_weights
@needs_data
@pytest.mark.shared
def test_i7_a_low_threshold_finds_more(detector: Detector) -> None:
    example = next(iter(load(DATA / "devset", ("face",))))
    picture = example.picture()
    usual = detector.detect(picture)
    low = detector.detect(picture, threshold=0.05)
    high = detector.detect(picture, threshold=0.8)
    assert len(high) < len(usual) < len(low)
    assert all(f.confidence >= 0.8 for f in high)


def heads(heat: float, size: float) -> list[np.ndarray]:
    depths = (1, 2, 2, 10)
    made = [np.zeros((1, depth, 8, 8), np.float32) for depth in depths]
    made[0][0, 0, 3, 5] = heat
    made[1][:] = size
    return made


def test_k9_outputs_of_another_shape_are_an_error() -> None:
    good = heads(0.9, 2.0)
    assert len(_decoded(good, (8, 8), None)) == 1
    with pytest.raises(ModelError, match="were due"):
        _decoded(good, (8, 9), None)
    with pytest.raises(ModelError, match="were due"):
        _decoded(good[:3], (8, 8), None)
    with pytest.raises(ModelError, match="were due"):
        _decoded([], (8, 8), None)


def test_k9_a_box_without_finite_size_is_an_error() -> None:
    with pytest.raises(ModelError, match="finite"):
        _decoded(heads(0.9, 200.0), (8, 8), None)


def test_small_candidates_need_more_confidence() -> None:
    large, small = np.log(40 / 4), np.log(10 / 4)
    assert len(_decoded(heads(0.3, large), (8, 8), None)) == 1
    assert len(_decoded(heads(0.3, small), (8, 8), None)) == 0
    assert len(_decoded(heads(0.5, small), (8, 8), None)) == 1
    assert len(_decoded(heads(0.3, small), (8, 8), 0.05)) == 1


def test_neighbouring_faces_stay_two() -> None:
    rows = np.zeros((3, 15), np.float32)
    rows[:, :5] = [
        [0, 0, 40, 40, 0.9],
        [2, 1, 42, 41, 0.8],
        [30, 0, 70, 40, 0.7],
    ]
    first, second = _united(rows)
    assert 0 < first[0] < 2
    assert second[:4].tolist() == [30, 0, 70, 40]
