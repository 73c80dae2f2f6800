"""What a person makes of a match: it stays withheld, or it was none."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

from privacy.listed.models import Match
from privacy.policy_room import audit

State = Match.State


class Refused(Exception):
    """It cannot be done; the text says why."""


@transaction.atomic
def decide(public_id: UUID, by: Any, why: str, *, release: bool) -> Match:
    """Keep a picture withheld for good, or send it through the line from its start.

    Raises:
        Refused: it was decided already, ``by`` owns it, or there is no reason.
    """
    rows = Match.objects.select_for_update(of=("self",))
    row = rows.filter(public_id=public_id, state=State.WAITING).first()
    if row is None:
        raise Refused(_("This has been decided already."))
    if row.owner_id == by.pk:
        raise Refused(_("You are part of this: somebody else has to decide it."))
    if not why.strip():
        raise Refused(_("Say why: it stays in the log."))
    row.state = State.RELEASED if release else State.CONFIRMED
    row.why, row.decided_by, row.decided_at = why[:500], by, timezone.now()
    row.save()
    if release:
        import_string(settings.NOPEEK_RELEASE)(row.subject)
    audit.record(f"match.{row.state}", by, row.subject, {"distance": row.distance})
    return row
