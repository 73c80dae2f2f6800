"""Bytes in, clean pixels out (catalogue U1 to U11, I18)."""

from __future__ import annotations

import io
import random
import struct
import zipfile
import zlib
from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageCms

from privacy.core import decode, heif
from privacy.core.errors import LimitExceeded, NoPeekError, RefusedInput
from privacy.core.formats import Limits, sniff
from privacy.core.measure import measure, turned_grid
from privacy.core.sanitise import decode_master, encode_master, sanitise
from privacy.core.types import Grid
from tests.core.fixtures.files import (
    FORMATS,
    bare_png,
    box,
    chunk,
    save,
    scene,
    segment,
    with_chunks,
    with_property,
    with_segments,
)

decode.prepare()

TURNS: dict[int, Callable[[npt.NDArray[np.uint8]], npt.NDArray[np.uint8]]] = {
    1: lambda a: a,
    2: lambda a: a[:, ::-1],
    3: lambda a: a[::-1, ::-1],
    4: lambda a: a[::-1],
    5: lambda a: a.swapaxes(0, 1),
    6: lambda a: np.rot90(a, -1),
    7: lambda a: np.rot90(a, 2).swapaxes(0, 1),
    8: np.rot90,
}


def turned(code: int) -> Image.Exif:
    exif = Image.Exif()
    exif[0x0112] = code
    return exif


def decoded(data: bytes, limits: Limits | None = None) -> npt.NDArray[np.uint8]:
    """Decode in this process, as the child does in its own."""
    found = decode.decode(data, sniff(data), limits or Limits())
    out = np.zeros((found.height, found.width, 3), np.uint8)
    found.write(out)
    return out


def off_by(one: npt.NDArray[np.uint8], other: npt.NDArray[np.uint8]) -> int:
    assert one.shape == other.shape
    return int(np.abs(one.astype(int) - other.astype(int)).max())


# --- U1, U2: what it is, is decided from the bytes


@pytest.mark.parametrize("fmt", FORMATS)
def test_u1_the_format_is_read_from_the_bytes(fmt: str) -> None:
    clean = sanitise(save(scene(), fmt))
    assert clean.format == fmt
    assert (clean.width, clean.height, clean.frames) == (96, 64, 1)
    assert clean.pixels.dtype == np.uint8
    assert off_by(clean.pixels, scene()) < (90 if fmt == "gif" else 40)


FOREIGN = {
    "svg": b"<svg xmlns='http://www.w3.org/2000/svg'/>",
    "html": b"<!doctype html><script>1</script>",
    "pdf": b"%PDF-1.7\n",
    "eps": b"%!PS-Adobe-3.0 EPSF-3.0\n",
    "psd": b"8BPS\0\x01",
    "tiff": b"II*\0\x08\0\0\0",
    "fits": b"SIMPLE  =                    T",
    "ico": b"\0\0\x01\0\x01\0",
    "fpx": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
    "mcidas": b"\0\0\0\0\0\0\0\x04",
    "bdf": b"STARTFONT 2.1\n",
    "mvg": b"push graphic-context\n",
    "msl": b"<?xml version='1.0'?><image/>",
    "m3u8": b"#EXTM3U\n#EXT-X-VERSION:3\n",
    "bmp": b"BM\x46\0\0\0\0\0",
    "jpeg2000": b"\0\0\0\x0cjP  \r\n\x87\n",
    "mp4": box(b"ftyp", b"isom\0\0\0\0isommp42"),
    "empty": b"",
}


@pytest.mark.parametrize("kind", FOREIGN)
def test_u2_other_formats_are_refused_by_name(kind: str) -> None:
    with pytest.raises(RefusedInput, match="JPEG, PNG, WebP, GIF, HEIC or AVIF") as why:
        sanitise(FOREIGN[kind].ljust(600 if FOREIGN[kind] else 0, b"\0"))
    assert why.value.code == "unsupported"


def test_u2_no_other_plugin_is_ever_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    """U2: every Pillow plugin's accept and factory outside the list is a trap."""
    Image.init()
    asked: list[str] = []

    def trap(name: str) -> Callable[..., bool]:
        def accept(*_: object) -> bool:
            asked.append(name)
            return False

        return accept

    allowed = {"JPEG", "PNG", "WEBP", "GIF", "AVIF", "HEIF"}
    others = {
        name: (trap(name), trap(name)) for name in Image.OPEN if name not in allowed
    }
    assert len(others) > 20
    for name, pair in others.items():
        monkeypatch.setitem(Image.OPEN, name, pair)
    data = [save(scene(), fmt) for fmt in FORMATS]
    # Whoever asks plugins without naming them asks the trapped ones first.
    monkeypatch.setattr(Image, "ID", [*others, *allowed])
    for file in data:
        decoded(file)
    for start in (
        b"\xff\xd8\xff\xe0",
        b"\x89PNG\r\n\x1a\n",
        b"GIF89a",
        b"RIFF\0\0\0\0WEBP",
    ):
        for body in FOREIGN.values():
            with pytest.raises(RefusedInput):
                decoded(start + body)
    assert asked == []


