"""HEAVY: runs the ensemble and keeps what it found. For workers alone."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from django.db import transaction

from privacy import models
from privacy.core.image import Picture
from privacy.core.scan import Progress, scan
from privacy.core.types import Box, Finding, Plan, ScanReport

SAME = 0.4
"""Intersection over union from which two findings of one kind are the same thing."""


def scan_picture(picture: Picture, progress: Progress | None = None) -> ScanReport:
    """Look for everything in a clean picture; see ``privacy.core.scan.scan``."""
    return scan(picture, progress=progress)


@transaction.atomic
def store(report: ScanReport, subject: UUID, owner_id: int) -> models.Scan:
    """Make ``report`` the current scan of a picture.

    What its owner chose and drew is carried over from the scan before, and regions
    only grow: what was found before and is not found now stays, and what is found
    again covers the old place as well as the new one, under the id it had.
    """
    before = models.Scan.objects.filter(subject=subject, current=True).first()
    old = list(before.findings.order_by("pk")) if before else []
    models.Scan.objects.filter(subject=subject, current=True).update(current=False)
    made = models.Scan.objects.create(
        subject=subject,
        owner_id=owner_id,
        width=report.width,
        height=report.height,
        runs=[{"name": run.name, **run.as_json()} for run in report.runs],
        complete=report.complete,
    )
    rows = _united([_row(finding) for finding in report.findings], old)
    for row in rows:
        row.scan = made
    models.Finding.objects.bulk_create(rows)
    models.Scan.objects.filter(subject=subject, current=False).delete()
    return made


@transaction.atomic
def harden(scan_row: models.Scan, planned: Plan, needed: Plan) -> int:
    """Write the regions that had to grow under attack back to their findings.

    From then on every plan is made with the larger region and the plainest mask, so
    a region that once had to be hardened stays so. Returns how many changed.
    """
    before = {region.id: region for region in planned.regions}
    count = 0
    for region in needed.regions:
        was = before.get(region.id)
        if region == was:
            continue
        for row in scan_row.findings.filter(region=region.id):
            _place(row, box_of(row).hull(region.box).clipped())
            if was is None or region.treatment.style is not was.treatment.style:
                row.style = region.treatment.style.value
            row.save(
                update_fields=["x0", "y0", "x1", "y1", "outline", "brush", "style"]
            )
            count += 1
    return count


def box_of(row: models.Finding) -> Box:
    """Where a stored finding lies."""
    return Box(row.x0, row.y0, row.x1, row.y1)


def _row(finding: Finding) -> models.Finding:
    box = _inside(finding.box)
    return models.Finding(
        region=finding.id[:24],
        category=finding.category[:60],
        kind=finding.kind[:24],
        x0=box.x0,
        y0=box.y0,
        x1=box.x1,
        y1=box.y1,
        outline=[list(point) for point in finding.outline],
        landmarks=[list(point) for point in finding.landmarks],
        confidence=finding.confidence,
        detector=finding.detector[:60],
        evidence=finding.evidence[:200],
    )


def _inside(box: Box) -> Box:
    """Within the picture and never empty: a sliver at its edge stays a region."""
    least = 1e-4
    box = box.clipped()
    x0, y0 = min(box.x0, 1 - least), min(box.y0, 1 - least)
    return Box(x0, y0, max(box.x1, x0 + least), max(box.y1, y0 + least))


def _united(
    new: list[models.Finding], old: Iterable[models.Finding]
) -> list[models.Finding]:
    """The new findings, grown by the old; those that were not found again as well."""
    left = list(new)
    done: list[models.Finding] = []
    for was in old:
        twin = None if was.manual else _twin(was, left)
        if twin is None:
            was.pk = None
            done.append(was)
            continue
        left.remove(twin)
        both = box_of(twin).hull(box_of(was))
        if both != box_of(twin) or was.outline != twin.outline:
            _place(twin, both)
        twin.region = was.region
        twin.choice, twin.show_from = was.choice, was.show_from
        twin.style, twin.art = was.style, was.art
        done.append(twin)
    seen = {(row.region, row.category) for row in done}
    for row in left:  # the strongest of those that claim the same place
        if (row.region, row.category) not in seen:
            seen.add((row.region, row.category))
            done.append(row)
    return done


def _twin(was: models.Finding, among: list[models.Finding]) -> models.Finding | None:
    alike = [row for row in among if row.category == was.category]
    best = max(alike, key=lambda row: box_of(row).iou(box_of(was)), default=None)
    return best if best and box_of(best).iou(box_of(was)) >= SAME else None


def _place(row: models.Finding, box: Box) -> None:
    """Move a finding to a box; an outline no longer fits it."""
    row.x0, row.y0, row.x1, row.y1 = box.as_tuple()
    row.outline, row.brush = [], 0
