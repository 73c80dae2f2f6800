"""``meter``: what an attacker makes of a picture before and after its masks."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from privacy.core.api import protect
from privacy.core.cli_findings import Source
from privacy.core.cli_render import key
from privacy.core.cli_terminal import complain, console
from privacy.core.meter import Meter
from privacy.core.presets import load
from privacy.core.readings import Reading
from privacy.core.sanitise import sanitise

_SEEN_BY = {"full": "strangers", "semi": "followers", "none": "close friends"}


def meter_command(options: argparse.Namespace) -> int:
    """0 nothing gets through; 1 something does or was not tried; 2 bad input."""
    source = Path(options.path)
    rules = load(options.rules)
    picture = sanitise(source.read_bytes()).picture()
    found = Source(options.findings).of(source, picture)
    if found.unchecked:
        complain(f"{source}: not measured: no check for {', '.join(found.unchecked)}")
        return 1
    made = protect(picture, found.findings, rules, key())
    meter = Meter(picture, found.findings)
    readings: dict[str, Reading] = {}
    tiers: dict[str, Reading] = {}
    for tier, one in made.items():
        if one.plan.digest not in readings and one.verdict is not None:
            reading = meter.read(one.pixels, one.plan, one.verdict)
            readings[one.plan.digest] = reading
        tiers[tier.word] = readings[one.plan.digest]
    if options.json:
        shapes = {word: reading.as_json() for word, reading in tiers.items()}
        print(json.dumps({"file": str(source), "tiers": shapes}), flush=True)
    else:
        out = console()
        for word, reading in tiers.items():
            told = reading.words or "nothing is masked"
            out.print(f"{_SEEN_BY[word]}: {told}", markup=False)
            for name in reading.unchecked:
                out.print(f"  could not attack with {name}", markup=False)
    return 0 if all(reading.withstood for reading in tiers.values()) else 1
