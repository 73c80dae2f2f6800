"""HEAVY: takes a Media along the line, one stage at a time. For workers alone.

Each stage claims the Media, works from what is stored, and leaves by one conditional
UPDATE that holds only while its claim does (see ``gallery.moves``). So a stage can be
killed at any point and carried out again by anyone, two workers that hold the same
Media do it once, and what was made from an older state of things is dropped.
"""

from __future__ import annotations

import time
from uuid import UUID

import structlog
from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from gallery import events, faults, metering, tasks, vault, withholding
from gallery.checking import Checked, checked, publish
from gallery.models import Media
from gallery.moves import Claim, Superseded
from gallery.renditions import SIZES
from gallery.stages import STAGES, Outcome
from gallery.states import State
from gallery.work import Work
from privacy.core.errors import RefusedInput
from privacy.core.render import encode
from privacy.listed import compare
from privacy.models import ScanEvent

log = structlog.get_logger(__name__)

_MOST_STAGES = 20


def advance(public_id: UUID, *, holder: str = "") -> None:
    """Take a Media as far along the line as it goes; safe to call at any time.

    Returns when it has come to rest, when another worker is at it, or when a stage
    failed and is to be tried again later.

    Args:
        holder: id of the message, see ``Claim.take``.
    """
    work: Work | None = None
    for turn in range(_MOST_STAGES):
        media = _media(public_id)
        # Only who has just been given the message may take over from its last holder:
        # of two workers that were given the same one, the later goes on alone.
        claim = Claim.take(media, holder, again=turn == 0) if media else None
        if media is None or claim is None:
            if media is not None and work is not None:
                metering.measure(Work(media, work))
            return
        work = Work(media, work)
        try:
            with translation.override(media.owner.language):
                if not _carry_out(work, claim):
                    return
        except Superseded:
            log.info("stage.superseded", media=str(public_id), stage=claim.state.value)


def render_tiers(public_id: UUID) -> None:
    """Make, attack and open what is missing of a READY Media; its state stays.

    What the owner changes meanwhile makes this one's result void; the change has sent
    its own message.
    """
    media = _media(public_id)
    if media is None or media.state != State.READY:
        return
    claim = Claim.standing(media)
    start = time.perf_counter()
    try:
        with translation.override(media.owner.language):
            work = Work(media)
            result = checked(work, claim)
            _open(media, claim, result)
            metering.measure(work)
    except Superseded:
        log.info("render.superseded", media=str(public_id))
    except Exception as error:  # noqa: BLE001 - whatever it is, the tier stays closed
        ms = (time.perf_counter() - start) * 1000
        _tell_failure(media, claim, error, ms)
        _not_rendered(media, claim)


def recheck(public_id: UUID) -> None:
    """Compare a stored picture with the lists as they are now; see ``withholding``.

    Raises:
        compare.Down: it could not be compared; it stays as it is and is asked again.
    """
    media = _media(public_id)
    if media is None or not vault.has(media, "master"):
        return
    pixels = Work(media).picture.pixels
    match = compare.compare(pixels, public_id)
    if match is not None:
        clear = encode(pixels, SIZES["feed"], "jpeg")
        raw = vault.open_sealed(media, "master")
        withholding.withhold(media, match, raw, clear)


def _open(media: Media, claim: Claim, result: Checked) -> None:
    """Open the tiers that withstood, all in one transaction, or say why not."""
    with transaction.atomic():
        held = claim.rows.update(
            moved_at=timezone.now(),
            attempts=0,
            problem=result.problem[:300],
            problem_code=result.code,
        )
        if not held:
            raise Superseded("changed while it was rendered")
        if result.clean:
            publish(media, result)
        else:
            result.remember()
        faults.point("leaving.inside", media.public_id)
        events.stage(media)


