"""Pictures that are near a list of known ones: from nobody's sight but the process's.

What is withheld is REJECTED with the code ``withheld``. Its bytes stay, sealed, as they
were sent (``raw``), with one clear copy for those who have to look (``withheld``), who
get it behind glass alone. No tier and no owner has a version of it.
"""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import structlog
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from gallery import events, moves, tasks, vault
from gallery.delivery import SIZES
from gallery.models import Media, TierView
from gallery.states import State
from privacy.listed.models import Match

log = structlog.get_logger(__name__)

WITHHELD = "withheld"
DOWN = "list_down"
PLAIN = "withheld"
OWN = ("master", "metadata", *(f"owner_{size}" for size in SIZES))
AGAIN = 200


def words() -> str:
    """All that its owner reads."""
    return _("This photo cannot be used here. It is looked at by a person.")


def words_down() -> str:
    return _(
        "This photo could not be compared with what may not be here. Nobody sees it "
        "until it has been; it is tried again by itself."
    )


def keep(media: Media, match: Match) -> None:
    """Write the row of a match down, within the transaction of the move."""
    match.owner_id = media.owner_id
    Match.objects.update_or_create(
        subject=media.public_id,
        defaults={
            "owner_id": media.owner_id,
            "listed_id": match.listed_id,
            "distance": match.distance,
            "state": Match.State.WAITING,
        },
    )


@transaction.atomic
def withhold(media: Media, match: Match, raw: bytes, clear: bytes) -> bool:
    """Take a picture that is stored already out of everybody's sight.

    Args:
        raw: what the line begins with again if it is released.
        clear: a copy for those who have to look.

    Returns whether it still stood where it did.
    """
    vault.seal(media, "raw", raw)
    vault.seal(media, PLAIN, clear)
    moved = moves.move(
        media, State.REJECTED, problem=words()[:300], problem_code=WITHHELD
    )
    if moved:
        for kind in OWN:
            vault.discard(media, kind)
        TierView.objects.filter(media=media).delete()
        keep(media, match)
        events.ready(media)
    return moved


@transaction.atomic
def release(subject: UUID) -> None:
    """It was none: the line takes it from its start, past the lists."""
    media = Media.objects.filter(public_id=subject, problem_code=WITHHELD).first()
    if media is None:
        return
    vault.discard(media, PLAIN)
    if moves.move(media, State.UPLOADED, problem="", problem_code=""):
        tasks.enqueue_advance(media.public_id)


def readable_again(limit: int = AGAIN) -> int:
    """Send what waits for the lists through the line once more; how many went."""
    waiting = Media.objects.filter(state=State.FAILED.value, problem_code=DOWN)
    count = 0
    for media in waiting.order_by("moved_at")[:limit]:
        if moves.move(media, State.UPLOADED, problem="", problem_code=""):
            tasks.enqueue_advance(media.public_id)
            count += 1
    return count


def try_down_again(minutes: float = 5) -> int:
    """As ``readable_again``, for those that have waited so long."""
    since = timezone.now() - timedelta(minutes=minutes)
    rows = Media.objects.filter(
        state=State.FAILED.value, problem_code=DOWN, moved_at__lte=since
    )
    return readable_again() if rows.exists() else 0


def recheck_all() -> int:
    """Have every stored picture compared with the lists as they are now."""
    states = [State.READY.value, State.NEEDS_REVIEW.value]
    rows = Media.objects.filter(state__in=states).order_by("pk")
    count = 0
    for public_id in rows.values_list("public_id", flat=True).iterator():
        tasks.enqueue_recheck(public_id)
        count += 1
    return count
