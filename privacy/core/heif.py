"""The item table of HEIC and AVIF: which items there are, and how the primary is turned.

Source: ISO/IEC 14496-12 (meta, iinf, iloc, iref, iprp) and 23008-12 (ispe, irot, imir,
clap, auxC). Everything is bounded; tables that lie are cut short, nothing raises.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from typing import NamedTuple

from privacy.core.containers import Part, boxes

MAX_ITEMS = 2_000

# How an EXIF orientation maps a place of the displayed picture to the stored one, as
# (swap axes, mirror x, mirror y). Composing two of them gives a third.
_TURNS = {
    1: (False, False, False),
    2: (False, True, False),
    3: (False, True, True),
    4: (False, False, True),
    5: (True, False, False),
    6: (True, False, True),
    7: (True, True, True),
    8: (True, True, False),
}


class Crop(NamedTuple):
    """A clean aperture in stored pixels, half-open."""

    x0: int
    y0: int
    x1: int
    y1: int


@dataclass(slots=True)
class Item:
    """One item: its four-letter type, its name or content type, its properties."""

    kind: str
    label: str = ""
    properties: list[Part] = field(default_factory=list)
    extents: list[tuple[int, int, int]] = field(default_factory=list)
    refers: list[tuple[str, int]] = field(default_factory=list)

    def prop(self, name: str) -> Part | None:
        return next((part for part in self.properties if part.name == name), None)


@dataclass(slots=True)
class Items:
    """The items of one file by id, the id of the primary, and the ``idat`` bytes."""

    primary: int = 0
    by_id: dict[int, Item] = field(default_factory=dict)
    idat: memoryview = field(default_factory=lambda: memoryview(b""))

    @property
    def main(self) -> Item | None:
        return self.by_id.get(self.primary)

    def payload(self, view: memoryview, item: Item, most: int = 1 << 20) -> bytes:
        """The bytes of an item, at most ``most`` of them."""
        out = bytearray()
        for method, offset, size in item.extents:
            source = self.idat if method == 1 else view
            end = offset + size if size else len(source)
            out += source[offset : min(end, offset + most - len(out))]
            if len(out) >= most:
                break
        return bytes(out)


def read_items(view: memoryview) -> Items:
    """The item table of the file's ``meta`` box; empty where there is none."""
    items = Items()
    meta = next((box for box in boxes(view) if box.name == "meta"), None)
    if meta is None:
        return items
    parts = {box.name: box.data for box in boxes(meta.data, 4)}
    items.idat = parts.get("idat", items.idat)
    empty = memoryview(b"")
    pitm = _Reader(parts.get("pitm", empty))
    wide = pitm.number(4) >> 24
    items.primary = pitm.number(4 if wide else 2)
    _read_infos(parts.get("iinf", empty), items)
    _read_properties(parts.get("iprp", empty), items)
    _read_places(parts.get("iloc", empty), items)
    _read_references(parts.get("iref", empty), items)
    return items


def size(item: Item) -> tuple[int, int]:
    """Stored width and height of an item (``ispe``), 0 x 0 where it has none."""
    ispe = item.prop("ispe")
    if ispe is None or len(ispe.data) < 12:
        return 0, 0
    reader = _Reader(ispe.data, 4)
    return reader.number(4), reader.number(4)


def orientation(item: Item) -> int:
    """The item's ``irot`` and ``imir``, in file order, as an EXIF orientation 1..8."""
    turn = 1
    for part in item.properties:
        value = part.data[0] if len(part.data) else 0
        if part.name == "irot":
            turn = compose(turn, (1, 8, 3, 6)[value & 3])
        elif part.name == "imir":
            turn = compose(turn, 2 if value & 1 else 4)
    return turn


def compose(first: int, then: int) -> int:
    """The EXIF orientation that does ``first`` and, on its result, ``then``."""
    swap1, x1, y1 = _TURNS[first]
    swap2, x2, y2 = _TURNS[then]
    # Displayed -> result of first -> stored: mirrors of the outer turn that pass
    # through a swap act on the other axis.
    mx, my = (y2, x2) if swap1 else (x2, y2)
    turn = (swap1 != swap2, mx != x1, my != y1)
    return next(code for code, shape in _TURNS.items() if shape == turn)


