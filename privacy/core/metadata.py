"""What a picture's file says beside its pixels: found, named, and grouped for its owner.

The report decides nothing: output is written from pixels alone, so what this module
overlooks is removed all the same. It parses untrusted bytes and therefore runs in the
sandbox; it never raises and its result is bounded.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from privacy.core import containers
from privacy.core.containers import Part
from privacy.core.exif import inspect_exif
from privacy.core.metadata_heif import inspect_heif
from privacy.core.payloads import MAX_TEXT, decoded, icc_name, inflate
from privacy.core.types import Removed
from privacy.core.xmp import inspect_iptc, inspect_photoshop, inspect_xmp, xmp_group

MAX_REPORT = 400
"""Entries of one report; the last one says how many more there were."""

MAX_VALUE = 200
"""Characters of one value."""

_XMP_SPACE = b"http://ns.adobe.com/xap/1.0/\0"
_PNG_NAMES = "IHDR PLTE IDAT IEND tRNS cHRM gAMA sBIT sRGB bKGD hIST pHYs cICP acTL"
_PNG_LAYOUT = frozenset(_PNG_NAMES.split())
_WEBP_LAYOUT = frozenset(("VP8 ", "VP8L", "VP8X", "ALPH", "ANIM"))
_SEGMENTS = (
    (b"MPF\0", "preview", "Index of further pictures"),
    (b"urn:iso:std:iso:ts:21496", "preview", "Gain map"),
    (b"JFXX\0", "preview", "JFIF thumbnail"),
    (b"JP", "provenance", "C2PA manifest"),
    (b"http://ns.adobe.com/xmp/extension/\0", "other", "Extended XMP"),
)
_PNG_WORDS = {
    "author": "owner",
    "copyright": "owner",
    "software": "software",
    "creation time": "time",
    "source": "device",
}


def inspect(data: bytes | memoryview, fmt: str) -> tuple[Removed, ...]:
    """Everything in ``data`` that is not the picture, as the owner may read it.

    Args:
        data: the file.
        fmt: its format, as ``formats.sniff`` tells it.

    Returns:
        At most ``MAX_REPORT`` entries, equal ones once, values cut to ``MAX_VALUE``
        characters without control characters. Never raises on garbage.
    """
    view = memoryview(data)
    found: dict[Removed, None] = {}
    more = 0
    for entry in _guarded(_FORMATS[fmt](view)):
        tidy = Removed(entry.group, _tidy(entry.name, 80), _tidy(entry.value))
        if len(found) < MAX_REPORT - 1:
            found[tidy] = None
        elif tidy not in found:
            more += 1
    if more:
        found[Removed("other", "More", f"{more} further entries")] = None
    return tuple(found)


def _guarded(entries: Iterator[Removed]) -> Iterator[Removed]:
    """What can be read is reported; a report cut short says so."""
    try:
        yield from entries
    except (ArithmeticError, LookupError, RecursionError, TypeError, ValueError):
        yield Removed("other", "Metadata", "could not be read to its end")


def _tidy(text: str, most: int = MAX_VALUE) -> str:
    clean = "".join(c if c.isprintable() else " " for c in text[: 4 * most])
    clean = " ".join(clean.split())
    return clean if len(clean) <= most else clean[: most - 1] + "…"


def _jpeg(view: memoryview) -> Iterator[Removed]:
    for part in containers.jpeg(view):
        if part.name == "COM":
            yield Removed("text", "Comment", decoded(part.data))
        elif part.name == "trailing":
            yield from _trailing(part)
        elif part.name.startswith("APP"):
            yield from _jpeg_segment(part)


def _jpeg_segment(part: Part) -> Iterator[Removed]:
    head, data = part.head(40), part.data
    if head.startswith(b"Exif\0"):
        yield from inspect_exif(data)
    elif head.startswith(_XMP_SPACE):
        yield from inspect_xmp(data[len(_XMP_SPACE) :])
    elif head.startswith(b"Photoshop 3.0\0"):
        yield from inspect_photoshop(data[14:])
    elif head.startswith(b"ICC_PROFILE\0"):
        if head[12:13] == b"\x01":  # the first piece of several names it
            yield Removed("colour", "ICC profile", icc_name(data[14:]))
    elif head.startswith(b"JFIF\0"):
        if len(head) >= 14 and head[12] and head[13]:
            yield Removed(
                "preview", "JFIF thumbnail", f"{head[12]} x {head[13]} pixels"
            )
        elif len(data) > 14:
            yield Removed("other", "JFIF extra bytes", f"{len(data) - 14} bytes")
    elif not (head.startswith(b"Adobe") and len(data) <= 12):
        yield _named_segment(part.name, head, len(data))


def _named_segment(name: str, head: bytes, size: int) -> Removed:
    """A segment that is known by how it begins, or by that beginning alone."""
    for start, group, label in _SEGMENTS:
        if head.startswith(start):
            return Removed(group, label, f"{size} bytes")
    word = head.split(b"\0")[0].decode("latin-1")[:24]
    return Removed("other", f"{name} {word}", f"{size} bytes")


def _trailing(part: Part) -> Iterator[Removed]:
    """Bytes after the end of the picture: pictures, clips, archives, remnants."""
    view = part.data
    pictures = 0
    while bytes(view[:3]) == b"\xff\xd8\xff" and pictures < 16:
        pictures += 1
        end = containers.jpeg_end(view)
        yield Removed("preview", "Further picture", f"{end} bytes after the picture")
        view = view[end:]
    if not view:
        return
    head = bytes(view[:MAX_TEXT])
    tail = bytes(view[-4096:])
    if head[4:8] == b"ftyp" or b"MotionPhoto_Data" in head or b"ftypmp4" in head:
        yield Removed("motion", "Motion clip", f"{len(view)} bytes after the picture")
    elif b"SEFH" in tail or tail.endswith(b"SEFT"):
        yield Removed(
            "other", "Maker's trailer", f"{len(view)} bytes after the picture"
        )
    else:
        yield Removed("trailing", "Trailing bytes", f"{len(view)} bytes")


def _png(view: memoryview) -> Iterator[Removed]:
    frames = 0
    for part in containers.png(view):
        if part.name in ("tEXt", "zTXt", "iTXt"):
            yield from _png_text(part)
        elif part.name == "eXIf":
            yield from inspect_exif(part.data)
        elif part.name == "tIME" and len(part.data) >= 7:
            year = int.from_bytes(part.data[:2], "big")
            rest = tuple(part.data[2:7])
            when = "-{:02}-{:02} {:02}:{:02}:{:02} UTC".format(*rest)
            yield Removed("time", "Last changed", f"{year:04}{when}")
        elif part.name == "iCCP":
            name, _, packed = bytes(part.data).partition(b"\0")
            yield Removed("colour", "ICC profile", icc_name(inflate(packed[1:]), name))
        elif part.name == "caBX":
            yield Removed("provenance", "C2PA manifest", f"{len(part.data)} bytes")
        elif part.name == "fcTL":
            frames += 1
        elif part.name == "trailing":
            yield from _trailing(part)
        elif part.name not in _PNG_LAYOUT and part.name != "fdAT":
            yield Removed("other", f"Chunk {part.name}", f"{len(part.data)} bytes")
    yield from _animation(frames)


def _png_text(part: Part) -> Iterator[Removed]:
    keyword, _, rest = bytes(part.data[: 2 * MAX_TEXT]).partition(b"\0")
    key = keyword.decode("latin-1")
    if part.name == "zTXt":
        value = inflate(rest[1:])
    elif part.name == "iTXt":
        packed, body = rest[:1] == b"\x01", rest[2:].split(b"\0", 2)
        value = inflate(body[-1]) if packed else body[-1]
    else:
        value = rest
    low = key.lower()
    if low == "xml:com.adobe.xmp":
        yield from inspect_xmp(value)
    elif low.startswith("raw profile type"):
        yield from _raw_profile(key, value)
    else:
        group = _PNG_WORDS.get(low) or xmp_group("", key)
        yield Removed("text" if group == "other" else group, key, decoded(value))


def _raw_profile(key: str, value: bytes) -> Iterator[Removed]:
    """ImageMagick's profiles: newline, name, newline, size, newline, hexadecimal."""
    try:
        raw = bytes.fromhex(b"".join(value.split()[2:]).decode("ascii"))
    except ValueError:
        raw = b""
    if raw[:4] == b"Exif" or raw[:2] in (b"II", b"MM"):
        yield from inspect_exif(raw)
    elif raw[:4] == b"8BIM":
        yield from inspect_photoshop(raw)
    elif raw[:1] == b"\x1c":
        yield from inspect_iptc(raw)
    else:
        yield Removed("other", key, f"{len(value)} bytes")


