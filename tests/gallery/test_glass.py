"""A13: a private original is seen by staff only behind glass, and its owner knows."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission
from django.http import Http404
from django.test import Client
from django.utils import timezone

from accounts.models import User
from feeds.models import Notification
from gallery import glass, vault
from gallery.access import access_behind_glass, access_media
from gallery.models import Media, SealedObject
from privacy.policy_room.models import AuditEntry, GlassPass
from tests.factories import PASSWORD, make_media, make_post, make_user

pytestmark = pytest.mark.django_db
REASON = "A court asked for it, file 12/2026."


@pytest.fixture
def media() -> Media:
    owner = make_user("ana")
    return make_media(owner, make_post(owner, "only_me"))


@pytest.fixture
def noor() -> User:
    user = make_user("noor", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename="add_glasspass"))
    return user


@pytest.fixture
def asks(noor: User) -> Client:
    client = Client()
    client.force_login(noor)
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    return client


def test_it_needs_the_permission_and_a_login_just_confirmed(
    media: Media, noor: User
) -> None:
    for user in (make_user("olga", is_staff=True), make_user("ben"), media.owner):
        client = Client()
        client.force_login(user)
        assert client.get("/policy/glass/").status_code == 404
        url = f"/policy/glass/{media.public_id}/picture"
        assert client.get(url).status_code == 404
    client = Client()
    client.force_login(noor)
    values = {"picture": media.public_id, "reason": REASON}
    answer = client.post("/policy/glass/", values)
    assert answer["Location"].startswith("/accounts/reauthenticate/")
    assert not GlassPass.objects.exists()


@pytest.mark.parametrize("reason", ["", "because"])
def test_it_needs_a_reason(asks: Client, media: Media, reason: str) -> None:
    values = {"picture": media.public_id, "reason": reason}
    assert asks.post("/policy/glass/", values).status_code == 400
    assert not GlassPass.objects.exists()


def test_with_a_reason_it_is_seen_told_and_logged(
    asks: Client, media: Media, noor: User, django_capture_on_commit_callbacks
) -> None:
    url = f"/policy/glass/{media.public_id}/"
    assert asks.get(url).status_code == 404
    with django_capture_on_commit_callbacks(execute=True):
        asks.post("/policy/glass/", {"picture": media.public_id, "reason": REASON})
    assert asks.get(url).status_code == 200
    picture = asks.get(f"{url}picture")
    assert picture.content == vault.open_sealed(media, "owner_feed")
    assert "no-store" in picture["Cache-Control"]
    actions = list(AuditEntry.objects.order_by("number").values_list("action", "by"))
    who = str(noor.public_id)
    assert actions == [("glass.opened", who), ("original.viewed", who)]
    told = Notification.objects.get()
    assert (told.to, told.verb, told.actor) == (media.owner, "original.viewed", None)
    owner = Client()
    owner.force_login(media.owner)
    shown = owner.get("/yours/rules/").content.decode()
    assert REASON in shown
    assert "noor" not in shown
    assert "Read why" in owner.get("/notifications/").content.decode()
    # The pass is for this one picture, in this one place.
    other = make_media(media.owner, make_post(media.owner, "only_me"))
    assert asks.get(f"/policy/glass/{other.public_id}/").status_code == 404
    with pytest.raises(Http404):
        access_media(noor, media.public_id)


def test_it_ends_by_itself_and_with_the_job(media: Media, noor: User) -> None:
    glass.open_glass(noor, media, REASON)
    assert access_behind_glass(noor, media.public_id) == media
    other = make_user("olga", is_staff=True)
    with pytest.raises(Http404):
        access_behind_glass(other, media.public_id)
    noor.is_staff = False
    with pytest.raises(Http404):
        access_behind_glass(noor, media.public_id)
    noor.is_staff = True
    GlassPass.objects.update(ends_at=timezone.now() - timedelta(seconds=1))
    with pytest.raises(Http404):
        access_behind_glass(noor, media.public_id)


def test_the_log_has_it_even_if_the_answer_fails(
    asks: Client, media: Media, noor: User
) -> None:
    glass.open_glass(noor, media, REASON)
    SealedObject.objects.filter(media=media, kind="owner_feed").delete()
    assert asks.get(f"/policy/glass/{media.public_id}/picture").status_code == 404
    assert AuditEntry.objects.filter(action="original.viewed").count() == 1


def test_a13_the_admin_shows_no_picture_and_no_word_of_it(media: Media) -> None:
    """Its rows are states and times; a picture is seen behind glass or not at all."""
    root = make_user("root", is_staff=True, is_superuser=True)
    client = Client()
    client.force_login(root)
    Media.objects.filter(pk=media.pk).update(alt_text="canary of the clear picture")
    keys = [*media.sealed.values_list("key", flat=True)]
    keys += media.renditions.values_list("key", flat=True)
    for url in (
        "/admin/gallery/media/",
        f"/admin/gallery/media/{media.pk}/change/",
        f"/admin/gallery/post/{media.post_id}/change/",
    ):
        answer = client.get(url)
        assert answer.status_code == 200
        main = answer.content.decode().partition('id="main"')[2]
        assert main
        for canary in (
            "data:image",
            "/m/",
            "canary of the clear",
            "zorblat",
            "b-np 42",
            *keys,
        ):
            assert canary not in main, (url, canary)
    for size in ("thumb", "feed", "full"):
        assert client.get(f"/m/{media.public_id}/{size}.jpg").status_code == 404


def test_a13_of_a_look_that_breaks_the_row_stays(
    asks: Client, media: Media, noor: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    glass.open_glass(noor, media, REASON)

    def breaks(*_: object) -> bytes:
        raise OSError("the storage is away")

    monkeypatch.setattr(vault, "open_sealed", breaks)
    asks.raise_request_exception = False
    assert asks.get(f"/policy/glass/{media.public_id}/picture").status_code == 500
    assert AuditEntry.objects.filter(action="original.viewed").count() == 1
