"""What a file declares about itself, read before any decoder is entered."""

from __future__ import annotations

import math
from dataclasses import dataclass

from privacy.core import containers, heif
from privacy.core.errors import LimitExceeded, RefusedInput
from privacy.core.formats import Limits
from privacy.core.types import Grid

MAX_SCANS = 100
"""Scans of a progressive JPEG; each costs a pass over the whole picture."""


@dataclass(slots=True)
class Measure:
    """Declared width, height and frames, block size, orientation and crop.

    Attributes:
        width, height: of the stored picture, before crop and orientation.
        frames: pictures of an animation, 1 for a still.
        step: block size of the codec in stored pixels, see ``types.Grid``.
        orientation: EXIF code 1..8 that turns the stored picture into the shown one.
        crop: the part of the stored picture that is shown at all (HEIC, AVIF).
    """

    width: int = 0
    height: int = 0
    frames: int = 1
    step: int = 16
    orientation: int = 1
    crop: heif.Crop | None = None


def measure(data: bytes | memoryview, fmt: str, limits: Limits) -> Measure:
    """Read the headers of ``data`` and hold them against ``limits``.

    Raises:
        LimitExceeded: too many pixels, frames or scans, or too long a side.
        RefusedInput: ``damaged``, there is no picture in it.
    """
    view = memoryview(data)
    found = {"jpeg": _jpeg, "png": _png, "webp": _webp, "gif": _gif}.get(fmt, _heif)(
        view, fmt
    )
    if found.width < 1 or found.height < 1:
        raise RefusedInput("damaged", f"this {fmt.upper()} file holds no picture")
    check_size(found.width, found.height, limits)
    check_frames(found.frames, limits)
    return found


def check_frames(frames: int, limits: Limits) -> None:
    """Refuse an animation beyond the limit.

    Raises:
        LimitExceeded: says how many there are and what is accepted.
    """
    if frames > limits.frames:
        raise LimitExceeded(f"{frames} frames are too many: at most {limits.frames}")


def turned_grid(stored: Grid, width: int, height: int, orientation: int) -> Grid:
    """Where the lines of a stored grid come to lie in the displayed picture.

    ``width`` and ``height`` are those of the stored picture. Mirroring an axis puts
    the lines at the distance from its far end; swapping axes swaps the origins.
    """
    x, y = stored.x, stored.y
    if orientation in (2, 3, 7, 8):
        x = width - x
    if orientation in (3, 4, 6, 7):
        y = height - y
    if orientation >= 5:
        x, y = y, x
    return Grid(stored.step, x % stored.step, y % stored.step)


def check_size(width: int, height: int, limits: Limits) -> None:
    """Refuse a canvas beyond the limits.

    Raises:
        LimitExceeded: says the size and what is accepted.
    """
    if width * height > limits.pixels or max(width, height) > limits.side:
        raise LimitExceeded(
            f"{width} x {height} pixels are too many: at most "
            f"{limits.pixels / 1e6:g} megapixels and {limits.side} on the longer side"
        )


def exif_orientation(tiff: bytes | memoryview) -> int:
    """The orientation in the first IFD of an EXIF block, 1 where there is none."""
    tiff = tiff[6:] if bytes(tiff[:6]) == b"Exif\0\0" else tiff
    mark = bytes(tiff[:2])
    if mark not in (b"II", b"MM"):
        return 1

    def number(at: int, length: int) -> int:
        return int.from_bytes(
            tiff[at : at + length], "little" if mark == b"II" else "big"
        )

    start = number(4, 4)
    for at in range(start + 2, start + 2 + 12 * min(number(start, 2), 200), 12):
        if number(at, 2) == 0x0112 and number(at + 2, 2) == 3:
            value = number(at + 8, 2)
            return value if 1 <= value <= 8 else 1
    return 1


def _jpeg(view: memoryview, _fmt: str) -> Measure:
    found, scans, turned = Measure(), 0, False
    for part in containers.jpeg(view):
        if part.name.startswith("SOF") and len(part.data) >= 6:
            # A second frame header cannot shrink what the first declared.
            found.height = max(found.height, int.from_bytes(part.data[1:3], "big"))
            found.width = max(found.width, int.from_bytes(part.data[3:5], "big"))
            found.step = _mcu(part.data)
        elif part.name == "SOS":
            scans += 1
        elif part.name == "APP1" and not turned and part.head(6) == b"Exif\0\0":
            found.orientation, turned = exif_orientation(part.data), True
    if scans > MAX_SCANS:
        raise LimitExceeded(f"{scans} scans in one JPEG are too many: {MAX_SCANS}")
    return found


def _mcu(frame: memoryview) -> int:
    """Side of the square that whole units of all components fit in, 16 at least."""
    step = 16
    for i in range(min(frame[5], 4)):
        factors = frame[7 + 3 * i] if 7 + 3 * i < len(frame) else 0x11
        step = math.lcm(step, 8 * max(1, factors >> 4), 8 * max(1, factors & 15))
    return min(step, 96)


def _png(view: memoryview, _fmt: str) -> Measure:
    found, shown = Measure(), 0
    for part in containers.png(view):
        if part.name == "IHDR" and not found.width:
            found.width = int.from_bytes(part.data[:4], "big")
            found.height = int.from_bytes(part.data[4:8], "big")
        elif part.name == "acTL":
            found.frames = max(found.frames, int.from_bytes(part.data[:4], "big"))
        elif part.name == "fcTL":
            shown += 1
        elif part.name == "eXIf":
            found.orientation = exif_orientation(part.data)
    found.frames = max(found.frames, shown)
    return found


def _webp(view: memoryview, _fmt: str) -> Measure:
    found, shown = Measure(), 0
    for part in containers.webp(view):
        width, height = _webp_size(part)
        found.width, found.height = max(found.width, width), max(found.height, height)
        if part.name == "ANMF":
            shown += 1
        elif part.name == "EXIF":
            found.orientation = exif_orientation(part.data)
    found.frames = max(1, shown)
    return found


def _webp_size(part: containers.Part) -> tuple[int, int]:
    raw = part.head(10)
    if len(raw) < 5:
        return 0, 0
    if part.name == "VP8X":
        return (
            1 + int.from_bytes(raw[4:7], "little"),
            1 + int.from_bytes(raw[7:10], "little"),
        )
    if part.name == "VP8L":
        bits = int.from_bytes(raw[1:5], "little")
        return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
    if part.name == "VP8 ":
        return (
            int.from_bytes(raw[6:8], "little") & 0x3FFF,
            int.from_bytes(raw[8:10], "little") & 0x3FFF,
        )
    return 0, 0


def _gif(view: memoryview, _fmt: str) -> Measure:
    found, shown = Measure(), 0
    for part in containers.gif(view):
        if part.name == "screen":
            found.width = int.from_bytes(part.data[:2], "little")
            found.height = int.from_bytes(part.data[2:4], "little")
        elif part.name == "image":
            shown += 1
            left, top, width, height = (
                int.from_bytes(part.data[i : i + 2], "little") for i in (0, 2, 4, 6)
            )
            if shown == 1:  # a first frame beyond the screen widens it
                found.width = max(found.width, left + width)
                found.height = max(found.height, top + height)
    found.frames = shown
    if not shown:
        found.width = 0
    return found


def _heif(view: memoryview, fmt: str) -> Measure:
    items = heif.read_items(view)
    main = items.main
    if main is None:
        raise RefusedInput("damaged", f"this {fmt.upper()} file names no main picture")
    width, height = heif.size(main)
    return Measure(
        width,
        height,
        step=64,
        orientation=heif.orientation(main),
        crop=heif.aperture(main),
    )
