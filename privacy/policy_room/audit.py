"""The audit log: each entry holds the hash of the one before it.

The hash is keyed with the site's secret, so rows can neither be changed nor made up by
whoever reaches the database alone. What a chain cannot show is that its newest rows
were cut off; ``manage.py audit verify`` prints the newest digest to be kept elsewhere.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone
from django.utils.crypto import constant_time_compare, salted_hmac

from privacy.policy_room.models import AuditEntry

SALT = "nopeek.audit"
_LOCK = 7_304_211
"""Number of the advisory lock under which PostgreSQL adds entries one by one."""


@transaction.atomic
def record(
    action: str,
    by: Any = None,
    subject: str | UUID = "",
    detail: Mapping[str, Any] | None = None,
) -> AuditEntry:
    """Add an entry, in the transaction of what it is about.

    Args:
        action: ``rules.published``, ``original.viewed`` …
        by: the user who did it; None for the site itself.
        subject: public id or name of the thing it was done to.
        detail: plain data without anything that was read in a picture.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
    last = AuditEntry.objects.order_by("-number").first()
    entry = AuditEntry(
        number=last.number + 1 if last else 1,
        at=timezone.now(),
        by=str(by.public_id) if by is not None else "",
        action=action[:40],
        subject=str(subject)[:60],
        detail=dict(detail or {}),
        previous=last.digest if last else "",
    )
    entry.digest = _digest(entry, settings.SECRET_KEY)
    entry.save()
    return entry


def problems() -> Iterator[str]:
    """What is wrong with the log, in words; nothing where it is whole."""
    previous, number = "", 0
    for entry in AuditEntry.objects.order_by("number").iterator(500):
        if entry.number != number + 1:
            yield f"entries {number + 1} to {entry.number - 1} are missing"
        elif entry.previous != previous:
            yield f"entry {entry.number} does not follow the one before it"
        if not is_genuine(entry):
            yield f"entry {entry.number} is not as it was written"
        previous, number = entry.digest, entry.number


def is_genuine(entry: AuditEntry) -> bool:
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    return any(constant_time_compare(entry.digest, _digest(entry, k)) for k in keys)


def as_json(entry: AuditEntry) -> dict[str, Any]:
    """The documented shape of an exported entry."""
    return {
        "number": entry.number,
        "at": entry.at.isoformat(),
        "by": entry.by,
        "action": entry.action,
        "subject": entry.subject,
        "detail": entry.detail,
        "digest": entry.digest,
    }


def _digest(entry: AuditEntry, key: str | bytes) -> str:
    held = as_json(entry) | {"digest": entry.previous}
    text = json.dumps(held, sort_keys=True, separators=(",", ":"))
    return salted_hmac(SALT, text, key, algorithm="sha256").hexdigest()
