"""``scan PATH…``."""

from __future__ import annotations

import argparse
import json
from collections import Counter
from pathlib import Path
from typing import Any

from rich.markup import escape
from rich.table import Table

from privacy.core.cli_terminal import complain, console, incomplete, pictures, progress
from privacy.core.detectors import registry
from privacy.core.errors import RefusedInput, in_words
from privacy.core.policy import RuleSet
from privacy.core.presets import load
from privacy.core.sanitise import Clean, sanitise
from privacy.core.scan import scan
from privacy.core.score import score
from privacy.core.taxonomy import lookup
from privacy.core.types import ScanReport, Status


def scan_command(options: argparse.Namespace) -> int:
    """0 done; 1 a detector failed; 2 a file, or a model's, could not be read."""
    rules = load(options.rules)
    only = set(filter(None, options.only.split(","))) or None
    off = set(filter(None, options.off.split(",")))
    files, complaints = pictures(options.paths)
    for words in complaints:
        complain(words)
    status = 2 if complaints else 0
    with progress(files, len(registry.NAMES), lines=options.json) as bar:
        for file in files:
            bar.begin(file)
            try:
                clean = sanitise(file.read_bytes())
            except (RefusedInput, OSError) as error:
                status = 2
                _refused(file, error, options.json)
                continue
            report = scan(
                clean.picture(), only=only, off=off, progress=lambda _run: bar.step()
            )
            if not report.complete:
                status = max(status, incomplete(str(file), report.unchecked))
            if options.json:
                print(json.dumps(as_json(file, clean, report, rules)), flush=True)
            else:
                _show(file, clean, report, rules)
    return status


def as_json(
    file: Path, clean: Clean, report: ScanReport, rules: RuleSet
) -> dict[str, Any]:
    """The documented shape of one line (docs/json.md)."""
    return {
        "file": str(file),
        "width": report.width,
        "height": report.height,
        "format": clean.format,
        "metadata": {"removed": [item.as_json() for item in clean.removed]},
        "detectors": {run.name: run.as_json() for run in report.runs},
        "complete": report.complete,
        "findings": [finding.as_json() for finding in report.findings],
        "score": {
            tier.word: result.as_json()
            for tier, result in score(report.findings, rules).items()
        },
    }


def _refused(file: Path, error: Exception, as_json: bool) -> None:
    code = error.code if isinstance(error, RefusedInput) else "unreadable"
    if as_json:
        problem = {"code": code, "message": in_words(error)}
        print(json.dumps({"file": str(file), "error": problem}), flush=True)
    words = in_words(error)  # of the system they name the file already
    complain(words if isinstance(error, OSError) else f"{file}: {words}")


def _show(file: Path, clean: Clean, report: ScanReport, rules: RuleSet) -> None:
    out = console()
    out.print(f"[bold]{escape(str(file))}[/]  {report.width} x {report.height}")
    counts = Counter((f.category, f.kind) for f in report.findings)
    table = Table(box=None, pad_edge=False, show_header=False)
    for (category, kind), count in counts.most_common():
        known = lookup(category, kind)
        table.add_row(f"  {count}", known.one if count == 1 else known.many, category)
    if counts:
        out.print(table)
    else:
        out.print("  nothing found")
    for tier, result in score(report.findings, rules).items():
        reasons = ", ".join(reason.words for reason in result.because[:3])
        out.print(f"  [bold]{tier.word:5}[/] risk {result.risk:3}  {reasons}")
    if clean.removed:
        words = "; ".join(
            f"{item.name}: {item.value}" if item.value else item.name
            for item in clean.removed[:6]
        )
        # What a file says must not be able to steer a terminal.
        shown = "".join(c if c.isprintable() else "\ufffd" for c in words)
        out.print(f"  removed: {shown}", markup=False)
    for run in report.runs:
        if run.status in (Status.FAILED, Status.MISSING):
            detail = escape(run.detail)
            out.print(f"  [red]{run.name} {run.status.value}[/] {detail}")
    out.print()
