"""D4: the zip has all that is one's own, and of others what one may see."""

from __future__ import annotations

import io
import json
import zipfile
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings as conf
from django.test import Client
from django.utils import timezone

from accounts.models import User
from feeds.models import Comment, Like
from gallery import albums, exports, links, storage, vault
from gallery.access import access_media
from gallery.models import Export, Rendition
from tests.factories import PASSWORD, People, make_media, make_post, people

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def six() -> People:
    return people()


def made(owner: User) -> Export:
    export = exports.request_export(owner)
    exports.build(export.public_id)
    export.refresh_from_db()
    assert export.state == "ready"
    return export


def opened(export: Export) -> zipfile.ZipFile:
    return zipfile.ZipFile(io.BytesIO(b"".join(exports.fetch(export))))


def logged_in(username: str) -> Client:
    client = Client()
    client.post("/accounts/login/", {"login": username, "password": PASSWORD})
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    return client


def test_d4_own_things_are_complete(six: People) -> None:
    post = make_post(six.alice, "followers", caption="By the sea")
    media = make_media(six.alice, post, alt_text="A beach")
    Comment.objects.create(post=post, author=six.bob, text="Lovely")
    album = albums.make(six.alice, "Summer")
    albums.add(album, [media])
    links.make(post, name="For Grandma", password="open sesame")
    archive = opened(made(six.alice))
    assert archive.testzip() is None
    kept = json.loads(archive.read("albums.json"))
    assert [(one["name"], one["media"]) for one in kept] == [
        ("Summer", [str(media.public_id)])
    ]
    (link,) = json.loads(archive.read("links.json"))
    assert (link["name"], link["tier"], link["password"]) == (
        "For Grandma",
        "full",
        True,
    )
    assert "sesame" not in str(link)
    names = set(archive.namelist())
    folder = f"media/{media.public_id}"
    assert {f"{folder}/original.png", f"{folder}/metadata.json"} <= names
    assert archive.read(f"{folder}/original.png") == vault.open_sealed(media, "master")
    for word in ("full", "semi", "none"):
        for size in ("thumb", "feed", "full"):
            for ending in ("jpg", "webp"):
                assert f"{folder}/seen-at/{word}-{size}.{ending}" in names
    posts = json.loads(archive.read("posts.json"))
    assert posts[0]["caption"] == "By the sea"
    assert posts[0]["comments"][0]["text"] == "Lovely"
    report = json.loads(archive.read(f"{folder}/report.json"))
    assert {one["category"] for one in report["findings"]} == {
        "face",
        "licence_plate",
        "text.card",
    }
    people_json = json.loads(archive.read("people.json"))
    assert people_json["close"] == ["carol"]
    assert people_json["blocked"] == ["dan"]
    assert json.loads(archive.read("profile.json"))["email"] == "alice@example.org"


def test_d4_others_are_masked_at_my_level(six: People) -> None:
    shown = make_media(six.alice)
    hidden = make_media(six.alice, make_post(six.alice, "close"))
    Like.objects.create(post=shown.post, user=six.bob)
    Like.objects.create(post=hidden.post, user=six.bob)
    archive = opened(made(six.bob))
    grant = access_media(six.bob, shown.public_id)
    row = Rendition.objects.get(
        media=shown, plan=grant.plan, size="feed", format="jpeg"
    )
    assert archive.read(f"liked/{shown.public_id}.jpg") == storage.get(
        storage.renditions(), row.key
    )
    everything = b"".join(archive.read(name) for name in archive.namelist())
    assert str(hidden.public_id).encode() not in everything
    assert vault.open_sealed(shown, "master") not in everything


def test_a9_closeness_that_others_gave_is_not_in_it(six: People) -> None:
    archive = opened(made(six.carol))
    people_json = json.loads(archive.read("people.json"))
    assert people_json["following"] == ["alice"]
    assert people_json["close"] == []


