"""The red-team meter on the site: measured by the worker, told to the owner alone."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from gallery import metering, pipeline
from gallery.meters import Measured, of_own
from gallery.models import Media
from gallery.states import State
from gallery.work import Work
from privacy import decisions
from privacy.core.readings import Attack, Reading
from privacy.core.types import Tier
from privacy.meters import store
from privacy.meters.models import Reading as Row
from privacy.models import Scan
from tests.factories import make_media, make_post, make_user, people
from tests.gallery.conftest import Sent, begin

pytestmark = pytest.mark.django_db

FIGURES = Reading(
    (
        Attack("faces", 3, 3, 0),
        Attack("faces_masked", 3, 3, 1),
        Attack("text", 4711, 4711, 0),
    )
)


def measured_media(owner, **words) -> Media:
    """A picture of which each version has a reading with a figure to look for."""
    media = make_media(owner, **words)
    scan = current(media)
    for plan in decisions.plans_for(scan).values():
        store.keep(scan, plan.digest, FIGURES, {"there": 4711})
    return media


def current(media: Media) -> Scan:
    scan = decisions.current_scan(media.public_id)
    assert scan is not None
    return scan


def by(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


# --- the worker ----------------------------------------------------------------------


def test_a_photo_on_its_way_is_measured_and_nobody_waits(sent: Sent) -> None:
    media = begin(make_user("alice"))
    pipeline.advance(media.public_id)
    media.refresh_from_db()
    assert media.state == State.READY
    scan = current(media)
    plans = {plan.digest for plan in decisions.plans_for(scan).values()}
    readings = store.readings_of([scan])[scan.pk]
    assert set(readings) == plans
    full = readings[decisions.plans_for(scan)[Tier.FULL].digest]
    text = next(one for one in full.attacks if one.kind == "text")
    assert text.before >= 10
    assert text.after == 0
    assert full.unchecked == ()
    assert metering.measure(Work(media)) == 0, "what was read is not read again"


def test_a_changed_plan_is_measured_anew_without_reading_the_photo(
    sent: Sent, monkeypatch: pytest.MonkeyPatch
) -> None:
    media = begin(make_user("alice"))
    pipeline.advance(media.public_id)
    scan = current(media)
    before = set(Row.objects.values_list("plan", flat=True))
    scan.findings.filter(category__startswith="text").update(choice="hide")
    monkeypatch.setattr("privacy.core.meter.read_lines", None)
    from gallery.replan import replan

    media.refresh_from_db()
    replan(media)
    pipeline.render_tiers(media.public_id)
    plans = {plan.digest for plan in decisions.plans_for(scan).values()}
    assert plans <= set(Row.objects.values_list("plan", flat=True))
    assert before <= set(Row.objects.values_list("plan", flat=True))


def test_a_meter_that_breaks_harms_nothing(
    sent: Sent, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("no")

    monkeypatch.setattr("gallery.metering.Meter", broken)
    media = begin(make_user("alice"))
    pipeline.advance(media.public_id)
    media.refresh_from_db()
    assert media.state == State.READY
    assert not Row.objects.exists()


def test_what_is_not_ready_is_not_measured() -> None:
    media = make_media(make_user("alice"), state=State.NEEDS_REVIEW)
    assert metering.measure(Work(media)) == 0


def test_readings_go_with_their_scan() -> None:
    media = measured_media(make_user("alice"))
    assert Row.objects.exists()
    current(media).delete()
    assert not Row.objects.exists()


# --- words ---------------------------------------------------------------------------


def test_of_two_attackers_of_faces_the_better_counts() -> None:
    told = Measured(Tier.FULL, FIGURES)
    assert told.lines == ("faces recognised 3 → 1", "characters read 4711 → 0")
    assert "larger" in told.warning
    assert "avatar" in Measured(Tier.FULL, FIGURES, courtesy=True).warning


@pytest.mark.parametrize(
    ("reading", "warned"),
    [
        (Reading((Attack("faces", 3, 3, 0),)), False),
        (Reading((Attack("things", 3, 3, 1),)), True),
        (Reading((Attack("codes", 1, 1, 0),), ("codes",)), True),
    ],
)
def test_a_warning_stands_where_something_got_through_or_was_not_tried(
    reading: Reading, warned: bool
) -> None:
    assert bool(Measured(Tier.FULL, reading).warning) is warned


# --- pages ---------------------------------------------------------------------------


def test_the_owner_reads_it_in_the_review_on_the_post_and_in_the_api() -> None:
    them = people()
    media = measured_media(them.alice, post=make_post(them.alice))
    own = by(them.alice)
    for name in ("compose", "post"):
        page = own.get(reverse(name, args=[media.post.public_id])).content.decode()
        assert "characters read 4711 → 0" in page
        assert "make its region larger" in page
    answer = own.get(reverse("api-media", args=[media.public_id])).json()
    full = answer["meters"][0]
    assert full["tier"] == "full"
    assert full["attacks"][0] == {
        "kind": "faces",
        "attempts": 3,
        "before": 3,
        "after": 0,
    }
    assert not full["withstood"]


@pytest.mark.parametrize("name", ["bob", "carol", "dan", "erin"])
def test_nobody_else_reads_it(name: str) -> None:
    them = people()
    media = measured_media(them.alice, post=make_post(them.alice))
    who = getattr(them, name)
    assert of_own(who, [media.public_id]) == {}
    for address in (
        reverse("post", args=[media.post.public_id]),
        reverse("compose", args=[media.post.public_id]),
        reverse("api-media", args=[media.public_id]),
        reverse("api-post", args=[media.post.public_id]),
        reverse("media-status", args=[media.public_id]),
    ):
        said = by(who).get(address).content.decode()
        assert "4711" not in said
        assert "meters" not in said
