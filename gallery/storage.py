"""The three private storages, and how an object gets into them whole or not at all.

A storage is a Django storage named in ``settings.STORAGES``; nothing in it has a public
address. An object's name is random and says nothing of the picture or of its owner. In
the database and in tombstones an object is written ``originals/ab/abcdef…``: the
storage's name, then the key within it.
"""

from __future__ import annotations

import os
import secrets
import tempfile
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path

import structlog
from django.core.files.base import ContentFile
from django.core.files.storage import Storage, storages
from django.db import transaction

log = structlog.get_logger(__name__)

NAMES = ("originals", "renditions", "exports")
_PART = ".part"


def originals() -> Storage:
    """Sealed objects: unreadable without the owner's key."""
    return storages["originals"]


def renditions() -> Storage:
    """What tiers see."""
    return storages["renditions"]


def exports() -> Storage:
    """Zips of what a user has, for that user alone."""
    return storages["exports"]


def put(storage: Storage, data: bytes, suffix: str = "") -> str:
    """Store ``data`` under a new random key and return the key.

    On a file system the bytes are written aside, synced and renamed, so that after a
    crash or on a full disk an object is there whole or not at all. Object stores give
    that promise themselves.

    Raises:
        OSError: nothing has been stored.
    """
    token = secrets.token_hex(16)
    key = f"{token[:2]}/{token}{suffix}"
    path = _local(storage, key)
    if path is None:
        return storage.save(key, ContentFile(data))
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle, aside = tempfile.mkstemp(suffix=_PART, dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        Path(aside).replace(path)
    except BaseException:
        Path(aside).unlink(missing_ok=True)
        raise
    _sync_folder(path.parent)
    return key


def get(storage: Storage, key: str) -> bytes:
    """The whole object.

    Raises:
        FileNotFoundError: there is none (any longer).
    """
    with storage.open(key, "rb") as file:
        data: bytes = file.read()
    return data


def remove(storage: Storage, key: str) -> None:
    """Remove one object; one that is not there is fine."""
    storage.delete(key)


def address(name: str, key: str) -> str:
    """How a tombstone writes an object: storage name and key."""
    return f"{name}/{key}"


def remove_all(addresses: Iterable[str]) -> list[str]:
    """Remove objects by address; returns those that could not be removed."""
    left = []
    for item in addresses:
        name, _, key = item.partition("/")
        if name not in NAMES or not key:
            log.error("storage.unknown_address")
            continue
        try:
            storages[name].delete(key)
        except Exception:
            log.exception("storage.remove_failed", storage=name)
            left.append(item)
    return left


def remove_after_commit(addresses: Iterable[str]) -> None:
    """Remove objects once the transaction that forgets them has committed.

    What a crash leaves behind at this point has no row, and the sweep finds it.
    """
    gone = list(addresses)

    def remove_them() -> None:
        remove_all(gone)

    transaction.on_commit(remove_them, robust=True)


def listing(name: str) -> Iterator[tuple[str, datetime]]:
    """Every object of a storage as key and time of writing; halves of writes too."""
    storage = storages[name]
    if bucket := getattr(storage, "bucket", None):
        # An object store lists a thousand at once; asking one by one would take hours.
        prefix = f"{storage.location}/"  # type: ignore[attr-defined]
        for item in bucket.objects.filter(Prefix=prefix):
            yield item.key.removeprefix(prefix), item.last_modified
        return
    try:
        folders, _ = storage.listdir("")
    except FileNotFoundError:
        return
    for folder in folders:
        for file in storage.listdir(folder)[1]:
            key = f"{folder}/{file}"
            try:
                yield key, storage.get_modified_time(key)
            except FileNotFoundError:
                continue  # removed meanwhile


def _local(storage: Storage, key: str) -> Path | None:
    try:
        return Path(storage.path(key))
    except NotImplementedError:
        return None


def _sync_folder(folder: Path) -> None:
    """Make a rename durable."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
