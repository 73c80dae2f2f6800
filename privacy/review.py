"""LIGHT: what owners change about their findings. Each verb is atomic and idempotent.

``subject`` is the public id of a picture that the caller has already been granted as
its owner's; ``region`` is a region's id. What a change comes to for viewers is worked
out by whoever calls (``gallery.replan``).
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable, Sequence
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from privacy.core.nearness import background
from privacy.core.types import Box, Point, Style
from privacy.models import Finding, Scan
from privacy.shapes import LEAST, BadRegion, Shape, drawn, moved

__all__ = ["LEAST", "BadRegion"]  # beside all that is defined below

Choice = Finding.Choice
MOST = 200
"""Drawn regions of one picture."""
_OWN = re.compile(r"own-[0-9a-f]{12}")


class NoSuchRegion(Exception):
    """The picture has no such region, or has not been scanned yet."""


def findings(subject: UUID) -> QuerySet[Finding]:
    """Everything found or drawn in a picture, in a stable order."""
    return Finding.objects.filter(scan__subject=subject, scan__current=True).order_by(
        "category", "y0", "x0", "pk"
    )


def category_of(subject: UUID, region: str) -> str:
    """What a region shows.

    Raises:
        NoSuchRegion: as said there.
    """
    row = findings(subject).filter(region=region).first()
    if row is None:
        raise NoSuchRegion
    return row.category


@transaction.atomic
def set_choice(
    subject: UUID, region: str, choice: str, show_from: int = 0
) -> list[Finding]:
    """``auto`` leaves a region to the rules, ``hide`` masks it for all, ``show`` shows
    it to the tiers from ``show_from`` on.

    Raises:
        NoSuchRegion: as said there.
        BadRegion: no such choice or tier.
    """
    _check_choice(choice, show_from)
    rows = _rows(subject, region)
    for row in rows:
        row.choice, row.show_from = choice, show_from
        row.save(update_fields=["choice", "show_from"])
    return rows


@transaction.atomic
def same_for_category(
    subject: UUID,
    category: str,
    choice: str,
    show_from: int = 0,
    *,
    style: str | None = None,
    art: str = "",
    among: str = "",
) -> int:
    """The same choice for everything of one category; returns for how many.

    With ``style``, the same look too. ``among="background"`` leaves out who stands
    near (see ``privacy.core.nearness``).

    Raises:
        BadRegion: no such choice, tier, style or part.
    """
    _check_choice(choice, show_from)
    if among not in ("", "background"):
        raise BadRegion("choose all of them, or those in the background")
    rows = findings(subject).filter(category=category)
    if among:
        rows = rows.filter(region__in=in_background(rows))
    look = {} if style is None else {"style": _known(style), "art": art[:40]}
    return rows.update(choice=choice, show_from=show_from, **look)


def in_background(rows: Iterable[Finding]) -> frozenset[str]:
    """Region ids of the faces among ``rows`` that are not of whom the photo is of."""
    faces = [row for row in rows if row.category == "face"]
    return background({row.region: shape_of(row).box for row in faces})


@transaction.atomic
def set_style(
    subject: UUID, regions: Iterable[str], style: str, art: str = ""
) -> list[Finding]:
    """How regions look where they are masked; empty leaves it to the rules.

    A weak style is refused by the rules where it would give away what is masked
    (see ``privacy.core.policy``), whatever is chosen here.
    """
    _known(style)
    changed = []
    for region in regions:
        for row in _rows(subject, region):
            row.style, row.art = style, art[:40]
            row.save(update_fields=["style", "art"])
            changed.append(row)
    return changed


@transaction.atomic
def add_region(
    subject: UUID,
    box: Box | None = None,
    *,
    outline: Sequence[Point] = (),
    brush: float = 0.0,
    region: str = "",
) -> Finding:
    """Draw a region. It is hidden from everybody until its owner chooses otherwise.

    Args:
        box: the place, where there is no ``outline``.
        outline, brush: see ``privacy.shapes.Shape``.
        region: id of a drawn region that was deleted and comes back.

    Raises:
        NoSuchRegion: the picture has not been scanned yet.
        BadRegion: too small, outside the picture, one too many, or there already.
    """
    scan = (
        Scan.objects.select_for_update().filter(subject=subject, current=True).first()
    )
    if scan is None:
        raise NoSuchRegion
    if scan.findings.filter(manual=True).count() >= MOST:
        raise BadRegion(f"{MOST} drawn regions are as many as one picture can have")
    if region and not _OWN.fullmatch(region):
        raise BadRegion("this is not the id of a region that was drawn")
    if region and scan.findings.filter(region=region).exists():
        raise BadRegion("this region is there already")
    shape = drawn(scan.width, scan.height, box=box, outline=outline, brush=brush)
    return Finding.objects.create(
        scan=scan,
        # Its place may change, its id may not.
        region=region or f"own-{secrets.token_hex(6)}",
        category="manual",
        x0=shape.box.x0,
        y0=shape.box.y0,
        x1=shape.box.x1,
        y1=shape.box.y1,
        outline=[list(point) for point in shape.outline],
        brush=shape.brush,
        confidence=1.0,
        detector="owner",
        manual=True,
        choice=Choice.HIDE,
    )


@transaction.atomic
def move_region(
    subject: UUID,
    region: str,
    box: Box | None = None,
    *,
    outline: Sequence[Point] = (),
    brush: float = 0.0,
) -> list[Finding]:
    """Move or resize a region, found or drawn, or give it another outline.

    With a box alone, a drawing goes along with it, and the outline of what was found
    gives way to the box.

    Raises:
        NoSuchRegion, BadRegion: as for ``add_region``.
    """
    rows = _rows(subject, region)
    for row in rows:
        size = row.scan.width, row.scan.height
        if outline or not row.manual:
            shape = drawn(*size, box=box, outline=outline, brush=brush)
        elif box is not None:
            shape = moved(shape_of(row), box, *size)
        else:
            raise BadRegion("the region has no place in the picture")
        if box is not None and not row.manual:  # its outline may lie within its box
            shape = Shape(box.hull(shape.box).clipped(), shape.outline, shape.brush)
        row.x0, row.y0, row.x1, row.y1 = shape.box.as_tuple()
        row.outline = [list(point) for point in shape.outline]
        row.brush, row.landmarks = shape.brush, []
        row.save(
            update_fields=["x0", "y0", "x1", "y1", "outline", "brush", "landmarks"]
        )
    return rows


def shape_of(row: Finding) -> Shape:
    """Where a stored region lies."""
    outline = tuple((float(x), float(y)) for x, y in row.outline)
    return Shape(Box(row.x0, row.y0, row.x1, row.y1), outline, row.brush)


@transaction.atomic
def delete_region(subject: UUID, region: str) -> None:
    """Take a drawn region away; what was found is switched to be shown to all.

    A finding itself stays: the next scan would only find it again.
    """
    for row in _rows(subject, region):
        if row.manual:
            row.delete()
        else:
            row.choice, row.show_from = Choice.SHOW, 0
            row.save(update_fields=["choice", "show_from"])


def _rows(subject: UUID, region: str) -> list[Finding]:
    found = findings(subject).filter(region=region).select_related("scan")
    rows = list(found.select_for_update(of=("self",)))
    if not rows:
        raise NoSuchRegion
    return rows


def _check_choice(choice: str, show_from: int) -> None:
    if choice not in Choice.values or show_from not in (0, 1, 2):
        raise BadRegion("choose auto, hide or show, and a tier from 0 to 2")


def _known(style: str) -> str:
    if style and style not in tuple(Style):
        raise BadRegion(f"there is no style {style!r}")
    return style
