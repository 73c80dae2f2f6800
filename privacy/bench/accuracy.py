"""What the shipped ensemble finds of what is labelled, group by group."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass

from privacy.bench.datasets import Example, Label, found
from privacy.bench.metrics import Boxes, Tally, boxes_of, coverage, tally
from privacy.bench.report import Cell, Report, Table
from privacy.core.cli_findings import Source
from privacy.core.types import Finding

DETECTORS = {
    "coco": ("objects",),
    "face": ("faces",),
    "plate": ("plates",),
    "doc": ("text", "documents"),
    "code": ("codes",),
}
"""Which detectors answer for a group, whose prefix says what its labels are."""

PRIVACY_CLASSES = (
    "person", "object.car", "object.motorcycle", "object.truck", "object.backpack",
    "object.handbag", "object.laptop", "object.cell_phone", "object.tv", "object.book",
    "object.keyboard",
)  # fmt: skip

LEAST_FACE = 16.0
"""Pixels of the shorter side from which a face counts, as the floors have it."""
BANDS = ((10.0, 16.0), (16.0, 24.0), (24.0, 48.0), (48.0, 1e9))

LINE_COVERED = 0.8
"""Share of a line of text from which it counts as covered."""

_COLUMNS = (
    "group", "labels", "recall", "precision", "covered", "wholly covered",
    "false alarms",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Seen:
    """One picture's labels beside what was found; ``boxes`` (n, 4) in pixels."""

    labels: tuple[Label, ...]
    findings: tuple[Finding, ...]
    boxes: Boxes


def see(
    example: Example, detectors: Collection[str], known: Source | None = None
) -> Seen:
    """Scan one picture with some detectors, or take what lines of a scan tell.

    Raises:
        RuntimeError: one did not run to its end, so that there is no figure.
    """
    picture = example.picture()
    findings = found(example, picture, detectors, known)
    place = [f.box.pixels(picture.width, picture.height) for f in findings]
    return Seen(example.labels, findings, boxes_of(place))


def counted(
    seen: Iterable[Seen],
    categories: Collection[str],
    counts: Callable[[Label], bool] = lambda label: not label.ignore,
) -> Tally:
    """Tally over pictures and categories; a finding of ``code.qr`` is one of ``code``.

    A label that does not count is ignored: neither a miss nor a false alarm.
    """
    total = Tally()
    for one in seen:
        for category in categories:
            labels = [x for x in one.labels if x.category == category]
            mine = [
                i
                for i, f in enumerate(one.findings)
                if f"{f.category}.".startswith(f"{category}.")
            ]
            total += tally(
                boxes_of([x.box for x in labels if counts(x)]),
                boxes_of([x.box for x in labels if not counts(x)]),
                one.boxes[mine],
                [one.findings[i].confidence for i in mine],
            )
    return total


def accuracy(examples: Iterable[Example], known: Source | None = None) -> Report:
    """Recall, precision and coverage by group and category, faces also by size."""
    seen: dict[str, list[Seen]] = {}
    for example in examples:
        seen.setdefault(example.group, []).append(
            see(example, DETECTORS[example.group], known)
        )
    rows: list[tuple[Cell, ...]] = []
    for group, pictures in seen.items():
        rows += _group(group, pictures)
    tables = [Table("Groups", _COLUMNS, tuple(rows))]
    if "face" in seen:
        tables.append(_bands(seen["face"]))
    if "coco" in seen:
        tables.append(_classes(seen["coco"]))
    return Report("accuracy", tables, {"pictures": sum(map(len, seen.values()))})


def large_face(label: Label) -> bool:
    """Whether a face counts towards the floors."""
    return not label.ignore and label.side >= LEAST_FACE


def _row(name: str, made: Tally) -> tuple[Cell, ...]:
    whole = made.covered / made.labels if made.labels else 1.0
    figures = (made.recall, made.precision, made.coverage, whole)
    return (name, made.labels, *figures, made.alarms)


def _group(group: str, seen: Sequence[Seen]) -> list[tuple[Cell, ...]]:
    if group == "coco":
        every = sorted({x.category for one in seen for x in one.labels})
        return [
            _row("objects, 11 privacy classes", counted(seen, PRIVACY_CLASSES)),
            _row(f"objects, all {len(every)} labelled classes", counted(seen, every)),
        ]
    if group == "face":
        return [_row("faces, 16 px and more", counted(seen, ("face",), large_face))]
    if group == "plate":
        return [_row("licence plates", counted(seen, ("licence_plate",)))]
    if group == "code":
        return [_row("codes", counted(seen, ("code",)))]
    return [_row("documents", counted(seen, ("document",))), _lines(seen)]


def _lines(seen: Sequence[Seen]) -> tuple[Cell, ...]:
    """Lines are cut differently by everyone, so they count by coverage alone."""
    shares: list[float] = []
    for one in seen:
        lines = boxes_of([x.box for x in one.labels if x.category == "text"])
        mine = [i for i, f in enumerate(one.findings) if f.category.startswith("text")]
        shares += coverage(lines, one.boxes[mine]).tolist()
    count = max(1, len(shares))
    over = sum(share >= LINE_COVERED for share in shares) / count
    whole = sum(share >= 0.99 for share in shares) / count
    mean = sum(shares) / count
    return ("text lines, covered to 80 %", len(shares), over, None, mean, whole, None)


def _bands(seen: Sequence[Seen]) -> Table:
    rows = []
    for low, high in BANDS:

        def within(label: Label, low: float = low, high: float = high) -> bool:
            return not label.ignore and low <= label.side < high

        made = counted(seen, ("face",), within)
        name = f"{low:g} px and more" if high > 1e6 else f"{low:g} to {high:g} px"
        whole = made.covered / made.labels if made.labels else 1.0
        rows.append((name, made.labels, made.recall, made.coverage, whole, made.leaks))
    columns = ("shorter side", "faces", "recall", "covered", "wholly covered", "leaks")
    note = "A leak is a face that is found, yet sticks out of its box."
    return Table("Faces by size", columns, tuple(rows), note)


def _classes(seen: Sequence[Seen]) -> Table:
    rows = tuple(_row(name, counted(seen, (name,))) for name in PRIVACY_CLASSES)
    return Table("Objects by class", ("class", *_COLUMNS[1:]), rows)
