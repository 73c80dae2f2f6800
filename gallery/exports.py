"""Everything that a user has, as one zip, for that user alone.

A worker makes it. The zip holds pictures in the clear, so it is encrypted while it is
written, in chunks, under a fresh key that the user's key wraps: neither the disk of a
worker nor the storage ever holds it readable, and destroying the user's key destroys
exports too. What others own is in it as the user may see it and no better.

The object: ``NPX1``, the wrapped key (length first), then chunks of 1 MiB. The nonce of
a chunk is its number and whether it is the last one (the STREAM construction of Hoang
et al., CRYPTO 2015), so that chunks cannot be dropped, moved or cut off.
"""

from __future__ import annotations

import secrets
import tempfile
import uuid
import zipfile
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import IO

import structlog
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.core.files import File
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from accounts.models import User
from gallery import contents, events, storage, tasks, vault
from gallery.models import Export

log = structlog.get_logger(__name__)

MAGIC = b"NPX1"
CHUNK = 1024 * 1024
LIFE = timedelta(days=7)
AGAIN = timedelta(minutes=15)
"""A download that broke off may be repeated for so long; then the zip is withdrawn."""
_CLAIM = "claim:"


def request_export(owner: User) -> Export:
    """Have a zip made. One that is being made already is the answer to both."""
    with transaction.atomic():
        User.objects.select_for_update(no_key=True).get(pk=owner.pk)
        waiting = Export.objects.filter(owner=owner, state__in=("queued", "making"))
        export = waiting.first() or Export.objects.create(owner=owner)
        tasks.enqueue_export(export.public_id)
    return export


def available(owner: User) -> list[Export]:
    """The user's exports, newest first, without those that have had their time."""
    rows = Export.objects.filter(owner=owner).exclude(_over())
    return list(rows.order_by("-created_at")[:10])


def build(public_id: uuid.UUID) -> None:
    """Make the zip of one Export; of two workers the later one's is kept."""
    claim = _CLAIM + secrets.token_hex(8)
    rows = Export.objects.filter(public_id=public_id, state__in=("queued", "making"))
    if not rows.update(state="making", key=claim):
        return
    export = rows.select_related("owner").get()
    mine = Export.objects.filter(pk=export.pk, state="making", key=claim)
    try:
        key, size = _store(export.owner, export.public_id)
    except Exception:
        log.exception("export.failed")
        mine.update(state="failed", key="")
        return
    with transaction.atomic():
        if not mine.update(state="ready", key=key, bytes=size):
            # Something in it was deleted meanwhile, or the account was.
            storage.remove_after_commit([storage.address("exports", key)])
            return
        events.export_ready(export)


def fetch(export: Export) -> Iterator[bytes]:
    """The zip, in parts. The first fetch starts the clock that withdraws it.

    Raises:
        vault.VaultError: key gone or bytes changed; nothing has been released then.
    """
    reader = _Reader(export)
    reader.verify()
    Export.objects.filter(pk=export.pk, fetched_at=None).update(
        fetched_at=timezone.now()
    )
    return reader.chunks()


def is_over(export: Export) -> bool:
    """Whether a finished export may no longer be fetched."""
    return Export.objects.filter(_over(), pk=export.pk).exists()


def withdraw(owner_id: int, *, all_of_them: bool = False) -> list[str]:
    """Forget the zips of a user, since they hold what is being deleted.

    One that is being made is begun anew, unless ``all_of_them``. Returns the
    addresses of the objects left to remove.
    """
    rows = Export.objects.filter(owner_id=owner_id)
    done = rows.filter(state="ready")
    addresses = [
        storage.address("exports", key) for key in done.values_list("key", flat=True)
    ]
    (rows if all_of_them else done).delete()
    for export in rows.filter(state="making"):
        rows.filter(pk=export.pk).update(state="queued", key="")
        tasks.enqueue_export(export.public_id)
    return addresses


