"""What a stranger's rendition still tells of what is labelled and of what is masked."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable

import numpy as np

from privacy.bench.accuracy import DETECTORS, large_face
from privacy.bench.datasets import Example, Label, found
from privacy.bench.report import Cell, Report, Table
from privacy.core.cli_findings import Source
from privacy.core.image import Picture
from privacy.core.policy import plan
from privacy.core.presets import preset
from privacy.core.redact.mask import Mask, union_mask
from privacy.core.render import SIZES, encode, placeholder, render
from privacy.core.types import Plan, Tier

FORMATS = ("jpeg", "webp")
SEEN = 0.2
"""A label of which more than this share shows is seen; less is a leak at its rim."""


def leak(
    examples: Iterable[Example], known: Source | None = None, rules: str = "default"
) -> Report:
    """Labelled pixels that show, and masks that let something through.

    *Non-interference*: the pixels under the masks are replaced by noise, and both
    pictures are rendered with the same plan; every size, format and placeholder has to
    be the same bytes.
    """
    shown: dict[str, list[float]] = defaultdict(list)
    renders = differing = 0
    for example in examples:
        if example.group == "coco":  # everyday objects are no secret to a stranger
            continue
        picture = example.picture()
        findings = found(example, picture, DETECTORS[example.group], known)
        made = plan(findings, preset(rules), Tier.FULL)
        mask = union_mask(made.regions, picture.width, picture.height, picture.grid)
        for label in example.labels:
            if not label.ignore and (label.category != "face" or large_face(label)):
                shown[label.category].append(_showing(label, mask))
        same, all_of_them = _compared(picture, made, mask)
        renders += all_of_them
        differing += all_of_them - same
    rows: list[tuple[Cell, ...]] = []
    for category, shares in sorted(shown.items()):
        hidden = sum(share == 0 for share in shares)
        rim = sum(0 < share <= SEEN for share in shares)
        seen = len(shares) - hidden - rim
        row = (category, len(shares), hidden, rim, seen, float(np.mean(shares)))
        rows.append(row)
    columns = ("label", "count", "hidden", "rim shows", "seen", "mean share shown")
    note = f"A label is seen when more than {SEEN:.0%} of its pixels show."
    tables = [
        Table("Labelled pixels that a stranger sees", columns, tuple(rows), note),
        Table(
            "Non-interference",
            ("renditions compared", "that differ"),
            ((renders, differing),),
        ),
    ]
    return Report("leak", tables, {"rules": rules, "tier": Tier.FULL.word})


def _showing(label: Label, mask: Mask) -> float:
    """Part of a label's pixels that no mask covers, 0..1."""
    x0, y0, x1, y1 = label.box
    height, width = mask.shape
    rows = slice(max(0, round(y0)), min(height, max(round(y1), round(y0) + 1)))
    columns = slice(max(0, round(x0)), min(width, max(round(x1), round(x0) + 1)))
    inside = mask[rows, columns]
    return float(1 - inside.mean()) if inside.size else 0.0


def _compared(picture: Picture, made: Plan, mask: Mask) -> tuple[int, int]:
    """How many renditions are equal when what is masked is another thing."""
    chance = np.random.default_rng(7)
    other = picture.pixels.copy()
    other[mask] = chance.integers(0, 256, (int(mask.sum()), 3), dtype=np.uint8)
    first = _renditions(picture, made)
    second = _renditions(Picture(other, picture.grid), made)
    same = sum(a == b for a, b in zip(first, second, strict=True))
    return same, len(first)


def _renditions(picture: Picture, made: Plan) -> list[str]:
    pixels = render(picture, made, key=b"bench" * 8)
    files = [encode(pixels, size, form) for size in SIZES for form in FORMATS]
    return [hashlib.sha256(f).hexdigest() for f in files] + [placeholder(pixels)]
