"""Originals at rest: X1, X2, X5 and X7 of the catalogue."""

from __future__ import annotations

import random
import re
import uuid
from pathlib import Path

import pytest
from django.conf import settings
from django.core.files.storage import storages
from django.db import transaction

from gallery import storage, vault
from gallery.models import KeyRing, Media, Post, SealedObject, Tombstone
from nopeek_site.checks import keys as check_keys
from tests.factories import make_user
from tests.gallery.stored import files_only, taken, tampered

# Key 00..1f wraps 20..3f for user 7, which wraps 40..5f for version 3 of a master.
KNOWN = {
    "ring": (
        "4a6d743df2e8b04daf1b38bb716c8c1ce8dd0596385e2e10cc043740c2ee3d68"
        "5a4fabd1c3426e3c1ebaf7c4dd611b61449a094c617261abfa2ba16b"
    ),
    "wrapped": (
        "3438baa7a910bfe2a084c5a503e6c6dcf3dd99e43475fc4d07ada1cff9976a6c"
        "d725fb8ef69991e8dc55a3c974950a87f55f4ed80b0ac64e9be0b694"
    ),
    "object": (
        "4e5053318a370aedc80a9355f781f006db518bf2292354a66cc0c40d203b7822"
        "af5b4a84f10cc7e500d382"
    ),
}

pytestmark = pytest.mark.django_db

SECRET = b"what nobody else may read " * 40


def new_media(name: str = "alice") -> Media:
    owner = make_user(name)
    vault.ensure_key(owner.pk)
    return Media.objects.create(
        owner=owner, post=Post.objects.create(owner=owner), mask_secret=b"m" * 32
    )


def test_what_was_sealed_comes_back_and_lies_encrypted() -> None:
    media = new_media()
    row = vault.seal(media, "master", SECRET)
    assert vault.open_sealed(media, "master") == SECRET
    assert b"nobody else" not in taken(row.key)
    assert str(media.public_id) not in row.key
    assert media.owner.username not in row.key


@files_only
def test_a_sealed_file_is_its_owners_alone() -> None:
    row = vault.seal(new_media(), "master", SECRET)
    path = Path(storage.originals().path(row.key))
    assert path.stat().st_mode & 0o077 == 0