# --- U3: polyglots


def _zip() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("evil.txt", "evil-payload")
    return file.getvalue()


POLYGLOTS = {
    "jpeg+zip": save(scene(), "jpeg") + _zip(),
    "gif+js": save(scene(), "gif", comment=b"*/=1;alert('evil-payload')//"),
    "png+php": with_chunks(
        save(scene(), "png"),
        chunk(b"tEXt", b"Comment\0<?php system('evil-payload');?>"),
    ),
    "jpeg+html": with_segments(
        save(scene(), "jpeg"), segment(0xFE, b"<script>evil-payload</script>")
    ),
    "jpeg+pdf": with_segments(
        save(scene(), "jpeg"), segment(0xFE, b"%PDF-1.4 evil-payload")
    ),
}


@pytest.mark.parametrize("kind", POLYGLOTS)
def test_u3_polyglots_come_out_as_pictures_only(kind: str) -> None:
    clean = sanitise(POLYGLOTS[kind])
    made = [encode_master(clean.pixels), save(np.array(clean.pixels), "jpeg")]
    for data in made:
        for foreign in (b"evil-payload", b"PK\x03\x04", b"<?php", b"<script", b"%PDF"):
            assert foreign not in data
    assert not zipfile.is_zipfile(io.BytesIO(made[0]))


def test_u3_a_pdf_that_holds_a_jpeg_is_no_picture() -> None:
    with pytest.raises(RefusedInput) as why:
        sanitise(b"%PDF-1.4\n" + save(scene(), "jpeg"))
    assert why.value.code == "unsupported"


# --- U5: limits are exact


def test_u5_pixels_at_the_limit_pass_and_one_more_does_not() -> None:
    for fmt in FORMATS:
        data = save(scene(90, 70), fmt)
        assert sanitise(data, Limits(pixels=90 * 70)).width == 90
        with pytest.raises(LimitExceeded, match="90 x 70 pixels"):
            sanitise(data, Limits(pixels=90 * 70 - 1))


def test_u5_bytes_and_sides_at_the_limit() -> None:
    data = save(scene(90, 70), "png")
    assert sanitise(data, Limits(bytes=len(data), side=90)).width == 90
    with pytest.raises(LimitExceeded, match="bytes are too many"):
        sanitise(data, Limits(bytes=len(data) - 1))
    with pytest.raises(LimitExceeded, match="longer side"):
        sanitise(data, Limits(side=89))


def test_u5_frames_at_the_limit() -> None:
    stills = [Image.fromarray(scene(seed=i)) for i in range(5)]
    for fmt in ("gif", "webp", "png"):
        data = save(stills[0], fmt, save_all=True, append_images=stills[1:])
        assert sanitise(data, Limits(frames=5)).frames == 5
        with pytest.raises(LimitExceeded, match="5 frames"):
            sanitise(data, Limits(frames=4))


# --- U6: truncation


