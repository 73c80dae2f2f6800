"""Stored objects as somebody with the disk or the bucket has them in their hands."""

from __future__ import annotations

import pytest
from django.conf import settings
from django.core.files.base import ContentFile

from gallery import storage

files_only = pytest.mark.skipif(
    "bucket_name" in settings.STORAGES["originals"]["OPTIONS"],
    reason="a promise of files: an object store gives it itself",
)


def taken(key: str) -> bytes:
    """The bytes of a sealed object, as they lie there."""
    return storage.get(storage.originals(), key)


def tampered(key: str, data: bytes) -> None:
    """Put other bytes in the place of a sealed object."""
    storage.remove(storage.originals(), key)
    assert storage.originals().save(key, ContentFile(data)) == key
