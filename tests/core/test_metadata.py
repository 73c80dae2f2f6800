"""What is found is named; nothing of it comes out (catalogue M1 to M5)."""

from __future__ import annotations

import json
import random
import shutil
import struct
import subprocess
import time
import zlib
from pathlib import Path

import numpy as np
import piexif
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageCms
from PIL.PngImagePlugin import PngInfo

from privacy.core.exif import inspect_exif
from privacy.core.formats import sniff
from privacy.core.metadata import _FORMATS, MAX_REPORT, MAX_VALUE, inspect
from privacy.core.sanitise import Clean, encode_master, sanitise
from privacy.core.types import Removed
from tests.core.fixtures.files import (
    FORMATS,
    box,
    chunk,
    riff_chunk,
    save,
    scene,
    segment,
    with_chunks,
    with_riff,
    with_segments,
)

CANARY = "CanaryQ7xZ"
XMP = f"""<x:xmpmeta xmlns:x="adobe:ns:meta/" x:xmptk="kit {CANARY}">
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:xmp="http://ns.adobe.com/xap/1.0/"
 xmlns:dc="http://purl.org/dc/elements/1.1/" xmp:CreatorTool="Tool {CANARY}"
 xmlns:hdrgm="http://ns.adobe.com/hdr-gain-map/1.0/" hdrgm:Version="1.0">
<dc:creator><rdf:Seq><rdf:li>Ada {CANARY}</rdf:li></rdf:Seq></dc:creator>
</rdf:Description></rdf:RDF></x:xmpmeta>""".encode()

# What exiftool may say of an output: the file itself and the header of its codec.
ALLOWED_GROUPS = {
    *("SourceFile", "ExifTool", "System", "File", "JFIF", "PNG", "RIFF"),
    *("Composite", "QuickTime", "Meta", "Track1"),
}
PNG_HEADER = {
    *("ImageWidth", "ImageHeight", "BitDepth", "ColorType", "Compression", "Filter"),
    "Interlace",
}

PLANTED = (
    *("XMP-dc:Title", "XMP-xmpMM:DocumentID", "XMP-photoshop:City", "Comment"),
    *("IPTC:Keywords", "EXIF:ImageUniqueID", "EXIF:OwnerName"),
)

exiftool = shutil.which("exiftool")
needs_exiftool = pytest.mark.skipif(
    exiftool is None, reason="exiftool is not installed"
)


def exif_block(thumbnail: bytes = b"") -> bytes:
    """An EXIF block with every group of the report in it."""
    zeroth = {
        piexif.ImageIFD.Make: f"Make {CANARY}".encode(),
        piexif.ImageIFD.Model: b"Model 7",
        piexif.ImageIFD.Software: f"Soft {CANARY}".encode(),
        piexif.ImageIFD.Artist: f"Artist {CANARY}".encode(),
        piexif.ImageIFD.Copyright: f"(c) {CANARY}".encode(),
        piexif.ImageIFD.DateTime: b"2024:05:06 07:08:09",
        piexif.ImageIFD.ImageDescription: f"Desc {CANARY}".encode(),
        piexif.ImageIFD.XPAuthor: CANARY.encode("utf-16-le"),
    }
    exif = {
        piexif.ExifIFD.DateTimeOriginal: b"2024:05:06 07:08:09",
        piexif.ExifIFD.MakerNote: f"maker {CANARY}".encode() * 3,
        piexif.ExifIFD.BodySerialNumber: f"SN{CANARY}".encode(),
        piexif.ExifIFD.LensSerialNumber: f"LN{CANARY}".encode(),
        piexif.ExifIFD.CameraOwnerName: f"Owner {CANARY}".encode(),
        piexif.ExifIFD.UserComment: b"ASCII\0\0\0" + CANARY.encode(),
        piexif.ExifIFD.ExposureTime: (1, 250),
    }
    gps = {
        piexif.GPSIFD.GPSLatitudeRef: b"N",
        piexif.GPSIFD.GPSLatitude: ((48, 1), (8, 1), (1356, 100)),
        piexif.GPSIFD.GPSLongitudeRef: b"E",
        piexif.GPSIFD.GPSLongitude: ((11, 1), (34, 1), (3144, 100)),
        piexif.GPSIFD.GPSAltitudeRef: 0,
        piexif.GPSIFD.GPSAltitude: (519, 1),
        piexif.GPSIFD.GPSImgDirection: (1230, 10),
        piexif.GPSIFD.GPSDateStamp: b"2024:05:06",
        piexif.GPSIFD.GPSTimeStamp: ((5, 1), (8, 1), (9, 1)),
        piexif.GPSIFD.GPSAreaInformation: f"Area {CANARY}".encode(),
    }
    shape = {"0th": zeroth, "Exif": exif, "GPS": gps}
    if thumbnail:
        shape |= {"1st": {piexif.ImageIFD.Compression: 6}, "thumbnail": thumbnail}
    return bytes(piexif.dump(shape))


