"""Originals at rest: every object under a key of its own, and keys that can be destroyed.

The master key of the site wraps a key-encryption key for each user (KeyRing), which
wraps a fresh 256-bit key for each object (SealedObject.wrapped). All three layers are
AES-256-GCM with a fresh random 96-bit nonce; the associated data binds an object to its
media, kind and version, so that one cannot stand in for another and an old version is
refused. A key encrypts one object only, and a user's key wraps far fewer than 2^32 of
them (NIST SP 800-38D).

Nothing is released before the tag over the whole object has verified: an object is read
into memory, decrypted, and only then handed out. Uploads are bounded
(``NOPEEK_LIMITS["bytes"]``), so this costs at most some tens of megabytes.

``shred`` and ``shred_media`` destroy keys first; what remains of the objects is noise.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.db import IntegrityError, transaction

from gallery import storage
from gallery.models import KeyRing, Media, SealedObject, Sticker

MAGIC = b"NPS1"
_NONCE = 12
_KEY = 32


class VaultError(Exception):
    """An object cannot be opened: key gone, bytes changed, or not what it claims."""


@dataclass(frozen=True, slots=True)
class Sealed:
    """An encrypted object that is stored, but that no row names yet."""

    kind: str
    version: int
    key: str
    wrapped: bytes
    size: int


def seal(media: Media, kind: str, data: bytes) -> SealedObject:
    """Encrypt ``data`` as the media's object of this kind, replacing an older one.

    The object of the older version is removed once the new row has committed.

    Raises:
        VaultError: the media or its owner's keys are gone.
    """
    now = SealedObject.objects.filter(media=media, kind=kind).first()
    version = now.version + 1 if now else 1
    sealed = write(key_of(media.owner_id), media.public_id, kind, version, data)
    try:
        with transaction.atomic():
            row = record(media, sealed)
    except BaseException:
        storage.remove(storage.originals(), sealed.key)
        raise
    if now:
        storage.remove_after_commit([storage.address("originals", now.key)])
    return row


def write(kek: bytes, media: UUID, kind: str, version: int, data: bytes) -> Sealed:
    """Encrypt and store ``data``; ``record`` makes it the media's."""
    dek = secrets.token_bytes(_KEY)
    bound = context(media, kind, version)
    wrapped = _encrypt(kek, dek, b"dek" + bound)
    blob = MAGIC + _encrypt(dek, data, b"object" + bound)
    key = storage.put(storage.originals(), blob)
    return Sealed(kind, version, key, wrapped, len(data))


def record(media: Media, sealed: Sealed) -> SealedObject:
    """Name a stored object in the database. Of two writers the later version stays.

    Raises:
        VaultError: the media has been deleted, or another writer was faster.
    """
    # The lock keeps a deletion from slipping between this look and the row.
    if not Media.objects.select_for_update().filter(pk=media.pk).exists():
        raise VaultError("the media is gone")
    fields = {
        "version": sealed.version,
        "key": sealed.key,
        "wrapped": sealed.wrapped,
        "bytes": sealed.size,
    }
    rows = SealedObject.objects.filter(media=media, kind=sealed.kind)
    if sealed.version == 1:
        try:
            with transaction.atomic():
                return SealedObject.objects.create(
                    media=media, kind=sealed.kind, **fields
                )
        except IntegrityError as error:
            raise VaultError("sealed by another worker meanwhile") from error
    if not rows.filter(version=sealed.version - 1).update(**fields):
        raise VaultError("sealed by another worker meanwhile")
    return rows.get()


def open_sealed(media: Media, kind: str) -> bytes:
    """The decrypted object, whole and verified.

    Raises:
        VaultError: there is none, its key is gone, or it fails verification.
    """
    row = SealedObject.objects.filter(media=media, kind=kind).first()
    if row is None:
        raise VaultError(f"no {kind} is stored")
    return open_apart(
        media.owner_id,
        media.public_id,
        kind,
        row.key,
        bytes(row.wrapped),
        row.version,
    )


def open_apart(
    owner_id: int,
    subject: UUID,
    kind: str,
    key: str,
    wrapped: bytes,
    version: int = 1,
) -> bytes:
    """The decrypted object that was written of this subject, whole and verified.

    Raises:
        VaultError: as ``open_sealed`` does.
    """
    dek = object_key(owner_id, subject, kind, wrapped, version)
    try:
        blob = storage.get(storage.originals(), key)
    except FileNotFoundError as error:
        raise VaultError(f"the stored {kind} is missing") from error
    if not blob.startswith(MAGIC):
        raise VaultError("not a sealed object")
    bound = context(subject, kind, version)
    return _decrypt(dek, blob[len(MAGIC) :], b"object" + bound)