def test_x1_flipped_bits_truncation_and_appended_bytes_are_refused() -> None:
    media = new_media()
    key = vault.seal(media, "master", SECRET).key
    good = taken(key)
    dice = random.Random(1)
    for _ in range(200):
        bit = dice.randrange(len(good) * 8)
        bad = bytearray(good)
        bad[bit // 8] ^= 1 << bit % 8
        tampered(key, bytes(bad))
        with pytest.raises(vault.VaultError):
            vault.open_sealed(media, "master")
    for bad in (good[:-1], good[:3], b"", good + b"\0", good[: len(good) // 2]):
        tampered(key, bytes(bad))
        with pytest.raises(vault.VaultError):
            vault.open_sealed(media, "master")
    tampered(key, good)
    assert vault.open_sealed(media, "master") == SECRET


def test_x1_objects_of_other_kinds_media_and_people_are_refused() -> None:
    one, other = new_media(), new_media("bob")
    same_owner = Media.objects.create(
        owner=one.owner, post=one.post, mask_secret=b"n" * 32
    )
    mine = vault.seal(one, "master", b"mine")
    for media, kind in ((one, "raw"), (same_owner, "master"), (other, "master")):
        taken = vault.seal(media, kind, b"theirs")
        # With the bytes alone, and with the bytes and their wrapped key.
        for fields in ({"key": mine.key}, {"key": mine.key, "wrapped": mine.wrapped}):
            SealedObject.objects.filter(pk=taken.pk).update(**fields)
            with pytest.raises(vault.VaultError):
                vault.open_sealed(media, kind)


def test_x1_an_older_version_is_refused() -> None:
    media = new_media()
    first = vault.seal(media, "master", b"old")
    old = taken(first.key)
    second = vault.seal(media, "master", b"new")
    assert second.version == first.version + 1
    tampered(second.key, old)
    with pytest.raises(vault.VaultError):
        vault.open_sealed(media, "master")
    SealedObject.objects.filter(pk=second.pk).update(wrapped=first.wrapped)
    with pytest.raises(vault.VaultError):
        vault.open_sealed(media, "master")


def test_resealing_removes_the_older_object(
    django_capture_on_commit_callbacks: object,
) -> None:
    media = new_media()
    first = vault.seal(media, "master", b"old").key
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]
        vault.seal(media, "master", b"new")
    assert not storage.originals().exists(first)
    assert vault.open_sealed(media, "master") == b"new"


def test_x2_keys_and_nonces_are_never_used_twice() -> None:
    media = new_media()
    seen: set[bytes] = set()
    for _ in range(100):
        row = vault.seal(media, "master", b"the same bytes")
        blob = taken(row.key)
        seen |= {blob[4:16], blob[16:], bytes(row.wrapped)[:12], bytes(row.wrapped)}
    assert len(seen) == 100 * 4


def test_x5_an_object_of_the_first_release_still_opens(
    settings: pytest.FixtureRequest,
) -> None:
    """Bytes written down once: whoever changes the format must still read them."""
    settings.NOPEEK_MASTER_KEY = bytes(range(32))  # type: ignore[attr-defined]
    owner = make_user("alice")
    ring = bytes.fromhex(KNOWN["ring"])
    media = Media.objects.create(
        owner=owner,
        post=Post.objects.create(owner=owner),
        public_id=uuid.UUID("01234567-89ab-4def-8123-456789abcdef"),
        mask_secret=b"m" * 32,
    )
    key = storage.put(storage.originals(), bytes.fromhex(KNOWN["object"]))
    SealedObject.objects.create(
        media=media,
        kind="master",
        version=3,
        key=key,
        wrapped=bytes.fromhex(KNOWN["wrapped"]),
        bytes=11,
    )
    # The ring was made for the user with primary key 7.
    kek = vault._decrypt(bytes(range(32)), ring, vault._ring_context(7))
    KeyRing.objects.create(
        owner=owner,
        wrapped=vault._encrypt(bytes(range(32)), kek, vault._ring_context(owner.pk)),
    )
    assert vault.open_sealed(media, "master") == b"known bytes"


def test_x6_a_wrong_master_key_is_told_at_start_up(settings: object) -> None:
    new_media()
    vault.check_master_key()
    settings.NOPEEK_MASTER_KEY = b"x" * 32  # type: ignore[attr-defined]
    with pytest.raises(vault.VaultError):
        vault.check_master_key()


@pytest.mark.parametrize("key", [b"", b"short", b"k" * 33])
def test_x6_a_master_key_of_another_length_is_an_error(
    settings: object, key: bytes
) -> None:
    settings.NOPEEK_MASTER_KEY = key  # type: ignore[attr-defined]
    assert "nopeek.E001" in [message.id for message in check_keys()]
    with pytest.raises(vault.VaultError):
        vault.check_master_key()


def test_x6_a_master_key_equal_to_the_secret_key_is_an_error(settings: object) -> None:
    settings.NOPEEK_MASTER_KEY = bytes.fromhex(settings.SECRET_KEY)  # type: ignore[attr-defined]
    assert "nopeek.E002" in [message.id for message in check_keys()]


def test_x6_a_master_key_that_others_can_read_is_an_error() -> None:
    path = Path(settings.NOPEEK_MASTER_KEY_FILE)
    assert "nopeek.E005" not in [message.id for message in check_keys()]
    path.chmod(0o644)
    try:
        assert "nopeek.E005" in [message.id for message in check_keys()]
    finally:
        path.chmod(0o600)


def test_x7_fernet_is_never_used() -> None:
    root = Path(__file__).resolve().parents[2]
    for app in ("accounts", "feeds", "gallery", "nopeek_site", "privacy"):
        for path in (root / app).rglob("*.py"):
            code = re.sub(r'"""[\s\S]*?"""|#.*', "", path.read_text())
            assert "fernet" not in code.lower(), path


def test_d2_without_the_users_key_nothing_opens_not_even_from_a_backup() -> None:
    media = new_media()
    row = vault.seal(media, "master", SECRET)
    backup = {"key": row.key, "wrapped": bytes(row.wrapped), "version": row.version}
    gone = vault.shred(media.owner_id)
    assert gone == [f"originals/{row.key}"]
    SealedObject.objects.create(media=media, kind="master", bytes=len(SECRET), **backup)
    with pytest.raises(vault.VaultError, match="gone"):
        vault.open_sealed(media, "master")
    vault.ensure_key(media.owner_id)  # a new key does not help either
    with pytest.raises(vault.VaultError):
        vault.open_sealed(media, "master")


def test_d1_shredding_a_media_forgets_its_keys_and_lists_its_objects() -> None:
    media = new_media()
    rows = [vault.seal(media, kind, SECRET) for kind in ("raw", "master")]
    kept = vault.seal(new_media("bob"), "master", b"kept")
    with transaction.atomic():
        gone = vault.shred_media(media)
        Tombstone.objects.create(public_id=media.public_id, kind="media", keys=gone)
    assert not SealedObject.objects.filter(media=media).exists()
    assert set(gone) == {f"originals/{row.key}" for row in rows}
    assert storage.remove_all(gone) == []
    assert [
        key for key, _ in storage.listing("originals") if key in {r.key for r in rows}
    ] == []
    assert storages["originals"].exists(kept.key)


def test_sealing_for_a_deleted_media_stores_nothing() -> None:
    media = new_media()
    before = {key for key, _ in storage.listing("originals")}
    Media.objects.filter(pk=media.pk).delete()
    with pytest.raises(vault.VaultError, match="gone"):
        vault.seal(media, "master", SECRET)
    assert {key for key, _ in storage.listing("originals")} == before


@files_only
def test_k7_a_full_disk_leaves_no_half_object(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    media = new_media()
    before = {key for key, _ in storage.listing("originals")}

    def full(_handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("gallery.storage.os.fsync", full)
    with pytest.raises(OSError, match="No space"):
        vault.seal(media, "master", SECRET)
    monkeypatch.undo()
    assert {key for key, _ in storage.listing("originals")} == before
    assert not SealedObject.objects.filter(media=media).exists()