def iptc() -> bytes:
    """A Photoshop block with IPTC caption, by-line and city."""
    sets = b"".join(
        b"\x1c\x02" + bytes((number,)) + struct.pack(">H", len(text)) + text
        for number, text in (
            (120, f"Caption {CANARY}".encode()),
            (80, f"Byline {CANARY}".encode()),
            (90, b"Munich"),
        )
    )
    pad = b"\0" * (len(sets) & 1)
    return (
        b"Photoshop 3.0\08BIM\x04\x04\0\0" + struct.pack(">I", len(sets)) + sets + pad
    )


def icc() -> bytes:
    """A real sRGB profile with a canary in its description."""
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    where = profile.index("sRGB".encode("utf-16-be"))
    name = "Can!".encode("utf-16-be")
    return bytes(profile[:where] + name + profile[where + len(name) :])


def laden(fmt: str) -> bytes:
    """A picture of ``fmt`` with something personal in every slot that it has."""
    still = scene()
    thumb = save(scene(32, 24, seed=9), "jpeg")
    exif = exif_block(thumb)
    word = CANARY.encode()
    if fmt == "jpeg":
        plain = save(still, "jpeg", icc_profile=icc())
        return (
            with_segments(
                plain,
                segment(0xE1, exif),
                segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0" + XMP),
                segment(0xE1, b"http://ns.adobe.com/xmp/extension/\0" + word),
                segment(0xED, iptc()),
                segment(0xFE, b"comment " + word),
                segment(0xE0, b"JFXX\0\x10" + thumb),
                segment(0xE2, b"MPF\0" + word),
                segment(0xE2, b"urn:iso:std:iso:ts:21496:-1\0" + word),
                segment(0xEB, b"JP\0\1" + word),
                segment(0xE5, b"Vendor\0" + word),
            )
            + save(scene(48, 32, seed=3), "jpeg", comment=word)
            + b"SEFH"
            + word
            + b"SEFT"
        )
    if fmt == "png":
        text = PngInfo()
        text.add_text("Comment", f"text {CANARY}")
        text.add_text("Software", f"zip {CANARY}", zip=True)
        text.add_itxt("Author", f"international {CANARY}", zip=True)
        text.add_itxt("XML:com.adobe.xmp", XMP.decode())
        plain = save(still, "png", pnginfo=text, exif=exif[6:], icc_profile=icc())
        return (
            with_chunks(
                plain,
                chunk(b"tIME", struct.pack(">HBBBBB", 2024, 5, 6, 7, 8, 9)),
                chunk(b"caBX", word),
                chunk(b"vpAg", word),
            )
            + chunk(b"IDAT", zlib.compress(word))
            + word
        )
    if fmt == "webp":
        plain = save(still, "webp", exif=exif, xmp=XMP, icc_profile=icc())
        return (
            with_riff(plain, riff_chunk(b"C2PA", word), riff_chunk(b"ODD ", word))
            + word
        )
    if fmt == "gif":
        plain = save(still, "gif", comment=word)
        blocks = b"\x21\xff\x0bODDAPP  1.0" + bytes((len(word),)) + word + b"\0"
        blocks += b"\x21\xff\x0bXMP DataXMP" + XMP + bytes((1, *range(255, -1, -1), 0))
        at = 13 + (3 << ((plain[10] & 7) + 1))
        return plain[:at] + blocks + plain[at:] + word
    plain = save(still, fmt, exif=exif, xmp=XMP, icc_profile=icc())
    claim = bytes.fromhex("d8fec3d61b0e483c92975828877ec481") + word
    return plain + box(b"uuid", claim) + box(b"mpvd", word) + box(b"free", word)


