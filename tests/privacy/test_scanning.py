"""Keeping what was found: choices survive a re-scan, and regions only grow (I12)."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from accounts.models import User
from privacy import decisions, review, scanning
from privacy.core.types import (
    Box,
    DetectorRun,
    Finding,
    Plan,
    Region,
    ScanReport,
    Status,
    Style,
    Tier,
    Treatment,
)
from privacy.models import Finding as Row
from privacy.models import Scan
from tests.factories import make_user

FACE = Box(0.2, 0.2, 0.4, 0.5)


def report(*findings: Finding, status: Status = Status.OK) -> ScanReport:
    return ScanReport(100, 80, findings, (DetectorRun("faces", status, 3.0, "m"),))


def face(box: Box = FACE, confidence: float = 0.9) -> Finding:
    return Finding("face", box, confidence, "faces")


@pytest.fixture
def owner(db: None) -> User:
    return make_user("alice")


@pytest.fixture
def subject() -> UUID:
    return uuid4()


def test_a_report_is_kept_as_it_is(owner: User, subject: UUID) -> None:
    line = Finding(
        "text.phone", Box(0.5, 0.5, 0.9, 0.6), 0.8, "text", "mobile",
        ((0.5, 0.5), (0.9, 0.5), (0.9, 0.6)), "phone number +49 … 12",
    )  # fmt: skip
    scan = scanning.store(report(face(), line), subject, owner.pk)
    assert scan.complete
    assert scan.runs == [{"name": "faces", "status": "ok", "ms": 3.0, "model": "m"}]
    found, _choices = decisions.findings_of(scan)
    assert set(found) == {face(), line}


@pytest.mark.parametrize("status", [Status.FAILED, Status.MISSING])
def test_a_scan_with_a_failed_detector_is_not_complete(
    owner: User, subject: UUID, status: Status
) -> None:
    assert not scanning.store(report(status=status), subject, owner.pk).complete


def test_the_newest_scan_is_the_only_one(owner: User, subject: UUID) -> None:
    scanning.store(report(face()), subject, owner.pk)
    second = scanning.store(report(face()), subject, owner.pk)
    assert list(Scan.objects.filter(subject=subject)) == [second]


def test_choices_and_drawn_regions_outlive_a_rescan(owner: User, subject: UUID) -> None:
    scanning.store(report(face()), subject, owner.pk)
    old = Row.objects.get()
    review.set_choice(subject, old.region, "show", Tier.SEMI)
    review.set_style(subject, [old.region], "sticker", "leaf")
    drawn = review.add_region(subject, Box(0.6, 0.6, 0.8, 0.8))
    moved = Box(0.21, 0.21, 0.41, 0.51)
    scanning.store(report(face(moved)), subject, owner.pk)
    new = Row.objects.get(category="face")
    assert new.region == old.region  # its noise and its sticker stay the same
    assert (new.choice, new.show_from, new.style, new.art) == (
        "show", 1, "sticker", "leaf",
    )  # fmt: skip
    kept = Row.objects.get(manual=True)
    assert kept.region == drawn.region
    assert kept.choice == "hide"


def test_i12_a_finding_that_is_not_found_again_stays(
    owner: User, subject: UUID
) -> None:
    scanning.store(report(face()), subject, owner.pk)
    scan = scanning.store(report(), subject, owner.pk)
    assert [row.category for row in scan.findings.all()] == ["face"]


def test_an_outline_that_changed_gives_way_to_the_whole_box(
    owner: User, subject: UUID
) -> None:
    def person(top: float) -> Finding:
        outline = ((0.2, top), (0.4, 0.2), (0.4, 0.5), (0.2, 0.5))
        return Finding("person", FACE, 0.9, "objects", outline=outline)

    scanning.store(report(person(0.3)), subject, owner.pk)
    scanning.store(report(person(0.3)), subject, owner.pk)
    assert Row.objects.get().outline != []
    scanning.store(report(person(0.25)), subject, owner.pk)
    assert Row.objects.get().outline == []


def test_two_findings_of_one_kind_and_place_are_kept_once(
    owner: User, subject: UUID
) -> None:
    scan = scanning.store(report(face(), face(confidence=0.5)), subject, owner.pk)
    assert scan.findings.count() == 1


def test_a_sliver_at_the_edge_is_kept(owner: User, subject: UUID) -> None:
    edge = face(Box(1.0, 0.2, 1.0, 0.4))
    scan = scanning.store(report(edge), subject, owner.pk)
    row = scan.findings.get()
    assert row.x0 < row.x1 <= 1


def test_what_had_to_be_hardened_stays_so(owner: User, subject: UUID) -> None:
    scan = scanning.store(report(face()), subject, owner.pk)
    region = scan.findings.get().region
    weak = Plan.of([Region(region, FACE, Treatment(Style.BLUR))])
    wider = Box(0.15, 0.15, 0.45, 0.55)
    strong = Plan.of([Region(region, wider, Treatment(Style.FILL, 1.0))])
    assert scanning.harden(scan, weak, weak) == 0
    assert scanning.harden(scan, weak, strong) == 1
    again = scanning.store(report(face()), subject, owner.pk)
    plan = decisions.plans_for(again)[Tier.FULL]
    assert plan.regions[0].treatment.style is Style.FILL
    assert plan.regions[0].box == wider


boxes = st.builds(
    lambda x, y, w, h: Box(x, y, min(1.0, x + w), min(1.0, y + h)),
    *[st.floats(0, 0.8) for _ in range(2)],
    *[st.floats(0.05, 0.5) for _ in range(2)],
)


class TestUnion(TestCase):
    @settings(max_examples=25, deadline=None)
    @given(st.lists(st.lists(boxes, max_size=4), min_size=2, max_size=4))
    def test_i12_whatever_is_found_nothing_once_covered_is_left_open(
        self, rounds: list[list[Box]]
    ) -> None:
        owner, subject = make_user(f"u{uuid4().hex[:12]}"), uuid4()
        ever: list[Box] = []
        for found in rounds:
            scan = scanning.store(report(*map(face, found)), subject, owner.pk)
            ever += found
            now = [scanning.box_of(row) for row in scan.findings.all()]
            for box in ever:
                assert any(one.covers(box) > 1 - 1e-9 for one in now)
