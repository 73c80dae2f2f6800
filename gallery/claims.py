"""What a request to be masked does to a picture. It only ever adds a mask.

The person shown can raise protection. So a request whose contact is proved may cover
its place at once, until it is answered; it can open nothing, and covers a quarter of
a picture at most, so that nobody empties the pages of others with it. The owner may
take the mask away again by saying no; what a moderator upholds stays.
"""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from gallery import editing, events
from gallery.access import access_media
from gallery.models import Media, Post
from gallery.services import Refused as NotNow
from privacy.claims.models import Claim
from privacy.claims.services import Refused, settle
from privacy.core.types import Box
from privacy.models import Finding
from privacy.policy_room import audit

State = Claim.State
MOST_AT_ONCE = 0.25
"""Share of a picture that is covered before anybody has looked."""


def begun(row: Claim) -> None:
    """A proved request about a picture that its asker sees: cover it, tell its owner."""
    if not row.proof or row.owner is None:
        return
    if row.at_once and _area(row) <= MOST_AT_ONCE:
        cover(row)
    events.mask_asked(row.owner)


@transaction.atomic
def cover(row: Claim) -> None:
    """Mask the place that was marked, for everybody; harmless if it is masked already."""
    media = Media.objects.filter(public_id=row.subject).first()
    if media is None or len(row.place) != 4 or row.region:
        return
    try:
        # Always the same region of this request: its mask looks the same each time.
        look = editing.Change(f"own-{row.public_id.hex[:12]}")
        region = editing.add(media, Box(*row.place), look=look)
    except NotNow:
        return  # its scan is not over: it is nobody's yet but its owner's
    Claim.objects.filter(pk=row.pk).update(region=region)
    row.region = region


@transaction.atomic
def owner_answers(row: Claim, owner: User, why: str, *, mask: bool) -> Claim:
    """Its owner masks it, or says no and why. Until then nothing is loosened.

    Raises:
        Refused: there is nothing to answer, or a no has no reason.
    """
    asked = row.state == State.WAITING and (row.proof or row.passed)
    if row.owner_id != owner.pk or not asked:
        raise Refused(_("This has been decided already."))
    settled = settle(row, State.MASKED if mask else State.DECLINED, owner, why)
    if mask:
        cover(settled)
    else:
        _uncover(settled)
    return settled


@transaction.atomic
def moderator_answers(row: Claim, by: User, why: str, *, mask: bool) -> Claim:
    """The site decides: about what was declined, and what nobody could pass on.

    Raises:
        Refused: ``by`` owns the picture, it was answered, or a no has no reason.
    """
    if by.pk in (row.owner_id, row.asker_id):
        raise Refused(_("You are part of this: somebody else has to decide it."))
    if row.state not in (State.WAITING, State.APPEALED):
        raise Refused(_("This has been decided already."))
    settled = settle(row, State.UPHELD if mask else State.REFUSED, by, why)
    if mask:
        cover(settled)
    elif settled.region:
        _uncover(settled)
    if settled.owner:
        events.mask_asked(settled.owner)
    return settled


@transaction.atomic
def pass_on(row: Claim, by: User) -> bool:
    """A moderator found the picture that an asker could not see: its owner answers.

    Returns whether there is such a picture, or a post of one picture.
    """
    media = Media.objects.filter(public_id=row.subject).first()
    if media is None:
        post = Post.objects.filter(public_id=row.subject).first()
        pictures = list(post.media.all()[:2]) if post else []
        media = pictures[0] if len(pictures) == 1 else None
    if media is None:
        return False
    row.subject, row.owner = media.public_id, media.owner
    row.seen = row.passed = True
    row.save(update_fields=["subject", "seen", "owner", "passed"])
    audit.record("claim.passed_on", by, row.subject)
    events.mask_asked(media.owner)
    return True


def owner_of(viewer: Any, claim_subject: Any) -> int:
    """Whose picture it is that ``viewer`` sees; raises Http404 where they do not."""
    grant = access_media(viewer, claim_subject)
    return Media.objects.values_list("owner_id", flat=True).get(pk=grant.media_id)


def _uncover(row: Claim) -> None:
    media = Media.objects.filter(public_id=row.subject).first()
    if media is None or not row.region:
        return
    region, row.region = row.region, ""
    row.save(update_fields=["region"])
    others = Claim.objects.filter(subject=row.subject, region=region).exclude(pk=row.pk)
    drawn = Finding.objects.filter(
        scan__subject=media.public_id, scan__current=True, region=region, manual=True
    )
    if others.exists() or not drawn.exists():
        return
    editing.remove(media, region, confirmed=True)


def _area(row: Claim) -> float:
    if len(row.place) != 4:
        return 0.0
    x0, y0, x1, y1 = row.place
    return float((x1 - x0) * (y1 - y0))