def outputs(clean: Clean) -> dict[str, bytes]:
    """What may be made of clean pixels: the master, and each format for viewers."""
    made = {"master.png": encode_master(clean.pixels)}
    for fmt, name in (("jpeg", "a.jpg"), ("webp", "a.webp"), ("avif", "a.avif")):
        made[name] = save(Image.fromarray(np.array(clean.pixels)), fmt)
    return made


def groups(entries: tuple[Removed, ...]) -> set[str]:
    return {entry.group for entry in entries}


def value(entries: tuple[Removed, ...], name: str) -> str:
    return next(entry.value for entry in entries if entry.name == name)


@pytest.mark.parametrize("fmt", FORMATS)
def test_m1_no_canary_survives_any_slot(fmt: str) -> None:
    """M1: a canary in every slot of the format; none in any output."""
    data = laden(fmt)
    assert CANARY.encode() in data
    for name, made in outputs(sanitise(data)).items():
        for spelling in ("utf-8", "utf-16-le", "utf-16-be"):
            assert CANARY.encode(spelling) not in made, (fmt, name)


@needs_exiftool
@pytest.mark.parametrize("fmt", FORMATS)
@pytest.mark.parametrize("start", ["plain", "laden"])
def test_m1_exiftool_finds_only_allowed_groups(
    fmt: str, start: str, tmp_path: Path
) -> None:
    """M1: exiftool plants more in each format; in the outputs it finds a header only."""
    source = tmp_path / f"in.{fmt}"
    source.write_bytes(save(scene(), fmt) if start == "plain" else laden(fmt))
    command = [str(exiftool), "-q", "-m", "-overwrite_original"]
    command += [f"-{tag}={CANARY}" for tag in PLANTED] + [str(source)]
    subprocess.run(command, check=False, capture_output=True, timeout=60)
    planted = source.read_bytes()
    assert CANARY.encode() in planted
    clean = sanitise(planted)
    for name, made in outputs(clean).items():
        (tmp_path / name).write_bytes(made)
    names = [str(tmp_path / name) for name in outputs(clean)]
    listed = subprocess.run(
        [str(exiftool), "-a", "-U", "-ee", "-G1", "-j", *names],
        check=True,
        capture_output=True,
        timeout=60,
    ).stdout
    for report in json.loads(listed):
        for key in report:
            group, _, tag = key.partition(":")
            if group != "SourceFile":
                assert group in ALLOWED_GROUPS, (fmt, report["SourceFile"], key)
            if group == "PNG":
                assert tag in PNG_HEADER
    assert CANARY.encode() not in listed


def test_m1_report_names_what_was_in_a_jpeg() -> None:
    """M1: the owner reads what was removed, by group, in words."""
    found = sanitise(laden("jpeg")).removed
    assert value(found, "Position") == "48.13710, 11.57540"
    assert value(found, "Altitude") == "519 m"
    assert value(found, "Direction") == "facing 123°"
    assert value(found, "GPS time") == "2024:05:06 05:08:09 UTC"
    assert value(found, "Make") == f"Make {CANARY}"
    assert value(found, "BodySerialNumber") == f"SN{CANARY}"
    assert value(found, "CameraOwnerName") == f"Owner {CANARY}"
    assert value(found, "UserComment") == CANARY
    assert value(found, "XPAuthor") == CANARY
    assert value(found, "XMP CreatorTool") == f"Tool {CANARY}"
    assert value(found, "XMP creator") == f"Ada {CANARY}"
    assert value(found, "IPTC City") == "Munich"
    assert value(found, "Comment") == f"comment {CANARY}"
    assert Removed("colour", "ICC profile", value(found, "ICC profile")) in found
    everything = (
        "gps device serial time software owner text preview provenance colour other"
    )
    assert groups(found) >= set(everything.split())


