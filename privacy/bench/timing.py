"""How long a scan takes, and how much of that is not the models' own time."""

from __future__ import annotations

import os
import resource
import statistics
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from privacy.bench.datasets import Example
from privacy.bench.report import Cell, Report, Table
from privacy.core.detectors.onnx import default_threads, inference_seconds
from privacy.core.scan import lanes, scan
from privacy.core.types import ScanReport

TARGET = 1.15
"""A scan should take at most this many times what its models take."""


def speed(examples: Iterable[Example]) -> Report:
    """Milliseconds a picture and a megapixel, by detector and for the whole scan."""
    spent: dict[str, list[float]] = {}
    whole: list[float] = []
    megapixels: list[float] = []
    for report, seconds, _ in _scanned(examples):
        for run in report.runs:
            spent.setdefault(run.name, []).append(run.ms)
        whole.append(seconds * 1000)
        megapixels.append(report.width * report.height / 1e6)
    total = sum(megapixels)
    rows: list[tuple[Cell, ...]] = [
        (name, *_times(ms), sum(ms) / total) for name, ms in spent.items()
    ]
    rows.append(("whole scan", *_times(whole), sum(whole) / total))
    columns = ("detector", "median ms", "slowest ms", "ms per megapixel")
    return Report("speed", [Table("Time", columns, tuple(rows))], _about(len(whole)))


def overhead(examples: Iterable[Example]) -> Report:
    """Scan time against the bare time of the models, in one run, one lane.

    Bare is the time inside ONNX Runtime, and for codes, which has no weights, the time
    of its library's searches.
    """
    rows: list[tuple[Cell, ...]] = []
    wall = bare = 0.0
    with _one_lane():
        for report, seconds, models in _scanned(examples):
            codes = next(run.ms for run in report.runs if run.name == "codes") / 1000
            wall, bare = wall + seconds, bare + models + codes
            rows.append((len(rows) + 1, seconds, models, codes))
    ratio = wall / bare if bare else float("inf")
    verdict = "met" if ratio <= TARGET else "missed"
    columns = ("pictures", "scan s", "models and codes s", "ratio", f"<= {TARGET}")
    summary = Table("Overhead", columns, ((len(rows), wall, bare, ratio, verdict),))
    each = ("picture", "scan s", "models s", "codes s")
    return Report(
        "overhead", [summary, Table("Pictures", each, tuple(rows))], _about(len(rows))
    )


def _scanned(examples: Iterable[Example]) -> Iterator[tuple[ScanReport, float, float]]:
    """Reports with the seconds of the scan, and of the models in it.

    The first picture is scanned twice, so that loading is not counted.
    """
    warm = False
    for example in examples:
        if not warm:
            scan(example.picture())
            warm = True
        picture = example.picture()
        models, start = inference_seconds(), time.perf_counter()
        report = scan(picture)
        seconds = time.perf_counter() - start
        if not report.complete:
            raise RuntimeError(f"{', '.join(report.unchecked)} did not run")
        yield report, seconds, inference_seconds() - models


@contextmanager
def _one_lane() -> Iterator[None]:
    """Detectors one after the other: what runs side by side cannot be added up."""
    before = os.environ.get("NOPEEK_LANES")
    os.environ["NOPEEK_LANES"] = "1"
    try:
        yield
    finally:
        if before is None:
            del os.environ["NOPEEK_LANES"]
        else:
            os.environ["NOPEEK_LANES"] = before


def _times(ms: list[float]) -> tuple[float, float]:
    return (statistics.median(ms), max(ms)) if ms else (0.0, 0.0)


def _about(pictures: int) -> dict[str, Cell]:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {
        "pictures": pictures,
        "cores": len(os.sched_getaffinity(0)),
        "threads": default_threads(),
        "lanes": lanes(),
        "peak MiB": round(peak),
    }
