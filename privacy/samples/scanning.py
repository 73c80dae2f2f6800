"""HEAVY: looks at the pictures of a sample set, one by one. For workers alone."""

from __future__ import annotations

import time
from collections.abc import Callable

from django.db import transaction
from django.db.models import F

from privacy import tasks as doorways
from privacy.core.errors import RefusedInput
from privacy.core.formats import Limits
from privacy.core.image import Picture
from privacy.core.render import encode
from privacy.core.sanitise import sanitise
from privacy.core.types import ScanReport
from privacy.samples.models import SamplePicture, SampleSet
from privacy.scanning import scan_picture

SIDE = 480
PATIENCE = 120.0
"""Seconds after which a message gives way to the next one."""


def run(
    pk: int,
    patience: float = PATIENCE,
    look: Callable[[Picture], ScanReport] = scan_picture,
) -> bool:
    """Go on with a set; returns whether it came to its end.

    A picture is looked at by whoever comes first, and what a second worker finds in it
    is dropped, so a lost or a doubled message does no harm.
    """
    begun = time.monotonic()
    left = SamplePicture.objects.filter(sample=pk, findings__isnull=True, problem="")
    for picture in left.order_by("pk").iterator(1):
        _look(picture, look)
        if time.monotonic() - begun > patience:
            doorways.enqueue(doorways.look_at_samples, pk)
            return False
    SampleSet.objects.filter(pk=pk).update(state=SampleSet.State.DONE)
    return True


def _look(picture: SamplePicture, look: Callable[[Picture], ScanReport]) -> None:
    try:
        found = sanitise(bytes(picture.data), Limits())
        report = look(found.picture())
    except RefusedInput as error:
        _keep(picture, {"problem": error.code[:40], "data": b""}, refused=1)
        return
    if not report.complete:
        # A detector that did not run has no recall, and zero would be a lie.
        _keep(picture, {"problem": "unchecked"}, refused=1)
        return
    findings = [
        [one.category, *one.box.clipped().as_tuple(), round(one.confidence, 4)]
        for one in report.findings
    ]
    small = encode(found.pixels, SIDE, "jpeg")
    _keep(picture, {"findings": findings, "data": small})


@transaction.atomic
def _keep(
    picture: SamplePicture, values: dict[str, object], *, refused: int = 0
) -> None:
    rows = SamplePicture.objects.filter(
        pk=picture.pk, findings__isnull=True, problem=""
    )
    if rows.update(**values):
        row = SampleSet.objects.select_for_update().get(pk=picture.sample_id)
        row.done = F("done") + 1
        row.refused = F("refused") + refused
        row.save(update_fields=["done", "refused", "beat_at"])