@pytest.mark.parametrize("fmt", ["png", "webp", "heic", "avif"])
def test_m1_report_reads_exif_and_xmp_in_every_container(fmt: str) -> None:
    found = sanitise(laden(fmt)).removed
    assert value(found, "Position") == "48.13710, 11.57540"
    assert value(found, "Make") == f"Make {CANARY}"
    assert value(found, "XMP creator") == f"Ada {CANARY}"
    assert {"gps", "device", "serial", "time", "owner", "provenance"} <= groups(found)


def test_m1_report_of_a_gif() -> None:
    found = sanitise(laden("gif")).removed
    assert value(found, "Comment") == CANARY
    assert value(found, "XMP creator") == f"Ada {CANARY}"
    assert Removed("other", "Application ODDAPP 1.0", "24 bytes") in found
    assert "trailing" in groups(found)


def test_m1_a_plain_picture_has_an_empty_report() -> None:
    for fmt in FORMATS:
        assert sanitise(save(scene(), fmt)).removed == (), fmt


def test_m1_southern_and_western_places_are_negative() -> None:
    gps = {
        piexif.GPSIFD.GPSLatitudeRef: b"S",
        piexif.GPSIFD.GPSLatitude: ((33, 1), (52, 1), (0, 1)),
        piexif.GPSIFD.GPSLongitudeRef: b"W",
        piexif.GPSIFD.GPSLongitude: ((70, 1), (30, 1), (0, 1)),
    }
    data = with_segments(
        save(scene(), "jpeg"), segment(0xE1, piexif.dump({"GPS": gps}))
    )
    assert value(inspect(data, "jpeg"), "Position") == "-33.86667, -70.50000"


def test_m2_embedded_previews_are_told_and_gone() -> None:
    """M2: thumbnail, JFXX, MPF preview: named; one SOI in the output, no IFD1."""
    clean = sanitise(laden("jpeg"))
    names = {entry.name for entry in clean.removed if entry.group == "preview"}
    assert {"Thumbnail", "JFIF thumbnail", "Further picture"} <= names
    made = outputs(clean)["a.jpg"]
    assert made.count(b"\xff\xd8\xff") == 1
    assert b"Exif" not in made


MOTION = box(b"ftyp", b"mp42\0\0\0\0mp42") + box(b"mdat", b"clip" * 50)


@pytest.mark.parametrize(
    ("tail", "group"),
    [
        (MOTION, "motion"),
        (save(scene(40, 40, seed=5), "jpeg") + MOTION, "motion"),
        (save(scene(40, 40, seed=5), "jpeg"), "preview"),
        (b"data" * 40 + b"SEFH" + bytes(24) + b"SEFT", "other"),
        (b"PK\x03\x04 an archive", "trailing"),
    ],
)
def test_m3_what_follows_the_picture_is_told_and_gone(tail: bytes, group: str) -> None:
    """M3: motion clips, gain maps, maker's trailers after EOI: named and gone."""
    clean = sanitise(save(scene(), "jpeg") + tail)
    assert group in groups(clean.removed)
    for name, made in outputs(clean).items():
        assert tail[-12:] not in made
        assert _ends_where_its_parser_ends(made), name


def test_m3_gain_map_xmp_is_a_preview() -> None:
    assert any(
        entry.group == "preview" and entry.name == "XMP Version"
        for entry in inspect(laden("jpeg"), "jpeg")
    )


def _ends_where_its_parser_ends(data: bytes) -> bool:
    fmt = sniff(data)
    return not any(entry.group == "trailing" for entry in inspect(data, fmt)) and (
        {"jpeg": b"\xff\xd9", "png": b"IEND\xaeB`\x82"}.get(fmt, b"") in data[-12:]
    )


def test_m4_old_picture_after_the_end_is_gone(tmp_path: Path) -> None:
    """M4, aCropalypse: a longer file that is overwritten leaves its tail behind."""
    whole = save(scene(400, 300), "png")
    cropped = save(scene(40, 30), "png")
    file = tmp_path / "crop.png"
    file.write_bytes(whole)
    with file.open("r+b") as stream:  # the mistake of CVE-2023-21036
        stream.write(cropped)
    data = file.read_bytes()
    assert len(data) == len(whole)
    clean = sanitise(data)
    assert clean.pixels.shape == (30, 40, 3)
    assert "trailing" in groups(clean.removed)
    file.write_bytes(encode_master(clean.pixels))
    master = file.read_bytes()
    assert master.endswith(b"IEND\xaeB`\x82")
    assert master.count(b"IEND") == 1
    assert whole[-200:-20] not in master


