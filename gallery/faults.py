"""Named points at which the tests kill the process, to prove that nothing is lost."""

from __future__ import annotations

import os
import signal
from uuid import UUID

from django.conf import settings

POINTS = (
    "upload.stored",
    "leaving.inside",
    "sanitising.begun",
    "sanitising.sealed",
    "scanning.begun",
    "scanning.scanned",
    "scanning.stored",
    "deciding.planned",
    "rendering.one",
    "rendering.done",
    "verifying.begun",
    "verifying.verified",
)
"""In the order in which a Media first meets them."""


def point(name: str, media: UUID) -> None:
    """Die here by SIGKILL if the test settings ask for it; else nothing.

    They ask by the name of a point, for every Media or, as ``name@public id``, for one.
    """
    assert name in POINTS, name  # noqa: S101
    if settings.NOPEEK_KILL_POINTS and settings.NOPEEK_KILL_AT in {
        name,
        f"{name}@{media}",
    }:
        os.kill(os.getpid(), signal.SIGKILL)