@pytest.mark.parametrize("progressive", [False, True])
def test_u6_a_truncated_jpeg_is_refused_or_whole(progressive: bool) -> None:
    """U6: at each 1 % of its length; what is decoded has no grey tail."""
    data = save(scene(200, 160), "jpeg", progressive=progressive)
    whole = decoded(data)
    codes = []
    for percent in range(1, 100):
        try:
            found = decoded(data[: len(data) * percent // 100])
        except RefusedInput as why:
            codes.append(why.code)
        else:
            assert np.array_equal(found, whole), percent
    assert len(codes) >= 98
    assert set(codes) <= {"damaged", "unsupported"}


@pytest.mark.parametrize("fmt", FORMATS)
def test_u6_other_formats_truncated_are_refused_or_whole(fmt: str) -> None:
    data = save(scene(), fmt)
    whole = decoded(data)
    for percent in range(1, 100, 7):
        try:
            found = decoded(data[: len(data) * percent // 100])
        except RefusedInput:
            continue
        assert np.array_equal(found, whole), percent


def test_u6_a_truncated_picture_is_refused_by_the_sandbox() -> None:
    data = save(scene(200, 160), "jpeg")
    with pytest.raises(RefusedInput, match="damaged or incomplete"):
        sanitise(data[: len(data) // 2])


# --- U7: fuzz


@pytest.mark.parametrize("fmt", FORMATS)
@settings(max_examples=80, deadline=2000)
@given(seed=st.integers(0, 2**32))
def test_u7_damage_is_refused_in_the_projects_own_words(fmt: str, seed: int) -> None:
    """U7: mutated files decode or raise our own error, each within two seconds."""
    rng = random.Random(seed)
    data = bytearray(SEEDS[fmt])
    for _ in range(rng.randint(1, 12)):
        at = rng.randrange(len(data))
        kind = rng.randrange(3)
        if kind == 0:
            data[at] = rng.randrange(256)
        elif kind == 1:
            del data[at : at + rng.randrange(1, 32)]
        else:
            data[at : at + 4] = rng.choice((b"\xff" * 4, bytes(4), b"\x7f\xff\xff\xff"))
    try:
        out = decoded(bytes(data), Limits(pixels=1_000_000))
    except NoPeekError:
        return
    assert out.ndim == 3


SEEDS = {fmt: save(scene(48, 40), fmt) for fmt in FORMATS}


# --- U9: orientation


@pytest.mark.parametrize("fmt", ["jpeg", "png", "webp"])
@pytest.mark.parametrize("code", range(1, 9))
def test_u9_exif_orientation_is_applied(fmt: str, code: int) -> None:
    still = scene(75, 53)
    clean = sanitise(save(still, fmt, exif=turned(code), **_lossless(fmt)))
    plain = sanitise(save(still, fmt, **_lossless(fmt)))
    assert clean.orientation == code
    assert np.array_equal(clean.pixels, TURNS[code](plain.pixels))
    again = Image.open(io.BytesIO(encode_master(clean.pixels)))
    assert again.getexif().get(0x0112, 1) == 1


def _lossless(fmt: str) -> dict[str, bool]:
    return {"lossless": True} if fmt == "webp" else {}


@pytest.mark.parametrize("fmt", ["heic", "avif"])
@pytest.mark.parametrize("angle", range(4))
@pytest.mark.parametrize("mirror", [None, 0, 1])
def test_u9_heif_turns_are_applied_once(
    fmt: str, angle: int, mirror: int | None
) -> None:
    """U9: irot and imir decide, for HEIC in libheif and for AVIF here."""
    data = plain = save(scene(75, 53), fmt)
    data = with_property(data, box(b"irot", bytes((angle,))))
    expected = np.rot90(sanitise(plain).pixels, angle)
    if mirror is not None:
        data = with_property(data, box(b"imir", bytes((mirror,))))
        expected = expected[:, ::-1] if mirror else expected[::-1]
    clean = sanitise(data)
    assert off_by(clean.pixels, np.ascontiguousarray(expected)) <= 16  # chroma siting
    assert TURNS[clean.orientation](np.zeros((2, 3, 3), np.uint8)).shape[0] == (
        2 if angle % 2 == 0 else 3
    )


def test_u9_composed_turns_equal_turning_twice() -> None:
    index = np.arange(6).reshape(2, 3, 1).astype(np.uint8)
    for first, one in TURNS.items():
        for then, other in TURNS.items():
            both = TURNS[heif.compose(first, then)](index)
            assert np.array_equal(both, other(one(index)))


@settings(max_examples=300, deadline=None)
@given(
    code=st.integers(1, 8),
    width=st.integers(1, 80),
    height=st.integers(1, 80),
    step=st.sampled_from([8, 16, 32, 48, 64]),
    left=st.integers(0, 63),
    top=st.integers(0, 63),
)
def test_u9_the_grid_turns_with_the_picture(
    code: int, width: int, height: int, step: int, left: int, top: int
) -> None:
    """U9: lines of the turned grid part exactly the blocks of the turned picture."""
    y, x = np.mgrid[:height, :width]
    blocks = (y + top) // step * 1000 + (x + left) // step
    shown = TURNS[code](blocks[..., None].astype(np.uint8) * 0 + blocks[..., None])[
        ..., 0
    ]
    grid = turned_grid(Grid(step, -left, -top), width, height, code)
    for axis, origin in ((1, grid.x), (0, grid.y)):
        size = shown.shape[axis]
        edges = (
            np.flatnonzero(np.any(np.diff(shown, axis=axis) != 0, axis=1 - axis)) + 1
        )
        lines = [at for at in range(1, size) if (at - origin) % step == 0]
        assert list(edges) == lines


@pytest.mark.parametrize("code", range(1, 9))
def test_u9_the_grid_of_a_turned_jpeg(code: int) -> None:
    clean = sanitise(save(scene(75, 53), "jpeg", exif=turned(code)))
    assert clean.grid == turned_grid(Grid(16), 75, 53, code)
    assert clean.picture().grid == clean.grid


def test_u9_the_step_follows_the_codec() -> None:
    steps = {fmt: sanitise(save(scene(), fmt)).grid.step for fmt in FORMATS}
    assert steps == {f: 64 if f in ("heic", "avif") else 16 for f in FORMATS}
    for factors, step in ((0x11, 16), (0x22, 16), (0x41, 32), (0x44, 32), (0x31, 48)):
        data = bytearray(save(scene(), "jpeg"))
        data[data.index(b"\xff\xc0") + 11] = factors
        assert measure(bytes(data), "jpeg", Limits()).step == step


@pytest.mark.parametrize("fmt", ["heic", "avif"])
def test_a_clean_aperture_hides_what_lies_outside(fmt: str) -> None:
    """A cropped HEIC or AVIF shows the crop alone, and its grid moves with it."""
    still = scene(96, 64)
    clap = box(b"clap", struct.pack(">8i", 40, 1, 30, 1, -10, 1, 5, 1))
    data, plain = (
        with_property(save(still, fmt), clap),
        sanitise(save(still, fmt)).pixels,
    )
    clean = sanitise(data)
    assert clean.pixels.shape == (30, 40, 3)
    assert off_by(clean.pixels, np.ascontiguousarray(plain[22:52, 18:58])) <= 8
    assert clean.grid == Grid(64, (64 - 18) % 64, (64 - 22) % 64)
    assert any(entry.name == "Cropped margin" for entry in clean.removed)


# --- U10: one normal form


def test_u10_alpha_is_flattened_on_white_and_hidden_colour_is_gone() -> None:
    """U10, I18: what stands under alpha 0 cannot be told from the result."""
    for fmt in ("png", "webp"):
        outs = []
        for hidden in (0, 77, 255):
            rgba = np.zeros((32, 32, 4), np.uint8)
            rgba[..., :3] = hidden
            rgba[8:24, 8:24] = (200, 40, 10, 255)
            options = {"lossless": True, "exact": True} if fmt == "webp" else {}
            outs.append(sanitise(save(rgba, fmt, **options)).pixels)
        assert np.array_equal(outs[0], outs[1])
        assert np.array_equal(outs[0], outs[2])
        assert outs[0][0, 0].tolist() == [255, 255, 255]
        assert outs[0][16, 16].tolist() == [200, 40, 10]
    rgba = np.full((16, 16, 4), (0, 0, 0, 128), np.uint8)
    assert sanitise(save(rgba, "png")).pixels[0, 0].tolist() == [127, 127, 127]


def test_u10_sixteen_bits_become_eight() -> None:
    grey = (np.arange(65536, dtype=np.uint32) * 1).reshape(256, 256).astype(np.uint16)
    out = sanitise(save(Image.fromarray(grey), "png")).pixels
    assert np.array_equal(out[..., 0], np.round(grey / 257).astype(np.uint8))
    rows = b"".join(
        b"\0" + struct.pack(">3H", 0x12FF, 0x8000, 0xFFFF) for _ in range(4)
    )
    deep = sanitise(bare_png(1, 4, rows, depth=16)).pixels[0, 0]
    assert off_by(deep, np.array([0x12, 0x80, 0xFF], np.uint8)) <= 1


def test_u10_a_colour_key_of_sixteen_bits_hides_its_colour() -> None:
    for colour, pixel in (
        (0, struct.pack(">H", 500)),
        (2, struct.pack(">3H", 500, 1, 2)),
    ):
        plain = bare_png(1, 1, b"\0" + pixel, depth=16, colour=colour)
        assert sanitise(plain).pixels[0, 0].tolist() != [255, 255, 255]
        keyed = with_chunks(plain, chunk(b"tRNS", pixel))
        assert sanitise(keyed).pixels[0, 0].tolist() == [255, 255, 255]


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16"])
def test_u10_png_modes_agree_with_each_other(mode: str) -> None:
    grey = np.where(np.indices((40, 40)).sum(0) // 8 % 2, 255, 0).astype(np.uint8)
    image = Image.fromarray(grey)
    if mode == "I;16":
        image = Image.fromarray(grey.astype(np.uint16) * 257)
    elif mode != "L":
        image = image.convert(mode)
    out = sanitise(save(image, "png")).pixels
    assert np.array_equal(out, np.repeat(grey[..., None], 3, axis=2))


def test_u10_palette_with_transparency() -> None:
    image = Image.fromarray(np.array([[0, 1], [2, 3]], np.uint8), "P")
    image.putpalette([9, 9, 9, 250, 0, 0, 0, 250, 0, 0, 0, 250])
    for fmt, clear in (("png", b"\x00\xff\xff\xff"), ("gif", 0)):
        out = sanitise(save(image, fmt, transparency=clear)).pixels
        assert out[0, 0].tolist() == [255, 255, 255]
        assert out[0, 1].tolist() == [250, 0, 0]
        assert out[1, 1].tolist() == [0, 0, 250]


def test_u10_cmyk_jpeg() -> None:
    flat = Image.new("CMYK", (32, 32), (0, 255, 255, 0))
    red = sanitise(save(flat, "jpeg", quality=95)).pixels[16, 16]
    assert red[0] > 240
    assert red[1] < 20
    assert red[2] < 20


def test_u10_colour_profiles_are_applied_and_broken_ones_ignored() -> None:
    """A wide profile moves colours, sRGB and garbage leave them alone."""
    still = scene()
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    for profile in (srgb, b"garbage" * 40, srgb[:200], srgb[:300] + b"\xff" * 2000):
        out = sanitise(save(still, "png", icc_profile=profile)).pixels
        assert np.array_equal(out, still)
    wide = _wider(srgb)
    out = sanitise(save(still, "png", icc_profile=wide)).pixels
    expected = ImageCms.profileToProfile(
        Image.fromarray(still), io.BytesIO(wide), io.BytesIO(srgb), outputMode="RGB"
    )
    assert off_by(out, np.asarray(expected)) <= 1
    assert off_by(out, still) > 5


def _wider(srgb: bytes) -> bytes:
    """An sRGB profile whose red and blue primaries have changed places."""
    out = bytearray(srgb)
    table = {
        out[at : at + 4].decode(): at for at in range(132, 132 + 12 * out[131], 12)
    }
    red, blue = table["rXYZ"], table["bXYZ"]
    out[red + 4 : red + 12], out[blue + 4 : blue + 12] = (
        srgb[blue + 4 : blue + 12],
        srgb[red + 4 : red + 12],
    )
    return bytes(out)


def test_u11_only_the_first_frame_of_an_animation_is_kept() -> None:
    """U11: the others are counted, told and gone."""
    stills = [Image.fromarray(scene(seed=i)) for i in range(38)]
    for fmt in ("gif", "webp", "png", "avif"):
        options = {"lossless": True} if fmt == "webp" else {}
        data = save(stills[0], fmt, save_all=True, append_images=stills[1:], **options)
        clean = sanitise(data)
        assert clean.frames == 38
        assert off_by(clean.pixels, scene(seed=0)) < (90 if fmt == "gif" else 40)
        assert any(entry.group == "motion" for entry in clean.removed)


# --- masters


def test_a_master_is_lossless_and_holds_pixels_alone() -> None:
    pixels = np.random.default_rng(1).integers(0, 255, (61, 47, 3), dtype=np.uint8)
    data = encode_master(pixels)
    assert np.array_equal(decode_master(data, Grid(16, 3, 5)).pixels, pixels)
    assert decode_master(data, Grid(16, 3, 5)).grid == Grid(16, 3, 5)
    names, at = [], 8
    while at < len(data):
        names.append(data[at + 4 : at + 8])
        at += 12 + int.from_bytes(data[at : at + 4], "big")
    assert set(names) == {b"IHDR", b"IDAT", b"IEND"}
    assert at == len(data)
    assert encode_master(pixels.copy()) == data


@pytest.mark.parametrize(
    "data",
    [
        b"",
        save(scene(), "jpeg"),
        save(scene(), "png")[:-200],
        with_chunks(save(scene(), "png"), chunk(b"tEXt", b"Comment\0x")),
        save(np.zeros((4, 4, 4), np.uint8), "png"),
        bare_png(60_000, 60_000, zlib.compress(b"")),
    ],
)
def test_what_is_no_master_is_refused(data: bytes) -> None:
    with pytest.raises(RefusedInput, match="master"):
        decode_master(data)
