"""What the looks withstand, as measured: for the style picker and the docs.

How often the person under a mask is named rightly by somebody who has other photos of
eight people, clear or masked alike, and sees the mask's pixels alone. 40 portraits of
eight people (``python -m privacy.bench recognition``; docs/masking.md). Numbers alone:
a web process may ask.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from privacy.core.types import Style, Treatment

MEASURED = date(2026, 11, 27)
SOURCE = "python -m privacy.bench recognition"
PHOTOS, PEOPLE = 40, 8
CHANCE = 1 / PEOPLE
"""Who guesses is right in one of eight; 40 tries scatter by 0.05 around it."""


@dataclass(frozen=True, slots=True)
class Recognised:
    """Share of photos whose person was named rightly, 0..1."""

    clean: float
    parrot: float

    @property
    def worst(self) -> float:
        """What the better of the two attackers reaches."""
        return max(self.clean, self.parrot)


UNMASKED = Recognised(1.0, 1.0)

ZERO_BIT: Mapping[Style, Recognised] = {
    Style.FILL: Recognised(0.125, 0.125),
    Style.VEIL: Recognised(0.150, 0.125),
    Style.STICKER: Recognised(0.125, 0.100),
    Style.AVATAR: Recognised(0.125, 0.250),
    Style.SYNTHETIC: Recognised(0.100, 0.050),
    Style.REMOVE: Recognised(0.125, 0.150),
    Style.SEAL: Recognised(0.125, 0.150),
}
"""Within three standard deviations of chance, as an opaque grey is (0.125, 0.103). An
avatar is dealt anew by each key: four other pairs of keys gave 0.13, 0.03, 0.10, 0.10."""

COURTESY: Mapping[Style, Mapping[float, Recognised]] = {
    Style.BLUR: {
        0.0: Recognised(0.775, 0.725),
        0.5: Recognised(0.075, 0.175),
        1.0: Recognised(0.125, 0.200),
    },
    Style.PIXELATE: {
        0.0: Recognised(0.425, 0.400),
        0.5: Recognised(0.125, 0.250),
        1.0: Recognised(0.125, 0.100),
    },
    Style.SALIENCY: {
        0.0: Recognised(1.000, 0.950),
        0.5: Recognised(0.250, 0.625),
        1.0: Recognised(0.175, 0.175),
    },
}
"""By strength. Eight people are few: among few, in better photos and by a network
trained on blurred faces more is recognised. None of this makes a courtesy a mask."""


def recognised(treatment: Treatment) -> Recognised | None:
    """What was measured for a look, at its strength or the next weaker one.

    None for a look that has not been measured.
    """
    if treatment.style in ZERO_BIT:
        return ZERO_BIT[treatment.style]
    steps = COURTESY.get(treatment.style)
    if steps is None:
        return None
    weaker = [strength for strength in steps if strength <= treatment.strength]
    return steps[max(weaker, default=min(steps))]
