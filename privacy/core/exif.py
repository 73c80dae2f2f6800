"""What an EXIF block says, in words and by group. Read with piexif, after defusing."""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping
from typing import Any

import piexif

from privacy.core.types import Removed

MAX_ENTRIES = 512
"""Entries of one directory that are looked at."""

MAX_DIRECTORIES = 8
"""Directories of one block; cameras write four."""

_HEADER = 8
_TYPE_SIZE = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8}
_INLINE = 4
_POINTERS = {0x8769, 0x8825, 0xA005}
_MARKS = {b"II*\0": "<", b"MM\0*": ">"}

# Layout of the file, not a fact about a person, place, time or device.
_STRUCTURE_NAMES = (
    "ExifTag GPSTag InteroperabilityTag Orientation XResolution YResolution "
    "ResolutionUnit YCbCrPositioning ComponentsConfiguration ExifVersion "
    "FlashpixVersion ColorSpace PixelXDimension PixelYDimension GPSVersionID "
    "JPEGInterchangeFormat JPEGInterchangeFormatLength Compression "
    "InteroperabilityIndex InteroperabilityVersion ImageWidth ImageLength "
    "BitsPerSample SamplesPerPixel PhotometricInterpretation"
)
_STRUCTURE = frozenset(_STRUCTURE_NAMES.split())
_GROUPS = {
    "device": "Make Model LensMake LensModel LensSpecification HostComputer "
    "UniqueCameraModel LocalizedCameraModel CameraModelNameLocalized MakerNote "
    "DNGPrivateData",
    "serial": "BodySerialNumber LensSerialNumber CameraSerialNumber ImageUniqueID "
    "RawDataUniqueID",
    "time": "DateTime DateTimeOriginal DateTimeDigitized SubSecTime "
    "SubSecTimeOriginal SubSecTimeDigitized OffsetTime OffsetTimeOriginal "
    "OffsetTimeDigitized PreviewDateTime",
    "software": "Software ProcessingSoftware PreviewApplicationName "
    "PreviewApplicationVersion",
    "owner": "Artist Copyright CameraOwnerName XPAuthor",
    "text": "ImageDescription UserComment XPTitle XPComment XPKeywords XPSubject "
    "DocumentName PageName RelatedSoundFile ImageHistory",
}
GROUP = {name: group for group, names in _GROUPS.items() for name in names.split()}


def inspect_exif(block: bytes | memoryview) -> Iterator[Removed]:
    """The fields of one EXIF block, with or without its ``Exif`` header.

    Never raises; a block that cannot be read is reported as such.
    """
    tiff = bytes(block[:1_048_576])
    if tiff[:6] == b"Exif\0\0":
        tiff = tiff[6:]
    if tiff[:4] not in _MARKS:
        yield Removed("other", "EXIF", f"unreadable, {len(block)} bytes")
        return
    try:
        found = piexif.load(_defused(tiff))
    except (struct.error, ValueError, KeyError, IndexError, TypeError, MemoryError):
        yield Removed("other", "EXIF", f"damaged, {len(block)} bytes")
        return
    yield from _place(found["GPS"])
    yield from _thumbnail(found, tiff)
    for directory, table in (
        ("0th", "Image"),
        ("Exif", "Exif"),
        ("Interop", "Interop"),
    ):
        for tag, value in found[directory].items():
            name = piexif.TAGS[table][tag]["name"]
            if name not in _STRUCTURE:
                yield Removed(GROUP.get(name, "other"), name, words(value, name))


def _defused(tiff: bytes) -> bytes:
    """A copy in which every entry that points beyond the block is blanked.

    piexif believes counts: an entry of 500 million values would cost it seconds.
    Directories may overlap, so that blanking in one changes another: the walk is
    repeated until it changes nothing.

    Raises:
        ValueError: that does not come about, or the directories are too many.
    """
    for _ in range(4):
        before, tiff = tiff, _blanked(tiff)
        if tiff == before:
            return tiff + bytes(_INLINE)
    raise ValueError("directories that overlap")


