"""Versions of the rules: what changed, who signed it, and whether it still holds."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.utils.crypto import constant_time_compare, salted_hmac

from privacy.core.policy import Rule, RuleSet
from privacy.core.types import Tier
from privacy.models import RuleSet as RuleSetRow

SALT = "nopeek.rules"


def difference(old: RuleSet, new: RuleSet) -> list[dict[str, Any]]:
    """What differs, one entry a value: ``category``, ``what``, ``before``, ``after``.

    ``what`` is ``rule`` (made or gone), the word of a tier, ``severity``,
    ``min_confidence`` or ``padding``; a cell is a style, or "" where it shows.
    """
    before = {rule.category: rule for rule in old.rules}
    after = {rule.category: rule for rule in new.rules}
    found: list[dict[str, Any]] = []
    for name in dict.fromkeys((*before, *after)):
        found += [
            {"category": name, "what": what, "before": was, "after": now}
            for what, was, now in _differs(before.get(name), after.get(name))
        ]
    return found


def _differs(old: Rule | None, new: Rule | None) -> Iterator[tuple[str, Any, Any]]:
    if old is None or new is None:
        yield "rule", old is not None, new is not None
        return
    for tier, was, now in zip(Tier, old.cells, new.cells, strict=True):
        if was != now:
            yield (
                tier.word,
                was.style.value if was else "",
                now.style.value if now else "",
            )
    for what in ("severity", "min_confidence", "padding"):
        first, second = getattr(old, what), getattr(new, what)
        if first != second:
            yield what, first, second


def sign(row: RuleSetRow) -> str:
    """HMAC-SHA-256, hexadecimal, over everything of a version but ``live``."""
    return _signature(row, settings.SECRET_KEY)


def is_genuine(row: RuleSetRow) -> bool:
    """Whether a version is as it was signed; one from before signing is not."""
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    return any(constant_time_compare(row.signature, _signature(row, k)) for k in keys)


def _signature(row: RuleSetRow, key: str | bytes) -> str:
    held = {
        "version": row.version,
        "name": row.name,
        "body": row.body,
        "reason": row.reason,
        "based_on": row.based_on.version if row.based_on else None,
        "diff": row.diff,
        "signed_by": row.signed_by,
        "approved_by": row.approved_by,
    }
    text = json.dumps(held, sort_keys=True, separators=(",", ":"))
    return salted_hmac(SALT, text, key, algorithm="sha256").hexdigest()
