"""M6 on the site: lessons from the editor, habits told, and nothing opened by itself."""

from __future__ import annotations

import json

import pytest
from django.test import Client

from accounts.models import User
from gallery import bulk, contents, editing, services, suggesting
from gallery.audience import NeedsConfirmation
from gallery.models import Media
from privacy import advice, decisions
from privacy.core.taste import Taste as Core
from privacy.core.taste import traits
from privacy.core.types import Box, Tier
from privacy.models import Finding, Scan
from privacy.personal import habits, learning
from privacy.personal.models import Lesson, Taste
from tests.factories import PLACES, make_media, make_post, make_user, people

pytestmark = pytest.mark.django_db


@pytest.fixture
def alice() -> User:
    return make_user("alice")


def picture(alice: User, *, published: bool = False) -> Media:
    return make_media(alice, make_post(alice, published=published), stored=False)


def scan_of(media: Media) -> Scan:
    scan = decisions.current_scan(media.public_id)
    assert scan is not None
    return scan


def region_of(media: Media, category: str) -> str:
    return scan_of(media).findings.get(category=category).region


def switch(media: Media, category: str, choice: str, show_from: int = 0) -> None:
    region = region_of(media, category)
    editing.change(media, region, choice=choice, show_from=show_from, confirmed=True)


def test_m6_no_corrections_no_habits_and_the_generic_decision(alice: User) -> None:
    scan = scan_of(picture(alice))
    assert habits.habits(scan) == ()
    findings, _choices = decisions.findings_of(scan)
    stored = Core(learning.settings_of(alice.pk).weights)
    for trait in traits(findings).values():
        generic = sum(trait.weight >= advice.ENOUGH[tier] / 100 for tier in Tier)
        assert stored.hidden(trait) == generic


def test_m6_hiding_faces_three_times_suggests_it_the_fourth_time(alice: User) -> None:
    for _ in range(3):
        switch(picture(alice), "face", "hide")
    media = picture(alice)
    before = decisions.plans_for(scan_of(media))
    found = [one for one in habits.habits(scan_of(media)) if one.category == "face"]
    assert [one.hides for one in found] == [True]
    words = {h.category: said for h, said in suggesting.as_usual(scan_of(media))}
    assert words["face"] == "You usually hide faces: 3 of 3 times."
    assert decisions.plans_for(scan_of(media)) == before  # told, not done
    assert suggesting.take_usual(media, "face", hides=True) == 1
    after = decisions.plans_for(scan_of(media))
    region = region_of(media, "face")
    assert all(region in {r.id for r in after[tier].regions} for tier in Tier)


def test_m6_showing_is_asked_and_never_of_secrets(alice: User) -> None:
    for _ in range(4):
        media = picture(alice)
        switch(media, "licence_plate", "show", 0)
        switch(media, "text.card", "show", 0)
    fresh = picture(alice, published=True)
    found = {one.category: one for one in habits.habits(scan_of(fresh))}
    assert not found["licence_plate"].hides
    assert "text.card" not in found
    said = {h.category: words for h, words in suggesting.as_usual(scan_of(fresh))}
    assert "4 of 4" in said["licence_plate"]
    with pytest.raises(NeedsConfirmation):
        suggesting.take_usual(fresh, "licence_plate", hides=False)
    assert scan_of(fresh).findings.filter(choice=Finding.Choice.SHOW).count() == 0
    suggesting.take_usual(fresh, "licence_plate", hides=False, confirmed=True)
    assert scan_of(fresh).findings.filter(choice=Finding.Choice.SHOW).count() == 1


def test_m6_unasked_is_off_and_only_ever_hides(alice: User) -> None:
    for _ in range(4):
        media = picture(alice)
        switch(media, "face", "hide")
        switch(media, "licence_plate", "show", 0)
    scan = scan_of(picture(alice))
    assert habits.wanted_unasked(scan) == ()
    learning.set_up(alice.pk, learns=True, unasked=True)
    steps = habits.wanted_unasked(scan)
    assert {step.category for step in steps} == {"face"}
    before = decisions.plans_for(scan)
    suggesting.take_unasked(scan)
    after = decisions.plans_for(scan_of_subject(scan))
    for tier in Tier:
        assert {r.id for r in before[tier].regions} <= {
            r.id for r in after[tier].regions
        }


