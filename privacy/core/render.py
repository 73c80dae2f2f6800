"""Stage 5: image + Plan -> new pixels, and from them every size and format.

The order is what makes masks hold: pixels under masks never reach the canvas that
zero-bit styles work on; styles write what they make; only then is anything
resized or encoded. Everything else that is derived (thumbnails, placeholders) comes
from this masked master too.
"""

from __future__ import annotations

import base64
import io
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

import cv2
import numpy as np
from PIL import Image

from privacy.core import hands as heavy
from privacy.core.hands import Hands
from privacy.core.image import Picture, Pixels
from privacy.core.redact import (
    avatar,
    blur,
    fill,
    noise,
    pixelate,
    remove,
    saliency,
    seal,
    sticker,
    synthetic,
    veil,
)
from privacy.core.redact.canvas import Canvas, Shade
from privacy.core.redact.mask import Patch, region_patch
from privacy.core.redact.sticker import Art
from privacy.core.rules import NOISED
from privacy.core.types import Box, Plan, Region, Style
from privacy.core.version import RENDERER_VERSION

__all__ = [
    "RENDERER_VERSION",
    "SIZES",
    "delivered",
    "encode",
    "placeholder",
    "render",
    "scaled",
]

SIZES: Mapping[str, int | None] = {"thumb": 320, "feed": 1080, "full": None}
"""Longer side in pixels; None leaves the picture as large as it is."""

FORMATS: Mapping[str, Mapping[str, Any]] = {
    # Fixed tables and no optimisation: a file tells nothing of who made it.
    "jpeg": {"quality": 86, "subsampling": "4:2:0", "optimize": False},
    "webp": {"quality": 82, "method": 4},
    "avif": {"quality": 62, "speed": 9, "max_threads": 1},
}
"""Pillow's parameters for each format that is offered."""

Courtesy: TypeAlias = Callable[[Pixels, Pixels, Patch, Region], None]

_COURTESY: Mapping[Style, Courtesy] = {
    Style.BLUR: blur.apply,
    Style.PIXELATE: pixelate.apply,
    Style.SALIENCY: saliency.apply,
}


def render(
    picture: Picture,
    plan: Plan,
    key: bytes,
    art: Art | None = None,
    hands: Hands | None = None,
) -> Pixels:
    """The masked master: (h, w, 3) uint8 RGB, of the picture's size.

    What lies under a zero-bit mask does not enter the result: two pictures that differ
    only there give the same bytes. A style that is not made here is veiled.

    Args:
        key: the photo's secret; grain and stickers follow from it and the region ids.
        art: custom stickers, by the name that a region's ``art`` has.
        hands: models that may draw; by default those that this process can use.

    Raises:
        ModelError: a model that a style needs is configured and cannot be used.
    """
    hands = hands or heavy.here()
    courtesies = _courtesies(hands, key)
    patches = sorted(
        (
            (region, region_patch(region, picture.width, picture.height, picture.grid))
            for region in plan.regions
        ),
        # Where masks overlap, the larger one is on top.
        key=lambda made: (made[1].mask.size, made[0].id),
    )
    hidden = np.zeros((picture.height, picture.width), dtype=np.uint8)
    closed = np.zeros_like(hidden)
    for region, patch in patches:
        hidden[patch.place][patch.mask] = 255
        if _courtesy(courtesies, region) is None:
            closed[patch.place][patch.mask] = 255
    canvas = Canvas(picture.pixels, hidden)
    inner = _inner(patches, Style.STICKER) | _inner(patches, Style.SEAL)
    for region, patch in patches:
        if _courtesy(courtesies, region) is None:
            plain = region.id in inner
            _close(picture, canvas, patch, region, key, art, plain, hands)
    for region, patch in patches:
        # Only once all are veiled: the masks of lines reach over each other's words.
        if region.treatment.style is Style.SYNTHETIC:
            synthetic.apply(canvas, patch, region, key)
    for region, patch in patches:
        if (courtesy := _courtesy(courtesies, region)) is not None:
            _half_close(canvas, picture, patch, region, closed, courtesy)
    return canvas.pixels


def _courtesies(hands: Hands, key: bytes) -> Mapping[Style, Courtesy]:
    """The courtesy styles that can be made; a region of another one is veiled."""
    opponents = hands.opponents
    if opponents is None:
        return _COURTESY

    def noisy(pixels: Pixels, part: Pixels, patch: Patch, region: Region) -> None:
        noise.apply(pixels, part, patch, region, key, opponents(region.art))

    return {**_COURTESY, Style.NOISE: noisy}


