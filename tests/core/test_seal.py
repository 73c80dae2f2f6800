"""Seals: masked for everybody, exact to the bit for who has the passphrase."""

from __future__ import annotations

import io
import json
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from privacy.core import cli
from privacy.core.image import Picture
from privacy.core.render import render
from privacy.core.sanitise import decode_master, encode_master
from privacy.core.seal import CHUNK, SealError, is_sealed, seal, unseal
from privacy.core.types import Box, Grid, Plan, Region, Style, Treatment

KEY = b"k" * 32
WORDS = "seven owls at noon"
PLAN = Plan.of(
    [
        Region("a", Box(0.1, 0.1, 0.4, 0.5), Treatment(Style.VEIL)),
        Region("b", Box(0.6, 0.55, 0.97, 0.99), Treatment(Style.FILL)),
        Region("c", Box(0.3, 0.4, 0.5, 0.6), Treatment(Style.BLUR)),
    ]
)


@pytest.fixture(scope="module")
def picture() -> Picture:
    noise = np.random.default_rng(3).integers(0, 256, (150, 230, 3))
    return Picture(noise.astype(np.uint8))


@pytest.fixture(scope="module")
def sealed(picture: Picture) -> bytes:
    return seal(picture, PLAN, KEY, WORDS)


def chunks(data: bytes) -> list[tuple[bytes, bytes]]:
    found, at = [], 8
    while at < len(data):
        (length,) = struct.unpack(">I", data[at : at + 4])
        found.append((data[at + 4 : at + 8], data[at + 8 : at + 8 + length]))
        at += 12 + length
    return found


def built(parts: list[tuple[bytes, bytes]]) -> bytes:
    out = b"\x89PNG\r\n\x1a\n"
    for name, body in parts:
        out += struct.pack(">I", len(body)) + name + body
        out += struct.pack(">I", zlib.crc32(name + body))
    return out


def test_the_original_comes_back_to_the_bit(picture: Picture, sealed: bytes) -> None:
    assert is_sealed(sealed)
    assert np.array_equal(unseal(sealed, WORDS), picture.pixels)


def test_anybody_sees_the_masked_picture_and_no_more(
    picture: Picture, sealed: bytes
) -> None:
    with Image.open(io.BytesIO(sealed)) as image:
        shown = np.asarray(image.convert("RGB"))
    # No courtesy style: what a blur would leave must not lie beside the ciphertext.
    assert all(
        (shown[y0:y1, x0:x1] != picture.pixels[y0:y1, x0:x1]).any(axis=2).mean() > 0.9
        for x0, y0, x1, y1 in [(30, 20, 85, 70), (150, 90, 215, 140), (75, 65, 110, 85)]
    )
    outside = slice(0, 8), slice(120, 230)  # clear of every mask and its margin
    assert np.array_equal(shown[outside], picture.pixels[outside])


def test_nothing_on_show_depends_on_what_is_sealed(picture: Picture) -> None:
    """Non-interference: other pixels inside give the same picture and header shape."""
    other = picture.pixels.copy()
    other[20:70, 30:85] = 255 - other[20:70, 30:85]
    zero = Plan.of([region for region in PLAN.regions if region.treatment.zero_bit])

    def outer(pixels: np.ndarray) -> tuple[list[tuple[bytes, bytes]], object]:
        parts = chunks(seal(Picture(pixels.copy()), zero, KEY, WORDS))
        body = dict(parts)[CHUNK]
        (length,) = struct.unpack(">I", body[:4])
        header = json.loads(body[4 : 4 + length])
        header["kdf"].pop("salt")
        header.pop("nonce")
        return [part for part in parts if part[0] != CHUNK], header

    assert outer(picture.pixels) == outer(other)


def test_two_seals_share_no_key_or_nonce(picture: Picture, sealed: bytes) -> None:
    again = seal(picture, PLAN, KEY, WORDS)
    assert dict(chunks(again))[CHUNK] != dict(chunks(sealed))[CHUNK]


def test_another_passphrase_opens_nothing(sealed: bytes) -> None:
    with pytest.raises(SealError, match="another passphrase"):
        unseal(sealed, WORDS + " ")


def test_the_same_words_in_another_encoding_open_it(picture: Picture) -> None:
    made = seal(picture, PLAN, KEY, "Käuzchen am Mittag")
    assert np.array_equal(unseal(made, "Ka\u0308uzchen am Mittag"), picture.pixels)


def test_a_short_passphrase_or_nothing_to_seal_is_refused(picture: Picture) -> None:
    with pytest.raises(SealError, match="8 characters"):
        seal(picture, PLAN, KEY, "short")
    with pytest.raises(SealError, match="nothing to seal"):
        seal(picture, Plan.of([]), KEY, WORDS)


