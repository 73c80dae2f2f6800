"""Bounded walkers over the containers of pictures: segments, chunks, blocks, boxes.

They copy nothing, follow no pointer backwards and never raise on garbage: a walk ends
where the bytes stop making sense, and what is left over is the part ``trailing``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

MAX_PARTS = 20_000
"""Parts of one file that are looked at; APNG and GIF take a few for each frame."""

_MARKER = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")
_BARE = frozenset({0x01, *range(0xD0, 0xD8)})  # markers without a length


@dataclass(frozen=True, slots=True)
class Part:
    """One piece of a container: its name there, and where its payload lies."""

    name: str
    data: memoryview
    start: int = 0

    def head(self, size: int) -> bytes:
        return bytes(self.data[:size])


def walk(data: bytes | memoryview, fmt: str) -> Iterator[Part]:
    """The parts of a file of a format in ``formats.FORMATS``, at most ``MAX_PARTS``."""
    view = memoryview(data)
    for count, part in enumerate(_WALKERS[fmt](view)):
        if count >= MAX_PARTS:
            yield Part("trailing", view[part.start :], part.start)
            return
        yield part


def _rest(view: memoryview, start: int) -> Iterator[Part]:
    if start < len(view):
        yield Part("trailing", view[start:], start)


def jpeg(view: memoryview) -> Iterator[Part]:
    """Segments, named ``APP1``, ``COM``, ``SOF0``, ``SOS`` ...; after EOI: trailing."""
    at = 2
    while at + 2 <= len(view):
        if view[at] != 0xFF:
            break
        code = view[at + 1]
        if code == 0xFF:  # fill byte
            at += 1
            continue
        if code == 0xD9:
            yield Part("EOI", view[at:at], at)
            at += 2
            break
        if code in _BARE:
            at += 2
            continue
        size = int.from_bytes(view[at + 2 : at + 4], "big")
        if size < 2 or at + 2 + size > len(view):
            break
        yield Part(_jpeg_name(code), view[at + 4 : at + 2 + size], at + 4)
        at += 2 + size
        if code == 0xDA:
            found = _MARKER.search(view, at)
            if found is None:
                return
            at = found.start()
    yield from _rest(view, at)


def _jpeg_name(code: int) -> str:
    if 0xE0 <= code <= 0xEF:
        return f"APP{code - 0xE0}"
    if 0xC0 <= code <= 0xCF and code not in (0xC4, 0xC8, 0xCC):
        return f"SOF{code - 0xC0}"
    return {0xFE: "COM", 0xDA: "SOS", 0xC4: "DHT", 0xDB: "DQT"}.get(code, f"{code:02X}")


def jpeg_end(view: memoryview) -> int:
    """Length of the JPEG at the start of ``view``, up to and with its EOI."""
    for part in jpeg(view):
        if part.name == "EOI":
            return part.start + 2
        if part.name == "trailing":
            break
    return len(view)


def png(view: memoryview) -> Iterator[Part]:
    """Chunks by their four letters; after IEND: trailing."""
    at = 8
    while at + 8 <= len(view):
        size = int.from_bytes(view[at : at + 4], "big")
        name = bytes(view[at + 4 : at + 8])
        if at + 8 + size > len(view) or not name.isalpha():
            break
        yield Part(name.decode("ascii"), view[at + 8 : at + 8 + size], at + 8)
        at += 12 + size
        if name == b"IEND":
            break
    yield from _rest(view, at)


def webp(view: memoryview) -> Iterator[Part]:
    """RIFF chunks; beyond the declared length: trailing."""
    end = min(len(view), 8 + int.from_bytes(view[4:8], "little"))
    at = 12
    while at + 8 <= end:
        size = int.from_bytes(view[at + 4 : at + 8], "little")
        if at + 8 + size > end:
            break
        name = bytes(view[at : at + 4]).decode("latin-1")
        yield Part(name, view[at + 8 : at + 8 + size], at + 8)
        at += 8 + size + (size & 1)
    yield from _rest(view, max(at, end))


def gif(view: memoryview) -> Iterator[Part]:
    """``screen``, then ``image``, ``comment``, ``application``, ``text``, ``control``.

    The payload of an extension keeps its sub-block lengths, see ``gif_text``.
    """
    if len(view) < 13:
        return
    yield Part("screen", view[6:13], 6)
    at = 13 + _table(view[10])
    names = {0xFE: "comment", 0xFF: "application", 0x01: "text", 0xF9: "control"}
    while at < len(view):
        kind = view[at]
        if kind == 0x3B:
            at += 1
            break
        if kind == 0x2C and at + 11 <= len(view):
            head = at + 1
            at = _blocks_end(view, at + 11 + _table(view[at + 9]))
            yield Part("image", view[head : min(head + 9, len(view))], head)
        elif kind == 0x21 and at + 2 <= len(view):
            start, name = at + 2, names.get(view[at + 1], "extension")
            at = _blocks_end(view, start)
            yield Part(name, view[start:at], start)
        else:
            break
    yield from _rest(view, at)


def _table(flags: int) -> int:
    return 3 << ((flags & 7) + 1) if flags & 0x80 else 0


def _blocks_end(view: memoryview, at: int) -> int:
    while at < len(view):
        size = view[at]
        at += 1 + size
        if size == 0:
            break
    return min(at, len(view))


def gif_text(data: memoryview, most: int = 1 << 16) -> bytes:
    """The sub-blocks of a GIF extension joined, without their lengths."""
    out = bytearray()
    at = 0
    while at < len(data) and data[at] and len(out) < most:
        out += data[at + 1 : at + 1 + data[at]]
        at += 1 + data[at]
    return bytes(out[:most])


def boxes(view: memoryview, start: int = 0) -> Iterator[Part]:
    """The boxes of one level of ISO base media; what is no box: trailing."""
    at = start
    while at + 8 <= len(view):
        size, head = int.from_bytes(view[at : at + 4], "big"), 8
        if size == 1 and at + 16 <= len(view):
            size, head = int.from_bytes(view[at + 8 : at + 16], "big"), 16
        elif size == 0:
            size = len(view) - at
        name = bytes(view[at + 4 : at + 8])
        if size < head or at + size > len(view) or not name.isascii():
            break
        yield Part(name.decode("ascii"), view[at + head : at + size], at + head)
        at += size
    yield from _rest(view, at)


_WALKERS: dict[str, Callable[[memoryview], Iterator[Part]]] = {
    "jpeg": jpeg,
    "png": png,
    "webp": webp,
    "gif": gif,
    "heic": boxes,
    "avif": boxes,
}
