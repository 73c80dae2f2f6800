"""LIGHT: the mask styles in words, where each may be chosen, and how weak the weak are."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from privacy.core.courtesy import RECOVERED, noise_ready
from privacy.core.rules import permitted
from privacy.core.types import ZERO_BIT, Style, Treatment

NAMES: dict[Style, Promise] = {
    Style.VEIL: gettext_lazy("Veil"),
    Style.FILL: gettext_lazy("Fill"),
    Style.STICKER: gettext_lazy("Sticker"),
    Style.AVATAR: gettext_lazy("Avatar"),
    Style.SYNTHETIC: gettext_lazy("Dummy"),
    Style.REMOVE: gettext_lazy("Removed"),
    Style.SEAL: gettext_lazy("Seal"),
    Style.BLUR: gettext_lazy("Blur (weak)"),
    Style.PIXELATE: gettext_lazy("Pixels (weak)"),
    Style.SALIENCY: gettext_lazy("Sharp centre (weak)"),
    Style.NOISE: gettext_lazy("Noise (weak)"),
}

_WEAK: dict[Style, Promise] = {
    Style.BLUR: gettext_lazy("Blur: %(n)d %% of blurred plates were read back."),
    Style.PIXELATE: gettext_lazy("Pixels: %(n)d %% of such plates were read back."),
    Style.SALIENCY: gettext_lazy("Sharp centre: what draws the eye stays sharp."),
    Style.NOISE: gettext_lazy(
        "Noise: people see all of it; models that it was not made against still found "
        "%(n)d %% of faces."
    ),
}


@dataclass(frozen=True, slots=True)
class Offer:
    """A style to choose; ``weakness`` says what got through it, empty for zero-bit."""

    value: str
    name: str
    weakness: str


def weakness(style: Style) -> str:
    """What attacks got through a courtesy style, in a sentence; empty for the others."""
    if style in ZERO_BIT:
        return ""
    text, figure = str(_WEAK[style]), RECOVERED[style]
    return text if figure is None else text % {"n": figure}


def offered(category: str = "", kind: str = "") -> tuple[Offer, ...]:
    """What may be chosen for a category, at some tier at least; all, without one.

    Noise is offered only where it can be made.
    """
    found = []
    for style, name in NAMES.items():
        look = Treatment(style)
        if category and look not in permitted((look, look, look), category, kind):
            continue
        if style is Style.NOISE and not noise_ready():
            continue
        found.append(Offer(style.value, str(name), weakness(style)))
    return tuple(found)