@pytest.mark.parametrize("fmt", FORMATS)
def test_m5_c2pa_is_told_and_gone(fmt: str) -> None:
    """M5: a C2PA manifest is reported and never inherited."""
    clean = sanitise(laden(fmt))
    if fmt != "gif":
        assert "provenance" in groups(clean.removed)
    for made in outputs(clean).values():
        assert not any(sign in made for sign in (b"jumb", b"c2pa", b"C2PA", b"caBX"))


def test_report_is_bounded_and_free_of_control_characters() -> None:
    parts = [
        segment(0xFE, f"{i} \x00\x1b[31m\n{'x' * 900}".encode()) for i in range(900)
    ]
    found = inspect(with_segments(save(scene(), "jpeg"), *parts), "jpeg")
    assert len(found) == MAX_REPORT
    assert found[-1].value == f"{900 - MAX_REPORT + 1} further entries"
    assert all(
        entry.value.isprintable() and len(entry.value) <= MAX_VALUE for entry in found
    )


def test_exif_that_lies_about_counts_is_read_at_once() -> None:
    """An entry of 2^31 values is passed over; its neighbours are still read."""
    entries = struct.pack(">HHLL", 0x010F, 2, 5, 60) + struct.pack(
        ">HHLL", 0x0110, 1, 1 << 31, 8
    )
    tiff = b"MM\0*" + struct.pack(">LH", 8, 2) + entries + bytes(4)
    tiff = tiff.ljust(60, b"\0") + b"ACME\0"
    found = inspect(
        with_segments(save(scene(), "jpeg"), segment(0xE1, b"Exif\0\0" + tiff)), "jpeg"
    )
    assert found == (Removed("device", "Make", "ACME"),)


def test_xmp_entities_are_never_expanded() -> None:
    bomb = b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><x>&b;</x>'
    data = with_segments(
        save(scene(), "jpeg"), segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0" + bomb)
    )
    assert inspect(data, "jpeg") == (
        Removed("other", "XMP", f"unreadable, {len(bomb)} bytes"),
    )


@pytest.mark.parametrize("fmt", FORMATS)
@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 2**32), count=st.integers(1, 30))
def test_u7_report_survives_any_damage(fmt: str, seed: int, count: int) -> None:
    """U7: the report of a mutated file raises nothing, unguarded, and stays bounded."""
    rng = random.Random(seed)
    data = bytearray(LADEN[fmt])
    for _ in range(count):
        at = rng.randrange(len(data))
        kind = rng.randrange(4)
        if kind == 0:
            data[at] = rng.randrange(256)
        elif kind == 1:
            del data[at : at + rng.randrange(64)]
        elif kind == 2:
            data[at:at] = bytes(rng.randrange(256) for _ in range(rng.randrange(16)))
        else:
            data[at : at + 4] = rng.choice((b"\xff" * 4, bytes(4), b"\x7f\xff\xff\xff"))
    list(_FORMATS[fmt](memoryview(bytes(data))))
    assert len(inspect(bytes(data), fmt)) <= MAX_REPORT


LADEN = {fmt: laden(fmt) for fmt in FORMATS}


@pytest.mark.parametrize("kind", [0, 1, 6, 99])
def test_u7_a_count_of_millions_in_a_gps_directory_costs_nothing(kind: int) -> None:
    """Found by fuzzing: blanked to tag 0, which GPS has, piexif still counted it."""
    gps = struct.pack(">HHHLL", 1, 1, kind, 0x08000002, 0x4E000000) + bytes(4)
    pointer = struct.pack(">HHLL", 0x8825, 4, 1, 26)
    tiff = b"MM\0*" + struct.pack(">LH", 8, 1) + pointer + bytes(4) + gps
    start = time.process_time()
    tuple(inspect_exif(b"Exif\0\0" + tiff))
    assert time.process_time() - start < 0.2
