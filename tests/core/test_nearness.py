"""N25: how far things are apart in depth, from their sizes."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from privacy.core.nearness import background, bystanders, distances
from privacy.core.types import Box, Finding


def square(x: float, side: float) -> Box:
    return Box(x, 0.1, x + side, 0.1 + side)


def test_half_the_size_is_twice_as_far() -> None:
    found = distances({"near": square(0.1, 0.2), "far": square(0.5, 0.1)})
    assert found["near"] == 1
    assert found["far"] == pytest.approx(2)


def test_a_couple_in_front_and_passers_by_behind() -> None:
    boxes = {"ana": square(0.1, 0.2), "ben": square(0.4, 0.16)}
    boxes |= {"man": square(0.7, 0.05), "child": square(0.8, 0.04)}
    assert background(boxes) == {"man", "child"}


def test_one_alone_and_a_group_at_one_distance_have_no_background() -> None:
    assert background({}) == frozenset()
    assert background({"tiny": square(0.5, 0.01)}) == frozenset()
    assert background({str(n): square(n / 10, 0.05 + n / 200) for n in range(8)}) == (
        frozenset()
    )


def test_only_faces_count() -> None:
    face = Finding("face", square(0.1, 0.3), 0.9, "test", id="a")
    far = Finding("face", square(0.6, 0.05), 0.9, "test", id="b")
    plate = Finding("licence_plate", square(0.8, 0.02), 0.9, "test", id="c")
    assert bystanders([face, far, plate]) == {"b"}


@given(
    sides=st.lists(st.floats(0.001, 0.5), min_size=1, max_size=8),
    zoom=st.floats(0.1, 1.9),
)
def test_the_nearest_never_is_and_zooming_changes_nothing(
    sides: list[float], zoom: float
) -> None:
    boxes = {str(n): Box(0, 0, side, side) for n, side in enumerate(sides)}
    found = distances(boxes)
    assert min(found.values()) == 1
    assert str(sides.index(max(sides))) not in background(boxes)
    zoomed = {name: Box(0, 0, b.x1 * zoom, b.y1 * zoom) for name, b in boxes.items()}
    for name, distance in distances(zoomed).items():
        assert math.isclose(distance, found[name], rel_tol=1e-9)
