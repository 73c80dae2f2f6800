"""A draft's way to be a version: open, perhaps approved by a second person, live.

Every verb takes the edition that its author looked at, and refuses where the draft has
changed since: two people at one draft never overwrite each other (R8).
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from privacy.core.errors import InvalidRules
from privacy.core.policy import RuleSet
from privacy.decisions import parsed
from privacy.models import RuleSet as RuleSetRow
from privacy.policy_room import audit
from privacy.policy_room.models import Draft
from privacy.services import Outdated, publish_rules

__all__ = ["Outdated"]  # beside all that is defined below

State = Draft.State
OPEN = (State.OPEN, State.WAITING, State.APPROVED)


class Refused(Exception):
    """It cannot be done; the text says why and what to do."""


def live_version() -> RuleSetRow:
    """The version that holds now.

    Raises:
        Refused: there is none (the site then uses the rules that NoPeek ships).
    """
    row = RuleSetRow.objects.filter(live=True).first()
    if row is None:
        raise Refused(_("No version of the rules is live: publish one first."))
    return row


@transaction.atomic
def begin(author: Any, rules: RuleSet | None = None, reason: str = "") -> Draft:
    """A draft from the live rules, or from ``rules``."""
    base = live_version()
    draft = Draft.objects.create(
        base=base,
        author=author,
        body=rules.as_json() if rules else base.body,
        reason=reason[:300],
    )
    audit.record("draft.begun", author, draft.public_id, {"base": base.version})
    return draft


@transaction.atomic
def change(draft: Draft, rules: RuleSet, reason: str, edition: int, by: Any) -> Draft:
    """Other rules in a draft; an approval that it had is of what it was, and gone.

    Raises:
        Outdated: somebody else changed it since ``edition``.
        Refused: it is live or dropped.
    """
    row = _held(draft.public_id, edition)
    row.body, row.reason = rules.as_json(), reason[:300]
    row.state, row.approved_by = State.OPEN, None
    row.author = by  # whoever wrote last may not approve
    _save(row)
    return row


@transaction.atomic
def submit(draft: Draft, edition: int, by: Any) -> Draft:
    """Ask for approval, or, where no second person is needed, take it as given.

    Raises:
        InvalidRules: it has problems.
        Outdated, Refused: as for ``change``; or there is no reason.
    """
    row = _held(draft.public_id, edition)
    rules = parsed(row.body)
    if problems := rules.problems():
        raise InvalidRules(problems)
    if not row.reason.strip():
        raise Refused(_("Say why: the reason stays with the version."))
    row.state = State.WAITING if settings.NOPEEK_TWO_PEOPLE else State.APPROVED
    _save(row)
    audit.record("draft.submitted", by, row.public_id, {"state": row.state})
    return row


@transaction.atomic
def approve(draft: Draft, edition: int, by: Any) -> Draft:
    """A second person agrees.

    Raises:
        Refused: it does not wait for that, or ``by`` wrote it.
        Outdated: as for ``change``.
    """
    row = _held(draft.public_id, edition)
    if row.state != State.WAITING:
        raise Refused(_("This draft does not wait for approval."))
    if row.author_id == by.pk:
        raise Refused(_("Somebody else has to approve what you wrote."))
    row.state, row.approved_by = State.APPROVED, by
    _save(row)
    audit.record("draft.approved", by, row.public_id)
    return row


@transaction.atomic
def apply(draft: Draft, edition: int, by: Any) -> RuleSetRow:
    """Make an approved draft the live version.

    Raises:
        Refused: it is not approved.
        Outdated: it, or the live rules, changed since.
        InvalidRules: it has problems.
    """
    row = _held(draft.public_id, edition)
    if row.state != State.APPROVED:
        raise Refused(_("Only an approved draft can be applied."))
    made = publish_rules(
        parsed(row.body),
        row.reason,
        by.pk,
        approved_by=row.approved_by,
        base=row.base,
        staged=True,
    )
    row.state = State.LIVE
    _save(row)
    return made


@transaction.atomic
def drop(draft: Draft, edition: int, by: Any) -> None:
    """Put a draft away."""
    row = _held(draft.public_id, edition)
    row.state = State.DROPPED
    _save(row)
    audit.record("draft.dropped", by, row.public_id)


@transaction.atomic
def roll_back(version: int, by: Any) -> RuleSetRow:
    """An earlier version's rules, as a new version that is live at once.

    Equal rules make equal plans, and a rendition is found by its plan: what was
    published under them before goes out again byte for byte.

    Raises:
        Refused: there is no such version, or it is the live one.
    """
    row = RuleSetRow.objects.filter(version=version, live=False).first()
    if row is None:
        raise Refused(_("There is no such earlier version."))
    reason = _("Back to version %(n)d.") % {"n": version}
    return publish_rules(parsed(row.body), reason, by.pk, base=live_version())


def open_drafts() -> QuerySet[Draft]:
    return Draft.objects.filter(state__in=OPEN).select_related("base", "author")


def _held(public_id: UUID, edition: int) -> Draft:
    rows = Draft.objects.select_for_update(of=("self",)).select_related("base")
    row = rows.get(public_id=public_id)
    if row.edition != edition:
        raise Outdated(_("Somebody changed this draft meanwhile. Look at it again."))
    if row.state not in OPEN:
        raise Refused(_("This draft is closed. Begin another one."))
    return row


def _save(row: Draft) -> None:
    row.edition += 1
    row.save()
