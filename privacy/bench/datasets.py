"""Labelled pictures that the bench measures on.

A folder holds ``labels.json`` and ``images/``; the labels are
``{file: [{label, box: [x0, y0, x1, y1] in pixels, text?, kind?, ignore?}]}``. They are
exhaustive only for the group that the file's prefix names, so a face in a ``coco_``
picture is neither a hit nor a false alarm.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps

from privacy.core.cli_findings import Source
from privacy.core.image import Picture
from privacy.core.scan import scan
from privacy.core.types import Finding

PIXEL_BOX = tuple[float, float, float, float]

GROUPS = ("coco", "face", "plate", "doc", "code")

_CATEGORIES = {
    "face": "face",
    "license plate": "licence_plate",
    "text": "text",
    "document": "document",
    "qr code": "code",
    "barcode": "code",
    "person": "person",
}


@dataclass(frozen=True, slots=True)
class Label:
    """One labelled thing: its category, its box in pixels, and what is known of it."""

    category: str
    box: PIXEL_BOX
    ignore: bool = False
    text: str = ""
    kind: str = ""

    @property
    def side(self) -> float:
        """The shorter side of the box, in pixels."""
        return min(self.box[2] - self.box[0], self.box[3] - self.box[1])


@dataclass(frozen=True, slots=True)
class Example:
    """One picture and its labels; ``group`` says which labels are exhaustive."""

    path: Path
    group: str
    labels: tuple[Label, ...]

    def picture(self) -> Picture:
        """Decode, turned as its EXIF orientation says."""
        with Image.open(self.path) as image:
            upright = ImageOps.exif_transpose(image).convert("RGB")
        return Picture(np.asarray(upright))


def found(
    example: Example, picture: Picture, detectors: Collection[str], known: Source | None
) -> tuple[Finding, ...]:
    """What is found in ``picture``: by a scan, or as lines of an earlier one tell.

    Args:
        detectors: to be run; a whole scan, and so a line of one, has all of them.
        known: lines of ``scan --json``.

    Raises:
        RuntimeError: a detector did not run to its end, so that there is no figure.
        InvalidFindings: there is no line for it, or a broken one.
    """
    if known is not None:
        told = known.of(example.path, picture)
        missing, findings = told.unchecked, told.findings
    else:
        report = scan(picture, only=detectors or None)
        missing, findings = report.unchecked, report.findings
    if missing:
        raise RuntimeError(f"{', '.join(missing)} did not run")
    return findings


def category(label: str) -> str:
    """The taxonomy's name for a word of the label file (a COCO class otherwise)."""
    return _CATEGORIES.get(label, f"object.{label.replace(' ', '_')}")


def load(folder: Path, groups: tuple[str, ...] = GROUPS) -> Iterator[Example]:
    """The examples of ``folder`` whose file name begins with one of ``groups``.

    Raises:
        OSError: there is no ``labels.json``.
        KeyError, ValueError: it has another shape.
    """
    entries = json.loads((folder / "labels.json").read_text("utf-8"))
    for name in sorted(entries):
        group = name.partition("_")[0]
        if group not in groups:
            continue
        labels = []
        for entry in entries[name]:
            x0, y0, x1, y1 = (float(v) for v in entry["box"])
            labels.append(
                Label(
                    category(entry["label"]),
                    (x0, y0, x1, y1),
                    bool(entry.get("ignore", False)),
                    str(entry.get("text", "")),
                    str(entry.get("kind", "")),
                )
            )
        yield Example(folder / "images" / name, group, tuple(labels))
