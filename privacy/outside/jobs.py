"""LIGHT: a picture handed to a worker and its answer fetched, with nothing left behind.

Picture and answer lie in the private storage, sealed with AES-256-GCM under a key that
follows from the text of the API key and the job's id. The server keeps that text
nowhere: it has it while the program asks, and the worker has the job's key from the
message. A copied disk opens neither.
"""

from __future__ import annotations

import base64
import json
import secrets
import threading
import time
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import structlog
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.utils import timezone

from privacy.outside.models import ApiKey, Job
from privacy.outside.problems import Problem

log = structlog.get_logger(__name__)

KEPT = timedelta(minutes=10)
HELD = threading.BoundedSemaphore(16)
"""Requests of this process that may wait for their job; others get its address."""
_POLL = 0.1


@dataclass(frozen=True, slots=True)
class Started:
    """A job that is on its way, and what opens its blobs."""

    job: Job
    secret: bytes


def start(
    data: bytes, wanted: dict[str, Any], text: str, key: ApiKey | None = None
) -> Started:
    """Seal a picture and send it to the ``ml`` queue.

    Args:
        data: the file as it came.
        wanted: what is to be done, see ``privacy.outside.work``.
        text: the API key's text, or a random one that the caller keeps.

    Raises:
        Problem: 503, the queue cannot be reached; nothing is left.
    """
    from privacy.outside import tasks

    public_id = uuid.uuid4()
    secret = secret_of(text, public_id)
    blob = _store(_sealed(secret, data, b"in"))
    job = Job.objects.create(
        public_id=public_id, key=key, blob=blob, expires_at=timezone.now() + KEPT
    )
    sent = base64.urlsafe_b64encode(secret).decode()
    try:
        tasks.carry_out.apply_async(
            (str(public_id), wanted, sent), retry=False, expires=KEPT.total_seconds()
        )
    except Exception as error:
        forget([job])
        log.error("broker.unreachable", task="carry_out", error=type(error).__name__)
        said = "The queue cannot be reached. Try again in a minute."
        raise Problem(503, "queue", said, 60) from error
    return Started(job, secret)


def secret_of(text: str, public_id: uuid.UUID) -> bytes:
    """The job's key: HKDF-SHA256 (RFC 5869) of the API key's text, salted by its id."""
    made = HKDF(hashes.SHA256(), 32, public_id.bytes, b"nopeek/job/1")
    return made.derive(text.encode())


def picture_of(job: Job, secret: bytes) -> bytes:
    """The file that was sent. For the worker.

    Raises:
        FileNotFoundError: it is gone.
        InvalidTag: it is not what was stored.
    """
    with storages["default"].open(job.blob) as file:
        return _opened(secret, file.read(), b"in")


def finish(job: Job, secret: bytes, answer: dict[str, Any]) -> None:
    """Seal and store the answer, and remove the picture. For the worker."""
    stored = _store(_sealed(secret, json.dumps(answer).encode(), b"out"))
    rows = Job.objects.filter(pk=job.pk, state=Job.State.QUEUED)
    if not rows.update(state=Job.State.DONE, answer=stored):
        _remove([stored])  # given up meanwhile, or done by another worker
    _remove([job.blob])


def answer_of(job: Job, secret: bytes) -> dict[str, Any] | None:
    """The answer, or None while there is none.

    Raises:
        Problem: 404, it is gone or was asked for with another key.
    """
    job.refresh_from_db()
    if job.state != Job.State.DONE:
        return None
    try:
        with storages["default"].open(job.answer) as file:
            found: dict[str, Any] = json.loads(_opened(secret, file.read(), b"out"))
    except (FileNotFoundError, InvalidTag) as error:
        raise Problem(404, "not_found", "There is no such job (any more).") from error
    return found


def wait(started: Started, seconds: float) -> dict[str, Any] | None:
    """The answer, if it comes within this time and not too many wait already."""
    if seconds <= 0 or not HELD.acquire(blocking=False):
        return None
    try:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            found = answer_of(started.job, started.secret)
            if found is not None:
                return found
            time.sleep(_POLL)
    finally:
        HELD.release()
    return None


def forget(jobs: Iterable[Job]) -> int:
    """Remove jobs with both their blobs."""
    rows = list(jobs)
    _remove(name for job in rows for name in (job.blob, job.answer) if name)
    Job.objects.filter(pk__in=[job.pk for job in rows]).delete()
    return len(rows)


def forget_old() -> int:
    """Remove what was not fetched in time, or whose key was taken back."""
    now = timezone.now()
    old = Job.objects.filter(expires_at__lte=now)
    return forget([*old, *Job.objects.filter(key__revoked_at__isnull=False)])


def within(asked: str) -> float:
    """Seconds to hold a request, from ``Prefer`` (RFC 7240): ``wait=5``,
    ``respond-async``; never longer than the site allows."""
    most = float(settings.NOPEEK_API["wait"])
    for part in asked.split(","):
        name, _equals, value = part.strip().partition("=")
        if name.strip().lower() == "respond-async":
            return 0.0
        if name.strip().lower() == "wait" and value.strip().isdigit():
            return min(most, float(value))
    return most


def _store(data: bytes) -> str:
    return storages["default"].save(f"jobs/{secrets.token_hex(16)}", ContentFile(data))


def _remove(names: Iterable[str]) -> None:
    for name in names:
        storages["default"].delete(name)


def _sealed(secret: bytes, data: bytes, side: bytes) -> bytes:
    nonce = secrets.token_bytes(12)
    return nonce + AESGCM(secret).encrypt(nonce, data, side)


def _opened(secret: bytes, blob: bytes, side: bytes) -> bytes:
    return AESGCM(secret).decrypt(blob[:12], blob[12:], side)
