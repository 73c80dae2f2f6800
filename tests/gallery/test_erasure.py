"""D1: deleted is gone everywhere: rows, keys, objects, answers; and a receipt says so."""

from __future__ import annotations

from typing import Any

import pytest
from django.apps import apps
from django.contrib.sessions.models import Session
from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.db import models
from django.test import Client

from accounts.models import User
from feeds.models import Comment, Like
from gallery import erasure, exports, services, storage, vault
from gallery.erasure import Receipt
from gallery.housekeeping import empty_tombstones
from gallery.models import (
    Export,
    KeyRing,
    Media,
    Post,
    Rendition,
    SealedObject,
    Tombstone,
)
from privacy.models import Finding, Scan, ScanEvent
from tests.factories import PASSWORD, People, make_media, make_post, people

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def six() -> People:
    return people()


def objects_of(*media: Media) -> list[str]:
    sealed = SealedObject.objects.filter(media__in=media).values_list("key", flat=True)
    shown = Rendition.objects.filter(media__in=media).values_list("key", flat=True)
    return [storage.address("originals", key) for key in sealed] + [
        storage.address("renditions", key) for key in shown
    ]


def stored(addresses: list[str]) -> list[str]:
    found = []
    for address in addresses:
        name, _, key = address.partition("/")
        if storages[name].exists(key):
            found.append(address)
    return found


def everything_about(*media: Media) -> int:
    ids = [one.public_id for one in media]
    keys = [one.pk for one in media]
    return (
        Media.objects.filter(public_id__in=ids).count()
        + SealedObject.objects.filter(media__in=keys).count()
        + Rendition.objects.filter(media__in=keys).count()
        + Scan.objects.filter(subject__in=ids).count()
        + Finding.objects.filter(scan__subject__in=ids).count()
        + ScanEvent.objects.filter(subject__in=ids).count()
    )


def test_d1_deleted_post_is_gone_everywhere(six: People) -> None:
    post = make_post(six.alice)
    media = [make_media(six.alice, post), make_media(six.alice, post)]
    kept = make_media(six.alice)
    Like.objects.create(post=post, user=six.bob)
    Comment.objects.create(post=post, author=six.bob, text="nice")
    ScanEvent.objects.create(subject=media[0].public_id, stage="x", outcome="ok")
    addresses, others = objects_of(*media), objects_of(kept)
    assert stored(addresses) == addresses
    assert len(addresses) == 2 * (5 + 3 * 6)

    receipt = services.delete_post(post)

    assert everything_about(*media) == 0
    assert not Like.objects.exists()
    assert not Comment.objects.exists()
    assert stored(addresses) == []
    assert stored(others) == others
    assert receipt.gone["pictures"] == 2
    assert receipt.gone["likes"] == receipt.gone["comments"] == 1
    assert receipt.gone["objects"] == len(addresses)
    assert receipt.left == 0
    for who in (six.alice, six.bob, six.carol):
        client = Client()
        client.force_login(who)
        for url in (
            f"/p/{post.public_id}/",
            f"/m/{media[0].public_id}/feed.jpg",
            f"/api/v1/posts/{post.public_id}",
        ):
            assert client.get(url).status_code == 404


