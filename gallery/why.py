"""LIGHT: why a thing was found: its words, and its heat map once there is one."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import Http404

from gallery import vault
from gallery.models import Media
from privacy import review, words
from privacy.core.score import Reason
from privacy.models import Finding

NONE = b"none"
"""Stored in place of a map where there is none to be had: asking again is no use."""


@dataclass(frozen=True, slots=True)
class Why:
    """For the owner: one finding, what it could tell, and the state of its map.

    ``map`` is empty (never asked for), ``ready``, or ``none`` (there is none to have).
    """

    finding: Finding
    words: str
    tells: str
    map: str


def why(media: Media, region: str) -> Why:
    """Why a region is there.

    Raises:
        Http404: there is no such region.
    """
    row = review.findings(media.public_id).filter(region=region).first()
    if row is None:
        raise Http404
    counted = words.counted(Reason(row.category, 1, 0, ""))
    state = ""
    if not row.manual and vault.has(media, heat_kind(region)):
        state = "none" if heat_of(media, region) is None else "ready"
    return Why(row, counted, words.tells(row.category), state)


def heat_of(media: Media, region: str) -> bytes | None:
    """The map as a PNG; None where there is none (yet)."""
    try:
        data = vault.open_sealed(media, heat_kind(region))
    except vault.VaultError:
        return None
    return None if data == NONE else data


def heat_kind(region: str) -> str:
    """Under which kind a region's map is sealed."""
    return f"heat{region}"[:16]
