"""What the commands share: files, progress, and words on a terminal or in a pipe."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from rich.console import Console
from rich.progress import (
    BarColumn,
    Progress,
    TaskProgressColumn,
    TextColumn,
    TimeRemainingColumn,
)

from privacy.core import weights

SUFFIXES = frozenset(
    {".jpg", ".jpeg", ".png", ".webp", ".gif", ".heic", ".heif", ".avif"}
)
"""Which files of a folder are taken; a file that is named itself is always tried."""

_PIPE_WIDTH = 240  # columns of a table that nobody looks at on a terminal


def console() -> Console:
    """Standard output; no line is broken, so that paths can be copied and grepped."""
    plain = Console(soft_wrap=True, highlight=False)
    if plain.is_terminal:
        return plain
    return Console(soft_wrap=True, highlight=False, width=_PIPE_WIDTH)


def pictures(paths: Sequence[str]) -> tuple[list[Path], list[str]]:
    """Files as named, and of folders the pictures in them, by name; and complaints.

    A path that is not there, or a folder without pictures, does not stop the others.
    """
    files: list[Path] = []
    complaints: list[str] = []
    for given in map(Path, paths):
        if given.is_dir():
            inside = [p for p in given.rglob("*") if p.suffix.lower() in SUFFIXES]
            files += sorted(path for path in inside if path.is_file())
            if not inside:
                complaints.append(f"{given}: no pictures in this folder")
        elif given.exists():
            files.append(given)
        else:
            complaints.append(f"{given}: no such file or folder")
    return files, complaints


def incomplete(what: str, unchecked: Sequence[str]) -> int:
    """Say that detectors did not run, and which status that is.

    Returns:
        2 where model files are missing or changed, with what to run; else 1.
    """
    complain(f"{what}: no check for {', '.join(unchecked)}")
    if not (unfit := unfit_weights()):
        return 1
    complain(
        f"model files missing or changed: {', '.join(unfit)}; run "
        "python -m privacy.core weights fetch"
    )
    return 2


def unfit_weights() -> list[str]:
    """Model files of the default detectors that are not there or not the pinned ones."""
    return [
        name
        for name, weight in weights.lock().items()
        if not weight.optional and weights.state(name) is not weights.State.OK
    ]


def complain(words: str) -> None:
    """A line on standard error; the work goes on."""
    print(f"nopeek: {words}", file=sys.stderr, flush=True)


class Bar(Protocol):
    """Progress over files, each of so many steps."""

    def begin(self, file: Path) -> None:
        """Work on ``file`` starts."""

    def step(self) -> None:
        """One of its steps is done."""


@contextmanager
def progress(files: Sequence[Path], steps: int, *, lines: bool) -> Iterator[Bar]:
    """A bar while files are worked on, where someone looks on and it takes a while.

    Args:
        files: all of them.
        steps: that each file takes.
        lines: whether machine-readable lines go to standard output; then the bar
            stays off a terminal that shows them.
    """
    out, err = Console(), Console(stderr=True)
    place = err if err.is_terminal else out
    hidden = not place.is_terminal or (lines and out.is_terminal)
    bar = Progress(
        TextColumn("{task.fields[count]}/{task.fields[files]}"),
        BarColumn(),
        TaskProgressColumn(),
        TimeRemainingColumn(),
        TextColumn("{task.description}", markup=False),
        console=place,
        transient=True,
        disable=hidden or not files,
        # What a pipe is to get must never be taken to the terminal with the bar.
        redirect_stdout=out.is_terminal,
        redirect_stderr=err.is_terminal,
    )
    with bar:
        yield _Files(bar, len(files), steps)


class _Files:
    def __init__(self, bar: Progress, files: int, steps: int) -> None:
        self._bar, self._steps, self._begun = bar, steps, 0
        self._task = bar.add_task("", total=files * steps, count=0, files=files)

    def begin(self, file: Path) -> None:
        done = self._begun * self._steps  # a file that was refused took no steps
        self._begun += 1
        self._bar.update(
            self._task, completed=done, count=self._begun, description=file.name
        )

    def step(self) -> None:
        self._bar.advance(self._task)