def test_a_cut_file_is_refused_wherever_it_is_cut(sealed: bytes) -> None:
    places = [*range(0, 60, 7), len(sealed) // 2, len(sealed) - 13, len(sealed) - 1]
    for at in places:
        with pytest.raises(SealError, match=r"cut off|not a sealed|no seal|damaged"):
            unseal(sealed[:at], WORDS)


def test_a_changed_byte_is_refused_wherever_it_is(sealed: bytes) -> None:
    rng = np.random.default_rng(5)
    for at in [*range(8), *rng.integers(8, len(sealed), 25)]:
        broken = bytearray(sealed)
        broken[at] ^= 1
        with pytest.raises(SealError):
            unseal(bytes(broken), WORDS)


def test_what_was_put_together_anew_is_refused(picture: Picture, sealed: bytes) -> None:
    """Checksums can be made right; the tag and the digest cannot."""
    parts = chunks(sealed)
    names = [name for name, _ in parts]
    at = names.index(CHUNK)
    body = parts[at][1]

    def with_seal(changed: bytes) -> bytes:
        return built([*parts[:at], (CHUNK, changed), *parts[at + 1 :]])

    for place in (10, 60, len(body) // 2, len(body) - 1):
        turned = bytearray(body)
        turned[place] ^= 4
        with pytest.raises(SealError, match=r"changed|makes no sense"):
            unseal(with_seal(bytes(turned)), WORDS)
    # The seal around another masked picture.
    other = render(Picture(255 - picture.pixels), PLAN, KEY)
    stranger = chunks(encode_master(other))
    moved = built([*stranger[:-1], (CHUNK, body), stranger[-1]])
    with pytest.raises(SealError, match="changed after it was sealed"):
        unseal(moved, WORDS)
    with pytest.raises(SealError, match="two seals"):
        unseal(built([*parts[:at], parts[at], *parts[at:]]), WORDS)
    with pytest.raises(SealError, match="behind the picture"):
        unseal(sealed + b"more", WORDS)
    with pytest.raises(SealError, match="no seal"):
        unseal(encode_master(picture.pixels), WORDS)
    with pytest.raises(SealError, match="PNG"):
        unseal(b"\xff\xd8\xff\xe0 a photo", WORDS)


def test_a_greedy_header_is_refused_before_the_work_is_done(sealed: bytes) -> None:
    parts = chunks(sealed)
    at = [name for name, _ in parts].index(CHUNK)
    body = parts[at][1]
    (length,) = struct.unpack(">I", body[:4])
    header = json.loads(body[4 : 4 + length])
    header["kdf"]["n"] = 2**40
    head = json.dumps(header).encode()
    changed = struct.pack(">I", len(head)) + head + body[4 + length :]
    with pytest.raises(SealError, match="more work"):
        unseal(built([*parts[:at], (CHUNK, changed), *parts[at + 1 :]]), WORDS)


def test_the_command_line_seals_and_unseals(
    tmp_path: Path,
    picture: Picture,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    source, out, back = (tmp_path / n for n in ("a.png", "sealed.png", "back.png"))
    source.write_bytes(encode_master(picture.pixels))
    finding = {"category": "face", "box": [0.2, 0.2, 0.5, 0.6], "confidence": 0.9}
    (tmp_path / "found.json").write_text(json.dumps([finding]))
    (tmp_path / "words").write_text(WORDS + "\n")
    monkeypatch.delenv("NOPEEK_PASSPHRASE", raising=False)
    arguments = ["--findings", str(tmp_path / "found.json"), "-o", str(out)]
    assert cli.main(["seal", str(source), *arguments]) == 2  # no terminal, no words
    assert "NOPEEK_PASSPHRASE" in capsys.readouterr().err
    words = ["--passphrase-file", str(tmp_path / "words")]
    assert cli.main(["seal", str(source), *arguments, *words]) == 0
    monkeypatch.setenv("NOPEEK_PASSPHRASE", "not these words")
    assert cli.main(["unseal", str(out), "-o", str(back)]) == 2
    assert "another passphrase" in capsys.readouterr().err
    assert not back.exists()
    monkeypatch.setenv("NOPEEK_PASSPHRASE", WORDS)
    assert cli.main(["unseal", str(out), "-o", str(tmp_path / "a.jpg")]) == 2
    assert cli.main(["unseal", str(out), "-o", str(back)]) == 0
    found = decode_master(back.read_bytes(), Grid()).pixels
    assert np.array_equal(found, picture.pixels)
