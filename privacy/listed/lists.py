"""LIGHT: keeping lists, and reading them whole or not at all."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from django.conf import settings
from django.db import DatabaseError, transaction
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.module_loading import import_string
from numpy.typing import NDArray

from privacy.core.pdq import BYTES, read_list
from privacy.listed.models import HashList
from privacy.policy_room import audit

SALT = "nopeek.listed"
MOST = 1_000_000
"""Hashes in one list: 32 MB."""


class Down(Exception):
    """A picture cannot be compared now; nobody may see it before it has been."""


class BadList(Exception):
    """What was given is no list; the text says which line, or why."""


@dataclass(frozen=True, slots=True)
class Known:
    """One list, read and found whole: uint8 (n, 32)."""

    pk: int
    name: str
    hashes: NDArray[np.uint8]


@transaction.atomic
def keep(name: str, text: str, source: str = "", by: Any = None) -> HashList:
    """Keep a list under ``name``, in the place of one that has this name.

    Pictures that wait because a list could not be read go on.

    Raises:
        BadList: a line is no hash, there is none, or there are too many.
    """
    try:
        hashes = read_list(text)
    except ValueError as error:
        raise BadList(str(error)) from error
    if not 0 < len(hashes) <= MOST:
        raise BadList(f"a list has 1 to {MOST} hashes, not {len(hashes)}")
    data = hashes.tobytes()
    row, _made = HashList.objects.update_or_create(
        name=name[:60],
        defaults={
            "source": source[:200],
            "hashes": data,
            "count": len(hashes),
            "digest": _digest(data, settings.SECRET_KEY),
            "active": True,
        },
    )
    audit.record("list.kept", by, row.name, {"hashes": row.count})
    import_string(settings.NOPEEK_LISTS_READABLE)()
    return row


@transaction.atomic
def switch(row: HashList, by: Any, *, active: bool) -> None:
    """Compare with a list from now on, or no longer."""
    HashList.objects.filter(pk=row.pk).update(active=active)
    audit.record("list.on" if active else "list.off", by, row.name)
    import_string(settings.NOPEEK_LISTS_READABLE)()


def read() -> list[Known]:
    """Every list that pictures are compared with.

    Raises:
        Down: one cannot be read, or is not as it was kept.
    """
    try:
        rows = list(HashList.objects.filter(active=True).order_by("pk"))
    except DatabaseError as error:
        raise Down("the lists cannot be read") from error
    return [_known(row) for row in rows]


def is_whole(row: HashList) -> bool:
    """Whether a list is as it was kept."""
    data = bytes(row.hashes)
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    genuine = any(constant_time_compare(row.digest, _digest(data, k)) for k in keys)
    return genuine and len(data) == row.count * BYTES


def _known(row: HashList) -> Known:
    if not is_whole(row):
        raise Down("a list is not as it was kept")
    hashes = np.frombuffer(bytes(row.hashes), np.uint8).reshape(-1, BYTES)
    return Known(row.pk, row.name, hashes)


def _digest(data: bytes, key: str | bytes) -> str:
    return salted_hmac(SALT, data, key, algorithm="sha256").hexdigest()
