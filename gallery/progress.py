"""Where a Media stands, in words for its owner's status line. Light: no pixels."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.core.cache import cache
from django.utils.translation import gettext_lazy as _

from gallery.models import Media
from gallery.states import WORKING, State

LABELS = {
    State.UPLOADED: _("Waiting"),
    State.SANITISING: _("Cleaning"),
    State.SCANNING: _("Scanning"),
    State.DECIDING: _("Scoring"),
    State.RENDERING: _("Rendering"),
    State.VERIFYING: _("Checking"),
    State.READY: _("Ready"),
    State.NEEDS_REVIEW: _("Needs your eyes"),
    State.REJECTED: _("Refused"),
    State.FAILED: _("Failed"),
}
ORDER = (
    State.UPLOADED,
    State.SANITISING,
    State.SCANNING,
    State.DECIDING,
    State.RENDERING,
    State.VERIFYING,
    State.READY,
)
_KEPT = 300  # seconds


@dataclass(frozen=True, slots=True)
class Progress:
    """For the owner alone.

    Attributes:
        stage: name of the state.
        label: what is going on, in the reader's language.
        step, steps: how far along the line, 0..steps; ``steps`` where it is done.
        place: place in the queue, 1 is next; 0 once a worker has it.
        done: detectors that have ended, in their order.
        pending: detectors that have not; empty outside of scanning.
        problem: what went wrong and what to do, if anything.
        problem_code: the same for machines.
        working: whether it will move on by itself.
    """

    stage: str
    label: str
    step: int
    steps: int
    place: int = 0
    done: tuple[str, ...] = ()
    pending: tuple[str, ...] = ()
    problem: str = ""
    problem_code: str = ""
    working: bool = False


def progress(media: Media) -> Progress:
    """Where ``media`` stands now."""
    state = State(media.state)
    done, pending = scanned(media.public_id) if state is State.SCANNING else ((), ())
    return Progress(
        stage=state.value,
        label=str(LABELS[state]),
        step=ORDER.index(state) if state in ORDER else 0,
        steps=len(ORDER) - 1,
        place=place_in_line(media),
        done=done,
        pending=pending,
        problem=media.problem,
        problem_code=media.problem_code,
        working=state in WORKING,
    )


def place_in_line(media: Media) -> int:
    """How many wait until a worker takes this one, itself included; 0: it has begun."""
    if media.state != State.UPLOADED or media.attempts:
        return 0
    ahead = Media.objects.filter(
        state__in=[state.value for state in WORKING], pk__lt=media.pk
    )
    return ahead.count() + 1


def note_scan(public_id: UUID, done: tuple[str, ...], pending: tuple[str, ...]) -> None:
    """Remember how far a scan is. Names of detectors only; losing it harms nothing."""
    cache.set(_key(public_id), (done, pending), _KEPT)


def scanned(public_id: UUID) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Names of the detectors that have ended, and of those that have not."""
    done, pending = cache.get(_key(public_id)) or ((), ())
    return tuple(done), tuple(pending)


def _key(public_id: UUID) -> str:
    return f"scan-progress-{public_id}"
