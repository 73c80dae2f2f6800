"""Doorways for the workers."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import structlog
from celery import Task, shared_task
from django.db import transaction
from django.utils import timezone

log = structlog.get_logger(__name__)

KEPT = timedelta(days=30)
STILL = timedelta(seconds=45)
"""After so long without a sign of life a replay is taken up again."""
SLOW = timedelta(minutes=5)
"""The same for a sample set, of which one picture may take a while."""


@shared_task
def forget_events() -> None:
    """Drop the record of how stages went once it is of no use any more."""
    from privacy.claims import services as claims
    from privacy.models import ScanEvent

    claims.forget()

    ScanEvent.objects.filter(created_at__lte=timezone.now() - KEPT).delete()


@shared_task
def replay(pk: int) -> None:
    """Go on with the replay of a draft."""
    from privacy.policy_room import replay as replays

    replays.run(pk)


@shared_task
def roll_out(pk: int) -> None:
    """Have the next pictures of a roll-out drawn anew."""
    from privacy.policy_room import rollout

    if rollout.step(pk):
        enqueue(roll_out, pk)


@shared_task
def look_at_samples(pk: int) -> None:
    """Look at the pictures of a labelled set."""
    from privacy.samples import scanning

    scanning.run(pk)


@shared_task
def carry_on() -> None:
    """Take up replays and roll-outs whose message was lost."""
    from privacy.policy_room import rollout
    from privacy.policy_room.models import Replay
    from privacy.samples.models import SampleSet

    now = timezone.now()
    rows = Replay.objects.filter(state="running", beat_at__lte=now - STILL)
    for pk in rows.values_list("pk", flat=True):
        enqueue(replay, pk)
    sets = SampleSet.objects.filter(state="scanning", beat_at__lte=now - SLOW)
    for pk in sets.values_list("pk", flat=True):
        enqueue(look_at_samples, pk)
    for pk in rollout.unfinished():
        enqueue(roll_out, pk)


def enqueue(task: Task[Any, Any], pk: int) -> None:
    """After the commit; a broker that is away is made good for by ``carry_on``."""

    def send() -> None:
        try:
            task.apply_async((pk,), retry=False)
        except Exception as error:  # noqa: BLE001 - each broker raises its own
            log.error("broker.unreachable", task=task.name, error=type(error).__name__)

    transaction.on_commit(send, robust=True)
