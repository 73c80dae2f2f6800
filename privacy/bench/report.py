"""Figures as Markdown for people and as JSON for machines."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias

Cell: TypeAlias = str | float | int | None


@dataclass(frozen=True, slots=True)
class Table:
    """One table; numbers between 0 and 1 are shares, other floats get one digit."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    note: str = ""

    def markdown(self) -> str:
        lines = [
            f"## {self.title}",
            "",
            _line(self.columns),
            _line(["---"] * len(self.columns)),
            *(_line([_shown(cell) for cell in row]) for row in self.rows),
        ]
        return "\n".join([*lines, *(["", self.note] if self.note else [])])


@dataclass(slots=True)
class Report:
    """What one run of the bench measured."""

    name: str
    tables: list[Table] = field(default_factory=list)
    about: dict[str, Cell] = field(default_factory=dict)

    def markdown(self) -> str:
        about = ", ".join(f"{key} {_shown(value)}" for key, value in self.about.items())
        parts = [f"# {self.name.capitalize()}", *([about] if about else [])]
        return (
            "\n\n".join([*parts, *(table.markdown() for table in self.tables)]) + "\n"
        )

    def as_json(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "about": self.about,
            "tables": {
                table.title: [
                    dict(zip(table.columns, row, strict=True)) for row in table.rows
                ]
                for table in self.tables
            },
        }

    def write(self, folder: Path) -> None:
        """``<name>.md`` and ``<name>.json`` in ``folder``, which is made if need be."""
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{self.name}.md").write_text(self.markdown(), "utf-8")
        shape = json.dumps(self.as_json(), indent=1, ensure_ascii=False)
        (folder / f"{self.name}.json").write_text(shape + "\n", "utf-8")


def _line(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cells) + " |"


def _shown(cell: Cell) -> str:
    if cell is None:
        return "–"
    if isinstance(cell, float):
        return f"{cell:.3f}" if abs(cell) < 10 else f"{cell:.1f}"
    return str(cell).replace("|", "\\|")
