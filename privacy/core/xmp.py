"""What an XMP packet and an IPTC block say, in words and by group."""

from __future__ import annotations

from collections.abc import Iterator
from xml.etree.ElementTree import ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from privacy.core.types import Removed

MAX_PACKET = 1 << 20
"""Bytes of an XMP packet that are parsed; a longer one is reported by its size."""

# Plumbing of RDF, of layout and of raw converters; nothing about a person.
_QUIET_SPACES = (
    "http://www.w3.org/",
    "adobe:ns:meta/",
    "http://ns.adobe.com/camera-raw-settings/",
)
_QUIET_NAMES = (
    "orientation xresolution yresolution resolutionunit colorspace pixelxdimension "
    "pixelydimension imagewidth imagelength format li bag seq alt description_rdf "
    "nativedigest exifversion flashpixversion"
)
_QUIET = frozenset(_QUIET_NAMES.split())
_WORDS = (  # the first word that is part of a lower-case name gives the group
    ("gps", "gps location city country sublocation provincestate state address"),
    ("serial", "serialnumber documentid instanceid imageuniqueid uniqueid guid"),
    ("preview", "thumbnail preview hasgainmap gainmap hdrgm"),
    ("motion", "motionphoto microvideo livephoto contentidentifier"),
    ("depth", "depth gdepth focaltable"),
    ("software", "software creatortool agent toolkit xmptk processor"),
    ("owner", "creator artist author rights copyright owner byline credit personname"),
    ("text", "title description caption headline keyword subject comment label name"),
    ("time", "date time"),
    ("device", "make model lens camera device"),
    ("provenance", "c2pa provenance manifest digitalsourcetype"),
)
_IPTC = {
    5: ("text", "Title"),
    25: ("text", "Keyword"),
    55: ("time", "Date created"),
    60: ("time", "Time created"),
    62: ("time", "Digital creation date"),
    63: ("time", "Digital creation time"),
    65: ("software", "Program"),
    80: ("owner", "By-line"),
    85: ("owner", "By-line title"),
    90: ("gps", "City"),
    92: ("gps", "Sub-location"),
    95: ("gps", "Province or state"),
    100: ("gps", "Country code"),
    101: ("gps", "Country"),
    105: ("text", "Headline"),
    110: ("owner", "Credit"),
    115: ("owner", "Source"),
    116: ("owner", "Copyright"),
    118: ("owner", "Contact"),
    120: ("text", "Caption"),
    122: ("owner", "Caption writer"),
}


def inspect_xmp(packet: bytes | memoryview) -> Iterator[Removed]:
    """The properties of an XMP packet; never raises, entities are never expanded."""
    if len(packet) > MAX_PACKET:
        yield Removed("other", "XMP", f"{len(packet)} bytes")
        return
    try:
        root = fromstring(bytes(packet).strip(b"\0 \r\n\t"))
    except (ParseError, DefusedXmlException, ValueError, LookupError):
        yield Removed("other", "XMP", f"unreadable, {len(packet)} bytes")
        return
    count = 0
    carrier = [("", "")]
    for element in root.iter():
        space, name = _split(str(element.tag))
        quiet = space.startswith(_QUIET_SPACES)
        if not quiet:
            carrier[0] = (space, name)
        pairs = [(*_split(str(key)), text) for key, text in element.attrib.items()]
        pairs.append((*(carrier[0] if quiet else (space, name)), element.text or ""))
        for at, key, value in pairs:
            if not value.strip() or not key or at.startswith(_QUIET_SPACES):
                continue
            if key.lower() not in _QUIET:
                count += 1
                yield Removed(xmp_group(at, key), f"XMP {key}", value.strip())
    if not count:
        yield Removed("other", "XMP", f"{len(packet)} bytes")


def _split(tag: str) -> tuple[str, str]:
    space, _, name = tag.rpartition("}")
    return space.lstrip("{"), name


def xmp_group(space: str, name: str) -> str:
    """The group of an XMP property by its namespace and name."""
    low = name.lower()
    if "hdr-gain-map" in space or "HDRGainMap" in space:
        return "preview"
    for group, parts in _WORDS:
        if any(part in low for part in parts.split()):
            return group
    return "other"


def inspect_photoshop(block: bytes | memoryview) -> Iterator[Removed]:
    """The 8BIM resources of a Photoshop block: IPTC, thumbnail, the others by number."""
    view = memoryview(block)
    at, others = 0, 0
    while at + 12 <= len(view) and bytes(view[at : at + 4]) == b"8BIM":
        ident = int.from_bytes(view[at + 4 : at + 6], "big")
        at += 6 + (view[at + 6] + 2 & ~1)
        size = int.from_bytes(view[at : at + 4], "big")
        data = view[at + 4 : at + 4 + size]
        at += 4 + size + (size & 1)
        if ident == 0x0404:
            yield from inspect_iptc(data)
        elif ident in (0x0409, 0x040C):
            yield Removed("preview", "Photoshop thumbnail", f"{len(data)} bytes")
        else:
            others += 1
    if others:
        yield Removed("other", "Photoshop resources", f"{others} blocks")


def inspect_iptc(block: bytes | memoryview) -> Iterator[Removed]:
    """The data sets of an IPTC-IIM block (record 2)."""
    view = memoryview(block)
    at = 0
    while at + 5 <= len(view) and view[at] == 0x1C:
        record, dataset = view[at + 1], view[at + 2]
        size = int.from_bytes(view[at + 3 : at + 5], "big")
        value = bytes(view[at + 5 : at + 5 + min(size, 2_000)])
        at += 5 + size
        if record == 2 and dataset != 0:
            group, name = _IPTC.get(dataset, ("other", f"2:{dataset}"))
            yield Removed(group, f"IPTC {name}", value.decode("utf-8", "replace"))
