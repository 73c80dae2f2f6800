"""Whether anything is found again under a stranger's masks, picture by picture.

Each picture is rendered for FULL in each zero-bit style as it would be published
(attacked, and hardened where something survived), written as a file, and what the file
shows is attacked once more, as ``python -m privacy.core verify`` does.

It takes long, so it can be done in pieces: what was tried stands in ``verify.jsonl`` of
the output folder and is not tried again by the same renderer.
"""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from privacy.bench.datasets import Example, found
from privacy.bench.report import Cell, Report, Table
from privacy.core.api import with_style
from privacy.core.cli_findings import Source
from privacy.core.policy import plan
from privacy.core.presets import preset
from privacy.core.render import RENDERER_VERSION, encode
from privacy.core.sanitise import sanitise
from privacy.core.types import Finding, Style, Tier, Treatment
from privacy.core.verify import Verdict, escalate, verify

STYLES = (Style.VEIL, Style.FILL, Style.STICKER, Style.REMOVE)
"""Avatars and dummies are attacked as the veil that lies beneath them (``escalate``), so
what is told of the veil is told of them."""

KEY = b"bench" * 8
NAME = "verify.jsonl"

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Trial:
    """Where trials are kept, what is known already, and how long it may take.

    Attributes:
        folder: ``verify.jsonl`` is kept in it; None keeps nothing.
        known: lines of ``scan --json`` for the pictures; None scans.
        seconds: after these no further trial is begun.
        styles: zero-bit styles, in the order in which they are tried.
    """

    folder: Path | None = None
    known: Source | None = None
    seconds: float = float("inf")
    styles: Sequence[Style] = STYLES


def survivors(examples: Sequence[Example], trial: Trial | None = None) -> Report:
    """Try what has not been tried yet; tell of all that has.

    Raises:
        RuntimeError: a detector or an attack did not run, so that there is no figure.
    """
    trial = trial or Trial()
    rows = dict(_kept(trial.folder))
    end = time.monotonic() + trial.seconds
    wanted = [(s, e) for s in trial.styles for e in examples]
    scanned: dict[Path, tuple[Finding, ...]] = {}
    for style, example in wanted:
        name = (example.path.name, style.value)
        if name in rows:
            continue
        if time.monotonic() >= end:
            break
        if example.path not in scanned:
            picture = sanitise(example.path.read_bytes()).picture()
            scanned[example.path] = found(example, picture, (), trial.known)
        rows[name] = tried(example, scanned[example.path], style)
        _keep(trial.folder, rows[name])
    told = [rows[name] for s, e in wanted if (name := (e.path.name, s.value)) in rows]
    return _report(told, len(wanted) - len(told))


def tried(example: Example, findings: Iterable[Finding], style: Style) -> Row:
    """One picture in one style: what survived in the master, and in the file.

    Raises:
        RuntimeError: an attack could not run.
    """
    known = tuple(findings)
    picture = sanitise(example.path.read_bytes()).picture()
    rules = with_style(preset("default"), Treatment(style))
    wanted = plan(known, rules, Tier.FULL)
    categories = {finding.id: finding.category for finding in known}
    last = escalate(picture, wanted, categories, KEY)
    shown = sanitise(encode(last.pixels, "full", "jpeg")).pixels
    again = verify(picture, shown, last.plan, categories)
    if missing := {*last.verdict.unchecked, *again.unchecked}:
        raise RuntimeError(f"{', '.join(sorted(missing))} did not run")
    before = {region.id: region for region in wanted.regions}
    changed = [r for r in last.plan.regions if r != before[r.id]]
    return {
        "file": example.path.name,
        "style": style.value,
        "renderer": RENDERER_VERSION,
        "regions": len(wanted.regions),
        "rounds": last.rounds,
        "hardened": len(changed),
        "filled": sum(r.treatment.style != style for r in changed),
        "left": _told(last.verdict),
        "file_left": _told(again),
    }


def _told(verdict: Verdict) -> list[dict[str, Any]]:
    return [survivor.as_json() for survivor in verdict.survivors]


def _kept(folder: Path | None) -> Iterator[tuple[tuple[str, str], Row]]:
    if folder is None or not (folder / NAME).is_file():
        return
    for line in (folder / NAME).read_text("utf-8").splitlines():
        row = json.loads(line)
        if row["renderer"] == RENDERER_VERSION:
            yield (row["file"], row["style"]), row


def _keep(folder: Path | None, row: Row) -> None:
    if folder is not None:
        folder.mkdir(parents=True, exist_ok=True)
        with (folder / NAME).open("a", encoding="utf-8") as file:
            file.write(json.dumps(row) + "\n")


def _report(rows: Sequence[Row], missing: int) -> Report:
    columns = (
        "style", "pictures", "regions", "regions hardened", "of them now flat",
        "survivors", "survivors in the file", "pictures held back",
    )  # fmt: skip
    styles = list(dict.fromkeys(row["style"] for row in rows))
    table = tuple(
        _row(style, [r for r in rows if r["style"] == style]) for style in styles
    )
    note = (
        "A region is hardened when a detector said something of its first mask. A "
        "picture is held back, shown to its owner alone, when something survives."
    )
    tables = [Table("Found again under masks", columns, table, note)]
    left = Counter(
        (row["style"], row["file"], survivor["category"], survivor["attack"])
        for row in rows
        for survivor in (*row["left"], *row["file_left"])
    )
    if left:
        lines = tuple((*name, count) for name, count in sorted(left.items()))
        titles = ("style", "file", "category", "attack", "hits")
        tables.append(Table("What survives", titles, lines))
    about: dict[str, Cell] = {"trials": len(rows), "tier": Tier.FULL.word}
    if missing:
        about["not tried yet"] = missing
    return Report("verify", tables, about)


def _row(style: str, rows: Sequence[Row]) -> tuple[Cell, ...]:
    return (
        style,
        len(rows),
        sum(row["regions"] for row in rows),
        sum(row["hardened"] for row in rows),
        sum(row["filled"] for row in rows),
        sum(len(row["left"]) for row in rows),
        sum(len(row["file_left"]) for row in rows),
        sum(bool(row["left"] or row["file_left"]) for row in rows),
    )
