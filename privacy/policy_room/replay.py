"""A draft over history, in chunks that can be cancelled and taken up again."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import Any

import structlog
from django.conf import settings
from django.db import transaction
from django.utils.module_loading import import_string

from privacy import decisions, tasks
from privacy.core.types import Tier
from privacy.core.whatif import Change, Tally
from privacy.models import Scan
from privacy.policy_room.foresee import CHUNK, Outcome, chunks, outcomes
from privacy.policy_room.models import Draft, Replay

log = structlog.get_logger(__name__)

PATIENCE = 20.0
"""Seconds after which a message gives way to the next one."""


@transaction.atomic
def begin(draft: Draft) -> Replay:
    """Start to replay a draft as it stands; one that runs already goes on."""
    known = Replay.objects.filter(draft=draft, edition=draft.edition, state="running")
    if found := known.first():
        return found
    Replay.objects.filter(draft=draft, state="running").update(state="cancelled")
    made = Replay.objects.create(
        draft=draft,
        edition=draft.edition,
        total=Scan.objects.filter(current=True).count(),
    )
    tasks.enqueue(tasks.replay, made.pk)
    return made


def cancel(draft: Draft) -> None:
    Replay.objects.filter(draft=draft, state="running").update(state="cancelled")


def latest(draft: Draft) -> Replay | None:
    """The newest replay of the draft as it stands."""
    rows = Replay.objects.filter(draft=draft, edition=draft.edition)
    return rows.order_by("-pk").first()


def run(pk: int, patience: float = PATIENCE, size: int = CHUNK) -> bool:
    """Go on with a replay; returns whether it came to its end.

    Each chunk is kept by one conditional update, so a replay that was cancelled, or
    that another worker takes along as well, counts nothing twice.
    """
    row = Replay.objects.select_related("draft__base").filter(pk=pk).first()
    if row is None or row.state != "running":
        return True
    begun = time.perf_counter()
    old = decisions.Held(decisions.parsed(row.draft.base.body))
    new = decisions.Held(decisions.parsed(row.draft.body))
    for scans in chunks(row.cursor, size):
        start = time.perf_counter()
        seen = _Seen(row)
        for one in outcomes(scans, old, new):
            seen.add(one)
        if not _keep(row, seen, scans[-1].pk, time.perf_counter() - start):
            return True  # cancelled, or somebody else goes on with it
        if time.perf_counter() - begun > patience:
            tasks.enqueue(tasks.replay, pk)
            return False
    row.people = _people(row.people)
    Replay.objects.filter(pk=pk, state="running", cursor=row.cursor).update(
        state="done", people=row.people
    )
    return True


class _Seen:
    """What one chunk adds to what a replay has counted so far."""

    def __init__(self, row: Replay) -> None:
        self.at_once = Tally.from_json(row.at_once)
        self.if_asked = Tally.from_json(row.if_asked)
        self.touched: list[str] = list(row.touched)
        self.posts = defaultdict(set, {k: set(v) for k, v in row.posts.items()})
        self.owners = defaultdict(set, {k: set(v) for k, v in row.people.items()})
        self._reaches: Callable[[str, Tier], bool] = import_string(
            settings.NOPEEK_REACHES
        )

    def add(self, one: Outcome) -> None:
        self.at_once.add(one.at_once)
        self.if_asked.add(one.if_asked)
        self.posts["all"].add(one.fact.post)
        if one.at_once:
            self.touched.append(str(one.scan.subject))
        self._note("now", one, one.at_once)
        self._note("asked", one, one.if_asked)

    def _note(self, when: str, one: Outcome, changes: Iterable[Change]) -> None:
        for change in changes:
            for way in ways(change):
                self.posts[f"{when}.{way}"].add(one.fact.post)
                self.posts[f"{when}.{way}.{change.tier.word}"].add(one.fact.post)
                if one.fact.published and self._reaches(one.fact.audience, change.tier):
                    key = f"{when}.{way}.{change.tier.word}"
                    self.owners[key].add(one.fact.owner_id)
                    if change.tier == Tier.FULL and one.fact.audience == "everyone":
                        self.owners[f"{key}.everyone"].add(one.fact.owner_id)


def ways(change: Change) -> tuple[str, ...]:
    """``more``, ``less``, both, or ``look`` where it is only drawn differently."""
    found = [("more", change.opens), ("less", change.closes)]
    return tuple(way for way, is_so in found if is_so) or ("look",)


def _keep(row: Replay, seen: _Seen, cursor: int, seconds: float) -> bool:
    values: dict[str, Any] = {
        "cursor": cursor,
        "at_once": seen.at_once.as_json(),
        "if_asked": seen.if_asked.as_json(),
        "touched": seen.touched,
        "posts": {key: sorted(found) for key, found in seen.posts.items()},
        "people": {key: sorted(found) for key, found in seen.owners.items()},
        "seconds": row.seconds + seconds,
    }
    rows = Replay.objects.filter(pk=row.pk, state="running", cursor=row.cursor)
    if not rows.update(**values):
        return False
    for name, value in values.items():
        setattr(row, name, value)
    Replay.objects.get(pk=row.pk).save(update_fields=["beat_at"])
    return True


def _people(owners: dict[str, list[int]]) -> dict[str, Any]:
    """Different followers by way and tier; ``everyone`` where strangers are meant."""
    count: Callable[[Tier, list[int]], int] = import_string(settings.NOPEEK_FOLLOWERS)
    found: dict[str, Any] = {}
    for key, ids in owners.items():
        if not key.endswith(".everyone"):
            found[key] = count(Tier.parse(key.rpartition(".")[2]), ids)
        else:
            found[key] = True
    return found