def _blanked(tiff: bytes) -> bytes:
    mark = _MARKS[tiff[:4]]
    out = bytearray(tiff)
    first = struct.unpack_from(mark + "L", tiff, 4)[0]
    waiting, seen = [first], set[int]()
    while waiting:
        start = waiting.pop()
        if start in seen:
            continue
        seen.add(start)
        if start < _HEADER or start + 2 > len(tiff) or len(seen) > MAX_DIRECTORIES:
            raise ValueError("directories that cannot be")
        count = struct.unpack_from(mark + "H", tiff, start)[0]
        fitting = min(count, MAX_ENTRIES, (len(tiff) - start - 2) // 12)
        struct.pack_into(mark + "H", out, start, fitting)
        end = start + 2 + 12 * fitting
        if start == first and len(tiff) >= end + 4:
            following = struct.unpack_from(mark + "L", tiff, end)[0]
            if fitting < count or not _HEADER <= following <= len(tiff) - 2:
                out[end : end + 4] = bytes(4)
            else:
                waiting.append(following)
        for at in range(start + 2, end, 12):
            tag, kind, number, value = struct.unpack_from(mark + "HHLL", tiff, at)
            size = _TYPE_SIZE.get(kind, 0) * number
            sound = size > 0 and (size <= _INLINE or value + size <= len(tiff))
            if tag in _POINTERS and sound:
                sound = (kind, number) == (4, 1) and _HEADER <= value <= len(tiff) - 2
                if sound:
                    waiting.append(value)
            if not sound:
                # A tag of no directory (0 is the version in GPS), and nothing to count.
                out[at : at + 12] = b"\xff\xff" + bytes(10)
    return bytes(out)


def _place(gps: Mapping[int, Any]) -> Iterator[Removed]:
    """Position, altitude, direction and time of a GPS directory."""
    ifd = piexif.GPSIFD
    latitude = _degrees(gps.get(ifd.GPSLatitude), gps.get(ifd.GPSLatitudeRef))
    longitude = _degrees(gps.get(ifd.GPSLongitude), gps.get(ifd.GPSLongitudeRef))
    told = {ifd.GPSVersionID}
    if latitude is not None and longitude is not None:
        yield Removed("gps", "Position", f"{latitude:.5f}, {longitude:.5f}")
        told |= {ifd.GPSLatitude, ifd.GPSLatitudeRef}
        told |= {ifd.GPSLongitude, ifd.GPSLongitudeRef}
    altitude = number(gps.get(ifd.GPSAltitude))
    if altitude is not None:
        below = gps.get(ifd.GPSAltitudeRef) in (1, b"\x01")
        yield Removed("gps", "Altitude", f"{-altitude if below else altitude:.0f} m")
        told |= {ifd.GPSAltitude, ifd.GPSAltitudeRef}
    direction = number(gps.get(ifd.GPSImgDirection))
    if direction is not None:
        yield Removed("gps", "Direction", f"facing {direction:.0f}°")
        told |= {ifd.GPSImgDirection, ifd.GPSImgDirectionRef}
    day, clock = gps.get(ifd.GPSDateStamp), gps.get(ifd.GPSTimeStamp)
    if day or clock:
        parts = [number(v) for v in clock] if isinstance(clock, tuple) else []
        hours = ":".join(f"{int(v or 0):02}" for v in parts)
        yield Removed("time", "GPS time", f"{words(day or b'')} {hours} UTC".strip())
        told |= {ifd.GPSDateStamp, ifd.GPSTimeStamp}
    for tag, value in gps.items():
        if tag not in told:
            yield Removed("gps", piexif.TAGS["GPS"][tag]["name"], words(value))


def _thumbnail(found: Mapping[str, Any], tiff: bytes) -> Iterator[Removed]:
    if found["thumbnail"]:
        yield Removed(
            "preview", "Thumbnail", f"a small copy, {len(found['thumbnail'])} bytes"
        )
    elif found["1st"]:
        yield Removed("preview", "Thumbnail", "a second image directory")


def number(value: Any) -> float | None:
    """A rational as a number, None where it is not one."""
    if isinstance(value, tuple) and len(value) == 2 and value[1]:
        return float(value[0]) / float(value[1])
    return float(value) if isinstance(value, int | float) else None


def _degrees(value: Any, ref: Any) -> float | None:
    if not isinstance(value, tuple) or not value:
        return None
    pairs = (value,) if isinstance(value[0], int) else value
    parts = [number(pair) for pair in pairs[:3]]
    if parts[0] is None:
        return None
    total: float = sum((part or 0.0) / 60**i for i, part in enumerate(parts))
    return -total if ref in (b"S", b"W") else total


def words(value: Any, name: str = "") -> str:
    """A value of piexif's in words: text, a number, or how many bytes there are."""
    if isinstance(value, bytes):
        if name.startswith("XP"):
            return value.decode("utf-16-le", "replace").strip("\0 ")
        if name == "UserComment" and len(value) >= 8:
            code = "utf-16" if value[:7] == b"UNICODE" else "utf-8"
            return value[8:].decode(code, "replace").strip("\0 ")
        text = value.decode("utf-8", "replace").strip("\0 ")
        odd = sum(not c.isprintable() for c in text) + text.count("�")
        return f"{len(value)} bytes" if odd * 4 > len(text) else text
    if isinstance(value, tuple):
        if name.startswith("XP") and all(isinstance(v, int) for v in value):
            return words(bytes(v & 255 for v in value), name)
        single = number(value)
        if single is not None:
            return f"{single:g}"
        if len(value) > 16:
            return f"{len(value)} values"
        return " ".join(words(v) for v in value)
    return f"{value:g}" if isinstance(value, float) else str(value)
