"""From single lines to passages: what stands beside and below belongs together.

A label and its value, the groups of a card number and the lines of an address are
found as separate lines. They are joined in rows (left to right) and in stacks (rows
below each other), and each thing found in a joined text marks every line it touches.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from privacy.core.detectors import pii
from privacy.core.types import Point

GAP = 6.0
"""Widest gap within a row, in heights of a line: a label and the value at its right."""

DROP = 2.6
"""Greatest distance from a line to the one below it, middle to middle, in heights."""

STACK = 4
"""Rows read as one at most: a card number of four rows, an address of four."""


class Placed(Protocol):
    @property
    def quad(self) -> tuple[Point, Point, Point, Point]: ...

    @property
    def text(self) -> str: ...


@dataclass(frozen=True, slots=True)
class _Frame:
    """A line's place along and across its own direction, in pixels."""

    index: int
    left: float
    right: float
    middle: float
    height: float


def kinds_of(
    lines: Sequence[Placed], width: int, height: int
) -> tuple[tuple[pii.Hit, ...], ...]:
    """What each line gives away, alone or with its neighbours; parallel to ``lines``."""
    found: list[dict[str, pii.Hit]] = [{} for _ in lines]
    for passage in _passages(lines, width, height):
        text, owners = _joined(lines, passage)
        for hit in pii.find(text):
            for index in {i for i in owners[hit.start : hit.end] if i >= 0}:
                found[index].setdefault(hit.kind, hit)
    return tuple(tuple(hits.values()) for hits in found)


def rows(lines: Sequence[Placed], width: int, height: int) -> list[list[int]]:
    """Indices of the lines, grouped by row, top to bottom, each left to right.

    Lines of different direction (a text turned by 90 degrees) never share a row.
    """
    return [
        [frame.index for frame in row]
        for group in _by_direction(lines, width, height)
        for row in _rows(group)
    ]


def _passages(
    lines: Sequence[Placed], width: int, height: int
) -> Iterator[list[list[int]]]:
    """Passages as rows of line indices: each line, each row, each stack."""
    for index, line in enumerate(lines):
        if line.text:
            yield [[index]]
    for group in _by_direction(lines, width, height):
        grouped = _rows(group)
        for row in grouped:
            if len(row) > 1:
                yield [[frame.index for frame in row]]
        frames = [frame for row in grouped for frame in row]
        beneath = {frame.index: _beneath(frame, frames) for frame in frames}
        for frame in frames:
            for other in beneath[frame.index][1:]:
                yield [[frame.index], [other.index]]
            stack = [frame]
            while len(stack) < STACK and beneath[stack[-1].index]:
                stack.append(beneath[stack[-1].index][0])
                yield [[part.index] for part in stack]


def _joined(lines: Sequence[Placed], passage: list[list[int]]) -> tuple[str, list[int]]:
    """The passage as one text, and for each character the line that it is from."""
    text, owners = [], []
    for number, row in enumerate(passage):
        for place, index in enumerate(row):
            if number or place:
                text.append(" " if place else "\n")
                owners.append(-1)
            text.append(lines[index].text)
            owners += [index] * len(lines[index].text)
    return "".join(text), owners


def _by_direction(
    lines: Sequence[Placed], width: int, height: int
) -> list[list[_Frame]]:
    """Frames of the lines in four groups by where their reading runs to."""
    groups: list[list[_Frame]] = [[], [], [], []]
    turns: list[list[float]] = [[], [], [], []]
    sides = []
    for line in lines:
        (ax, ay), (bx, by) = line.quad[0], line.quad[1]
        angle = math.atan2((by - ay) * height, (bx - ax) * width)
        side = round(angle / (math.pi / 2)) % 4
        sides.append(side)
        turns[side].append((angle + math.pi / 4) % (2 * math.pi) - math.pi / 4)
    for index, (line, side) in enumerate(zip(lines, sides, strict=True)):
        if not line.text:
            continue
        ordered = sorted(turns[side])
        angle = ordered[len(ordered) // 2]
        cos, sin = math.cos(angle), math.sin(angle)
        points = [(x * width, y * height) for x, y in line.quad]
        along = [x * cos + y * sin for x, y in points]
        across = [y * cos - x * sin for x, y in points]
        tall = math.dist(points[0], points[3])
        groups[side].append(
            _Frame(index, min(along), max(along), sum(across) / 4, max(tall, 1e-6))
        )
    return [group for group in groups if group]


def _rows(frames: list[_Frame]) -> list[list[_Frame]]:
    grouped: list[list[_Frame]] = []
    for frame in sorted(frames, key=lambda f: (f.left, f.index)):
        fitting = [
            row
            for row in grouped
            if abs(row[-1].middle - frame.middle)
            < 0.5 * min(row[-1].height, frame.height)
            and -0.5 * frame.height <= frame.left - row[-1].right
            and frame.left - row[-1].right <= GAP * max(row[-1].height, frame.height)
        ]
        if fitting:
            min(fitting, key=lambda row: abs(row[-1].middle - frame.middle)).append(
                frame
            )
        else:
            grouped.append([frame])
    return sorted(grouped, key=lambda row: row[0].middle)


def _beneath(upper: _Frame, frames: list[_Frame]) -> list[_Frame]:
    """Lines below that share a part of its width and are about as tall, nearest first.

    More than one, where a wide line of labels stands over a row of values.
    """
    found = []
    for frame in frames:
        drop = frame.middle - upper.middle
        shared = min(upper.right, frame.right) - max(upper.left, frame.left)
        if (
            0.5 * upper.height < drop <= DROP * max(upper.height, frame.height)
            and shared > 0.3 * min(upper.right - upper.left, frame.right - frame.left)
            and 0.4 < frame.height / upper.height < 2.5
        ):
            found.append((drop, frame.index, frame))
    return [frame for _, _, frame in sorted(found)]
