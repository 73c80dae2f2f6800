"""HEAVY: the stages of the line, each from what is stored to what is next.

A stage does its work first and says at the end where the Media goes; what has to
happen in the same transaction as the move stands in ``Outcome.also``.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from gallery import events, faults, progress, replan, suggesting, vault, withholding
from gallery.checking import checked, publish
from gallery.moves import Claim, Superseded
from gallery.people import looking
from gallery.renditions import SIZES
from gallery.states import State
from gallery.work import Work
from privacy import decisions, scanning
from privacy.core.detectors.registry import NAMES
from privacy.core.formats import Limits
from privacy.core.image import Pixels
from privacy.core.render import encode
from privacy.core.sanitise import encode_master, sanitise
from privacy.core.types import DetectorRun, Plan, ScanReport, Tier
from privacy.listed import compare

_BEAT = 0.4  # seconds between two notes of how far a scan is


@dataclass(frozen=True, slots=True)
class Outcome:
    """Where a Media goes from a stage, and why.

    ``also`` runs in the transaction of the move, after it.
    """

    to: State
    problem: str = ""
    code: str = ""
    changes: dict[str, Any] = field(default_factory=dict)
    also: Callable[[], object] | None = None


def begin(work: Work, claim: Claim) -> Outcome:
    """A worker has it: nothing more to tell."""
    return Outcome(State.SANITISING)


def clean(work: Work, claim: Claim) -> Outcome:
    """STAGE 1: raw bytes -> clean original, sealed; what was removed, for the owner."""
    media = work.media
    faults.point("sanitising.begun", media.public_id)
    limits = Limits(
        bytes=settings.NOPEEK_LIMITS["bytes"], pixels=settings.NOPEEK_LIMITS["pixels"]
    )
    found = sanitise(vault.open_sealed(media, "raw"), limits)
    # Before anything that anybody, its owner included, could be shown is made of it.
    if kept_back := _listed(work, claim, found.pixels):
        return kept_back
    vault.seal(media, "master", encode_master(found.pixels))
    removed = [item.as_json() for item in found.removed]
    vault.seal(media, "metadata", json.dumps(removed).encode())
    for size, side in SIZES.items():
        vault.seal(media, f"owner_{size}", encode(found.pixels, side, "jpeg"))
    faults.point("sanitising.sealed", media.public_id)
    work.keep(found.picture())
    grid = {"step": found.grid.step, "x": found.grid.x, "y": found.grid.y}
    return Outcome(
        State.SCANNING,
        changes={"width": found.width, "height": found.height, "grid": grid},
        also=lambda: vault.discard(media, "raw"),
    )


def _listed(work: Work, claim: Claim, pixels: Pixels) -> Outcome | None:
    """Where a picture goes that is near a list, or could not be compared with one."""
    media = work.media
    try:
        match = compare.compare(pixels, media.public_id)
    except compare.Down:
        if claim.attempt < settings.NOPEEK_ATTEMPTS:
            raise
        words = withholding.words_down()
        return Outcome(State.FAILED, words, withholding.DOWN)
    if match is None:
        return None
    clear = encode(pixels, SIZES["feed"], "jpeg")
    vault.seal(media, withholding.PLAIN, clear)
    return Outcome(
        State.REJECTED,
        withholding.words(),
        withholding.WITHHELD,
        also=lambda: withholding.keep(media, match),
    )


def look(work: Work, claim: Claim) -> Outcome:
    """STAGE 2: clean original -> findings."""
    media = work.media
    faults.point("scanning.begun", work.media.public_id)
    report = scanning.scan_picture(work.picture, _teller(work, claim))
    faults.point("scanning.scanned", work.media.public_id)

    def store() -> None:
        scanning.store(report, media.public_id, media.owner_id)
        faults.point("scanning.stored", work.media.public_id)

    if report.complete:
        return Outcome(State.DECIDING, also=store)
    return Outcome(State.NEEDS_REVIEW, _unchecked(report), "unchecked", also=store)


def decide(work: Work, claim: Claim) -> Outcome:
    """STAGES 3 and 4: findings and rules -> scores, and a plan for each tier."""
    scan = decisions.current_scan(work.media.public_id)
    if scan is None or not scan.complete:
        # Nothing leads here; were something to, nothing may lead on.
        problem = _("This photo has not been checked as a whole. Try again.")
        return Outcome(State.FAILED, problem, "unchecked")

    seen = looking.look(work.media, scan, work.picture)

    def plan() -> None:
        looking.store(work.media, seen)
        suggesting.take_unasked(scan)
        replan.set_views(work.media, scan)
        faults.point("deciding.planned", work.media.public_id)

    return Outcome(State.RENDERING, also=plan)


def draw(work: Work, claim: Claim) -> Outcome:
    """STAGE 5: original and plans -> masked masters and their files."""
    for plan in _plans(work).values():
        work.made(plan)
        faults.point("rendering.one", work.media.public_id)
    faults.point("rendering.done", work.media.public_id)
    return Outcome(State.VERIFYING)


def check(work: Work, claim: Claim) -> Outcome:
    """STAGE 6: attack what was rendered, and publish only what withstands."""
    faults.point("verifying.begun", work.media.public_id)
    result = checked(work, claim)
    faults.point("verifying.verified", work.media.public_id)
    if result.clean:
        return Outcome(State.READY, also=lambda: publish(work.media, result))
    return Outcome(
        State.NEEDS_REVIEW,
        result.problem,
        result.code,
        also=result.remember,
    )


STAGES: dict[State, Callable[[Work, Claim], Outcome]] = {
    State.UPLOADED: begin,
    State.SANITISING: clean,
    State.SCANNING: look,
    State.DECIDING: decide,
    State.RENDERING: draw,
    State.VERIFYING: check,
}


def _plans(work: Work) -> dict[Tier, Plan]:
    scan = decisions.current_scan(work.media.public_id)
    if scan is None:
        raise Superseded("the scan is gone")
    return decisions.plans_for(scan)


def _teller(work: Work, claim: Claim) -> Callable[[DetectorRun], None]:
    """Tells the owner's pages how far the scan is, a few times a second at most."""
    done: list[str] = []
    last = 0.0
    progress.note_scan(work.media.public_id, (), NAMES)

    def tell(run: DetectorRun) -> None:
        nonlocal last
        done.append(run.name)
        pending = tuple(name for name in NAMES if name not in done)
        progress.note_scan(work.media.public_id, tuple(done), pending)
        if time.monotonic() - last >= _BEAT:
            last = time.monotonic()
            if not claim.beat():
                raise Superseded("somebody else has it")
            events.stage(work.media)

    return tell


def _unchecked(report: ScanReport) -> str:
    names = ", ".join(report.unchecked) or _("all")
    return _(
        "These checks could not run: %(names)s. Nobody but you sees this photo until "
        "they have; try again later."
    ) % {"names": names}
