"""Drawing pictures anew after rules that only look different: staged, pausable."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils.module_loading import import_string

from privacy import tasks
from privacy.policy_room import audit
from privacy.policy_room.models import Rollout

STEP = 20
SHARES = (1, 10, 100)


def step(pk: int) -> bool:
    """Have the next few pictures drawn anew; returns whether more are to be done now.

    The plans are those of the rules that hold when it runs, so a roll-out that was
    overtaken by newer rules does no harm.
    """
    replan: Callable[[list[UUID]], int] = import_string(settings.NOPEEK_REPLAN)
    with transaction.atomic():
        row = Rollout.objects.select_for_update().filter(pk=pk).first()
        if row is None or row.paused or not row.waiting:
            return False
        count = min(STEP, row.goal - row.done)
        if count <= 0:
            return False
        now, row.waiting = row.waiting[:count], row.waiting[count:]
        row.done += len(now)
        row.save()
        replan([UUID(subject) for subject in now])
        return bool(row.waiting) and row.done < row.goal


def unfinished() -> list[int]:
    """Primary keys of the roll-outs that are to go on by themselves."""
    rows = Rollout.objects.filter(paused=False).exclude(waiting=[])
    return [row.pk for row in rows if row.done < row.goal]


@transaction.atomic
def go_on(row: Rollout, by: Any) -> None:
    """The next stage: 1 %, 10 %, all."""
    held = Rollout.objects.select_for_update().get(pk=row.pk)
    held.share = next((share for share in SHARES if share > held.share), 100)
    held.paused = False
    held.save()
    audit.record("rollout.stage", by, f"version {held.ruleset.version}", _told(held))
    tasks.enqueue(tasks.roll_out, held.pk)


@transaction.atomic
def pause(row: Rollout, by: Any, *, paused: bool) -> None:
    held = Rollout.objects.select_for_update().get(pk=row.pk)
    held.paused = paused
    held.save()
    word = "rollout.paused" if paused else "rollout.resumed"
    audit.record(word, by, f"version {held.ruleset.version}", _told(held))
    if not paused:
        tasks.enqueue(tasks.roll_out, held.pk)


def _told(row: Rollout) -> dict[str, int]:
    return {"share": row.share, "done": row.done, "total": row.total}