def scan_of_subject(scan: Scan) -> Scan:
    found = decisions.current_scan(scan.subject)
    assert found is not None
    return found


def test_a_decision_taken_back_is_a_lesson_taken_back(alice: User) -> None:
    media = picture(alice)
    switch(media, "face", "hide")
    assert Lesson.objects.get().hidden == 3
    switch(media, "face", "show", 2)
    assert Lesson.objects.get().hidden == 2
    switch(media, "face", "auto")
    assert not Lesson.objects.exists()
    assert Taste.objects.get().weights == {}


def test_drawing_over_a_thing_a_look_and_keeping_private_are_lessons(
    alice: User,
) -> None:
    media = picture(alice)
    editing.add(media, PLACES["face"])
    row = Lesson.objects.get()
    assert (row.category, row.hidden, row.share) == ("face", 3, 1)
    editing.add(media, Box(0.01, 0.9, 0.04, 0.95))  # over nothing that was found
    assert Lesson.objects.count() == 1
    for _ in range(3):
        one = picture(alice)
        editing.change(one, region_of(one, "licence_plate"), style="sticker")
    assert learning.styles(alice.pk) == {"licence_plate": "sticker"}
    kept = picture(alice)
    services.set_audience(kept.post, "only_me")
    row = Lesson.objects.get(subject=kept.public_id)
    assert row.share == learning.PRIVATE_SHARE
    assert row.category == "text.card"


def test_many_at_once_teach_nothing(alice: User) -> None:
    bulk.set_strictness([picture(alice)], bulk.Strictness.HIDE)
    assert not Lesson.objects.exists()


def test_switched_off_it_forgets_and_learns_nothing(alice: User) -> None:
    switch(picture(alice), "face", "hide")
    learning.set_up(alice.pk, learns=False, unasked=True)
    assert not Lesson.objects.exists()
    switch(picture(alice), "face", "hide")
    assert not Lesson.objects.exists()
    assert not learning.settings_of(alice.pk).unasked


def test_lessons_go_along_and_go_with_picture_and_account(alice: User) -> None:
    media, other = picture(alice), picture(alice)
    switch(media, "face", "hide")
    switch(other, "face", "hide")
    told = json.loads(dict(contents.everything(alice))["learned.json"])
    assert [(one["category"], one["hidden_from_tiers"]) for one in told] == [
        ("face", 3),
        ("face", 3),
    ]
    services.delete_media(media)
    assert [row.subject for row in Lesson.objects.all()] == [other.public_id]
    services.erase_account(alice)
    assert not Lesson.objects.exists()
    assert not Taste.objects.exists()


def test_pages_tell_it_take_it_and_forget_it() -> None:
    six = people()
    client = Client()
    client.force_login(six.alice)
    for _ in range(3):
        switch(picture(six.alice), "face", "hide")
    media = picture(six.alice)
    page = client.get(f"/share/{media.post.public_id}/").content.decode()
    assert "You usually hide faces: 3 of 3 times." in page
    url = f"/share/media/{media.public_id}/usual"
    client.post(url, {"category": "face", "hides": "1"})
    assert scan_of(media).findings.get(category="face").choice == "hide"
    said = client.get("/settings/suggestions/").content.decode()
    assert "hidden 4 of 4 times" in said
    client.post("/settings/suggestions/learned", {"forget": "1"})
    assert not Lesson.objects.exists()
    for who in (six.bob, six.dan):
        other = Client()
        other.force_login(who)
        assert other.post(url, {"category": "face", "hides": "1"}).status_code == 404


def test_one_owner_teaches_nothing_about_another(alice: User) -> None:
    for _ in range(3):
        switch(picture(alice), "face", "hide")
    zoe = make_user("zoe")
    assert habits.habits(scan_of(picture(zoe))) == ()