def _courtesy(made: Mapping[Style, Courtesy], region: Region) -> Courtesy | None:
    if region.treatment.style is Style.NOISE and region.art not in NOISED:
        return None  # no model is known that it could be made against
    return made.get(region.treatment.style)


def _half_close(
    canvas: Canvas,
    picture: Picture,
    patch: Patch,
    region: Region,
    closed: Shade,
    courtesy: Courtesy,
) -> None:
    """A courtesy style sees zero-bit masks as they are shown, not what is under them."""
    shut = closed[patch.place] > 0
    part = picture.pixels[patch.place].copy()
    part[shut] = canvas.pixels[patch.place][shut]
    left = Patch(patch.top, patch.left, patch.mask & ~shut)
    courtesy(canvas.pixels, part, left, region)


def _inner(patches: Sequence[tuple[Region, Patch]], style: Style) -> frozenset[str]:
    """Ids of regions that lie within a larger one of this style, as a letter's text.

    They go without a drawing: one for one thing. The larger is always drawn later.
    """
    drawn = [
        (region.id, _box(patch))
        for region, patch in patches
        if region.treatment.style is style
    ]
    return frozenset(
        name
        for name, box in drawn
        if any(other.covers(box) > 0.5 and other.area > box.area for _, other in drawn)
    )


def _box(patch: Patch) -> Box:
    height, width = patch.mask.shape
    return Box(patch.left, patch.top, patch.left + width, patch.top + height)


def _close(
    picture: Picture,
    canvas: Canvas,
    patch: Patch,
    region: Region,
    key: bytes,
    art: Art | None,
    plain: bool,
    hands: Hands,
) -> None:
    match region.treatment.style:
        case Style.FILL:
            fill.apply(canvas, patch, region, key)
        case Style.STICKER if not plain:
            sticker.apply(canvas, patch, region, key, art)
        case Style.AVATAR:
            avatar.apply(canvas, patch, region, key)
            person = avatar.person(region, key)
            hands.cartoon(picture, canvas, patch, region, person)
        case Style.SEAL:
            seal.apply(canvas, patch, region, key, plain=plain)
        case Style.REMOVE:
            remove.apply(canvas, patch, region, key, hands.painter())
        case _:
            veil.apply(canvas, patch, region, key)


def scaled(pixels: Pixels, size: str | int) -> Pixels:
    """The masked master with its longer side at most ``size``; never enlarged.

    Raises:
        ValueError: no such size.
    """
    if isinstance(size, str) and size not in SIZES:
        raise ValueError(f"unknown size {size!r}: use {', '.join(SIZES)} or a number")
    side = SIZES[size] if isinstance(size, str) else size
    if side is not None and side < 1:
        raise ValueError("a size is at least 1 pixel")
    height, width = pixels.shape[:2]
    if side is None or max(width, height) <= side:
        return pixels
    ratio = side / max(width, height)
    target = max(1, round(width * ratio)), max(1, round(height * ratio))
    small: Pixels = cv2.resize(pixels, target, interpolation=cv2.INTER_AREA)
    return small


def encode(pixels: Pixels, size: str | int = "feed", form: str = "jpeg") -> bytes:
    """File bytes, from pixels alone: no metadata, no alpha, one frame.

    Args:
        pixels: the masked master, (h, w, 3) uint8 RGB.
        size: a name in ``SIZES``, or the longer side in pixels.
        form: a name in ``FORMATS``.

    Raises:
        ValueError: no such size or format.
    """
    if form not in FORMATS:
        raise ValueError(f"unknown format {form!r}: use {', '.join(FORMATS)}")
    out = io.BytesIO()
    image = Image.fromarray(scaled(pixels, size))
    image.save(out, form, **FORMATS[form])
    return out.getvalue()


def delivered(pixels: Pixels) -> Pixels:
    """What a viewer's JPEG of the full size shows: (h, w, 3) uint8 RGB.

    Compression moves a detector that hardly sees something to seeing it, and back; so
    what is attacked is what is given out, not the master.
    """
    with Image.open(io.BytesIO(encode(pixels, "full", "jpeg"))) as image:
        shown: Pixels = np.asarray(image)
    return shown


def placeholder(pixels: Pixels) -> str:
    """A data URL of some hundred characters: the masked master, 20 pixels long."""
    out = io.BytesIO()
    Image.fromarray(scaled(pixels, 20)).save(out, "webp", quality=40, method=6)
    return "data:image/webp;base64," + base64.b64encode(out.getvalue()).decode()
