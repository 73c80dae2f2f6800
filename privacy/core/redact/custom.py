"""Custom stickers: a raster picture with transparency, read once and bounded.

For files that the operator or the person at the command line chose. What strangers
upload belongs into the sandbox (sanitise.py) first: decoders are not trusted here.
"""

from __future__ import annotations

import io
import warnings

import numpy as np
import numpy.typing as npt
from PIL import Image, UnidentifiedImageError

from privacy.core.errors import LimitExceeded, RefusedInput

FORMATS = ("PNG", "WEBP", "JPEG")
"""Never SVG: it is a program that fetches and scripts."""
BYTES = 2 * 1024 * 1024
SIDE = 2048  # pixels


def read_art(data: bytes) -> npt.NDArray[np.uint8]:
    """(h, w, 4) uint8 RGBA of the first frame; pass it to ``render`` by a name.

    Raises:
        LimitExceeded: larger than ``BYTES``, or than ``SIDE`` on a side.
        RefusedInput: not PNG, WebP or JPEG (``unsupported``), or damaged.
    """
    if len(data) > BYTES:
        raise LimitExceeded(f"a sticker has at most {BYTES // 1024} KiB")
    try:
        with (
            warnings.catch_warnings(),
            Image.open(io.BytesIO(data), formats=FORMATS) as image,
        ):
            warnings.simplefilter("ignore")
            if max(image.size) > SIDE:
                raise LimitExceeded(f"a sticker has at most {SIDE} pixels a side")
            return np.array(image.convert("RGBA"), dtype=np.uint8)
    except UnidentifiedImageError as error:
        raise RefusedInput(
            "unsupported", "a sticker is a PNG, WebP or JPEG picture"
        ) from error
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise RefusedInput("damaged", "this sticker cannot be read") from error
