"""How a region would look in each style: small pictures for the owner's style picker.

The server's own renderer makes them, from the owner's own copy of the picture, in a web
process: it needs numpy, Pillow and OpenCV and no model. One at a time for each process,
so that a picker full of styles never keeps pages waiting.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from gallery import stickers, vault
from gallery.models import Media
from privacy.core.types import Box, Grid, Plan, Region, Style, Treatment
from privacy.models import Finding

if TYPE_CHECKING:
    from privacy.core.image import Pixels

SIDE = 176
"""Longer side of a preview in pixels."""
AROUND = 0.45
"""How much of the surroundings is shown, in longer sides of the region."""
PATIENCE = 3.0
"""Seconds that a request waits for its turn."""
_TURN = threading.BoundedSemaphore(1)


class Busy(Exception):
    """Other previews are being made; ask again."""


def preview(media: Media, row: Finding, style: Style, art: str = "") -> bytes:
    """A WebP of the region and what is around it, masked in ``style``.

    Raises:
        Busy: it was not this one's turn within ``PATIENCE``.
        VaultError: the picture cannot be opened.
    """
    if not _TURN.acquire(timeout=PATIENCE):
        raise Busy
    try:
        return _made(media, row, style, art)
    finally:
        _TURN.release()


def _made(media: Media, row: Finding, style: Style, art: str) -> bytes:
    from privacy.core.hands import LIGHT
    from privacy.core.image import Picture
    from privacy.core.policy import art_of
    from privacy.core.render import encode, render

    pixels = _own(vault.open_sealed(media, "owner_feed"))
    height, width = pixels.shape[:2]
    x0, y0, x1, y1 = row.x0 * width, row.y0 * height, row.x1 * width, row.y1 * height
    wide = max(AROUND * max(x1 - x0, y1 - y0), 12)
    left, top = max(0, int(x0 - wide)), max(0, int(y0 - wide))
    right, bottom = min(width, int(x1 + wide) + 1), min(height, int(y1 + wide) + 1)
    part = pixels[top:bottom, left:right].copy()
    h, w = part.shape[:2]

    def within(x: float, y: float) -> tuple[float, float]:
        return (x * width - left) / w, (y * height - top) / h

    region = Region(
        id=row.region,
        box=Box(*within(row.x0, row.y0), *within(row.x1, row.y1)),
        treatment=Treatment(style),
        outline=tuple(within(x, y) for x, y in row.outline) if row.manual else (),
        art=art_of(row.category, style, art),
        brush=row.brush * max(width, height) / max(w, h),
    )
    own = stickers.art_of(media.owner_id, [art])
    # The small picture has blocks of its own: with the file's, a mask would look huge.
    masked = render(
        Picture(part, Grid(4)), Plan.of([region]), bytes(media.mask_secret), own, LIGHT
    )
    return encode(masked, SIDE, "webp")


def _own(data: bytes) -> Pixels:
    """Pixels of a copy that this site has written itself."""
    import io

    import numpy as np
    from PIL import Image

    with Image.open(io.BytesIO(data), formats=("JPEG",)) as image:
        return np.asarray(image.convert("RGB"))
