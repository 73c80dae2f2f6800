"""HEAVY: does a picture come near a list? For workers alone, before all else.

The hook is ``settings.NOPEEK_HASHER``, a dotted name of what makes a ``pdq.Hash`` of
pixels. It fails closed: a list that cannot be read, a hasher that fails and one that
is slow are all ``Down``, and what was not compared is not shown to anybody.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any
from uuid import UUID

import numpy as np
from django.conf import settings
from django.utils.module_loading import import_string
from numpy.typing import NDArray

from privacy.core import pdq
from privacy.listed import lists
from privacy.listed.lists import Down
from privacy.listed.models import Match

__all__ = ["Down"]  # beside all that is defined below


def compare(pixels: NDArray[np.uint8], subject: UUID) -> Match | None:
    """The nearest entry of any list that is near enough, as a row that is not kept yet.

    None where nothing is near, or where somebody has looked and released the picture.

    Raises:
        Down: it could not be compared.
    """
    known = lists.read()
    if not known or released(subject):
        return None
    near, listed = _within(settings.NOPEEK_HASH_SECONDS, lambda: _look(pixels, known))
    if listed is None or near > settings.NOPEEK_HASH_NEAR:
        return None
    return Match(subject=subject, listed_id=listed.pk, distance=near)


def released(subject: UUID) -> bool:
    """Whether a person found that a picture is not what it was taken for."""
    rows = Match.objects.filter(subject=subject, state=Match.State.RELEASED)
    return rows.exists()


def _look(
    pixels: NDArray[np.uint8], known: list[lists.Known]
) -> tuple[int, lists.Known | None]:
    hasher: Callable[[NDArray[np.uint8]], pdq.Hash] = import_string(
        settings.NOPEEK_HASHER
    )
    found = hasher(pixels)
    if not found.tells:
        return 8 * pdq.BYTES, None
    return min(
        ((pdq.nearest(one.hashes, found), one) for one in known),
        key=lambda pair: pair[0],
    )


def _within(seconds: float, work: Callable[[], Any]) -> Any:
    """What ``work`` returns; Down where it fails or takes longer."""
    made: list[Any] = []
    wrong: list[BaseException] = []

    def run() -> None:
        try:
            made.append(work())
        except BaseException as error:  # noqa: BLE001 - whatever it is, it was not compared
            wrong.append(error)

    thread = threading.Thread(target=run, name="hash-lists", daemon=True)
    thread.start()
    thread.join(seconds)
    if thread.is_alive():
        raise Down("the comparison took too long")
    if wrong:
        raise Down("the comparison failed") from wrong[0]
    return made[0]