def test_stored_export_is_unreadable(six: People) -> None:
    make_media(six.alice)
    export = made(six.alice)
    raw = storage.get(storage.exports(), export.key)
    assert raw.startswith(b"NPX1")
    for plain in (
        b"PK\x03\x04",
        b"profile.json",
        b"alice@example.org",
        b"\xff\xd8\xff",
    ):
        assert plain not in raw[:4] + raw[5:] or plain == b"\xff\xd8\xff"
    vault.shred(six.alice.pk)
    with pytest.raises(vault.VaultError):
        exports.fetch(export)


@pytest.mark.parametrize("harm", ["flip", "cut", "extend", "swap"])
def test_x1_changed_export_releases_nothing(
    six: People, harm: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exports, "CHUNK", 4096)
    make_media(six.alice)
    export = made(six.alice)
    raw = bytearray(storage.get(storage.exports(), export.key))
    step = 4096 + 16
    head = 5 + raw[4]
    assert len(raw) > head + 3 * step
    match harm:
        case "flip":
            raw[head + step + 7] ^= 1
        case "cut":
            del raw[head + 2 * step :]
        case "extend":
            raw += raw[-step:]
        case "swap":
            one, two = head, head + step
            raw[one:two], raw[two : two + step] = (
                raw[two : two + step],
                raw[one:two],
            )
    storage.exports().delete(export.key)
    export.key = storage.put(storage.exports(), bytes(raw))
    export.save(update_fields=["key"])
    with pytest.raises(vault.VaultError):
        exports.fetch(export)
    export.refresh_from_db()
    assert export.fetched_at is None


def test_two_requests_make_one_export(six: People) -> None:
    assert exports.request_export(six.alice) == exports.request_export(six.alice)


def test_download_is_the_owners_after_the_password(six: People) -> None:
    make_media(six.alice)
    export = made(six.alice)
    url = f"/settings/data/export/{export.public_id}.zip"
    assert Client().get(url).status_code == 302
    stale = Client()
    stale.force_login(six.alice)
    assert "reauthenticate" in stale.get(url)["Location"]
    assert logged_in("bob").get(url).status_code == 404
    response = logged_in("alice").get(url)
    body = b"".join(response.streaming_content)  # type: ignore[arg-type]
    assert zipfile.ZipFile(io.BytesIO(body)).testzip() is None
    assert int(response["Content-Length"]) == len(body) == export.bytes
    assert response["Content-Disposition"] == 'attachment; filename="nopeek-export.zip"'
    assert response["Cache-Control"] == "private, no-store"


def test_download_ends_soon_after_the_first(six: People) -> None:
    export = made(six.alice)
    client = logged_in("alice")
    url = f"/settings/data/export/{export.public_id}.zip"
    assert client.get(url).status_code == 200
    assert client.get(url).status_code == 200  # it may have broken off
    late = timezone.now() - exports.AGAIN - timedelta(seconds=1)
    Export.objects.filter(pk=export.pk).update(fetched_at=late)
    assert client.get(url).status_code == 404
    assert exports.drop_old() == 1
    assert not storage.exports().exists(export.key)


def test_old_export_is_withdrawn(six: People) -> None:
    export = made(six.alice)
    old = timezone.now() - exports.LIFE - timedelta(seconds=1)
    Export.objects.filter(pk=export.pk).update(created_at=old)
    assert exports.available(six.alice) == []
    url = f"/settings/data/export/{export.public_id}.zip"
    assert logged_in("alice").get(url).status_code == 404


def test_failed_export_says_so_and_leaves_nothing(
    six: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_media(six.alice)
    for row in Rendition.objects.all():
        storage.remove(storage.renditions(), row.key)
    export = exports.request_export(six.alice)
    exports.build(export.public_id)
    export.refresh_from_db()
    assert (export.state, export.key) == ("failed", "")
    assert not list(Path(str(conf.FILE_UPLOAD_TEMP_DIR)).glob("tmp*"))
