"""``weights fetch | list | check``."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from privacy.core import weights
from privacy.core.cli_terminal import console


def weights_command(options: argparse.Namespace) -> int:
    """0 when every file that is asked for is there and is the pinned one, else 1."""
    names = list(options.names)
    for name in names:
        weights.weight(name)  # says which there are where a name is wrong
    if options.action == "fetch":
        _fetch(names, options)
    wanted = names or [
        name
        for name, weight in weights.lock().items()
        if options.action == "list" or not weight.optional
    ]
    rows = [_row(name) for name in wanted]
    if options.action != "fetch":
        _show(rows, options.json)
    return 0 if all(row["state"] == "ok" or row["optional"] for row in rows) else 1


def _fetch(names: list[str], options: argparse.Namespace) -> None:
    out = Console(stderr=True, soft_wrap=True, highlight=False)

    def progress(name: str, step: str) -> None:
        if step != "present" or not options.quiet:
            out.print(f"{name}: {step}", markup=False)

    folder = Path(options.folder) if options.folder else None
    if folder is not None and not folder.is_dir():
        raise ValueError(f"{folder}: no such folder")
    weights.fetch(names or None, progress, folder)


def _row(name: str) -> dict[str, Any]:
    weight = weights.weight(name)
    return {
        "name": name,
        "state": weights.state(name).value,
        "bytes": weight.bytes,
        "licence": weight.licence,
        "source": weight.origin,
        "sha256": weight.sha256,
        "card": weight.card,
        "optional": weight.optional,
    }


def _show(rows: list[dict[str, Any]], as_json: bool) -> None:
    if as_json:
        for row in rows:
            print(json.dumps(row))
        return
    table = Table(box=None, pad_edge=False)
    for title in ("model", "state", "MB", "licence", "source", "SHA-256"):
        table.add_column(title, justify="right" if title == "MB" else "left")
    for row in rows:
        table.add_row(
            row["name"],
            row["state"] + (" (optional)" if row["optional"] else ""),
            f"{row['bytes'] / 1e6:.1f}",
            row["licence"],
            row["source"],
            row["sha256"][:12],
        )
    console().print(table)
