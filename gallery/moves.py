"""Moving a Media from state to state: by compare-and-set, along permitted ways only.

A worker *claims* the stage that a Media stands in, which counts an attempt; what it
then does is valid only as long as nobody claimed the same stage after it, the owner
changed nothing, and the Media is still there. All of that is one condition of one
UPDATE, so of two workers exactly one goes on, and neither waits for the other.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Self

from django.conf import settings
from django.db.models import F, QuerySet
from django.utils import timezone

from gallery.models import Media
from gallery.states import TRANSITIONS, WORKING, State


class Superseded(Exception):
    """Somebody else moved the Media, changed or deleted it: what was made is dropped."""


@dataclass(frozen=True, slots=True)
class Claim:
    """The right to carry out one stage of one Media, as of one version."""

    pk: int
    state: State
    version: int
    attempt: int

    @classmethod
    def take(cls, media: Media, holder: str = "", *, again: bool = True) -> Self | None:
        """Claim the stage that ``media`` stands in.

        None where it does not work, or where another worker claimed it so lately that
        it may still be at it. ``holder`` is the id of the message: one that comes
        again has lost the process that took it the first time, so what was claimed on
        it is free. ``again`` is False for who holds it already and may have been
        superseded by the next one.
        """
        state = State(media.state)
        if state not in WORKING:
            return None
        again = again and holder != "" and media.claimed_by == holder
        if media.attempts and not again and media.moved_at > _stale():
            return None
        taken = Media.objects.filter(
            pk=media.pk,
            state=state.value,
            version=media.version,
            attempts=media.attempts,
            moved_at=media.moved_at,
        ).update(attempts=F("attempts") + 1, moved_at=timezone.now(), claimed_by=holder)
        if not taken:
            return None
        return cls(media.pk, state, media.version, media.attempts + 1)

    @classmethod
    def standing(cls, media: Media) -> Self:
        """The right to work on a Media that stays in its state, READY above all.

        It is nobody's own: it holds until the owner or another worker changes the
        Media, and any number of workers may have it.
        """
        return cls(media.pk, State(media.state), media.version, media.attempts)

    @property
    def rows(self) -> QuerySet[Media]:
        """The Media while the claim holds; else nothing."""
        return Media.objects.filter(
            pk=self.pk,
            state=self.state.value,
            version=self.version,
            attempts=self.attempt,
        )

    def beat(self) -> bool:
        """Say that work goes on. False where the claim no longer holds."""
        return bool(self.rows.update(moved_at=timezone.now()))

    def give_up(self) -> None:
        """Let the next worker start at once; the attempt stays counted."""
        self.rows.update(moved_at=_stale())

    def move(self, to: State, **changes: Any) -> None:
        """Leave for state ``to``, setting ``changes`` in the same UPDATE.

        Raises:
            Superseded: the claim no longer holds; nothing has been changed.
            ValueError: no such transition.
        """
        _check(self.state, to)
        moved = self.rows.update(
            state=to.value, attempts=0, moved_at=timezone.now(), **changes
        )
        if not moved:
            raise Superseded(f"{self.state} -> {to}")


def move(media: Media, to: State, **changes: Any) -> bool:
    """Move a Media at its owner's wish. False where it has moved meanwhile."""
    _check(State(media.state), to)
    moved = Media.objects.filter(
        pk=media.pk, state=media.state, version=media.version
    ).update(state=to.value, attempts=0, moved_at=timezone.now(), **changes)
    if moved:
        media.refresh_from_db()
    return bool(moved)


def stalled() -> QuerySet[Media]:
    """Media that should be worked on and that nobody has touched for a while."""
    return Media.objects.filter(
        state__in=[state.value for state in WORKING], moved_at__lte=_stale()
    )


def sent_again(media: Media) -> None:
    """Let one that waits for its first worker wait anew, so that it is not sent on
    and on while the queue is long. What a dead worker had stays free to be taken."""
    Media.objects.filter(pk=media.pk, attempts=0, moved_at=media.moved_at).update(
        moved_at=timezone.now()
    )


def release_claims() -> int:
    """For a start after a crash, when no worker runs: nobody is at anything."""
    return Media.objects.filter(
        state__in=[state.value for state in WORKING], moved_at__gt=_stale()
    ).update(moved_at=_stale())


def _stale() -> datetime:
    return timezone.now() - timedelta(seconds=settings.NOPEEK_STALL_SECONDS)


def _check(old: State, new: State) -> None:
    if new not in TRANSITIONS[old]:
        raise ValueError(f"{old} does not lead to {new}")
