"""Nudity, by the real model on real pictures.

There are no labelled positives: what is held here is the meaning of the classes, and
that people in clothes raise no alarm.
"""

from __future__ import annotations

import ast
from pathlib import Path

import numpy as np
import pytest

from privacy.bench.datasets import load
from privacy.core import taxonomy, weights
from privacy.core.detectors.base import Detector
from privacy.core.detectors.nudity import (
    CATEGORIES,
    CLASSES,
    NudityDetector,
)
from privacy.core.detectors.onnx import Session
from privacy.core.image import Picture

DATA = Path(__file__).parents[2].parent / "shared" / "data"

needs_weights = pytest.mark.skipif(
    weights.state("nudenet") is not weights.State.OK,
    reason="nudenet is not fetched: python -m privacy.core weights fetch",
)
needs_data = pytest.mark.skipif(
    not DATA.is_dir(), reason="needs the labelled pictures in ../shared/data"
)


def test_every_part_of_the_taxonomy_is_told_and_nothing_else() -> None:
    parts = {f"nudity.{part}" for part in taxonomy.NUDITY_PARTS}
    assert set(CATEGORIES.values()) == parts
    assert len(CATEGORIES) == len(parts)


@needs_weights
def test_the_classes_stand_in_the_order_of_the_model() -> None:
    names = ast.literal_eval(Session("nudenet", threads=1).metadata["names"])
    told = [names[i].lower().removesuffix("_exposed") for i in range(len(names))]
    assert tuple(told) == CLASSES


@needs_weights
def test_an_empty_picture_has_none() -> None:
    detector = NudityDetector()
    assert isinstance(detector, Detector)
    assert detector.detect(Picture(np.full((40, 900, 3), 128, np.uint8))) == []


@needs_weights
@needs_data
@pytest.mark.shared
def test_people_in_clothes_raise_no_alarm() -> None:
    detector = NudityDetector()
    alarms = [
        finding
        for example in load(DATA / "devset", ("face",))
        for finding in detector.detect(example.picture())
    ]
    assert alarms == []
