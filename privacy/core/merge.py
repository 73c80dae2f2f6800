"""Uniting what several detectors, scales and tiles say of the same thing.

Two findings are one when they have the same category and kind, and overlap enough.
What is one is covered by one box around all of it, so that merging never uncovers a
pixel: better a mask too large than a rim that shows. Findings of different categories
never meet: the face on a passport stays a face.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import reduce

from privacy.core.types import Box, Finding, Point

SAME_IOU = 0.5
WITHIN = 0.9
"""A box that lies this much inside another of its category is a part of it."""

ALIGNED = 0.8
"""Overlap over union of two fragments along the cut that tiles made."""
SEAM = 0.1
"""Least part of the shorter fragment that tiles show twice."""

_SEAMED = ("licence_plate", "document", "code", "nudity")
"""What is joined along a seam: things that do not stand side by side like faces."""

_CROWDED = ("person", "object", "text")
"""What stands before or slants across its like: being inside does not make it one."""
TEXT_IOU = 0.75
"""Slanting lines of text have upright boxes that share much."""


def merge(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """One finding a thing, from the top of the picture to its bottom.

    The result does not depend on the order of ``findings``; merging it again changes
    nothing; every box that goes in is covered by a box of its category that comes out.
    The confidence is the highest, the detectors' names are joined by ``+``.
    """
    kinds: defaultdict[tuple[str, str], list[Finding]] = defaultdict(list)
    for finding in findings:
        kinds[finding.category, finding.kind].append(finding)
    united = [one for several in kinds.values() for one in _merged(several)]
    return tuple(sorted(united, key=_place))


def _merged(findings: list[Finding]) -> list[Finding]:
    """Unite groups of one category until no two of them are one."""
    while True:
        groups = list(_groups(sorted(findings, key=_place)))
        if len(groups) == len(findings):
            return findings
        findings = [_united(group) for group in groups]


def _groups(findings: list[Finding]) -> Iterator[list[Finding]]:
    """Connected components of ``same``: these do not depend on any order."""
    leader = list(range(len(findings)))

    def root(i: int) -> int:
        while leader[i] != i:
            leader[i] = leader[leader[i]]
            i = leader[i]
        return i

    across = sorted(range(len(findings)), key=lambda i: findings[i].box.x0)
    for place, i in enumerate(across):
        for j in across[place + 1 :]:
            if findings[j].box.x0 >= findings[i].box.x1:
                break
            if same(findings[i], findings[j]):
                leader[root(j)] = root(i)
    groups: defaultdict[int, list[Finding]] = defaultdict(list)
    for i, finding in enumerate(findings):
        groups[root(i)].append(finding)
    yield from groups.values()


def same(a: Finding, b: Finding) -> bool:
    """Whether two findings of one category and kind show one thing."""
    sort = a.category.partition(".")[0]
    if a.box.iou(b.box) >= (TEXT_IOU if sort == "text" else SAME_IOU):
        return True
    within = max(a.box.covers(b.box), b.box.covers(a.box))
    if within >= WITHIN and sort not in _CROWDED:
        return True
    return sort in _SEAMED and _seam(a.box, b.box)


def _seam(a: Box, b: Box) -> bool:
    """Whether the boxes continue each other across a cut, as tiles leave them."""
    x = _overlap(a.x0, a.x1, b.x0, b.x1)
    y = _overlap(a.y0, a.y1, b.y0, b.y1)
    return (x[0] >= ALIGNED and y[1] >= SEAM) or (y[0] >= ALIGNED and x[1] >= SEAM)


def _overlap(a0: float, a1: float, b0: float, b1: float) -> tuple[float, float]:
    """Shared length over the whole, and over the shorter of two spans."""
    shared = min(a1, b1) - max(a0, b0)
    whole, shorter = max(a1, b1) - min(a0, b0), min(a1 - a0, b1 - b0)
    return (shared / whole, shared / shorter) if shorter > 0 else (0.0, 0.0)


def _united(group: list[Finding]) -> Finding:
    if len(group) == 1:
        return group[0]
    best = sorted(group, key=lambda f: (-f.confidence, _place(f)))
    return Finding(
        category=best[0].category,
        box=reduce(Box.hull, (f.box for f in group)),
        confidence=best[0].confidence,
        detector="+".join(sorted({n for f in group for n in f.detector.split("+")})),
        kind=best[0].kind,
        outline=_outline(group),
        evidence=_evidence(group),
        landmarks=next((f.landmarks for f in best if f.landmarks), ()),
    )


def _evidence(group: list[Finding]) -> str:
    parts = {part for f in group for part in f.evidence.split("; ") if part}
    return "; ".join(sorted(parts))


def _outline(group: list[Finding]) -> tuple[Point, ...]:
    """The convex hull of all outlines; a finding without one brings its box."""
    if not any(f.outline for f in group):
        return ()
    points = {p for f in group for p in (f.outline or _corners(f.box))}
    return convex_hull(points)


def _corners(box: Box) -> tuple[Point, ...]:
    return (
        (box.x0, box.y0),
        (box.x1, box.y0),
        (box.x1, box.y1),
        (box.x0, box.y1),
    )


def convex_hull(points: Iterable[Point]) -> tuple[Point, ...]:
    """Corners of the convex hull, from the leftmost one round (Andrew, 1979)."""
    ordered = sorted(set(points))

    def chain(run: Iterable[Point]) -> list[Point]:
        corners: list[Point] = []
        for x, y in run:
            while len(corners) > 1:
                (ax, ay), (bx, by) = corners[-2:]
                if (bx - ax) * (y - ay) - (by - ay) * (x - ax) > 0:
                    break
                corners.pop()
            corners.append((x, y))
        return corners[:-1]

    return tuple(chain(ordered) + chain(reversed(ordered)))


def _place(finding: Finding) -> tuple[object, ...]:
    """Top, then left; the rest decides between findings at one place."""
    box = finding.box
    return (
        *(box.y0, box.x0, box.y1, box.x1),
        finding.category,
        finding.kind,
        -finding.confidence,
        finding.detector,
        finding.evidence,
        finding.outline,
        finding.landmarks,
        finding.id,
    )