def _webp(view: memoryview) -> Iterator[Removed]:
    frames = 0
    for part in containers.webp(view):
        if part.name == "EXIF":
            yield from inspect_exif(part.data)
        elif part.name == "XMP ":
            yield from inspect_xmp(part.data)
        elif part.name == "ICCP":
            yield Removed("colour", "ICC profile", icc_name(part.data))
        elif part.name == "ANMF":
            frames += 1
        elif part.name == "C2PA":
            yield Removed("provenance", "C2PA manifest", f"{len(part.data)} bytes")
        elif part.name == "trailing":
            yield from _trailing(part)
        elif part.name not in _WEBP_LAYOUT:
            yield Removed("other", f"Chunk {part.name}", f"{len(part.data)} bytes")
    yield from _animation(frames)


def _gif(view: memoryview) -> Iterator[Removed]:
    frames = 0
    for part in containers.gif(view):
        if part.name == "image":
            frames += 1
        elif part.name == "comment":
            value = containers.gif_text(part.data)
            yield Removed("text", "Comment", decoded(value))
        elif part.name == "text":
            yield Removed("text", "Plain text", decoded(containers.gif_text(part.data)))
        elif part.name == "application":
            yield from _gif_application(part)
        elif part.name == "extension":
            yield Removed("other", "Extension", f"{len(part.data)} bytes")
        elif part.name == "trailing":
            yield from _trailing(part)
    yield from _animation(frames)


def _gif_application(part: Part) -> Iterator[Removed]:
    name = bytes(part.data[1:12])
    if name == b"XMP DataXMP":
        # The packet stands there bare; a 258-byte landing strip follows it.
        yield from inspect_xmp(bytes(part.data[12:]).partition(b"\x01\xff\xfe\xfd")[0])
    elif name.startswith(b"C2PA"):
        yield Removed("provenance", "C2PA manifest", f"{len(part.data)} bytes")
    elif name.startswith(b"ICCRGBG1"):
        yield Removed("colour", "ICC profile", f"{len(part.data)} bytes")
    elif name not in (b"NETSCAPE2.0", b"ANIMEXTS1.0"):
        label = name.decode("latin-1")
        yield Removed("other", f"Application {label}", f"{len(part.data)} bytes")


def _animation(frames: int) -> Iterator[Removed]:
    if frames > 1:
        yield Removed("motion", "Animation", f"{frames - 1} further frames")


_FORMATS: dict[str, Callable[[memoryview], Iterator[Removed]]] = {
    "jpeg": _jpeg,
    "png": _png,
    "webp": _webp,
    "gif": _gif,
    "heic": inspect_heif,
    "avif": inspect_heif,
}
