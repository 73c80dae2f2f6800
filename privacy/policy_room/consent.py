"""The one-tap question: may looser rules open what you posted under stricter ones?"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.module_loading import import_string

from privacy.models import RuleSet, Scan
from privacy.policy_room.models import Consent


def open_question(owner: Any) -> Consent | None:
    """What ``owner`` is asked, if anything."""
    rows = Consent.objects.filter(owner=owner, answered_at__isnull=True)
    return rows.filter(ruleset__live=True).select_related("ruleset").first()


@transaction.atomic
def answer(owner: Any, public_id: UUID, *, agreed: bool) -> bool:
    """Keep the answer; with a yes, the live rules become the floor of all that is theirs.

    Returns whether there was such a question. One about rules that hold no longer is
    gone, so a late tap opens nothing.
    """
    rows = Consent.objects.select_for_update().filter(
        owner=owner, public_id=public_id, answered_at__isnull=True
    )
    row = rows.filter(ruleset__live=True).first()
    if row is None:
        return False
    row.answered_at, row.agreed = timezone.now(), agreed
    row.save(update_fields=["answered_at", "agreed"])
    if agreed:
        live = RuleSet.objects.get(live=True)
        mine = Scan.objects.filter(owner=owner, current=True)
        subjects = list(mine.exclude(floor=live).values_list("subject", flat=True))
        mine.update(floor=live)
        replan: Callable[[list[UUID]], int] = import_string(settings.NOPEEK_REPLAN)
        replan(subjects)
    return True
