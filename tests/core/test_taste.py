"""The personal score: generic without lessons, and sooner of one mind with its owner."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from privacy.bench import datasets
from privacy.bench.learn import STEPS, TUNING, _picture, curve
from privacy.core.taste import (
    ENOUGH,
    Lesson,
    Taste,
    Trait,
    learn,
    traits,
    usual,
)
from privacy.core.taxonomy import all_categories
from privacy.core.types import Box, Finding, Tier

DATA = Path(__file__).resolve().parents[2].parent / "shared" / "data" / "devset"
NAMES = [one.name for one in all_categories()]
LAPTOP = Trait("object.laptop", weight=0.33, side=0.3, off=0.3, confidence=0.9)

some_trait = st.builds(
    Trait,
    category=st.sampled_from(NAMES),
    weight=st.floats(0, 1),
    side=st.floats(0, 1),
    off=st.floats(0, 1),
    confidence=st.floats(0, 1),
    count=st.integers(1, 60),
)
some_lesson = st.builds(Lesson, some_trait, st.integers(0, 3))


@given(some_trait)
def test_m6_without_corrections_the_generic_score_decides(trait: Trait) -> None:
    generic = sum(trait.weight >= ENOUGH[tier] / 100 for tier in Tier)
    assert Taste().hidden(trait) == generic
    assert learn([]) == Taste()


@given(st.lists(some_lesson, max_size=12), some_trait)
def test_what_a_stricter_tier_sees_is_never_more(
    lessons: list[Lesson], trait: Trait
) -> None:
    full, semi, none = learn(lessons).chances(trait)
    assert 0 <= none <= semi <= full <= 1


@given(st.lists(some_lesson, min_size=1, max_size=8))
def test_the_start_of_the_search_does_not_matter(lessons: list[Lesson]) -> None:
    cold = learn(lessons)
    warm = learn(lessons, learn(lessons[:-1]))
    assert warm.weights.keys() == cold.weights.keys()
    for name, value in cold.weights.items():
        assert warm.weights[name] == pytest.approx(value, abs=1e-3)


def test_m6_laptops_left_visible_are_left_visible_and_faces_are_not() -> None:
    face = Trait("face", weight=0.5, side=0.3, off=0.2, confidence=0.9)
    phone = Trait("object.cell_phone", weight=0.33, side=0.2, off=0.4, confidence=0.9)
    assert Taste().hidden(LAPTOP) == 1
    lessons = [Lesson(LAPTOP, 0)] * 6 + [Lesson(LAPTOP, 1)]
    taste = learn(lessons)
    assert taste.hidden(LAPTOP) == 0
    assert taste.hidden(face) == Taste().hidden(face) == 2
    # What is like it follows a little, and a passport does not.
    assert taste.chances(phone)[0] < Taste().chances(phone)[0]
    assert taste.hidden(Trait("document.passport", weight=0.9)) == 3
    said = usual(lessons, "object.laptop")
    assert (said.hides, said.times, said.of) == (False, 6, 7)


def test_a_half_counted_lesson_moves_half_as_far_and_is_not_told_of() -> None:
    whole, half = learn([Lesson(LAPTOP, 3)]), learn([Lesson(LAPTOP, 3, 0.3)])
    start = Taste().chances(LAPTOP)[2]
    assert start < half.chances(LAPTOP)[2] < whole.chances(LAPTOP)[2]
    assert usual([Lesson(LAPTOP, 3, 0.3)], "object.laptop").of == 0


def test_traits_count_and_measure_and_hold_no_evidence() -> None:
    found = traits(
        [
            Finding("face", Box(0, 0, 0.1, 0.1), 0.9, "x", evidence="Ana", id="a"),
            Finding("face", Box(0.4, 0.4, 0.6, 0.6), 0.9, "x", id="b"),
        ]
    )
    assert found["a"].count == 2
    assert found["b"].off == pytest.approx(0)
    assert found["a"].side == pytest.approx(0.1)
    assert "Ana" not in repr(found)


@pytest.mark.shared
def test_m6_ten_corrections_gain_five_points_on_labelled_pictures() -> None:
    if not (DATA / "labels.json").is_file():
        pytest.skip("no labelled pictures")
    pictures = [one for one in map(_picture, datasets.load(DATA)) if one.things]
    curves = [curve(seed, pictures) for seed in TUNING[:5]]
    gains = [one[STEPS.index(10)] - one[0] for one in curves]
    assert sum(gains) / len(gains) >= 0.05
