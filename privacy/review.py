"""LIGHT: what owners change about their findings. Each verb is atomic and idempotent.

``subject`` is the public id of a picture that the caller has already been granted as
its owner's; ``region`` is a region's id. What a change comes to for viewers is worked
out by whoever calls (``gallery.replan``).
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from privacy.core.types import Box, Style
from privacy.models import Finding, Scan

Choice = Finding.Choice
LEAST = 0.004
"""Least side of a drawn region, as a share of the picture's."""
MOST = 200
"""Drawn regions of one picture."""


class NoSuchRegion(Exception):
    """The picture has no such region, or has not been scanned yet."""


class BadRegion(Exception):
    """The change cannot be made; the text says why and what to do."""


def findings(subject: UUID) -> QuerySet[Finding]:
    """Everything found or drawn in a picture, in a stable order."""
    return Finding.objects.filter(scan__subject=subject, scan__current=True).order_by(
        "category", "y0", "x0", "pk"
    )


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
    subject: UUID, category: str, choice: str, show_from: int = 0
) -> int:
    """The same choice for everything of one category; returns for how many."""
    _check_choice(choice, show_from)
    rows = findings(subject).filter(category=category)
    return rows.update(choice=choice, show_from=show_from)


@transaction.atomic
def set_style(
    subject: UUID, regions: Iterable[str], style: str, art: str = ""
) -> list[Finding]:
    """How regions look where they are masked; empty leaves it to the rules.

    A weak style is refused by the rules where it would give away what is masked
    (see ``privacy.core.policy``), whatever is chosen here.
    """
    if style and style not in tuple(Style):
        raise BadRegion(f"there is no style {style!r}")
    changed = []
    for region in regions:
        for row in _rows(subject, region):
            row.style, row.art = style, art[:40]
            row.save(update_fields=["style", "art"])
            changed.append(row)
    return changed


@transaction.atomic
def add_region(subject: UUID, box: Box) -> Finding:
    """Draw a region. It is hidden from everybody until its owner chooses otherwise.

    Raises:
        NoSuchRegion: the picture has not been scanned yet.
        BadRegion: too small, outside the picture, or one too many.
    """
    scan = (
        Scan.objects.select_for_update().filter(subject=subject, current=True).first()
    )
    if scan is None:
        raise NoSuchRegion
    if scan.findings.filter(manual=True).count() >= MOST:
        raise BadRegion(f"{MOST} drawn regions are as many as one picture can have")
    place = _checked(box)
    return Finding.objects.create(
        scan=scan,
        region=f"own-{secrets.token_hex(6)}",  # its place may change, its id may not
        category="manual",
        x0=place.x0,
        y0=place.y0,
        x1=place.x1,
        y1=place.y1,
        confidence=1.0,
        detector="owner",
        manual=True,
        choice=Choice.HIDE,
    )


@transaction.atomic
def move_region(subject: UUID, region: str, box: Box) -> list[Finding]:
    """Move or resize a region, found or drawn; its outline gives way to the box.

    Raises:
        NoSuchRegion, BadRegion: as for ``add_region``.
    """
    place = _checked(box)
    rows = _rows(subject, region)
    for row in rows:
        row.x0, row.y0, row.x1, row.y1 = place.as_tuple()
        row.outline, row.landmarks = [], []
        row.save(update_fields=["x0", "y0", "x1", "y1", "outline", "landmarks"])
    return rows


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
    rows = list(findings(subject).filter(region=region).select_for_update(of=("self",)))
    if not rows:
        raise NoSuchRegion
    return rows


def _check_choice(choice: str, show_from: int) -> None:
    if choice not in Choice.values or show_from not in (0, 1, 2):
        raise BadRegion("choose auto, hide or show, and a tier from 0 to 2")


def _checked(box: Box) -> Box:
    values = box.as_tuple()
    if not all(-1e6 < value < 1e6 for value in values):
        raise BadRegion("the region has no place in the picture")
    place = box.clipped()
    if place.x1 - place.x0 < LEAST or place.y1 - place.y0 < LEAST:
        raise BadRegion("this region is too small: draw a larger one")
    return place
