"""How weak the weak styles are: what attacks got through them, in one place.

Each figure stands with its method in docs/masking.md. Whoever offers such a style shows
it (``privacy.styles``): the choice is then an informed one.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib.util import find_spec

from privacy.core.types import Style

RECOVERED: Mapping[Style, int | None] = {
    Style.BLUR: 53,  # six-digit plates read whole, sigma 0.67 x height
    Style.PIXELATE: 97,  # six-digit plates read whole, cells of 0.8 x height
    Style.NOISE: 100,  # faces that YuNet and SCRFD, not asked, still found
    Style.SALIENCY: None,  # not attacked: it keeps what draws the eye by design
}
"""Per cent of attempts; every style that is not zero-bit is here."""


def noise_ready() -> bool:
    """Whether noise can be made here; looks for torch without importing it."""
    return find_spec("torch") is not None