def object_key(
    owner_id: int, subject: UUID, kind: str, wrapped: bytes, version: int
) -> bytes:
    """The key of one object, for whoever may have it (``gallery.seals`` alone).

    Raises:
        VaultError: the owner's key is gone, or this one is of another object.
    """
    bound = context(subject, kind, version)
    return _decrypt(key_of(owner_id), wrapped, b"dek" + bound)


def has(media: Media, kind: str) -> bool:
    """Whether an object of this kind is stored."""
    return SealedObject.objects.filter(media=media, kind=kind).exists()


def discard(media: Media, kind: str) -> None:
    """Forget one object: its key with the row, its bytes after the commit."""
    keys = list(
        SealedObject.objects.filter(media=media, kind=kind).values_list(
            "key", flat=True
        )
    )
    SealedObject.objects.filter(media=media, kind=kind).delete()
    storage.remove_after_commit(storage.address("originals", key) for key in keys)


def shred_media(media: Media) -> list[str]:
    """Destroy the keys of a media's objects; returns the addresses left to remove.

    Call it in the transaction that deletes the media, and give the addresses to its
    Tombstone, whose sweep removes the bytes.
    """
    rows = SealedObject.objects.filter(media=media)
    gone = [
        storage.address("originals", key) for key in rows.values_list("key", flat=True)
    ]
    rows.delete()
    return gone


def shred(owner_id: int) -> list[str]:
    """Destroy a user's key and with it every original, in old backups of files too.

    Returns the addresses of the objects left to remove.
    """
    KeyRing.objects.filter(owner_id=owner_id).delete()
    rows = SealedObject.objects.filter(media__owner_id=owner_id)
    own = Sticker.objects.filter(owner_id=owner_id)
    gone = [
        storage.address("originals", key)
        for found in (rows, own)
        for key in found.values_list("key", flat=True)
    ]
    rows.delete()
    own.delete()
    return gone


def key_of(owner_id: int) -> bytes:
    """The user's key-encryption key.

    Raises:
        VaultError: it has been destroyed, or the master key is not the right one.
    """
    ring = KeyRing.objects.filter(owner_id=owner_id).first()
    if ring is None:
        raise VaultError("the owner's keys are gone")
    return _unwrapped(ring)


def ensure_key(owner_id: int) -> bytes:
    """As ``key_of``, making the user's first key where there is none."""
    ring = KeyRing.objects.filter(owner_id=owner_id).first()
    if ring is None:
        kek = secrets.token_bytes(_KEY)
        wrapped = _encrypt(settings.NOPEEK_MASTER_KEY, kek, _ring_context(owner_id))
        ring, _ = KeyRing.objects.get_or_create(
            owner_id=owner_id, defaults={"wrapped": wrapped}
        )
    return _unwrapped(ring)


def fingerprint(kek: bytes, data: bytes) -> str:
    """Tells a user's equal files apart from others; says nothing without the key."""
    whole = hashlib.sha256(data).digest()
    return hmac.new(kek, b"fingerprint" + whole, hashlib.sha256).hexdigest()


def check_master_key() -> None:
    """Whether the configured master key opens what is stored; for start-up.

    Raises:
        VaultError: it does not: a wrong key would make every original unreadable and
            would write new ones under it.
    """
    if len(settings.NOPEEK_MASTER_KEY) != _KEY:
        raise VaultError("NOPEEK_MASTER_KEY has to be 32 bytes")
    ring = KeyRing.objects.order_by("pk").first()
    if ring is not None:
        _unwrapped(ring)


def _unwrapped(ring: KeyRing) -> bytes:
    return _decrypt(
        settings.NOPEEK_MASTER_KEY, bytes(ring.wrapped), _ring_context(ring.owner_id)
    )


def _ring_context(owner_id: int) -> bytes:
    return b"nopeek/ring/1/" + str(owner_id).encode()


def context(media: UUID, kind: str, version: int) -> bytes:
    """What a key and its object are bound to."""
    return b"/nopeek/1/" + media.bytes + version.to_bytes(8, "big") + kind.encode()


def _encrypt(key: bytes, data: bytes, bound: bytes) -> bytes:
    nonce = secrets.token_bytes(_NONCE)
    return nonce + AESGCM(key).encrypt(nonce, data, bound)


def _decrypt(key: bytes, blob: bytes, bound: bytes) -> bytes:
    try:
        return AESGCM(key).decrypt(blob[:_NONCE], blob[_NONCE:], bound)
    except (InvalidTag, ValueError) as error:
        raise VaultError("the object or its key has been changed") from error
