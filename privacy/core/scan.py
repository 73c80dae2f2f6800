"""Stage 2: clean image -> findings. Every detector that is switched on, over one picture.

The detectors share the picture's derived tensors and run in lanes beside each other,
the slowest first, so that two cores are both busy to the end.
"""

from __future__ import annotations

import os
import queue
import threading
import time
from collections.abc import Callable, Collection

from privacy.core.detectors import registry
from privacy.core.errors import ModelMissing, NoPeekError
from privacy.core.image import Picture
from privacy.core.merge import merge
from privacy.core.types import DetectorRun, Finding, ScanReport, Status

Progress = Callable[[DetectorRun], None]
"""Called as each detector ends, on the thread that called ``scan``."""

DEADLINE = 120.0
"""Seconds after which a detector that has not answered counts as failed."""

_SLOWEST_FIRST = (
    "vision",
    "text",
    "plates",
    "objects",
    "faces",
    "documents",
    "codes",
    "nudity",
)


def lanes() -> int:
    """How many detectors run beside each other: ``NOPEEK_LANES``, else up to two."""
    configured = os.environ.get("NOPEEK_LANES", "")
    return (
        int(configured)
        if configured.isdigit() and int(configured)
        else min(2, len(os.sched_getaffinity(0)))
    )


def scan(
    picture: Picture,
    *,
    only: Collection[str] | None = None,
    off: Collection[str] = (),
    progress: Progress | None = None,
    deadline: float = DEADLINE,
) -> ScanReport:
    """Look for everything that NoPeek knows.

    Args:
        picture: clean pixels; findings come in 0..1 of them.
        only: names of the detectors to run, all by default; the rest is ``off``.
        off: names of detectors that are switched off.
        progress: told of each detector as it ends.
        deadline: seconds for the whole scan; what has not ended by then has failed.

    Returns:
        A report with one run for every name in ``registry.NAMES``. A detector that
        fails takes nothing from the others: its run says ``failed`` or ``missing``,
        and ``report.complete`` is False.

    Raises:
        ValueError: a name that no detector has.
    """
    names = registry.names()
    wanted = set(names if only is None else only) - set(off)
    if unknown := (wanted | set(off)) - set(names):
        raise ValueError(
            f"unknown detector {', '.join(sorted(unknown))}: there are "
            f"{', '.join(names)}"
        )
    work: queue.SimpleQueue[str] = queue.SimpleQueue()
    ordered = sorted(wanted, key=_position)
    for name in ordered:
        work.put(name)
    done: queue.SimpleQueue[tuple[DetectorRun, list[Finding]]] = queue.SimpleQueue()
    # Daemon threads: one that hangs must not keep the process from ending.
    for _ in range(min(lanes(), len(ordered))):
        threading.Thread(target=_lane, args=(picture, work, done), daemon=True).start()

    runs: dict[str, DetectorRun] = {}
    found: list[Finding] = []
    end = time.monotonic() + deadline
    while len(runs) < len(ordered):
        try:
            run, findings = done.get(timeout=max(0.0, end - time.monotonic()))
        except queue.Empty:
            break
        runs[run.name] = run
        found += findings
        if progress is not None:
            progress(run)
    for name in names:
        if name not in wanted:
            runs[name] = DetectorRun(name, Status.OFF)
        elif name not in runs:
            detail = f"no answer within {deadline:g} seconds"
            runs[name] = DetectorRun(name, Status.FAILED, deadline * 1000, "", detail)
    return ScanReport(
        picture.width,
        picture.height,
        _united(found),
        tuple(runs[name] for name in names),
    )


def _united(found: list[Finding]) -> tuple[Finding, ...]:
    """One finding a thing. What a vision model says may add to it, and no more."""
    seen = [one for one in found if one.detector == "vision"]
    known = merge(one for one in found if one.detector != "vision")
    if not seen:
        return known
    from privacy.core.detectors.vision import added

    return added(known, merge(seen))


def _position(name: str) -> tuple[int, str]:
    known = name in _SLOWEST_FIRST
    return (_SLOWEST_FIRST.index(name) if known else len(_SLOWEST_FIRST), name)


def _lane(
    picture: Picture,
    work: queue.SimpleQueue[str],
    done: queue.SimpleQueue[tuple[DetectorRun, list[Finding]]],
) -> None:
    while True:
        try:
            name = work.get_nowait()
        except queue.Empty:
            return
        done.put(run_one(name, picture))


def run_one(
    name: str, picture: Picture, *, threshold: float | None = None
) -> tuple[DetectorRun, list[Finding]]:
    """Run one detector; its failure becomes a status, never an exception."""
    start = time.perf_counter()
    model, status, detail = "", Status.OK, ""
    findings: list[Finding] = []
    try:
        detector = registry.get(name)
        model = detector.model
        findings = detector.detect(picture, threshold=threshold)
    except ModelMissing as error:
        status, detail = Status.MISSING, str(error)
    except NoPeekError as error:
        status, detail = Status.FAILED, str(error)
    except Exception as error:  # noqa: BLE001 - whatever a model does, the scan goes on
        # The text of a foreign exception may quote what was read in the picture.
        status, detail = Status.FAILED, type(error).__name__
    ms = (time.perf_counter() - start) * 1000
    return DetectorRun(name, status, ms, model, detail), findings
