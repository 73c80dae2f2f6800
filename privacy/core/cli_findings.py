"""Where commands get pictures and findings from: a file, a scan, or a file of findings."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from privacy.core.errors import InvalidFindings, RefusedInput
from privacy.core.image import Picture
from privacy.core.sanitise import Clean, sanitise
from privacy.core.scan import scan
from privacy.core.types import Finding, Status

_CHECKED = (Status.OK.value, Status.OFF.value)


@dataclass(frozen=True, slots=True)
class Found:
    """Findings of one picture; ``unchecked`` names what nobody looked for.

    A picture with something unchecked must not be rendered for anyone.
    """

    findings: tuple[Finding, ...]
    unchecked: tuple[str, ...] = ()


def opened(path: Path) -> Clean:
    """The picture in a file, sanitised.

    Raises:
        RefusedInput: names the file, and what to do.
        OSError: it cannot be read.
    """
    try:
        return sanitise(path.read_bytes())
    except RefusedInput as error:
        raise RefusedInput(error.code, f"{path}: {error}") from error


class Source:
    """Findings by picture.

    Args:
        given: a JSON file of one of three shapes: a list of findings, one line of
            ``scan --json``, or many lines, one a picture. None scans.

    Raises:
        InvalidFindings: the file holds none of them.
        OSError: it cannot be read.
    """

    def __init__(self, given: str | None) -> None:
        self._given = given
        self._lines = list(_read(Path(given))) if given is not None else []

    def of(self, file: Path, picture: Picture) -> Found:
        """What is known of ``file``, whose clean pixels are ``picture``.

        Raises:
            InvalidFindings: the file of findings has none for it, or broken ones.
        """
        if self._given is None:
            report = scan(picture)
            return Found(report.findings, report.unchecked)
        line = self._line(file)
        if "error" in line:
            raise InvalidFindings(f"{file.name} was refused when it was scanned")
        size = line.get("width", picture.width), line.get("height", picture.height)
        if size != (picture.width, picture.height):
            raise InvalidFindings(
                f"the findings are of a picture of {size[0]} x {size[1]} pixels"
            )
        items = line.get("findings")
        if not isinstance(items, list):
            raise InvalidFindings(f"{self._given} holds no list of findings")
        return Found(tuple(map(Finding.from_json, items)), _unchecked(line))

    def _line(self, file: Path) -> Mapping[str, Any]:
        """The line about ``file``: by path, else by its name where that is unique."""
        if len(self._lines) == 1:
            return self._lines[0]
        named = [(Path(str(line.get("file", ""))), line) for line in self._lines]
        for same in (
            [line for path, line in named if path == file],
            [line for path, line in named if path.resolve() == file.resolve()],
            [line for path, line in named if path.name == file.name],
        ):
            if len(same) == 1:
                return same[0]
        raise InvalidFindings(f"{self._given} has no line, or several, for {file}")


def _unchecked(line: Mapping[str, Any]) -> tuple[str, ...]:
    runs = line.get("detectors", {})
    if not isinstance(runs, dict):
        raise InvalidFindings("detectors is an object of runs by name")
    broken = tuple(
        name
        for name, run in runs.items()
        if not isinstance(run, dict) or run.get("status") not in _CHECKED
    )
    if line.get("complete", True) is not True and not broken:
        return ("the scan",)
    return broken


def _read(path: Path) -> Iterator[Mapping[str, Any]]:
    text = path.read_text("utf-8")
    try:
        shapes = [json.loads(text)]
    except json.JSONDecodeError:
        shapes = list(_lines(path, text))
    for shape in shapes:
        if isinstance(shape, list):
            yield {"findings": shape}
        elif isinstance(shape, dict):
            yield shape
        else:
            raise InvalidFindings(f"{path} holds neither findings nor lines of a scan")


def _lines(path: Path, text: str) -> Iterator[Any]:
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        try:
            yield json.loads(line)
        except json.JSONDecodeError as error:
            raise InvalidFindings(
                f"{path}, line {number}, is not JSON: {error}"
            ) from error
