"""The colours hold WCAG AA (AAA for running text), computed from the tokens themselves."""

from __future__ import annotations

import pytest

from tools.contrast import PAIRS, TOKENS, luminance, measured, ratio, table, tokens

CSS = TOKENS.read_text("utf-8")


def test_the_conversion_is_that_of_css() -> None:
    """White, black, and sRGB's own red as CSS Color 4 gives it in OKLCH."""
    assert luminance("oklch(1 0 0)") == pytest.approx(1, abs=1e-6)
    assert luminance("oklch(0 0 0)") == 0
    assert luminance("oklch(0.62796 0.25768 29.234)") == pytest.approx(0.2126, abs=1e-4)
    assert ratio("oklch(1 0 0)", "oklch(0 0 0)") == pytest.approx(21)


def test_every_pair_holds() -> None:
    failing = [
        f"{pair.front} on {pair.ground} ({pair.scheme}): {pair.ratio:.2f}"
        for pair in measured(CSS)
        if not pair.holds
    ]
    assert failing == []


def test_every_colour_that_words_are_written_in_is_measured() -> None:
    """A new colour token has to be measured or be named here as one without words."""
    wordless = {"line", "draw-1", "draw-2", "draw-line"}
    measured_names = {name for pair in PAIRS for name in pair[:2]}
    assert set(tokens(CSS)) - wordless == measured_names


def test_a_paler_ink_would_be_noticed() -> None:
    pale = CSS.replace(
        "--ink-faint: light-dark(oklch(0.49", "--ink-faint: light-dark(oklch(0.7"
    )
    assert pale != CSS
    assert not all(pair.holds for pair in measured(pale))


def test_the_figures_in_the_docs_are_these() -> None:
    page = (TOKENS.parents[2] / "docs" / "design.md").read_text("utf-8")
    assert table(CSS) in page
