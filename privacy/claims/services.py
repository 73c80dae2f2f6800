"""LIGHT: filing, confirming and answering requests to be masked.

What is drawn into a picture is the gallery's part (``gallery.claims``). Limits are
counted in rows, so they hold whether or not a cache is there.
"""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from privacy.claims.models import Claim
from privacy.policy_room import audit

State = Claim.State
A_DAY = timedelta(days=1)
KEPT = timedelta(days=30)
FROM_ONE_PLACE, FROM_ONE_CONTACT, ABOUT_ONE = 5, 5, 20
"""Requests in a day: from one address of the network, of one contact, about one
picture."""
UNCONFIRMED_FOR = timedelta(days=2)


class TooMany(Exception):
    """So many were made in the last day: try again tomorrow."""


class Refused(Exception):
    """It cannot be done; the text says why."""


@transaction.atomic
def file(
    subject: UUID,
    *,
    owner_id: int | None,
    asker: Any = None,
    contact: str = "",
    words: str = "",
    place: list[float] | None = None,
    at_once: bool = False,
    from_ip: str = "",
) -> tuple[Claim, str]:
    """Keep a request; returns it with the secret of its page, which is kept nowhere.

    With an account the contact is proved. Else it waits until the link in a mail was
    followed, or, on a site that sends no mail, for a moderator, marked as unproved.

    Raises:
        TooMany: as said there.
    """
    place_of_day = _keyed(f"{timezone.now():%Y-%m-%d} {from_ip}")
    since = timezone.now() - A_DAY
    made = Claim.objects.filter(created_at__gte=since)
    if (
        made.filter(from_address=place_of_day).count() >= FROM_ONE_PLACE
        or (
            contact and made.filter(contact__iexact=contact).count() >= FROM_ONE_CONTACT
        )
        or (asker and made.filter(asker=asker).count() >= FROM_ONE_CONTACT)
        or made.filter(subject=subject).count() >= ABOUT_ONE
    ):
        raise TooMany
    secret = secrets.token_urlsafe(32)
    by_mail = asker is None and bool(contact) and settings.NOPEEK_SENDS_MAIL
    row = Claim.objects.create(
        token=_keyed(secret),
        subject=subject,
        seen=owner_id is not None,
        owner_id=owner_id,
        asker=asker,
        contact=contact,
        proof=Claim.Proof.ACCOUNT if asker else Claim.Proof.NONE,
        words=words[:500],
        place=place or [],
        at_once=at_once,
        state=State.UNCONFIRMED if by_mail else State.WAITING,
        from_address=place_of_day,
    )
    return row, secret


def by_secret(secret: str) -> Claim | None:
    """The request whose page this is."""
    return Claim.objects.filter(token=_keyed(secret)).first()


@transaction.atomic
def confirm(secret: str) -> Claim | None:
    """Its asker has the mailbox that was named. None where there is nothing (any more)
    to be confirmed."""
    since = timezone.now() - UNCONFIRMED_FOR
    rows = Claim.objects.select_for_update(of=("self",)).filter(
        token=_keyed(secret), state=State.UNCONFIRMED, created_at__gte=since
    )
    row = rows.first()
    if row is None:
        return None
    row.state, row.proof = State.WAITING, Claim.Proof.MAIL
    row.save(update_fields=["state", "proof"])
    return row


@transaction.atomic
def appeal(secret: str) -> None:
    """The asker does not take the owner's no: a moderator looks.

    Raises:
        Refused: it was not declined.
    """
    rows = Claim.objects.filter(token=_keyed(secret), state=State.DECLINED)
    if rows.update(state=State.APPEALED) != 1:
        raise Refused(_("There is nothing to look at again."))


@transaction.atomic
def settle(row: Claim, state: str, by: Any, why: str) -> Claim:
    """Write an answer down, once.

    Raises:
        Refused: it was answered meanwhile, or a no has no reason.
    """
    if state in (State.DECLINED, State.REFUSED) and not why.strip():
        raise Refused(_("Say why: whoever asked reads it."))
    held = Claim.objects.filter(pk=row.pk, state=row.state)
    changed = held.update(
        state=state, why=why[:500], answered_by=by, answered_at=timezone.now()
    )
    if changed != 1:
        raise Refused(_("This has been decided already."))
    row.refresh_from_db()
    audit.record(f"claim.{row.state}", by, row.subject, {"proof": row.proof})
    return row


def bound(subject: UUID) -> list[tuple[str, list[float]]]:
    """Regions of a picture, and their places, that its owner may not open again."""
    rows = Claim.objects.filter(subject=subject, state=State.UPHELD).exclude(region="")
    return list(rows.values_list("region", "place"))


def forget() -> None:
    """Drop what was never confirmed, and contacts thirty days after the answer."""
    now = timezone.now()
    Claim.objects.filter(
        state=State.UNCONFIRMED, created_at__lte=now - UNCONFIRMED_FOR
    ).delete()
    old = Claim.objects.filter(answered_at__lte=now - KEPT).exclude(
        state__in=[State.WAITING, State.APPEALED]
    )
    old.update(contact="", from_address="")


def _keyed(text: str) -> str:
    return salted_hmac("nopeek.claims", text, algorithm="sha256").hexdigest()
