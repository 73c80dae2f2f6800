"""Reports, what is decided about them, and appeals. Content is kept throughout."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from privacy.policy_room import audit
from privacy.policy_room.models import Hold, Report

State = Report.State
AN_HOUR = timedelta(hours=1)
MOST = 10
"""Reports of one person in an hour. Counted in rows, so no cache has to be there."""


class TooMany(Exception):
    """Wait: so many reports were made in the last hour."""


class Refused(Exception):
    """It cannot be done; the text says why."""


@transaction.atomic
def report(
    subject: UUID, owner_id: int, plan: str, reporter: Any, reason: str, words: str
) -> Report:
    """Somebody reports what they see. The same one again, while it waits, is one.

    Raises:
        TooMany: as said there.
        Refused: there is no such reason.
    """
    if reason not in Report.Reason.values:
        raise Refused(_("Choose a reason."))
    since = timezone.now() - AN_HOUR
    made = Report.objects.filter(reporter=reporter, created_at__gte=since)
    if made.count() >= MOST:
        raise TooMany
    facts = {"subject": subject, "reporter": reporter, "state": State.OPEN}
    if known := Report.objects.filter(**facts).first():
        return known
    try:
        with transaction.atomic():
            return Report.objects.create(
                **facts, owner_id=owner_id, plan=plan, reason=reason, words=words[:500]
            )
    except IntegrityError:
        return Report.objects.get(**facts)


@transaction.atomic
def decide(public_id: UUID, by: Any, why: str, *, hide: bool) -> Report:
    """Hide a picture from everybody but its owner at once, or leave it as it is.

    Raises:
        Refused: it was decided already, ``by`` is part of it, or there is no reason.
    """
    row = _held(public_id, State.OPEN)
    _no_part(row, by)
    if not why.strip():
        raise Refused(_("Say why: its owner reads it."))
    row.state = State.HIDDEN if hide else State.DISMISSED
    row.decided_by, row.decided_at, row.why = by, timezone.now(), why[:500]
    row.save()
    if hide:
        Hold.objects.get_or_create(subject=row.subject)
        others = Report.objects.filter(subject=row.subject, state=State.OPEN)
        others.update(
            state=State.HIDDEN, decided_by=by, decided_at=row.decided_at, why=row.why
        )
    audit.record(f"report.{row.state}", by, row.subject, {"reason": row.reason})
    return row


@transaction.atomic
def appeal(public_id: UUID, owner: Any, words: str) -> Report:
    """The owner says why it should be shown. Once for each decision.

    Raises:
        Refused: there is nothing to appeal against.
    """
    row = _held(public_id, State.HIDDEN)
    if row.owner_id != owner.pk:
        raise Refused(_("There is no such decision."))
    if not words.strip():
        raise Refused(_("Say why it should be shown."))
    row.state, row.appeal = State.APPEALED, words[:1000]
    row.save()
    return row


@transaction.atomic
def decide_appeal(public_id: UUID, by: Any, why: str, *, restore: bool) -> Report:
    """Another moderator looks again.

    Raises:
        Refused: ``by`` decided it the first time or is part of it, or no reason.
    """
    row = _held(public_id, State.APPEALED)
    _no_part(row, by)
    if row.decided_by_id == by.pk:
        raise Refused(_("Somebody else has to decide the appeal."))
    if not why.strip():
        raise Refused(_("Say why: its owner reads it."))
    row.state = State.RESTORED if restore else State.UPHELD
    row.appeal_decided_by, row.appeal_why = by, why[:500]
    row.save()
    # Other decisions about the same picture may still hold it.
    still = Report.objects.filter(
        subject=row.subject, state__in=[State.APPEALED, State.UPHELD]
    )
    if restore and not still.exclude(pk=row.pk).exists():
        Hold.objects.filter(subject=row.subject).delete()
        Report.objects.filter(subject=row.subject, state=State.HIDDEN).update(
            state=State.RESTORED
        )
    audit.record(f"report.{row.state}", by, row.subject)
    return row


def _held(public_id: UUID, state: str) -> Report:
    rows = Report.objects.select_for_update(of=("self",))
    row = rows.filter(public_id=public_id, state=state).first()
    if row is None:
        raise Refused(_("This has been decided already."))
    return row


def _no_part(row: Report, by: Any) -> None:
    if by.pk in (row.owner_id, row.reporter_id):
        raise Refused(_("You are part of this: somebody else has to decide it."))
