"""Doorways for the workers. The rows are the truth; a message is only a hint.

Web processes import this module to send messages; what a task needs is imported when
it runs, since it reaches the machine-learning libraries.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

import structlog
from celery import Task, shared_task
from django.db import transaction

log = structlog.get_logger(__name__)


@shared_task(bind=True)
def advance_media(self: Task[Any, Any], public_id: str) -> None:
    """Take a Media as far along the line as it goes."""
    from gallery import pipeline

    pipeline.advance(UUID(public_id), holder=self.request.id or "")


@shared_task
def render_media(public_id: str) -> None:
    """Make what is missing of a READY Media after its plan changed."""
    from gallery import pipeline

    pipeline.render_tiers(UUID(public_id))


@shared_task(bind=True, max_retries=5)
def recheck_media(self: Task[Any, Any], public_id: str) -> None:
    """Compare a stored picture with the lists of known ones."""
    from gallery import pipeline
    from privacy.listed.lists import Down

    try:
        pipeline.recheck(UUID(public_id))
    except Down as error:
        raise self.retry(exc=error, countdown=60) from error


@shared_task
def explain_region(public_id: str, region: str) -> None:
    """Make the heat map of one finding."""
    from gallery import heat

    heat.make(UUID(public_id), region)


@shared_task
def compare_faces(public_id: str) -> None:
    """Look at the faces of an owner's older photos, some at a time."""
    from gallery.people import looking, models

    book = models.Book.objects.filter(public_id=UUID(public_id)).first()
    if book is not None and looking.catch_up(book.owner_id):
        enqueue_faces(book.public_id)


@shared_task
def build_export(public_id: str) -> None:
    """Make the zip of everything that a user has."""
    from gallery import exports

    exports.build(UUID(public_id))


@shared_task
def reconcile() -> None:
    """Move on what stands still: lost messages cost a minute and lose nothing."""
    from gallery import housekeeping

    housekeeping.reconcile()


@shared_task
def sweep() -> None:
    """Remove what nothing refers to any more."""
    from gallery import housekeeping

    housekeeping.sweep()


def enqueue_advance(public_id: UUID, delay: float = 0) -> None:
    """After the commit: have a worker advance this Media."""
    _after_commit(advance_media, public_id, delay)


def enqueue_render(public_id: UUID) -> None:
    """After the commit: have a worker render what is missing of this Media."""
    _after_commit(render_media, public_id)


def enqueue_recheck(public_id: UUID) -> None:
    """After the commit: have a worker compare this Media with the lists."""
    _after_commit(recheck_media, public_id)


def enqueue_export(public_id: UUID) -> None:
    """After the commit: have a worker make this Export."""
    _after_commit(build_export, public_id)


def enqueue_faces(public_id: UUID) -> None:
    """After the commit: have a worker compare the faces of a Book's owner."""
    _after_commit(compare_faces, public_id)


def enqueue_heat(public_id: UUID, region: str) -> None:
    """After the commit: have a worker look why a region was found."""
    _after_commit(explain_region, public_id, 0, region)


def _after_commit(
    task: Task[Any, Any], public_id: UUID, delay: float = 0, *more: str
) -> None:
    def send() -> None:
        try:
            # No retries: a person waits, and reconcile sends it again.
            task.apply_async((str(public_id), *more), countdown=delay, retry=False)
        except Exception as error:  # noqa: BLE001 - each broker raises its own
            log.error(
                "broker.unreachable",
                task=task.name,
                media=str(public_id),
                error=type(error).__name__,
            )

    transaction.on_commit(send, robust=True)
