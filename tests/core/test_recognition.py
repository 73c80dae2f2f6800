"""I8, I9: faces re-identified under masks, by clear photos and by photos masked alike.

Real network, real portraits of eight people; each mask beside an opaque control.
"""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

from privacy.bench.recognition import (
    Portrait,
    clear,
    grey,
    masked,
    portraits,
    rank_one,
)
from privacy.core import weights
from privacy.core.redact import figures
from privacy.core.types import ZERO_BIT, Style, Treatment

pytestmark = [
    pytest.mark.shared,
    pytest.mark.skipif(
        weights.state("centerface") is not weights.State.OK,
        reason="centerface is not fetched: python -m privacy.core weights fetch",
    ),
]
SIGMA = math.sqrt(figures.CHANCE * (1 - figures.CHANCE) / figures.PHOTOS)
LIMIT = figures.CHANCE + 3 * SIGMA


@pytest.fixture(scope="module")
def people(shared: Path) -> list[Portrait]:
    return portraits(shared / "identities")


@pytest.fixture(scope="module")
def plain(people: list[Portrait]):
    return clear(people)


def reached(people, plain, look: Treatment, masker=None) -> figures.Recognised:
    more = (masker,) if masker else ()
    mine = masked(people, look, b"owner", *more)
    theirs = masked(people, look, b"attacker", *more)
    return figures.Recognised(
        rank_one(people, mine, plain), rank_one(people, mine, theirs)
    )


def test_the_attacker_knows_faces_that_are_not_masked(people, plain) -> None:
    """The control in the other direction: the attack works."""
    assert len(people) == figures.PHOTOS
    assert len({one.name for one in people}) == figures.PEOPLE
    assert rank_one(people, plain, plain) == figures.UNMASKED.clean
    assert rank_one(people, plain, np.zeros_like(plain)) < 0.2  # ties are no hits


def test_i8_i9_under_one_grey_for_all_he_guesses(people, plain) -> None:
    assert reached(people, plain, Treatment(Style.FILL), grey).worst <= LIMIT


@pytest.mark.parametrize(
    "style",
    [
        pytest.param(s, marks=() if s is Style.VEIL else pytest.mark.long)
        for s in sorted(ZERO_BIT)
    ],
)
def test_i8_i9_zero_bit_styles_leave_him_guessing(people, plain, style) -> None:
    found = reached(people, plain, Treatment(style))
    assert found.clean <= LIMIT
    assert found.parrot <= LIMIT
    published = figures.ZERO_BIT[style]
    assert found.clean == pytest.approx(published.clean, abs=0.051)
    assert found.parrot == pytest.approx(published.parrot, abs=0.051)


@pytest.mark.parametrize(
    ("style", "strength"),
    [
        pytest.param(
            style,
            strength,
            marks=() if (style, strength) == first else pytest.mark.long,
        )
        for first in [(Style.BLUR, 0.0)]
        for style, steps in figures.COURTESY.items()
        for strength in steps
    ],
)
def test_i9_what_courtesy_styles_give_away_is_what_is_published(
    people, plain, style, strength
) -> None:
    found = reached(people, plain, Treatment(style, strength))
    published = figures.COURTESY[style][strength]
    assert found.clean == pytest.approx(published.clean, abs=0.051)
    assert found.parrot == pytest.approx(published.parrot, abs=0.051)


def test_every_style_that_is_drawn_has_its_figures() -> None:
    assert set(figures.ZERO_BIT) == ZERO_BIT
    assert set(figures.COURTESY) == set(Style) - ZERO_BIT - {Style.NOISE}
    weak, strong = Treatment(Style.BLUR, 0.4), Treatment(Style.BLUR, 0.6)
    assert figures.recognised(weak) == figures.COURTESY[Style.BLUR][0.0]
    assert figures.recognised(strong) == figures.COURTESY[Style.BLUR][0.5]
    assert figures.recognised(Treatment(Style.NOISE)) is None
