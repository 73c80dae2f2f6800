"""What the red-team meter finds, and how long it takes beside the scan."""

from __future__ import annotations

import statistics
import time
from collections import defaultdict
from collections.abc import Iterable

from privacy.bench.datasets import Example
from privacy.bench.report import Cell, Report, Table
from privacy.core.api import protect
from privacy.core.meter import Meter
from privacy.core.presets import preset
from privacy.core.readings import KINDS, Reading
from privacy.core.scan import scan
from privacy.core.types import Tier


def metering(examples: Iterable[Example], rules: str = "default") -> Report:
    """Every tier of every picture, as the site does it: after scan, render and verify."""
    counts: dict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0, 0])
    seconds: list[float] = []
    ratios: list[float] = []
    unchecked: set[str] = set()
    warm = False
    for example in examples:
        for _ in range(1 if warm else 2):  # loading is not counted
            picture = example.picture()
            start = time.perf_counter()
            report = scan(picture)
            scanned = time.perf_counter() - start
            made = protect(picture, report.findings, preset(rules), b"bench" * 8)
            start = time.perf_counter()
            meter = Meter(picture, report.findings)
            readings: dict[str, Reading] = {}
            for one in made.values():
                if one.plan.digest not in readings and one.verdict is not None:
                    found = meter.read(one.pixels, one.plan, one.verdict)
                    readings[one.plan.digest] = found
            spent = time.perf_counter() - start
            warm = True
        seconds.append(spent)
        ratios.append(spent / scanned)
        for tier, one in made.items():
            reading = readings[one.plan.digest]
            unchecked |= set(reading.unchecked)
            for attack in reading.attacks:
                into = counts[tier.word, attack.kind]
                into[0] += attack.attempts
                into[1] += attack.before
                into[2] += attack.after
    rows: list[tuple[Cell, ...]] = [
        (tier.word, kind, *counts[tier.word, kind])
        for tier in Tier
        for kind in KINDS
        if (tier.word, kind) in counts
    ]
    times: list[tuple[Cell, ...]] = [
        (
            len(seconds),
            statistics.median(seconds),
            max(seconds, default=0.0),
            statistics.median(ratios),
            sum(spent > 1.5 for spent in seconds),
        )
    ]
    columns = ("tier", "attack", "attempts", "before", "after")
    took = ("pictures", "median s", "slowest s", "median of the scan", "above 1.5 s")
    return Report(
        "meter",
        [
            Table("Attacker success", columns, tuple(rows)),
            Table("Time beyond scan, render and check", took, tuple(times)),
        ],
        {"rules": rules, "unchecked": ", ".join(sorted(unchecked)) or "nothing"},
    )
