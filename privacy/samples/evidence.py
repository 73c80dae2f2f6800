"""LIGHT: what a sample set says of one category: findings that are real and that are
not, and labels that nothing found."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from privacy.core.types import Box
from privacy.policy_room.curves import Labelled
from privacy.samples.models import SamplePicture, SampleSet

SAME = 0.3
"""Intersection over union from which a finding is of a label. Less than the bench's
one half: a mask is widened, and covers what it only nearly fits."""


def of(sample: SampleSet, category: str) -> tuple[list[Labelled], int]:
    """Each finding of ``category``, or of a kind of it, with whether a label says so;
    and how many labels no finding is of."""
    labelled: list[Labelled] = []
    unfound = 0
    rows = SamplePicture.objects.filter(sample=sample, findings__isnull=False)
    for labels, findings in rows.values_list("labels", "findings"):
        some, missed = matched(_of(labels, category), _of(findings or [], category))
        labelled += some
        unfound += missed
    return labelled, unfound


def matched(
    labels: Sequence[Sequence[Any]], findings: Sequence[Sequence[Any]]
) -> tuple[list[Labelled], int]:
    """Findings take labels, the surest first; each label is taken once.

    Args:
        labels: ``[category, x0, y0, x1, y1]``.
        findings: the same, with the confidence behind.
    """
    free = [Box(*label[1:5]) for label in labels]
    found = []
    for one in sorted(findings, key=lambda row: -float(row[5])):
        box = Box(*one[1:5])
        best = max(free, key=box.iou, default=None)
        real = best is not None and box.iou(best) >= SAME
        if best is not None and real:
            free.remove(best)
        found.append(Labelled(float(one[5]), real))
    return found, len(free)


def categories(sample: SampleSet) -> set[str]:
    """What is labelled in a set."""
    rows = SamplePicture.objects.filter(sample=sample).values_list("labels", flat=True)
    return {label[0] for labels in rows for label in labels}


def _of(rows: Sequence[Sequence[Any]], category: str) -> list[Sequence[Any]]:
    below = f"{category}."
    return [row for row in rows if row[0] == category or row[0].startswith(below)]
