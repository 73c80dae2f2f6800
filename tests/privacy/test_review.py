"""What owners change about their findings."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest

from privacy import review, scanning
from privacy.core.types import Box, DetectorRun, Finding, ScanReport, Status
from tests.factories import make_user

pytestmark = pytest.mark.django_db

BOX = Box(0.5, 0.5, 0.7, 0.7)


@pytest.fixture
def subject() -> UUID:
    found = tuple(
        Finding(category, Box(x, 0.1, x + 0.1, 0.3), 0.9, "test")
        for category, x in (("face", 0.1), ("face", 0.4), ("licence_plate", 0.7))
    )
    key = uuid4()
    report = ScanReport(100, 80, found, (DetectorRun("faces", Status.OK),))
    scanning.store(report, key, make_user("alice").pk)
    return key


def test_a_choice_is_kept_and_can_be_taken_back(subject: UUID) -> None:
    region = review.findings(subject)[0].region
    review.set_choice(subject, region, "show", 1)
    review.set_choice(subject, region, "show", 1)
    row = review.findings(subject).get(region=region)
    assert (row.choice, row.show_from) == ("show", 1)
    review.set_choice(subject, region, "auto")
    row.refresh_from_db()
    assert (row.choice, row.show_from) == ("auto", 0)


def test_the_same_for_all_of_a_category(subject: UUID) -> None:
    assert review.same_for_category(subject, "face", "hide") == 2
    choices = dict(review.findings(subject).values_list("region", "choice"))
    assert sorted(choices.values()) == ["auto", "hide", "hide"]


@pytest.mark.parametrize(("choice", "tier"), [("maybe", 0), ("show", 3), ("", 0)])
def test_other_choices_are_refused(subject: UUID, choice: str, tier: int) -> None:
    region = review.findings(subject)[0].region
    with pytest.raises(review.BadRegion):
        review.set_choice(subject, region, choice, tier)
    with pytest.raises(review.BadRegion):
        review.same_for_category(subject, "face", choice, tier)


def test_a_drawn_region_is_hidden_from_everybody_until_told_otherwise(
    subject: UUID,
) -> None:
    row = review.add_region(subject, BOX)
    assert (row.manual, row.choice, row.category) == (True, "hide", "manual")
    review.move_region(subject, row.region, Box(0.1, 0.5, 0.3, 0.9))
    row.refresh_from_db()
    assert (row.x0, row.y1) == (0.1, 0.9)
    review.delete_region(subject, row.region)
    assert not review.findings(subject).filter(manual=True).exists()


def test_what_was_found_cannot_be_deleted_only_shown(subject: UUID) -> None:
    region = review.findings(subject)[0].region
    review.delete_region(subject, region)
    row = review.findings(subject).get(region=region)
    assert (row.choice, row.show_from) == ("show", 0)


@pytest.mark.parametrize(
    "box",
    [
        Box(0.5, 0.5, 0.5, 0.9),
        Box(0.5, 0.5, 0.501, 0.9),
        Box(1.2, 0.1, 1.9, 0.5),
        Box(float("nan"), 0.1, 0.5, 0.5),
        Box(0.1, 0.1, float("inf"), 0.5),
    ],
)
def test_a_region_without_a_place_is_refused(subject: UUID, box: Box) -> None:
    with pytest.raises(review.BadRegion):
        review.add_region(subject, box)


def test_there_is_an_end_to_drawing(
    subject: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(review, "MOST", 2)
    review.add_region(subject, BOX)
    review.add_region(subject, BOX)  # the same place twice is two regions
    with pytest.raises(review.BadRegion):
        review.add_region(subject, BOX)


def test_a12_regions_of_other_pictures_are_out_of_reach(subject: UUID) -> None:
    region, other = review.findings(subject)[0].region, uuid4()
    for deed in (
        lambda: review.set_choice(other, region, "show"),
        lambda: review.set_style(other, [region], "fill"),
        lambda: review.move_region(other, region, BOX),
        lambda: review.delete_region(other, region),
        lambda: review.add_region(other, BOX),
        lambda: review.set_choice(subject, "no-such", "show"),
    ):
        with pytest.raises(review.NoSuchRegion):
            deed()
    assert set(review.findings(subject).values_list("choice", flat=True)) == {"auto"}


def test_a_style_has_to_exist(subject: UUID) -> None:
    region = review.findings(subject)[0].region
    review.set_style(subject, [region], "fill")
    assert review.findings(subject).get(region=region).style == "fill"
    review.set_style(subject, [region], "")
    assert review.findings(subject).get(region=region).style == ""
    with pytest.raises(review.BadRegion):
        review.set_style(subject, [region], "invisible")
