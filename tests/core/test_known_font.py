"""I5: who knows font, place and mask guesses no better than blind (privacy/bench).

Against a courtesy style he reads: those figures are published in docs/masking.md, not
gated as safe.
"""

from __future__ import annotations

import numpy as np
import pytest

from privacy.bench.known_font import (
    ALLOWED,
    HIS_KEY,
    SECRETS,
    Secret,
    attacked,
    drawn,
    known_font,
    planned,
)
from privacy.core.image import Picture
from privacy.core.render import render
from privacy.core.types import ZERO_BIT, Style

STYLES = sorted(ZERO_BIT)
PLATE = SECRETS[0]
by_name = pytest.mark.parametrize("secret", SECRETS, ids=lambda s: s.name)


@by_name
@pytest.mark.parametrize("strength", [0.0, 0.5, 1.0])
@pytest.mark.parametrize("style", STYLES)
def test_i5_candidates_look_alike_under_a_zero_bit_style(
    style: Style, strength: float, secret: Secret
) -> None:
    """Stronger than guessing badly: every candidate gives him the same bytes."""
    plan, dice = planned(style, strength, secret), np.random.default_rng(5)
    texts = {secret.filled(dice) for _ in range(3)}
    assert len(texts) == 3
    renders = {
        render(Picture(drawn(text, secret)), plan, HIS_KEY).tobytes() for text in texts
    }
    assert len(renders) == 1


@by_name
def test_i5_a_secret_is_what_its_pattern_says(secret: Secret) -> None:
    text = secret.filled(np.random.default_rng(1))
    assert len(text) == len(secret.pattern)
    assert 0 < secret.chance <= 0.1
    kept = [i for i in range(len(text)) if i not in secret.places]
    assert [text[i] for i in kept] == [secret.pattern[i] for i in kept]


def test_i5_control_a_weak_mosaic_gives_digits_away() -> None:
    assert attacked(Style.PIXELATE, 0.0, PLATE, 2).share > 0.5


def test_i5_the_report_tells_who_was_read() -> None:
    made = known_font(4, (Style.FILL, Style.PIXELATE), (PLATE,), (0.0,)).as_json()
    fill, mosaic = made["tables"]["Known font"]
    assert (fill["tries"], fill["whole"]) == (4, 0)
    assert (mosaic["tries"], mosaic["verdict"]) == (1, "read")


@pytest.mark.long
@by_name
@pytest.mark.parametrize("style", STYLES)
def test_i5_long_signs_stay_at_chance(style: Style, secret: Secret) -> None:
    made = attacked(style, 0.5, secret, 200)
    assert made.share <= secret.chance + ALLOWED
    assert made.whole == 0


@pytest.mark.long
@pytest.mark.parametrize("style", [Style.BLUR, Style.PIXELATE])
@pytest.mark.parametrize("strength", [0.0, 0.5, 1.0])
def test_i5_long_figures_of_the_courtesy_styles(style: Style, strength: float) -> None:
    made = attacked(style, strength, PLATE, 50)
    print(  # noqa: T201
        f"{style.value} {strength}: {made.share:.0%} of digits, {made.whole} whole"
    )
    assert made.share >= 0.1
