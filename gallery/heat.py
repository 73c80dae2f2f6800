"""HEAVY: why one thing was found in a picture, as a heat map. For workers alone."""

from __future__ import annotations

import io
from uuid import UUID

import structlog

from gallery import vault
from gallery.models import Media
from gallery.why import NONE, heat_kind
from gallery.work import Work
from privacy import decisions
from privacy.core.detectors import registry
from privacy.core.errors import NoPeekError
from privacy.core.explain import NoMap, by_gradient, heat, overlay

log = structlog.get_logger(__name__)

_LOW = 0.05


def make(public_id: UUID, region: str) -> None:
    """Look again, by gradient or with parts hidden, and seal what comes of it."""
    media = Media.objects.select_related("owner").filter(public_id=public_id).first()
    scan = decisions.current_scan(public_id)
    if media is None or scan is None:
        return
    findings, _choices = decisions.findings_of(scan)
    found = next((one for one in findings if one.id == region), None)
    if found is None or vault.has(media, heat_kind(region)):
        return
    names = [n for n in found.detector.split("+") if n in registry.NAMES]
    if not names:
        vault.seal(media, heat_kind(region), NONE)
        return
    try:
        detector = registry.get(names[0])
        picture = Work(media).picture
        made = by_gradient(picture, found, detector) or heat(
            picture, found, lambda p: detector.detect(p, threshold=_LOW)
        )
    except (NoMap, NoPeekError) as error:
        log.info("heat.none", media=str(public_id), reason=type(error).__name__)
        vault.seal(media, heat_kind(region), NONE)
        return
    out = io.BytesIO()
    overlay(made, picture.width, picture.height).save(out, "png")
    vault.seal(media, heat_kind(region), out.getvalue())
