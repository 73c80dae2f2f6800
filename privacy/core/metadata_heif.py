"""What the items and boxes of HEIC and AVIF say beside the main picture."""

from __future__ import annotations

from collections.abc import Iterator

from privacy.core import heif
from privacy.core.containers import boxes
from privacy.core.exif import inspect_exif
from privacy.core.payloads import icc_name
from privacy.core.types import Removed
from privacy.core.xmp import inspect_xmp

_PICTURES = frozenset(("hvc1", "av01", "grid", "iovl", "iden", "jpeg", "unci", "tmap"))
_C2PA_BOX = bytes.fromhex("d8fec3d61b0e483c92975828877ec481")
_XMP_BOX = bytes.fromhex("be7acfcb97a942e89c71999491e3afac")
_LAYOUT = frozenset(("ftyp", "meta", "mdat", "pdin"))


def inspect_heif(view: memoryview) -> Iterator[Removed]:
    """Items of every kind but the main picture and its tiles, then odd boxes."""
    items = heif.read_items(view)
    tiles = {
        i for item in items.by_id.values() for kind, i in item.refers if kind == "dimg"
    }
    for ident, item in items.by_id.items():
        if item.kind in _PICTURES:
            if ident != items.primary and ident not in tiles:
                yield _picture(item)
        else:
            yield from _item(view, items, item)
    main = items.main
    colour = main.prop("colr") if main else None
    if colour is not None and colour.head(4) in (b"prof", b"rICC"):
        yield Removed("colour", "ICC profile", icc_name(colour.data[4:]))
    if main is not None and _cropped(main):
        yield Removed("preview", "Cropped margin", "pixels outside the shown part")
    for box in boxes(view):
        yield from _box(box.name, box.data)


def _cropped(item: heif.Item) -> bool:
    """Whether more than an encoder's padding to whole blocks is hidden."""
    crop = heif.aperture(item)
    if crop is None:
        return False
    width, height = heif.size(item)
    return bool(crop.x0 or crop.y0 or width - crop.x1 >= 64 or height - crop.y1 >= 64)


def _picture(item: heif.Item) -> Removed:
    kinds = {kind for kind, _ in item.refers}
    width, height = heif.size(item)
    about = f"{width} x {height} pixels"
    if "thmb" in kinds:
        return Removed("preview", "Thumbnail", about)
    aux = item.prop("auxC")
    if aux is not None:
        urn = bytes(aux.data[4:204]).split(b"\0")[0].decode("latin-1")
        if "depth" in urn or urn.endswith(":auxid:2"):
            return Removed("depth", "Depth map", about)
        if "matte" in urn:
            return Removed("depth", "Portrait matte", about)
        if "gainmap" in urn.lower():
            return Removed("preview", "Gain map", about)
        if "alpha" in urn or urn.endswith(":auxid:1"):
            return Removed("other", "Transparency", about)
        return Removed("other", "Auxiliary picture", f"{about}, {urn}")
    if item.kind == "tmap":
        return Removed("preview", "Gain map", "a second rendition for bright screens")
    return Removed("preview", "Further picture", about)


def _item(view: memoryview, items: heif.Items, item: heif.Item) -> Iterator[Removed]:
    if item.kind == "Exif":
        block = items.payload(view, item)
        skip = 4 + int.from_bytes(block[:4], "big")
        yield from inspect_exif(block[skip:])
    elif item.kind == "mime" and "rdf+xml" in item.label:
        yield from inspect_xmp(items.payload(view, item))
    else:
        size = sum(length for _, _, length in item.extents)
        yield Removed("other", f"Item {item.kind} {item.label}", f"{size} bytes")


def _box(name: str, data: memoryview) -> Iterator[Removed]:
    if name == "uuid" and bytes(data[:16]) == _C2PA_BOX:
        yield Removed("provenance", "C2PA manifest", f"{len(data)} bytes")
    elif name == "uuid" and bytes(data[:16]) == _XMP_BOX:
        yield from inspect_xmp(data[16:])
    elif name in ("moov", "mpvd"):
        yield Removed("motion", "Motion clip", f"{len(data)} bytes beside the picture")
    elif name == "trailing":
        yield Removed("trailing", "Trailing bytes", f"{len(data)} bytes")
    elif name not in _LAYOUT:
        yield Removed("other", f"Box {name}", f"{len(data)} bytes")
