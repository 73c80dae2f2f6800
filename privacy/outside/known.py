"""HEAVY: what was found in a picture before, by its owner's copy of the very bytes.

The hash is keyed, so that the table does not tell who sent which known picture, and the
findings are sealed under a key for which the picture itself is needed.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import secrets
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.utils import timezone

from privacy.core.types import DetectorRun, Finding, ScanReport, Status
from privacy.core.version import RENDERER_VERSION
from privacy.core.weights import LOCK_FILE
from privacy.outside.models import Known

KEPT = timedelta(days=30)


def report_of(owner_id: int, data: bytes) -> ScanReport | None:
    """The report of an earlier scan of these very bytes by the same models."""
    row = Known.objects.filter(
        owner_id=owner_id,
        digest=_digest(owner_id, data),
        seen_by=seen_by(),
        created_at__gt=timezone.now() - KEPT,
    ).first()
    if row is None:
        return None
    sealed = bytes(row.sealed)
    try:
        text = AESGCM(_key(owner_id, data)).decrypt(sealed[:12], sealed[12:], None)
    except InvalidTag:
        return None
    return _report(json.loads(text))


def remember(owner_id: int, data: bytes, report: ScanReport) -> None:
    """Keep a complete report; one that is not is no answer to rely on."""
    if not report.complete:
        return
    nonce = secrets.token_bytes(12)
    shape = {
        "size": [report.width, report.height],
        "findings": [finding.as_json() for finding in report.findings],
        "runs": [{"name": run.name, **run.as_json()} for run in report.runs],
    }
    text = json.dumps(shape).encode()
    Known.objects.update_or_create(
        owner_id=owner_id,
        digest=_digest(owner_id, data),
        defaults={
            "seen_by": seen_by(),
            "sealed": nonce + AESGCM(_key(owner_id, data)).encrypt(nonce, text, None),
            "created_at": timezone.now(),
        },
    )


def forget_old() -> None:
    Known.objects.filter(created_at__lte=timezone.now() - KEPT).delete()


def seen_by() -> str:
    """Changes whenever other models, or another version of NoPeek, would look."""
    told = hashlib.sha256(RENDERER_VERSION.encode())
    told.update(LOCK_FILE.read_bytes())
    for name in ("NOPEEK_MODELS", "NOPEEK_OLLAMA_URL", "NOPEEK_OLLAMA_MODEL"):
        told.update(b"\0" + os.environ.get(name, "").encode())
    return told.hexdigest()


def _report(shape: Mapping[str, Any]) -> ScanReport:
    runs = (
        DetectorRun(run["name"], Status(run["status"]), run["ms"], run.get("model", ""))
        for run in shape["runs"]
    )
    findings = tuple(Finding.from_json(one) for one in shape["findings"])
    width, height = shape["size"]
    return ScanReport(int(width), int(height), findings, tuple(runs))


def _digest(owner_id: int, data: bytes) -> str:
    return _derived(b"digest", owner_id, data).hex()


def _key(owner_id: int, data: bytes) -> bytes:
    return _derived(b"seal", owner_id, data)


def mask_key(owner_id: int, data: bytes) -> bytes:
    """The picture's secret: the same picture gets the same grain each time it comes."""
    return _derived(b"mask", owner_id, data)


def _derived(purpose: bytes, owner_id: int, data: bytes) -> bytes:
    told = b"/".join((b"nopeek/known/1", purpose, str(owner_id).encode()))
    whole = hashlib.sha256(data).digest()
    return hmac.new(settings.NOPEEK_MASTER_KEY, told + whole, hashlib.sha256).digest()
