"""Faces into people: what is joined, what never is, and how well on real portraits."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from privacy.core import embed, weights
from privacy.core.detectors.faces import FaceDetector
from privacy.core.grouping import DOUBT, NOBODY, group, nearest
from privacy.core.image import Picture

IDENTITIES = Path(__file__).parents[2].parent / "shared" / "data" / "identities"


def unit(rows: object) -> np.ndarray:
    found = np.array(rows, np.float32)
    return found / np.linalg.norm(found, axis=1, keepdims=True)


A, B = [1, 0, 0], [0, 1, 0]


def test_two_people_and_one_who_is_alone() -> None:
    rows = unit([A, B, [1, 0.1, 0], [0.1, 1, 0], [0, 0, 1]])
    assert group(rows, 0.5) == [0, 1, 0, 1, NOBODY]
    assert group(rows[:0], 0.5) == []


def test_known_people_stay_two_and_keep_their_numbers() -> None:
    rows = unit([A, [1, 0.05, 0], [1, 0.02, 0], B, [0.05, 1, 0]])
    found = group(rows, 0.5, [3, 7, NOBODY, NOBODY, NOBODY])
    assert found[:2] == [3, 7]
    assert found[2] in (3, 7)
    assert found[3] == found[4] == 8


def test_what_is_said_to_be_apart_is_apart_however_alike() -> None:
    rows = unit([A, A, A])
    assert group(rows, 0.5, apart=[(0, 1)]) == [0, NOBODY, 0]
    found = group(rows, 0.5, [0, NOBODY, NOBODY], apart=[(0, 1), (0, 2)])
    assert found == [0, 1, 1]


def test_whoever_fits_two_about_as_well_is_unknown() -> None:
    people = [unit([A]), unit([B])]
    assert nearest(unit([[1, 1, 0]])[0], people, 0.5)[0] == NOBODY
    assert nearest(unit([[1, 1 - 2 * DOUBT, 0]])[0], people, 0.5)[0] == 0
    assert nearest(unit([[1, 0.1, 0]])[0], people, 0.999)[0] == NOBODY
    assert nearest(unit([A])[0], [], 0.5)[0] == NOBODY


@given(st.integers(0, 2**32 - 1), st.integers(2, 24))
def test_same_rows_same_groups_and_nothing_that_is_apart_together(
    seed: int, count: int
) -> None:
    dice = np.random.default_rng(seed)
    rows = unit(dice.normal(size=(count, 6)))
    apart = [tuple(dice.integers(0, count, 2)) for _ in range(4)]
    apart = [(int(a), int(b)) for a, b in apart if a != b]
    found = group(rows, 0.3, apart=apart)
    assert found == group(rows, 0.3, apart=apart)
    for one, other in apart:
        assert found[one] == NOBODY or found[one] != found[other]
    for label, size in Counter(found).items():
        assert label == NOBODY or size > 1


@pytest.mark.shared
def test_n24_purity_and_completeness_on_forty_portraits() -> None:
    if not IDENTITIES.is_dir() or weights.state("centerface") is not weights.State.OK:
        pytest.skip("needs the portraits in ../shared/data and the face detector")
    detector, names, rows = FaceDetector(), [], []
    for path in sorted(IDENTITIES.glob("*_?.png")):
        with Image.open(path) as image:
            picture = Picture(np.asarray(image.convert("RGB")))
        face = max(detector.detect(picture), key=lambda one: one.box.area)
        rows.append(embed.embed(picture, [face])[0])
        names.append(path.stem[:-2])
    found = group(np.stack(rows), embed.SAME_PERSON)
    groups = {label: [n for n, g in zip(names, found, strict=True) if g == label]
              for label in set(found) - {NOBODY}}  # fmt: skip
    kept = sum(map(len, groups.values()))
    pure = sum(Counter(of).most_common(1)[0][1] for of in groups.values()) / kept
    largest = sum(
        max(of.count(name) for of in groups.values()) for name in set(names)
    ) / len(names)
    assert len(groups) == 8
    assert pure >= 0.99
    assert largest >= 0.95
