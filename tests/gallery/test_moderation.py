"""D5 and B11: reported, hidden at once for everybody, appealed, decided by another."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Permission
from django.http import Http404
from django.test import Client

from accounts.models import User
from feeds.models import Notification
from gallery.access import (
    access_media,
    access_own_media,
    see_as,
    visible_media,
    visible_posts,
)
from gallery.models import Media
from privacy.core.types import Tier
from privacy.policy_room.models import AuditEntry, Hold, Report
from tests.factories import People, make_media, make_user, people

pytestmark = pytest.mark.django_db


@pytest.fixture
def six() -> People:
    return people()


@pytest.fixture
def media(six: People) -> Media:
    return make_media(six.alice)


def moderator(name: str) -> User:
    user = make_user(name, is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename="change_report"))
    return user


def as_(user: User | None) -> Client:
    client = Client()
    if user is not None:
        client.force_login(user)
    return client


def reported(media: Media, by: User) -> Report:
    as_(by).post(f"/m/{media.public_id}/report", {"reason": "me", "words": "not me"})
    return Report.objects.get(reporter=by)


def decided(row: Report, by: User, verb: str, why: str = "It shows a child.") -> None:
    url = f"/policy/reports/{row.public_id}/decide"
    as_(by).post(url, {"verb": verb, "why": why})
    row.refresh_from_db()


def test_only_what_one_sees_can_be_reported(six: People, media: Media) -> None:
    url = f"/m/{media.public_id}/report"
    for user, status in ((six.alice, 404), (six.dan, 404), (six.bob, 200), (None, 302)):
        assert as_(user).get(url).status_code == status
    assert as_(six.bob).post(url, {"reason": "envy"}).status_code == 400
    first = reported(media, six.bob)
    assert reported(media, six.bob) == first
    assert first.plan == access_media(six.bob, media.public_id).plan


def test_b11_too_many_reports_are_refused_for_an_hour(six: People) -> None:
    for _ in range(10):
        reported_one = make_media(six.alice, stored=False)
        as_(six.bob).post(f"/m/{reported_one.public_id}/report", {"reason": "me"})
    more = make_media(six.alice, stored=False)
    answer = as_(six.bob).post(f"/m/{more.public_id}/report", {"reason": "me"})
    assert answer.status_code == 429
    assert int(answer["Retry-After"]) > 0
    assert Report.objects.count() == 10


def test_the_evidence_is_what_the_reporter_saw(six: People, media: Media) -> None:
    row = reported(media, six.bob)
    url = f"/policy/reports/{row.public_id}/picture"
    seen = as_(moderator("mo")).get(url)
    assert seen.content == as_(six.bob).get(f"/m/{media.public_id}/feed.jpg").content
    for user in (six.alice, six.bob, None, make_user("olga", is_staff=True)):
        assert as_(user).get(url).status_code == 404
    with pytest.raises(Http404):
        access_media(make_user("far"), make_media(six.alice, None).post.public_id)


def test_d5_hidden_is_hidden_at_once_from_everybody_but_the_owner(
    six: People, media: Media, django_capture_on_commit_callbacks
) -> None:
    row = reported(media, six.bob)
    mo = moderator("mo_derator")
    with django_capture_on_commit_callbacks(execute=True):
        decided(row, mo, "hide")
    for user in (six.bob, six.carol, six.erin, six.frank, None, mo):
        assert not visible_media(user).exists()
        assert not visible_posts(user).exists()
        for url in (f"/m/{media.public_id}/feed.jpg", f"/p/{media.post.public_id}/"):
            assert as_(user).get(url).status_code == 404
    assert see_as(six.alice, media.public_id, Tier.NONE) is None
    # Content is kept, and its owner knows why but not by whom.
    assert access_own_media(six.alice, media.public_id) == media
    assert as_(six.alice).get(f"/m/{media.public_id}/feed.jpg").status_code == 200
    told = Notification.objects.get(verb="report.decided")
    assert (told.to, told.actor) == (six.alice, None)
    shown = as_(six.alice).get("/yours/reports/").content.decode()
    assert "It shows a child." in shown
    assert "mo_derator" not in shown
    assert "not me" not in shown
    assert AuditEntry.objects.get(action="report.hidden").by == str(mo.public_id)


def test_an_appeal_is_decided_by_somebody_else(six: People, media: Media) -> None:
    row = reported(media, six.bob)
    first, second = moderator("first_"), moderator("second_")
    decided(row, first, "hide")
    values = {"report": row.public_id, "words": "It is my own child, dressed."}
    as_(six.carol).post("/yours/reports/", values)
    row.refresh_from_db()
    assert row.state == "hidden"
    as_(six.alice).post("/yours/reports/", values)
    decided(row, first, "restore", "I was wrong.")
    assert row.state == "appealed"
    decided(row, second, "restore", "It breaks no rule.")
    assert row.state == "restored"
    assert not Hold.objects.exists()
    assert access_media(six.carol, media.public_id)


def test_an_appeal_can_fail_and_the_picture_stays_hidden(
    six: People, media: Media
) -> None:
    row = reported(media, six.bob)
    decided(row, moderator("first_"), "hide")
    values = {"report": row.public_id, "words": "Please."}
    as_(six.alice).post("/yours/reports/", values)
    decided(row, moderator("second_"), "uphold", "It stays.")
    assert row.state == "upheld"
    assert not visible_media(six.carol).exists()
    as_(six.alice).post("/yours/reports/", values)
    row.refresh_from_db()
    assert row.state == "upheld"


def test_nobody_decides_what_they_are_part_of(six: People, media: Media) -> None:
    row = reported(media, six.bob)
    for user in (six.alice, six.bob):
        user.is_staff = True
        user.save()
        user.user_permissions.set(Permission.objects.filter(codename="change_report"))
        decided(row, User.objects.get(pk=user.pk), "dismiss")
        assert row.state == "open"
    decided(row, moderator("mo"), "hide", " ")
    assert row.state == "open"
    decided(row, moderator("mo_"), "dismiss", "Nothing is wrong.")
    assert access_media(six.bob, media.public_id)
