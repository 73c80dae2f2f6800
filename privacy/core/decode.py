"""Untrusted bytes to 8-bit sRGB pixels. Runs inside the sandbox (``sandboxed.py``).

Only six Pillow plugins exist in this process; the headers have been measured before
one of them is entered, and the picture is converted in strips, so that memory stays
at one decoded copy plus the result.
"""

from __future__ import annotations

import contextlib
import functools
import io
import warnings
from collections.abc import Iterator
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import pillow_heif
from PIL import (
    AvifImagePlugin,
    GifImagePlugin,
    Image,
    ImageCms,
    ImageFile,
    JpegImagePlugin,
    PngImagePlugin,
    WebPImagePlugin,
)

from privacy.core.errors import LimitExceeded, RefusedInput
from privacy.core.formats import Limits
from privacy.core.measure import (
    Measure,
    check_frames,
    check_size,
    measure,
    turned_grid,
)
from privacy.core.types import Grid

Pixels: TypeAlias = npt.NDArray[np.uint8]

STRIP = 1 << 20
"""Pixels that are converted at a time."""

MAX_PROFILE = 4 << 20
"""Bytes of an ICC profile; larger ones are ignored and the picture taken as sRGB."""

_PLUGINS = {
    "jpeg": "JPEG",
    "png": "PNG",
    "webp": "WEBP",
    "gif": "GIF",
    "avif": "AVIF",
    "heic": "HEIF",
}
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
# Importing a plugin registers it; libheif's is registered by hand.
_REGISTERED = (
    AvifImagePlugin,
    GifImagePlugin,
    JpegImagePlugin,
    PngImagePlugin,
    WebPImagePlugin,
)


def prepare() -> None:
    """Register the six plugins; bounds and options for everything decoded later."""
    pillow_heif.register_heif_opener(
        decode_threads=0, thumbnails=False, depth_images=False, aux_images=False
    )
    ImageFile.LOAD_TRUNCATED_IMAGES = False
    AvifImagePlugin.DEFAULT_MAX_THREADS = 1
    GifImagePlugin.LOADING_STRATEGY = GifImagePlugin.LoadingStrategy.RGB_AFTER_FIRST


def allow_only_plugins() -> None:
    """Take every other plugin out of Pillow, for this whole process."""
    keep = set(_PLUGINS.values())
    for name in [name for name in Image.OPEN if name not in keep]:
        del Image.OPEN[name]
    Image.ID[:] = [name for name in Image.ID if name in keep]
    Image.init = lambda: False