def _not_rendered(media: Media, claim: Claim) -> None:
    """Count the attempt; after the last one its owner is told that a tier waits."""
    told: dict[str, str] = {}
    if claim.attempt + 1 >= settings.NOPEEK_ATTEMPTS:
        with translation.override(media.owner.language):
            problem = _(
                "A version of this photo could not be made anew. Whoever would get it "
                "sees nothing of the photo; it is tried again within the hour."
            )
        told = {"problem": problem[:300], "problem_code": "not_rendered"}
    counted = claim.rows.update(
        attempts=F("attempts") + 1, moved_at=timezone.now(), **told
    )
    if counted and told:
        events.stage(media)


def _media(public_id: UUID) -> Media | None:
    return Media.objects.select_related("owner").filter(public_id=public_id).first()


def _carry_out(work: Work, claim: Claim) -> bool:
    """One stage. False where the next try is left to a later message."""
    start = time.perf_counter()
    if claim.attempt > settings.NOPEEK_ATTEMPTS:
        _leave(work, claim, _given_up(), start)
        return True
    try:
        outcome = STAGES[claim.state](work, claim)
    except Superseded:
        raise
    except RefusedInput as error:
        if claim.state is not State.SANITISING or error.code == "timeout":
            return _failed(work, claim, error, start)
        outcome = Outcome(
            State.REJECTED,
            problem=str(error),
            code=error.code,
            also=lambda: vault.discard(work.media, "raw"),
        )
    except Exception as error:  # noqa: BLE001 - whatever it is, the attempt counts
        return _failed(work, claim, error, start)
    _leave(work, claim, outcome, start)
    return True


def _leave(work: Work, claim: Claim, outcome: Outcome, start: float) -> None:
    """Move on, and do what belongs to it, in one transaction."""
    ms = (time.perf_counter() - start) * 1000
    with transaction.atomic():
        claim.move(
            outcome.to,
            problem=outcome.problem[:300],
            problem_code=outcome.code,
            **outcome.changes,
        )
        if outcome.also is not None:
            outcome.also()
        faults.point("leaving.inside", work.media.public_id)
        _note(work.media, claim.state, outcome.to.value, ms, outcome.code)
        work.media.refresh_from_db()
        events.stage(work.media)
        if outcome.to in (
            State.READY,
            State.NEEDS_REVIEW,
            State.REJECTED,
            State.FAILED,
        ):
            events.ready(work.media)


def _failed(work: Work, claim: Claim, error: BaseException, start: float) -> bool:
    """Count the attempt and leave the stage to a later message, or give up."""
    ms = (time.perf_counter() - start) * 1000
    _tell_failure(work.media, claim, error, ms)
    if claim.attempt >= settings.NOPEEK_ATTEMPTS:
        _leave(work, claim, _given_up(), start)
        return True
    _note(work.media, claim.state, "error", ms, type(error).__name__)
    claim.give_up()
    tasks.enqueue_advance(work.media.public_id, delay=2.0**claim.attempt)
    return False


def _tell_failure(media: Media, claim: Claim, error: BaseException, ms: float) -> None:
    # The error's text and its traceback may quote what stands in the picture.
    log.warning(
        "stage.failed",
        media=str(media.public_id),
        stage=claim.state.value,
        attempt=claim.attempt,
        error=type(error).__name__,
        where=_where(error),
        ms=round(ms, 1),
    )


def _given_up() -> Outcome:
    return Outcome(
        State.FAILED,
        problem=_("This photo could not be processed. Try again, or upload it anew."),
        code="failed",
    )


def _note(media: Media, state: State, outcome: str, ms: float, detail: str) -> None:
    ScanEvent.objects.create(
        subject=media.public_id,
        stage=state.value,
        outcome=outcome,
        detail=detail[:200],
        ms=ms,
    )
    log.info(
        "stage",
        media=str(media.public_id),
        stage=state.value,
        outcome=outcome,
        ms=round(ms, 1),
    )


def _where(error: BaseException) -> str:
    """The innermost place of ours or of a library where it happened."""
    trace = error.__traceback__
    if trace is None:
        return ""
    while trace.tb_next is not None:
        trace = trace.tb_next
    return f"{trace.tb_frame.f_globals.get('__name__', '?')}:{trace.tb_lineno}"