def aperture(item: Item) -> Crop | None:
    """The ``clap`` of an item in whole stored pixels, clipped to the item."""
    clap = item.prop("clap")
    width, height = size(item)
    if clap is None or len(clap.data) < 32 or not width or not height:
        return None
    reader = _Reader(clap.data)
    values = []
    for signed in (False, False, True, True):
        top, bottom = reader.number(4), reader.number(4)
        if signed and top >= 1 << 31:
            top -= 1 << 32
        values.append(Fraction(top, bottom or 1))
    w, h, dx, dy = values
    x0 = round(Fraction(width - 1, 2) + dx - (w - 1) / 2)
    y0 = round(Fraction(height - 1, 2) + dy - (h - 1) / 2)
    x0, y0 = min(max(0, x0), width - 1), min(max(0, y0), height - 1)
    x1, y1 = min(width, x0 + max(1, int(w))), min(height, y0 + max(1, int(h)))
    return Crop(x0, y0, x1, y1)


class _Reader:
    """Big-endian numbers from a view; beyond its end everything is 0."""

    def __init__(self, view: memoryview, at: int = 0) -> None:
        self.view, self.at = view, at

    def number(self, length: int) -> int:
        value = int.from_bytes(self.view[self.at : self.at + length], "big")
        self.at += length
        return value

    def text(self) -> str:
        raw = bytes(self.view[self.at : self.at + 200]).split(b"\0")[0]
        self.at += len(raw) + 1
        return raw.decode("utf-8", "replace")

    def times(self, count: int) -> Iterator[int]:
        """Up to ``count`` turns, ending early where the bytes end."""
        for i in range(min(count, MAX_ITEMS)):
            if self.at >= len(self.view):
                return
            yield i


def _read_infos(view: memoryview, items: Items) -> None:
    reader = _Reader(view)
    count = reader.number(4 if reader.number(4) >> 24 else 2)
    for box in boxes(view, reader.at):
        if box.name != "infe" or len(items.by_id) >= min(count, MAX_ITEMS):
            break
        info = _Reader(box.data)
        version = info.number(4) >> 24
        ident = info.number(4 if version == 3 else 2)
        info.number(2)
        kind = bytes(box.data[info.at : info.at + 4]).decode("latin-1")
        info.at += 4
        name = info.text()
        label = info.text() if kind in ("mime", "uri ") else name
        items.by_id[ident] = Item(kind, label)


def _read_properties(view: memoryview, items: Items) -> None:
    found: list[Part] = []
    for box in boxes(view):
        if box.name == "ipco":
            found = list(boxes(box.data))[:MAX_ITEMS]
        elif box.name == "ipma":
            reader = _Reader(box.data)
            head = reader.number(4)
            for _ in reader.times(reader.number(4)):
                item = items.by_id.get(reader.number(4 if head >> 24 else 2))
                for _ in range(reader.number(1)):
                    index = reader.number(2) & 0x7FFF if head & 1 else 0
                    index = index or (0 if head & 1 else reader.number(1) & 0x7F)
                    if item is not None and 0 < index <= len(found):
                        item.properties.append(found[index - 1])


def _read_places(view: memoryview, items: Items) -> None:
    reader = _Reader(view)
    version = reader.number(4) >> 24
    sizes = reader.number(2)
    offset_size, length_size = sizes >> 12, sizes >> 8 & 15
    base_size, index_size = sizes >> 4 & 15, sizes & 15 if version in (1, 2) else 0
    for _ in reader.times(reader.number(4 if version == 2 else 2)):
        item = items.by_id.get(reader.number(4 if version == 2 else 2))
        method = reader.number(2) & 15 if version in (1, 2) else 0
        reader.number(2)
        base = reader.number(base_size)
        for _ in reader.times(reader.number(2)):
            reader.number(index_size)
            offset, length = reader.number(offset_size), reader.number(length_size)
            if item is not None and len(item.extents) < MAX_ITEMS:
                item.extents.append((method, base + offset, length))


def _read_references(view: memoryview, items: Items) -> None:
    wide = 4 if _Reader(view).number(4) >> 24 else 2
    for box in boxes(view, 4):
        reader = _Reader(box.data)
        item = items.by_id.get(reader.number(wide))
        for _ in reader.times(reader.number(2)):
            target = reader.number(wide)
            if item is not None and len(item.refers) < MAX_ITEMS:
                item.refers.append((box.name, target))