class Decoded:
    """A picture that has been decoded, still in its own mode and orientation.

    Attributes:
        width, height: of the displayed picture.
        size: what the headers declared.
    """

    def __init__(self, image: Image.Image, size: Measure, fmt: str) -> None:
        self.image, self.size, self.fmt = image, size, fmt
        # libheif hands out the displayed picture; all others the stored one.
        self.turn = 1 if fmt == "heic" else size.orientation
        crop = size.crop if fmt == "avif" else None
        self.box = tuple(crop) if crop else (0, 0, *image.size)
        width, height = self.box[2] - self.box[0], self.box[3] - self.box[1]
        if self.turn >= 5:
            width, height = height, width
        self.width, self.height = width, height

    def grid(self) -> Grid:
        """The block grid of the stored file, in pixels of the displayed picture."""
        size = self.size
        left, top = size.crop[:2] if size.crop else (0, 0)
        width, height = self.width, self.height
        if size.orientation >= 5:
            width, height = height, width
        return turned_grid(
            Grid(size.step, -left, -top), width, height, size.orientation
        )

    def write(self, out: Pixels, *, alpha: bool = False) -> None:
        """Fill ``out``, (height, width, 3), with the displayed picture in sRGB.

        With ``alpha`` it is filled with how opaque each pixel is, three times.

        Raises:
            RefusedInput: as ``decode`` does.
        """
        with _judged(self.fmt):
            self._write(out, _opacity if alpha else _to_srgb(self.image))

    def _write(self, out: Pixels, convert: Any) -> None:
        x0, y0, x1, y1 = self.box
        rows = max(1, STRIP // (x1 - x0))
        for top in range(y0, y1, rows):
            end = min(y1, top + rows)
            strip = convert(self.image.crop((x0, top, x1, end)))
            if self.turn > 1:
                strip = strip.transpose(_TURNS[self.turn])
            _place(out, strip, self.turn, top - y0, end - y0)


def _place(out: Pixels, strip: Image.Image, turn: int, top: int, end: int) -> None:
    """Put the turned strip of stored rows ``top`` to ``end`` where it is displayed."""
    from_end = turn in (3, 4, 6, 7)
    long = out.shape[1] if turn >= 5 else out.shape[0]
    first, last = (long - end, long - top) if from_end else (top, end)
    part = out[:, first:last] if turn >= 5 else out[first:last]
    part[:] = np.asarray(strip)


def decode(data: bytes | memoryview, fmt: str, limits: Limits) -> Decoded:
    """Decode the first frame of ``data``, which ``formats.sniff`` called ``fmt``.

    Raises:
        LimitExceeded: the picture is beyond a limit, or memory ran out.
        RefusedInput: ``damaged``, in words.
    """
    size = measure(data, fmt, limits)
    Image.MAX_IMAGE_PIXELS = limits.pixels
    with _judged(fmt):
        image = Image.open(io.BytesIO(data), formats=(_PLUGINS[fmt],))
        check_size(*image.size, limits)
        if fmt == "avif":
            size.frames = max(size.frames, getattr(image, "n_frames", 1))
            check_frames(size.frames, limits)
        image.load()
        check_size(*image.size, limits)
    return Decoded(image, size, fmt)


@contextlib.contextmanager
def _judged(fmt: str) -> Iterator[None]:
    """Turn whatever a decoder raises into the refusal that it means."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            yield
    except RefusedInput:
        raise
    except (Image.DecompressionBombWarning, Image.DecompressionBombError) as error:
        raise LimitExceeded("the picture declares too many pixels") from error
    except MemoryError as error:
        raise LimitExceeded("the picture needs too much memory") from error
    except Exception as error:  # decoders raise whatever they like
        raise RefusedInput("damaged", _damaged(fmt, error)) from error


def _damaged(fmt: str, error: Exception) -> str:
    return (
        f"this {fmt.upper()} file is damaged or incomplete "
        f"({type(error).__name__}): export it again and retry"
    )


def _to_srgb(image: Image.Image) -> Any:
    """A function from a strip of ``image`` to RGB, colours managed, alpha flattened."""
    colour = _transform(image.info.get("icc_profile"), _profile_mode(image))
    deep = image.mode.startswith("I") or image.mode == "F"
    clear = image.info.get("transparency")
    see_through = image.mode in ("RGBA", "LA", "PA", "La", "RGBa") or (
        clear is not None and image.mode in ("1", "L", "P", "RGB")
    )
    if deep:
        return functools.partial(_from_deep, clear=clear)
    if see_through:
        if image.mode == "RGB" and isinstance(clear, tuple) and max(clear) > 255:
            # A 16-bit colour key; Pillow has kept the upper bytes of the pixels.
            image.info["transparency"] = tuple(value >> 8 for value in clear)
        return functools.partial(_flatten, colour=colour)
    if colour is not None:
        return functools.partial(_managed, colour=colour)
    return lambda strip: strip if strip.mode == "RGB" else strip.convert("RGB")


def _opacity(strip: Image.Image) -> Image.Image:
    return Image.merge("RGB", [strip.convert("RGBA").getchannel("A")] * 3)


def _from_deep(strip: Image.Image, clear: object) -> Image.Image:
    """16-bit grey to RGB, rounded; the colour key, if any, becomes white."""
    values = np.asarray(strip).astype(np.int64).clip(0, 65535)
    grey = ((values * 255 + 32767) // 65535).astype(np.uint8)
    if isinstance(clear, int):
        grey[values == clear] = 255
    return Image.fromarray(grey).convert("RGB")


def _flatten(strip: Image.Image, colour: Any) -> Image.Image:
    """On white. Whatever colour stood where alpha is 0 does not reach the result."""
    full = strip.convert("RGBA")
    alpha = full.getchannel("A")
    shown = full.convert("RGB")
    if colour is not None:
        shown = ImageCms.applyTransform(shown, colour) or shown
    ground = Image.new("RGB", strip.size, "white")
    ground.paste(shown, mask=alpha)
    return ground


def _managed(strip: Image.Image, colour: Any) -> Image.Image:
    if strip.mode not in ("L", "RGB", "CMYK"):
        strip = strip.convert("RGB")
    return ImageCms.applyTransform(strip, colour) or strip.convert("RGB")


def _profile_mode(image: Image.Image) -> str:
    """The mode in which strips meet the profile."""
    return image.mode if image.mode in ("L", "CMYK") else "RGB"


def _transform(profile: object, mode: str) -> Any:
    """A transform from ``profile`` to sRGB, None where it is not needed or unusable.

    Whether a profile is sRGB is measured on a lattice of colours, not read off its
    name: no channel may move by more than one step of 255.
    """
    if not isinstance(profile, bytes) or not 128 <= len(profile) <= MAX_PROFILE:
        return None
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        found = ImageCms.buildTransform(
            source, _srgb(), mode, "RGB", ImageCms.Intent.PERCEPTUAL
        )
        probe = _lattice(mode)
        before = np.asarray(probe.convert("RGB")).astype(np.int16)
        after = ImageCms.applyTransform(probe, found)
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
        return None
    if after is None or np.abs(before - np.asarray(after)).max() <= 1:
        return None
    return found


@functools.cache
def _srgb() -> ImageCms.ImageCmsProfile:
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))


def _lattice(mode: str) -> Image.Image:
    steps = np.arange(0, 256, 51, dtype=np.uint8)
    bands = len(mode)
    grid = np.stack(np.meshgrid(*[steps] * bands, indexing="ij"), axis=-1)
    flat = grid.reshape(1, -1, bands)
    return Image.fromarray(flat[..., 0] if bands == 1 else flat, mode)
