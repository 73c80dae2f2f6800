"""What the renderer draws with beyond numpy and OpenCV: models, where there are any.

``LIGHT`` has none and is for web processes: they may show how a style looks, not make
it. ``here`` is what this process can use; each model is loaded when a plan first asks
for it, from dotted names, so that importing this costs nothing.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from typing import Any, TypeAlias

import numpy as np

from privacy.core.courtesy import noise_ready
from privacy.core.errors import TorchMissing
from privacy.core.image import Picture, Pixels
from privacy.core.redact.canvas import Canvas
from privacy.core.redact.mask import Patch
from privacy.core.redact.noise import Opponent
from privacy.core.redact.remove import Painter
from privacy.core.types import Region

Check: TypeAlias = Callable[[Picture, Pixels, Region], bool]
"""Whether nobody of a picture is recognised in ``pixels``, where a region was drawn over:
what it refuses is not shown (``meter.cartoon_ok``)."""

_check: Check | None = None
_loading = threading.Lock()


@dataclass(frozen=True, slots=True)
class Hands:
    """What may be used.

    Attributes:
        opponents: whom noise is made against, by the root of a category; None where
            noise cannot be made, and a veil is drawn instead.
        painter: what ``remove`` paints with, None for OpenCV.
        cartoonist: what draws avatars, None for ours.
    """

    opponents: Callable[[str], Sequence[Opponent]] | None = None
    painter: Callable[[], Painter | None] = lambda: None
    cartoonist: Callable[[], Any] = lambda: None

    def cartoon(
        self,
        picture: Picture,
        canvas: Canvas,
        patch: Patch,
        region: Region,
        secret: bytes,
    ) -> None:
        """Draw over an avatar, if there is a cartoonist and its drawing is approved.

        Without a check nothing is approved, and our own avatar stays. It is drawn
        without the picture; the check alone looks at that, so which of the two is
        shown may tell whether a blind drawing hit by chance, and no more.
        """
        artist = self.cartoonist()
        if artist is None or _check is None or patch.empty:
            return
        drawn = artist.draw(canvas.blank, canvas.hidden, secret)
        tried = canvas.blank.copy()
        np.copyto(tried[patch.place], drawn[patch.place], where=patch.mask[..., None])
        if _check(picture, tried, region):
            place = canvas.pixels[patch.place]
            np.copyto(place, drawn[patch.place], where=patch.mask[..., None])


def _nobody(root: str) -> Sequence[Opponent]:
    return ()


LIGHT = Hands(opponents=_nobody)
"""No model: noise is its dice alone, enough to see how it looks."""


def use_check(check: Check | None) -> None:
    """Have every cartoon approved by ``check`` before it is used; None forbids them."""
    global _check  # noqa: PLW0603 - one for the process, set by whoever attacks renders
    _check = check


def ensure_noise() -> None:
    """Say what is missing before a command starts.

    Raises:
        TorchMissing: torch is not installed.
    """
    if not noise_ready():
        raise TorchMissing


@cache
def here() -> Hands:
    """What this process can use."""
    return Hands(
        opponents=_opponents if noise_ready() else None,
        painter=lambda: _configured("remove", "with_lama:LamaPainter"),
        cartoonist=lambda: _configured("cartoon", "with_diffusers:Cartoonist"),
    )


def _opponents(root: str) -> Sequence[Opponent]:
    found: Sequence[Opponent] = _named("opponents:opponents_for")(root)
    return found


_loaded: dict[str, Any] = {}


def _configured(name: str, dotted: str) -> Any:
    """The configured painter, loaded once; None where none is configured.

    Raises:
        ModelError: it cannot be used: never a silent fall back to a lesser one.
    """
    from privacy.core.detectors import registry  # web processes go without

    choice = registry.configured().get(name)
    if choice is None:
        return None
    with _loading:
        if repr(choice) not in _loaded:
            _loaded[repr(choice)] = _named(dotted)(choice)
        return _loaded[repr(choice)]


def _named(dotted: str) -> Callable[..., Any]:
    module, _, name = dotted.partition(":")
    made: Callable[..., Any] = getattr(
        import_module(f"privacy.core.detectors.{module}"), name
    )
    return made
