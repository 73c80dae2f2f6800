"""Contrast of the colours that stand on each other, computed from static/css/tokens.css.

    python tools/contrast.py

Reads the OKLCH tokens, converts them to sRGB (Björn Ottosson's matrices, as CSS Color 4
has them) and prints the WCAG 2.2 ratio of every pair in ``PAIRS``, light and dark. The
test in tests/nopeek_site/test_contrast.py fails where one is under its least.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

TOKENS = Path(__file__).resolve().parents[1] / "static" / "css" / "tokens.css"
TEXT, LARGE = 4.5, 3.0
"""WCAG AA for text; for large text, icons and the rims of controls."""
BODY = 7.0
"""AAA, which running text has here."""

GROUNDS = ("paper", "raised", "sunken")
PAIRS: tuple[tuple[str, str, float], ...] = (
    *((ink, ground, BODY) for ink in ("ink", "ink-soft") for ground in GROUNDS),
    *(("ink-faint", ground, TEXT) for ground in GROUNDS),
    *(("accent", ground, TEXT) for ground in (*GROUNDS, "accent-soft")),
    ("accent-hover", "paper", TEXT),
    ("on-accent", "accent", TEXT),
    ("on-accent", "accent-hover", TEXT),
    ("ink", "accent-soft", BODY),
    *(
        (risk, ground, TEXT)
        for risk in ("calm", "notice", "warm", "alarm")
        for ground in ("paper", "raised", "sunken")
    ),
    *(("line-strong", ground, LARGE) for ground in GROUNDS),
    ("paper", "ink", BODY),
    ("on-stage", "stage", BODY),
)
"""Foreground, ground, least ratio. ``line`` is a hairline that carries no meaning."""


@dataclass(frozen=True, slots=True)
class Pair:
    """One measured pair in one scheme."""

    scheme: str
    front: str
    ground: str
    least: float
    ratio: float

    @property
    def holds(self) -> bool:
        return self.ratio >= self.least


def tokens(css: str) -> dict[str, tuple[str, str]]:
    """Each colour token as written for light and for dark."""
    found: dict[str, tuple[str, str]] = {}
    one = r"oklch\([^()]*\)"
    for name, both, single in re.findall(
        rf"--([\w-]+):\s*(?:light-dark\(\s*({one}\s*,\s*{one})\s*\)|({one}));", css
    ):
        light, dark = re.findall(one, both) if both else (single, single)
        found.setdefault(name, (light, dark))
    return found


def luminance(colour: str) -> float:
    """Relative luminance (WCAG) of ``oklch(L C H)``, clipped into sRGB."""
    parts = re.findall(r"[\d.]+", colour)
    light, chroma, hue = float(parts[0]), float(parts[1]), math.radians(float(parts[2]))
    a, b = chroma * math.cos(hue), chroma * math.sin(hue)
    long = (light + 0.3963377774 * a + 0.2158037573 * b) ** 3
    medium = (light - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (light - 0.0894841775 * a - 1.2914855480 * b) ** 3
    red = 4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short
    green = -1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short
    blue = -0.0041960863 * long - 0.7034186147 * medium + 1.7076147010 * short
    clipped = [min(max(part, 0.0), 1.0) for part in (red, green, blue)]
    return 0.2126 * clipped[0] + 0.7152 * clipped[1] + 0.0722 * clipped[2]


def ratio(front: str, ground: str) -> float:
    """Contrast of two colours, 1 to 21."""
    low, high = sorted((luminance(front), luminance(ground)))
    return (high + 0.05) / (low + 0.05)


def measured(css: str) -> Iterator[Pair]:
    """Every pair in both schemes.

    Raises:
        KeyError: a pair names a token that is not there.
    """
    known = tokens(css)
    for column, scheme in enumerate(("light", "dark")):
        for front, ground, least in PAIRS:
            found = ratio(known[front][column], known[ground][column])
            yield Pair(scheme, front, ground, least, found)


def table(css: str) -> str:
    """The figures as a table in Markdown, as docs/design.md has it."""
    rows = ["| text or shape | on | light | dark | least |", "|---|---|---|---|---|"]
    both = {(p.scheme, p.front, p.ground): p for p in measured(css)}
    for front, ground, least in PAIRS:
        light, dark = (both[s, front, ground].ratio for s in ("light", "dark"))
        rows.append(f"| {front} | {ground} | {light:.1f} | {dark:.1f} | {least:g} |")
    return "\n".join(rows)


if __name__ == "__main__":
    print(table(TOKENS.read_text("utf-8")))
