"""LIGHT: API keys: made, shown once, found by their hash, counted and taken back."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta
from urllib.parse import urlsplit
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from privacy.outside.models import ApiKey
from privacy.outside.problems import Problem

PREFIX = "npk_"
MOST = 20
"""Keys that one person may have at a time."""


class TooMany(Exception):
    """One key more than a person may have."""


def issue(
    owner_id: int,
    name: str,
    scope: str = ApiKey.Scope.PROTECT,
    *,
    days: int | None = 365,
    origin: str = "",
) -> tuple[ApiKey, str]:
    """A new key and its text, which is not kept: this is the one time it is known.

    Args:
        days: how long it holds; None for ever.
        origin: the one web page's origin that may use it, ``https://example.org``.

    Raises:
        TooMany: take one back first.
    """
    if alive(owner_id).count() >= MOST:
        raise TooMany
    text = PREFIX + secrets.token_urlsafe(32)
    row = ApiKey.objects.create(
        owner_id=owner_id,
        name=name[:60],
        hint=text[: len(PREFIX) + 4],
        digest=digest(text),
        scope=scope,
        origin=origin,
        per_minute=settings.NOPEEK_API["per_minute"],
        per_day=settings.NOPEEK_API["per_day"],
        expires_at=timezone.now() + timedelta(days=days) if days else None,
    )
    return row, text


def alive(owner_id: int) -> QuerySet[ApiKey]:
    """The keys of a person that have not been taken back, the newest first."""
    rows = ApiKey.objects.filter(owner_id=owner_id, revoked_at__isnull=True)
    return rows.order_by("-pk")


def revoke(owner_id: int, public_id: UUID) -> bool:
    """Take a key back, and with it its jobs; False where there is no such key."""
    rows = ApiKey.objects.filter(owner_id=owner_id, public_id=public_id)
    return bool(rows.filter(revoked_at__isnull=True).update(revoked_at=timezone.now()))


def access_key(text: str) -> ApiKey | None:
    """The key with this text, if it holds now and its owner takes part."""
    row = (
        ApiKey.objects.select_related("owner")
        .filter(digest=digest(text), revoked_at__isnull=True)
        .first()
    )
    if row is None or not row.owner.is_present:
        return None
    if row.expires_at is not None and row.expires_at <= timezone.now():
        return None
    return row


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def spend(key: ApiKey, now: datetime | None = None) -> None:
    """Count one request against the key's minute and day.

    Both are whole minutes and days of UTC. A request that is refused counts nothing.

    Raises:
        Problem: 429, with the seconds until the minute or the day is over.
    """
    stamp = int((now or timezone.now()).timestamp())
    minute, day = stamp // 60, stamp // 86_400
    with transaction.atomic():
        row = ApiKey.objects.select_for_update().get(pk=key.pk)
        if row.day != day:
            row.day, row.day_count = day, 0
        if row.minute != minute:
            row.minute, row.minute_count = minute, 0
        if row.day_count >= row.per_day:
            wait = 86_400 - stamp % 86_400
            raise Problem(429, "quota_day", _said(row.per_day, "day", wait), wait)
        if row.minute_count >= row.per_minute:
            wait = 60 - stamp % 60
            said = _said(row.per_minute, "minute", wait)
            raise Problem(429, "quota_minute", said, wait)
        row.day_count += 1
        row.minute_count += 1
        row.last_used_at = now or timezone.now()
        row.save(
            update_fields=["minute", "minute_count", "day", "day_count", "last_used_at"]
        )


def _said(most: int, span: str, wait: int) -> str:
    return f"This key may ask {most} times a {span}. Ask again in {wait} seconds."


def origin_of(text: str) -> str:
    """The origin of a web page's address, or empty where it has none.

    Raises:
        ValueError: not an address of a web page.
    """
    if not text.strip():
        return ""
    parts = urlsplit(text.strip())
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("an origin is https://example.org")
    port = f":{parts.port}" if parts.port else ""
    return f"{parts.scheme}://{parts.hostname.lower()}{port}"
