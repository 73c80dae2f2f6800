"""The states of a Media and the permitted transitions, as data.

The names are those of the stages in ``privacy.core``. The row is the truth: a state is
left only by compare-and-set, so of two workers that hold the same row one goes on and
the other stops.
"""

from __future__ import annotations

from enum import StrEnum


class State(StrEnum):
    UPLOADED = "uploaded"  # raw bytes stored, sealed; nothing else is known
    SANITISING = "sanitising"
    SCANNING = "scanning"
    DECIDING = "deciding"
    RENDERING = "rendering"
    VERIFYING = "verifying"
    READY = "ready"
    NEEDS_REVIEW = "needs_review"  # the line cannot vouch for it: the owner must look
    REJECTED = "rejected"  # no picture that is accepted, or near a list of known ones
    FAILED = "failed"  # gave up after the last attempt; retry is possible


NAMES = [state.value for state in State]

TRANSITIONS: dict[State, frozenset[State]] = {
    State.UPLOADED: frozenset({State.SANITISING, State.FAILED}),
    State.SANITISING: frozenset({State.SCANNING, State.REJECTED, State.FAILED}),
    State.SCANNING: frozenset({State.DECIDING, State.NEEDS_REVIEW, State.FAILED}),
    State.DECIDING: frozenset({State.RENDERING, State.FAILED}),
    State.RENDERING: frozenset({State.VERIFYING, State.FAILED}),
    State.VERIFYING: frozenset({State.READY, State.NEEDS_REVIEW, State.FAILED}),
    State.READY: frozenset({State.DECIDING, State.SCANNING, State.REJECTED}),
    State.NEEDS_REVIEW: frozenset({State.SCANNING, State.DECIDING, State.REJECTED}),
    State.FAILED: frozenset({State.UPLOADED, State.SCANNING}),
    State.REJECTED: frozenset({State.UPLOADED}),  # a person released it
}

WORKING = frozenset(
    {
        State.UPLOADED,
        State.SANITISING,
        State.SCANNING,
        State.DECIDING,
        State.RENDERING,
        State.VERIFYING,
    }
)
"""States that a worker moves on by itself; ``reconcile`` looks for rows stuck here."""

RESTING = frozenset(State) - WORKING

REVIEWABLE = frozenset({State.READY, State.NEEDS_REVIEW})
"""States in which the scan is over, so that its owner has something to look at."""

for _state, _next in TRANSITIONS.items():
    assert _state not in _next, f"{_state} leads to itself"  # noqa: S101
assert set(TRANSITIONS) == set(State), "every state needs its transitions"  # noqa: S101
