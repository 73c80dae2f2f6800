"""Text under masks, read once more: how much of it is what stood there.

What was read lives in this process alone; callers count, and keep no letter.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from difflib import SequenceMatcher
from typing import TypeAlias

from privacy.core.attack import windows
from privacy.core.detectors.text import Line, read_lines
from privacy.core.image import Picture, Pixels
from privacy.core.types import Box

SAME_PLACE = 0.5
"""Share of a line that has to lie in a place to count there."""
RUN = 4
"""Characters that must agree in a row: shorter ones agree by chance."""

Places: TypeAlias = Sequence[tuple[str, Box]]
"""Names and boxes in 0..1."""


def recovered(wrote: str, read: str) -> int:
    """How many characters of ``wrote`` stand in ``read``, in runs of ``RUN`` or more.

    A line that is shorter than that counts where it is read as a whole.
    """
    if not wrote or not read:
        return 0
    least = min(RUN, len(wrote))
    blocks = SequenceMatcher(None, wrote, read, autojunk=False).get_matching_blocks()
    return sum(block.size for block in blocks if block.size >= least)


def by_place(places: Places, lines: Iterable[Line]) -> dict[str, str]:
    """The letters of each line, given to the place that covers most of it."""
    texts: dict[str, str] = {}
    for line in lines:
        covers = [(box.covers(line.box), name) for name, box in places]
        share, name = max(covers, default=(0.0, ""))
        if share >= SAME_PLACE:
            texts[name] = texts.get(name, "") + _letters(line.text)
    return texts


def read_again(pixels: Pixels, places: Places) -> dict[str, str]:
    """What is read in and around some places of a render."""
    height, width = pixels.shape[:2]
    texts: dict[str, str] = {}
    for window in windows(box for _, box in places):
        x0, y0, x1, y1 = (round(v) for v in window.pixels(width, height))
        part = Picture(pixels[y0 : max(y0 + 1, y1), x0 : max(x0 + 1, x1)])
        within = [
            (name, _in_part(box, window))
            for name, box in places
            if window.covers(box) > SAME_PLACE
        ]
        for name, text in by_place(within, read_lines(part)).items():
            texts[name] = texts.get(name, "") + text
    return texts


def _in_part(box: Box, part: Box) -> Box:
    wide, high = part.x1 - part.x0, part.y1 - part.y0
    return Box(
        (box.x0 - part.x0) / wide,
        (box.y0 - part.y0) / high,
        (box.x1 - part.x0) / wide,
        (box.y1 - part.y0) / high,
    )


def _letters(text: str) -> str:
    folded = unicodedata.normalize("NFKC", text).casefold()
    return "".join(sign for sign in folded if not sign.isspace())
