"""What owners change about their findings."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest

from privacy import decisions, review, scanning
from privacy.core.types import Box, DetectorRun, Finding, Plan, ScanReport, Status, Tier
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


# --- polygons and brushes ---------------------------------------------------------------


def plans(subject: UUID) -> dict[Tier, Plan]:
    scan = decisions.current_scan(subject)
    assert scan is not None
    return decisions.plans_for(scan)


TRIANGLE = ((0.2, 0.2), (0.6, 0.2), (0.4, 0.8))


def test_a_polygon_is_kept_with_a_box_that_holds_it(subject: UUID) -> None:
    row = review.add_region(subject, outline=TRIANGLE)
    row.refresh_from_db()
    assert [tuple(point) for point in row.outline] == list(TRIANGLE)
    assert (row.x0, row.y0, row.x1, row.y1) == (0.2, 0.2, 0.6, 0.8)
    for plan in plans(subject).values():
        (region,) = [one for one in plan.regions if one.id == row.region]
        assert region.outline == TRIANGLE


def test_the_box_of_a_stroke_holds_its_whole_brush(subject: UUID) -> None:
    row = review.add_region(subject, outline=((0.3, 0.5), (0.7, 0.5)), brush=0.05)
    scan = row.scan
    longer = max(scan.width, scan.height)
    assert row.x0 == pytest.approx(0.3 - 0.05 * longer / scan.width)
    assert row.y1 == pytest.approx(0.5 + 0.05 * longer / scan.height)
    for plan in plans(subject).values():
        (region,) = [one for one in plan.regions if one.id == row.region]
        assert region.brush == 0.05


def test_a_drawing_moves_along_with_its_box(subject: UUID) -> None:
    row = review.add_region(subject, outline=TRIANGLE)
    review.move_region(subject, row.region, Box(0.4, 0.1, 0.8, 0.4))
    row.refresh_from_db()
    assert [tuple(point) for point in row.outline] == [
        pytest.approx((0.4, 0.1)),
        pytest.approx((0.8, 0.1)),
        pytest.approx((0.6, 0.4)),
    ]


@pytest.mark.parametrize(
    ("outline", "brush"),
    [
        (((0.1, 0.1), (0.4, 0.4)), 0.0),  # a line is no polygon
        (((0.1, 0.1), (0.4, 0.4)), 0.6),
        (((0.1, 0.1),) * 601, 0.1),
        (((0.1, float("nan")), (0.4, 0.4), (0.5, 0.1)), 0.0),
        (((0.1, 0.1), (0.101, 0.1), (0.1, 0.101)), 0.0),  # too small
    ],
)
def test_a_drawing_that_is_none_is_refused(
    subject: UUID, outline: tuple[tuple[float, float], ...], brush: float
) -> None:
    with pytest.raises(review.BadRegion):
        review.add_region(subject, outline=outline, brush=brush)
    assert not review.findings(subject).filter(manual=True).exists()


def test_a_deleted_drawing_comes_back_under_its_id_and_no_other(subject: UUID) -> None:
    row = review.add_region(subject, outline=TRIANGLE)
    with pytest.raises(review.BadRegion, match="there already"):
        review.add_region(subject, outline=TRIANGLE, region=row.region)
    review.delete_region(subject, row.region)
    back = review.add_region(subject, outline=TRIANGLE, region=row.region)
    assert back.region == row.region
    with pytest.raises(review.BadRegion, match="not the id"):
        review.add_region(subject, outline=TRIANGLE, region="face-1")