def test_keys_go_before_objects(six: People, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the storage fails, what is left is noise, is listed, and goes later."""
    media = make_media(six.alice)
    addresses = objects_of(media)
    monkeypatch.setattr(storage, "remove_all", list)
    receipt = services.delete_post(media.post)
    assert stored(addresses) == addresses
    assert not SealedObject.objects.filter(media=media.pk).exists()
    assert receipt.left == len(addresses)
    monkeypatch.undo()
    empty_tombstones()
    assert stored(addresses) == []
    assert receipt.left == 0


def test_delete_one_of_two_photos(six: People) -> None:
    post = make_post(six.alice)
    gone, kept = make_media(six.alice, post), make_media(six.alice, post)
    services.delete_media(gone)
    assert everything_about(gone) == 0
    assert list(Post.objects.get(pk=post.pk).media.all()) == [kept]
    assert Tombstone.objects.filter(public_id=gone.public_id).exists()


def test_last_photo_takes_a_published_post_with_it(six: People) -> None:
    media = make_media(six.alice)
    assert services.delete_media(media).kind == "post"
    assert not Post.objects.exists()


def test_draft_outlives_its_last_photo(six: People) -> None:
    post = make_post(six.alice, published=False)
    services.delete_media(make_media(six.alice, post))
    assert Post.objects.filter(pk=post.pk).exists()


def test_late_worker_cannot_bring_it_back(six: People) -> None:
    """R5: what a worker holds of a deleted photo has nowhere to go."""
    media = make_media(six.alice)
    services.delete_post(media.post)
    for act in (
        lambda: vault.seal(media, "master", b"late"),
        lambda: vault.open_sealed(media, "master"),
    ):
        with pytest.raises(vault.VaultError):
            act()
    assert everything_about(media) == 0


def test_deleting_withdraws_exports_that_hold_it(six: People) -> None:
    media = make_media(six.alice)
    export = exports.request_export(six.alice)
    exports.build(export.public_id)
    export.refresh_from_db()
    assert export.state == "ready"
    services.delete_post(media.post)
    assert not Export.objects.exists()
    assert not storage.exports().exists(export.key)


# --- accounts ------------------------------------------------------------------------


def rows_naming(user_id: int) -> dict[str, int]:
    """Rows of any model with a foreign key to the user."""
    found = {}
    for model in apps.get_models():
        for field in model._meta.get_fields():
            if isinstance(field, models.ForeignKey) and field.related_model is User:
                count = model._default_manager.filter(
                    **{field.attname: user_id}
                ).count()
                if count:
                    found[f"{model._meta.label}.{field.name}"] = count
    return found


def test_d3_erased_account_leaves_no_row_key_or_object(six: People) -> None:
    media = [make_media(six.alice) for _ in range(2)]
    other = make_media(six.bob)
    Like.objects.create(post=other.post, user=six.alice)
    Comment.objects.create(post=other.post, author=six.alice, text="hello")
    Like.objects.create(post=media[0].post, user=six.bob)
    export = exports.request_export(six.alice)
    exports.build(export.public_id)
    export.refresh_from_db()
    client = Client()
    client.post("/accounts/login/", {"login": "alice", "password": PASSWORD})
    assert client.get("/gallery/").status_code == 200
    addresses = [*objects_of(*media), storage.address("exports", export.key)]
    assert stored(addresses) == addresses
    pk, public_id = six.alice.pk, six.alice.public_id

    receipt = services.erase_account(six.alice)

    assert rows_naming(pk) == {}
    assert not User.objects.filter(pk=pk).exists()
    assert not KeyRing.objects.filter(owner=pk).exists()
    assert everything_about(*media) == 0
    assert stored(addresses) == []
    assert client.get("/gallery/").status_code == 302
    assert receipt.public_id == public_id
    assert receipt.gone["pictures"] == 2
    assert receipt.left == 0
    assert Media.objects.get() == other


def test_d2_old_backup_of_objects_does_not_open(six: People) -> None:
    media = make_media(six.alice)
    row = SealedObject.objects.get(media=media, kind="master")
    backup = storage.get(storage.originals(), row.key)
    services.erase_account(six.alice)
    storage.originals().save(row.key, ContentFile(backup))
    with pytest.raises(vault.VaultError):
        vault.open_sealed(media, "master")
    storage.remove(storage.originals(), row.key)


def test_erasing_ends_sessions(six: People) -> None:
    client = Client()
    client.post("/accounts/login/", {"login": "alice", "password": PASSWORD})
    assert client.get("/gallery/").status_code == 200
    before = Session.objects.count()
    assert before
    services.erase_account(six.alice)
    assert Session.objects.count() < before
    assert client.get("/gallery/").status_code == 302


# --- receipts ------------------------------------------------------------------------


def test_receipt_can_be_shown_again_and_not_forged(six: People) -> None:
    receipt = services.delete_post(make_media(six.alice).post)
    text = receipt.signed()
    again = Receipt.read(text)
    assert again.public_id == receipt.public_id
    assert again.gone == receipt.gone
    assert Client().get(f"/receipt/{text}/").status_code == 200
    forged: list[Any] = [text[:-1], text[1:], "x", text.swapcase()]
    for one in forged:
        with pytest.raises(ValueError, match="receipt"):
            Receipt.read(one)
        assert Client().get(f"/receipt/{one}/").status_code == 404


def test_many_objects_are_left_to_the_sweep(
    six: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(erasure, "AT_ONCE", 3)
    media = make_media(six.alice)
    addresses = objects_of(media)
    receipt = services.delete_post(media.post)
    assert receipt.left == len(addresses)
    empty_tombstones()
    assert stored(addresses) == []
