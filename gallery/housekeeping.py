"""Setting right what crashes, lost messages and deletions leave behind."""

from __future__ import annotations

import time
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

import structlog
from django.conf import settings
from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone

from gallery import exports, moves, storage, tasks, withholding
from gallery.models import (
    Export,
    Media,
    Post,
    Rendition,
    SealedObject,
    Sticker,
    TierView,
    Tombstone,
)
from gallery.states import State
from privacy.core.version import RENDERER_VERSION

log = structlog.get_logger(__name__)

GRACE = timedelta(hours=1)
"""How old an object without a row has to be: a younger one may be on its way to one."""
DRAFT_LIFE = timedelta(days=30)
LATER = timedelta(hours=1)
"""After so long a photo whose versions could not be made is tried once more."""
BATCH = 200


def reconcile() -> int:
    """Send again what waits for a worker and was not touched for a while.

    Returns how many messages went out.
    """
    still = list(moves.stalled().order_by("moved_at", "pk")[:BATCH])
    for media in still:
        tasks.enqueue_advance(media.public_id)
        moves.sent_again(media)
    known = [media.pk for media in still]
    unrendered = _unrendered(known)
    for public_id in unrendered:
        tasks.enqueue_render(public_id)
    unmade = Export.objects.filter(
        state__in=("queued", "making"),
        created_at__lte=_ago(settings.NOPEEK_STALL_SECONDS),
    ).values_list("public_id", flat=True)[:BATCH]
    for public_id in unmade:
        tasks.enqueue_export(public_id)
    compared = withholding.try_down_again()
    count = len(still) + len(unrendered) + len(unmade) + compared
    if count:
        log.info("reconcile", sent=count)
    return count


def _unrendered(known: list[int]) -> list[UUID]:
    """Public ids of READY media of which a tier has nothing to see, or to open, yet.

    One that failed as often as is allowed has been told to its owner and is tried
    again, once, every ``LATER``: the disk may have room by then.
    """
    waiting = (
        # What survived its mask waits for its owner, not for another try.
        TierView.objects.filter(
            ~Q(renderer=RENDERER_VERSION) | Q(ready=False) | ~Q(seal=F("seal_made"))
        )
        .filter(survivors=[])
        .filter(media__state=State.READY.value)
        .exclude(media__in=known)
    )
    fresh = Q(
        media__attempts__lt=settings.NOPEEK_ATTEMPTS,
        media__moved_at__lte=_ago(settings.NOPEEK_STALL_SECONDS),
    )
    given_up = Q(
        media__attempts__gte=settings.NOPEEK_ATTEMPTS,
        media__moved_at__lte=timezone.now() - LATER,
    )
    ids = waiting.filter(fresh | given_up).values_list("media__public_id", flat=True)
    found = list(ids.distinct()[:BATCH])
    Media.objects.filter(
        public_id__in=found, attempts__gte=settings.NOPEEK_ATTEMPTS
    ).update(moved_at=timezone.now())
    return found


def sweep() -> None:
    """Remove objects of what was deleted, objects without a row, and stale drafts."""
    empty_tombstones()
    drop_unused_renditions()
    drop_stale_drafts()
    exports.drop_old()
    drop_orphans()
    drop_incoming()


def empty_tombstones() -> None:
    """Remove the objects that deletions listed; those that stay are tried again."""
    for stone in Tombstone.objects.exclude(keys=[])[:BATCH]:
        left = storage.remove_all(stone.keys)
        Tombstone.objects.filter(pk=stone.pk).update(keys=left)


def drop_unused_renditions() -> None:
    """Forget renditions of plans that no tier sees any more."""
    seen = TierView.objects.filter(
        media=OuterRef("media"), plan=OuterRef("plan"), renderer=OuterRef("renderer")
    )
    for row in Rendition.objects.filter(
        ~Exists(seen), created_at__lte=timezone.now() - GRACE
    )[:BATCH]:
        row.delete()
        storage.remove_all([storage.address("renditions", row.key)])


def drop_stale_drafts() -> None:
    """Delete drafts that nobody has come back to for a month, with a tombstone each."""
    from gallery import services

    for post in Post.objects.filter(
        published_at__isnull=True, created_at__lte=timezone.now() - DRAFT_LIFE
    )[:BATCH]:
        services.delete_post(post)


def drop_orphans(grace: timedelta = GRACE) -> int:
    """Remove stored objects that no row names; returns how many."""
    named: dict[str, set[str]] = {
        "originals": {
            *SealedObject.objects.values_list("key", flat=True),
            *Sticker.objects.values_list("key", flat=True),
        },
        "renditions": set(Rendition.objects.values_list("key", flat=True)),
        "exports": set(Export.objects.values_list("key", flat=True)),
    }
    gone = [
        storage.address(name, key)
        for name, keys in named.items()
        for key, written in storage.listing(name)
        if key not in keys and written <= timezone.now() - grace
    ]
    storage.remove_all(gone)
    if gone:
        log.info("sweep.orphans", removed=len(gone))
    return len(gone)


def drop_incoming(grace: timedelta = GRACE) -> None:
    """Remove uploads that a killed web process left half received, in the clear."""
    for path in Path(settings.FILE_UPLOAD_TEMP_DIR or "").glob("*.upload*"):
        if path.stat().st_mtime <= time.time() - grace.total_seconds():
            path.unlink(missing_ok=True)


def after_a_crash() -> int:
    """For a start at which no worker runs yet: everything unfinished goes on at once."""
    drop_incoming(timedelta(0))
    moves.release_claims()
    return reconcile()


def _ago(seconds: float) -> datetime:
    return timezone.now() - timedelta(seconds=seconds)
