"""Merging: what it unites, what it keeps apart, and what holds for any findings."""

from __future__ import annotations

import random

from hypothesis import given, settings
from hypothesis import strategies as st

from privacy.core.merge import convex_hull, merge
from privacy.core.types import Box, Finding


def finding(
    x0: float,
    y0: float,
    x1: float,
    y1: float,
    category: str = "face",
    confidence: float = 0.5,
    detector: str = "faces",
    **more: object,
) -> Finding:
    return Finding(category, Box(x0, y0, x1, y1), confidence, detector, **more)  # type: ignore[arg-type]


def boxes() -> st.SearchStrategy[Box]:
    """Boxes on a coarse grid, so that they meet, touch and repeat often."""
    corner = st.integers(0, 12)
    side = st.integers(1, 6)
    return st.builds(
        lambda x, y, w, h: Box(x / 20, y / 20, (x + w) / 20, (y + h) / 20),
        corner,
        corner,
        side,
        side,
    )


def outlines(box: Box) -> st.SearchStrategy[tuple[tuple[float, float], ...]]:
    triangle = ((box.x0, box.y0), (box.x1, box.y0), (box.x1, box.y1))
    return st.sampled_from([(), triangle])


findings = st.lists(
    boxes().flatmap(
        lambda box: st.builds(
            Finding,
            category=st.sampled_from(
                ["face", "person", "licence_plate", "text.phone", "object.car"]
            ),
            box=st.just(box),
            confidence=st.sampled_from([0.2, 0.5, 0.9]),
            detector=st.sampled_from(["a", "b", "c"]),
            kind=st.sampled_from(["", "login"]),
            outline=outlines(box),
            evidence=st.sampled_from(["", "one", "two"]),
            landmarks=st.sampled_from([(), ((0.5, 0.5),)]),
        )
    ),
    max_size=14,
)


@settings(max_examples=40, deadline=None)
@given(findings)
def test_merging_twice_changes_nothing(several: list[Finding]) -> None:
    once = merge(several)
    assert merge(once) == once


@settings(max_examples=40, deadline=None)
@given(findings, st.randoms(use_true_random=False))
def test_order_does_not_matter(several: list[Finding], chance: random.Random) -> None:
    shuffled = list(several)
    chance.shuffle(shuffled)
    assert merge(shuffled) == merge(several)


@settings(max_examples=60, deadline=None)
@given(findings)
def test_nothing_is_lost_and_nothing_is_made_up(several: list[Finding]) -> None:
    merged = merge(several)
    assert len(merged) <= len(several)
    for one in several:
        over = [
            m
            for m in merged
            if (m.category, m.kind) == (one.category, one.kind)
            and m.box.hull(one.box) == m.box
        ]
        assert any(
            m.confidence >= one.confidence
            and set(one.detector.split("+")) <= set(m.detector.split("+"))
            and one.evidence in m.evidence
            for m in over
        )
    for m in merged:
        inside = [
            one
            for one in several
            if one.category == m.category and m.box.hull(one.box) == m.box
        ]
        assert m.confidence in {one.confidence for one in inside}


@settings(max_examples=40, deadline=None)
@given(findings)
def test_from_top_to_bottom(several: list[Finding]) -> None:
    places = [(m.box.y0, m.box.x0) for m in merge(several)]
    assert places == sorted(places)


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), max_size=20))
def test_a_convex_hull_holds_every_point(points: list[tuple[int, int]]) -> None:
    hull = convex_hull(points)
    assert set(hull) <= set(points)
    if len(hull) < 3:
        return
    for x, y in points:
        for (ax, ay), (bx, by) in zip(hull, hull[1:] + hull[:1], strict=True):
            assert (bx - ax) * (y - ay) - (by - ay) * (x - ax) >= 0


def test_duplicates_across_detectors_become_one() -> None:
    merged = merge(
        [
            finding(0.1, 0.1, 0.3, 0.3, confidence=0.6, evidence="small"),
            finding(0.12, 0.1, 0.32, 0.3, confidence=0.9, detector="second"),
        ]
    )
    assert len(merged) == 1
    assert merged[0].detector == "faces+second"
    assert merged[0].confidence == 0.9
    assert merged[0].box == Box(0.1, 0.1, 0.32, 0.3)
    assert merged[0].evidence == "small"


def test_neighbouring_faces_stay_apart() -> None:
    row = [finding(0.1 + i * 0.08, 0.1, 0.2 + i * 0.08, 0.25) for i in range(6)]
    assert len(merge(row)) == 6


def test_a_face_inside_a_face_is_one() -> None:
    inner = finding(0.2, 0.2, 0.3, 0.3)
    outer = finding(0.1, 0.1, 0.5, 0.5)
    assert [m.box for m in merge([inner, outer])] == [outer.box]


def test_a_child_before_an_adult_stays() -> None:
    adult = finding(0.1, 0.1, 0.5, 0.9, "person")
    child = finding(0.2, 0.5, 0.4, 0.9, "person")
    assert len(merge([adult, child])) == 2


def test_a_face_inside_a_document_stays() -> None:
    card = finding(0.1, 0.1, 0.5, 0.4, "document.id_card")
    face = finding(0.15, 0.15, 0.25, 0.35)
    assert len(merge([card, face])) == 2


def test_fragments_of_a_plate_cut_by_tiles_are_united() -> None:
    left = finding(0.30, 0.5, 0.52, 0.55, "licence_plate")
    right = finding(0.48, 0.501, 0.70, 0.551, "licence_plate")
    assert [m.box for m in merge([left, right])] == [Box(0.30, 0.5, 0.70, 0.551)]
    apart = finding(0.80, 0.5, 0.95, 0.55, "licence_plate")
    assert len(merge([left, right, apart])) == 2


def test_fragments_that_only_touch_or_do_not_line_up_stay_apart() -> None:
    left = finding(0.30, 0.5, 0.5, 0.55, "licence_plate")
    touching = finding(0.5, 0.5, 0.7, 0.55, "licence_plate")
    lower = finding(0.48, 0.53, 0.70, 0.58, "licence_plate")
    assert len(merge([left, touching])) == 2
    assert len(merge([left, lower])) == 2


def test_outlines_unite_with_the_boxes_of_those_without() -> None:
    outlined = finding(
        0.1,
        0.1,
        0.3,
        0.3,
        "licence_plate",
        outline=((0.1, 0.1), (0.3, 0.1), (0.2, 0.3)),
    )
    boxed = finding(0.12, 0.12, 0.31, 0.31, "licence_plate")
    (one,) = merge([outlined, boxed])
    assert {(0.31, 0.31), (0.12, 0.31), (0.1, 0.1)} <= set(one.outline)


def test_a_login_code_is_not_any_code() -> None:
    plain = finding(0.1, 0.1, 0.3, 0.3, "code.qr")
    login = finding(0.1, 0.1, 0.3, 0.3, "code.qr", kind="login")
    assert {m.kind for m in merge([plain, login])} == {"", "login"}


def test_slanting_lines_of_text_stay_apart() -> None:
    first = finding(0.1, 0.10, 0.6, 0.30, "text")
    second = finding(0.1, 0.15, 0.6, 0.35, "text")
    assert first.box.iou(second.box) > 0.5
    assert len(merge([first, second])) == 2
    assert len(merge([first, first])) == 1