def drop_old() -> int:
    """For the sweep: withdraw what has had its time. Returns how many."""
    old = list(Export.objects.filter(_over()))
    Export.objects.filter(pk__in=[export.pk for export in old]).delete()
    storage.remove_all(
        storage.address("exports", export.key) for export in old if export.key
    )
    return len(old)


def _over() -> Q:
    now = timezone.now()
    return Q(state__in=("ready", "failed"), created_at__lte=now - LIFE) | Q(
        state="ready", fetched_at__lte=now - AGAIN
    )


def _store(owner: User, public_id: uuid.UUID) -> tuple[str, int]:
    """Write the sealed zip; returns its key and the size of the zip itself."""
    token = secrets.token_hex(16)
    with tempfile.TemporaryFile(dir=settings.FILE_UPLOAD_TEMP_DIR) as aside:
        sealed = _Sealer(aside, vault.ensure_key(owner.pk), public_id)
        with zipfile.ZipFile(sealed, "w", zipfile.ZIP_STORED) as archive:
            for name, data in contents.everything(owner):
                archive.writestr(name, data)
        sealed.close()
        aside.seek(0)
        key = storage.exports().save(f"{token[:2]}/{token}", File(aside))
    return key, sealed.size


class _Sealer:
    """A file to write to, from front to back, that stores encrypted chunks."""

    def __init__(self, file: IO[bytes], kek: bytes, public_id: uuid.UUID) -> None:
        key = AESGCM.generate_key(bit_length=256)
        nonce = secrets.token_bytes(12)
        wrapped = nonce + AESGCM(kek).encrypt(nonce, key, _context(public_id))
        file.write(MAGIC + bytes([len(wrapped)]) + wrapped)
        self._file = file
        self._cipher = AESGCM(key)
        self._waiting = bytearray()
        self._number = 0
        self.size = 0

    def write(self, data: bytes, /) -> int:
        self._waiting += data
        self.size += len(data)
        while len(self._waiting) > CHUNK:
            self._put(bytes(self._waiting[:CHUNK]), last=False)
            del self._waiting[:CHUNK]
        return len(data)

    def flush(self) -> None:
        """Chunks are written when they are full."""

    def close(self) -> None:
        self._put(bytes(self._waiting), last=True)

    def _put(self, chunk: bytes, *, last: bool) -> None:
        self._file.write(self._cipher.encrypt(_nonce(self._number, last), chunk, None))
        self._number += 1


class _Reader:
    """Reads a stored export back. ``verify`` first: it releases nothing."""

    def __init__(self, export: Export) -> None:
        self._export = export
        self._kek = vault.key_of(export.owner_id)

    def verify(self) -> None:
        for _chunk in self.chunks():
            pass

    def chunks(self) -> Iterator[bytes]:
        try:
            file = storage.exports().open(self._export.key, "rb")
        except FileNotFoundError as error:
            raise vault.VaultError("the export is missing") from error
        with file:
            if file.read(len(MAGIC)) != MAGIC:
                raise vault.VaultError("not an export")
            wrapped = file.read(file.read(1)[0])
            context = _context(self._export.public_id)
            key = _opened(
                lambda: AESGCM(self._kek).decrypt(wrapped[:12], wrapped[12:], context)
            )
            cipher = AESGCM(key)
            number, block = 0, file.read(CHUNK + 16)
            while True:
                following = file.read(CHUNK + 16)
                nonce = _nonce(number, last=not following)
                yield _opened(
                    lambda n=nonce, b=block: cipher.decrypt(n, b, None)  # type: ignore[misc]
                )
                if not following:
                    return
                number, block = number + 1, following


def _opened(decrypt: Callable[[], bytes]) -> bytes:
    try:
        return decrypt()
    except (InvalidTag, ValueError) as error:
        raise vault.VaultError("the export or its key has been changed") from error


def _context(public_id: uuid.UUID) -> bytes:
    return b"nopeek/export/1/" + public_id.bytes


def _nonce(number: int, last: bool) -> bytes:
    return b"\0" * 3 + number.to_bytes(8, "big") + bytes([last])
