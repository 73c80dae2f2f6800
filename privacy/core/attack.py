"""Looking again, as an attacker would, at what a mask left.

Detectors run at a confidence at which they report almost anything, beside a second one
trained apart where there is one. Text is looked for around the masked text alone, since
reading is by far the slowest attack.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

import numpy as np

from privacy.core.detectors import registry
from privacy.core.detectors.base import Detector
from privacy.core.errors import ModelError
from privacy.core.image import Picture, Pixels
from privacy.core.types import Box, Finding

THRESHOLD = 0.05
"""Confidence at which detectors are run again: the attacker takes every hint."""

LONG_SIDE = 2048
"""Pixels of the longer side that are attacked. What is larger is shrunk first: detectors
do so anyway, and the site hands out no larger picture to look at."""

ATTACKS: Mapping[str, tuple[str, ...]] = {
    "face": ("faces",),
    "licence_plate": ("plates", "text"),
    "text": ("text",),
    "document": ("text", "documents"),
    "code": ("codes",),
    "nudity": ("nudity",),
    "manual": ("faces", "plates", "text", "codes", "nudity"),
}
"""Which detectors attack a masked region, by the root of its category."""

_AROUND = 0.5  # of a window's longer side that is shown around it
_LEAST_AROUND = 0.04  # of the picture
_WORTH_IT = 0.6  # share of the picture from which on the whole is read at once


def attackers(name: str) -> Iterator[tuple[str, Detector]]:
    """The detector of this name, and the second one where there is one.

    A model that is not there gives an attacker that fails: it must not pass unseen.
    """
    try:
        yield name, registry.get(name)
    except ModelError:
        yield name, _Absent()
    try:
        second = registry.second(name)
    except ModelError:
        second = _Absent()
    if second is not None:
        yield f"{name}:second", second


class Target:
    """A render under attack; what one attack derives, the next one finds."""

    def __init__(self, pixels: Pixels) -> None:
        whole = Picture(pixels)
        scale = LONG_SIDE / max(whole.width, whole.height)
        if scale < 1:
            size = round(whole.width * scale), round(whole.height * scale)
            whole = Picture(whole.resized(max(1, size[0]), max(1, size[1])))
        self._whole = whole

    def hits(self, detector: Detector, places: Sequence[Box]) -> list[Finding]:
        """What ``detector`` reports, in 0..1 of the whole picture.

        Args:
            places: where something is masked that this detector looks for; what is
                found elsewhere may be left out.

        Raises:
            Exception: whatever a broken detector raises.
        """
        if detector.name != "text":
            return detector.detect(self._whole, threshold=THRESHOLD)
        # Recognition has no useful low threshold: noise reads as letters there.
        found: list[Finding] = []
        for window in windows(places):
            if window == _EVERYTHING:
                return detector.detect(self._whole)
            found += _within(self._whole, window, detector)
        return found


_EVERYTHING = Box(0, 0, 1, 1)


def windows(places: Iterable[Box]) -> list[Box]:
    """Parts of a picture around ``places``, none overlapping; or the whole."""
    open_ = [_around(place) for place in places]
    apart: list[Box] = []
    while open_:
        window = open_.pop()
        touching = [other for other in apart if other.intersection(window) > 0]
        if not touching:
            apart.append(window)
            continue
        for other in touching:
            apart.remove(other)
            window = window.hull(other)
        open_.append(window)
    if sum(window.area for window in apart) > _WORTH_IT:
        return [_EVERYTHING]
    return apart


def _around(place: Box) -> Box:
    rim = max(_LEAST_AROUND, _AROUND * max(place.x1 - place.x0, place.y1 - place.y0))
    return Box(place.x0 - rim, place.y0 - rim, place.x1 + rim, place.y1 + rim).clipped()


def _within(whole: Picture, window: Box, detector: Detector) -> list[Finding]:
    """The hits in a part, told in 0..1 of the whole."""
    x0, y0, x1, y1 = window.pixels(whole.width, whole.height)
    left, top = int(x0), int(y0)
    right, bottom = int(np.ceil(x1)), int(np.ceil(y1))
    part = Picture(whole.pixels[top:bottom, left:right])

    def told(hit: Finding) -> Finding:
        a, b, c, d = hit.box.pixels(part.width, part.height)
        box = Box.from_pixels(
            a + left, b + top, c + left, d + top, whole.width, whole.height
        )
        return Finding(hit.category, box, hit.confidence, hit.detector)

    return [told(hit) for hit in detector.detect(part)]


class _Absent:
    """Stands for a detector whose model is not there: using it fails."""

    name = "absent"
    model = ""

    def load(self) -> None:
        raise ModelError("no model")

    def detect(
        self, picture: Picture, *, threshold: float | None = None
    ) -> list[Finding]:
        raise ModelError("no model")
