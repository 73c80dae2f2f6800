"""Codes are found whole, at any angle, and their payload is told in words only."""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np
import pytest
from zxingcpp import BarcodeFormat as Kind

from privacy.core.detectors.base import Detector
from privacy.core.detectors.code_payload import meaning
from privacy.core.detectors.codes import (
    DECODED,
    THRESHOLD,
    CodeDetector,
    _confidence,
)
from privacy.core.image import Picture
from privacy.core.types import Finding
from tests.core.drawn import ground, labelled, paste, symbol

LINK = "https://example.org/u/685"
EAN = "4006381333931"


def _scene(
    kind: Kind,
    content: str,
    degrees: float = 0,
    module: int = 4,
    inverted: bool = False,
) -> Picture:
    part = symbol(kind, content, module, inverted)
    return Picture(paste(ground(900, 700), part, (450, 350), degrees))


def _only(picture: Picture) -> Finding:
    found = CodeDetector().detect(picture)
    assert len(found) == 1
    return found[0]


def test_it_is_a_detector() -> None:
    assert isinstance(CodeDetector(), Detector)


@pytest.mark.parametrize(
    ("kind", "content", "category"),
    [
        (Kind.QRCode, LINK, "code.qr"),
        (Kind.MicroQRCode, "12345", "code.qr"),
        (Kind.Aztec, "M1MUSTER/MIRA", "code.qr"),
        (Kind.PDF417, "DAQ1234567", "code.qr"),
        (Kind.DataMatrix, "ITEM-7803", "code.barcode"),
        (Kind.Code128, "TRK982749725", "code.barcode"),
        (Kind.EAN13, EAN, "code.barcode"),
        (Kind.Code39, "ABC123", "code.barcode"),
        (Kind.ITF, "12345678", "code.barcode"),
    ],
)
def test_every_family_is_decoded(kind: Kind, content: str, category: str) -> None:
    finding = _only(_scene(kind, content))
    assert finding.category == category
    assert finding.confidence == DECODED
    assert content not in json.dumps(finding.as_json())


@pytest.mark.parametrize("degrees", [0, 17, 45, 70, 90, 135, 180, 270])
@pytest.mark.parametrize(
    ("kind", "content"), [(Kind.QRCode, LINK), (Kind.Code128, "TRK982")]
)
def test_any_angle(kind: Kind, content: str, degrees: float) -> None:
    assert _only(_scene(kind, content, degrees)).confidence == DECODED


@pytest.mark.parametrize("degrees", [0, 12, 30, 90])
@pytest.mark.parametrize("kind", [Kind.EAN13, Kind.Code128])
def test_the_whole_length_of_the_bars_is_covered(kind: Kind, degrees: float) -> None:
    """A decoder reports the lines it read; what it left out would be read from a mask."""
    part = symbol(kind, EAN, 3)
    tall = cv2.resize(part, (part.shape[1], 260), interpolation=cv2.INTER_NEAREST)
    picture = Picture(paste(ground(900, 900), tall, (450, 450), degrees))
    finding = _only(picture)
    mask = np.zeros((900, 900), np.uint8)
    outline = np.array([(x * 900, y * 900) for x, y in finding.outline])
    cv2.fillPoly(mask, [outline.round().astype(np.int32)], 1)
    bars = np.where(tall < 128, 255, 0).astype(np.uint8)
    there = paste(np.zeros((900, 900, 3), np.uint8), bars, (450, 450), degrees)[..., 0]
    assert mask[there > 127].mean() > 0.995


def test_inverted_and_small_and_several() -> None:
    pixels = ground(1100, 800)
    pixels = paste(pixels, symbol(Kind.QRCode, LINK, 4, inverted=True), (250, 250), 5)
    pixels = paste(
        pixels, symbol(Kind.QRCode, "mailto:a@example.org", 2), (800, 200), -8
    )
    pixels = paste(pixels, symbol(Kind.EAN13, EAN, 2), (700, 600))
    found = CodeDetector().detect(Picture(pixels))
    assert sorted((f.category, f.kind) for f in found) == [
        ("code.barcode", ""), ("code.qr", ""), ("code.qr", "contact"),
    ]  # fmt: skip


def test_a_code_that_cannot_be_read_is_still_found() -> None:
    part = symbol(Kind.QRCode, "https://example.org/" + "x" * 60, 6)
    middle = part.shape[0] // 2
    part[middle - 45 : middle + 60, middle - 45 : middle + 45] = 128
    finding = _only(Picture(paste(ground(900, 700), part, (450, 350), 6)))
    assert finding.category == "code.qr"
    assert finding.confidence < DECODED


def test_a_picture_without_codes_gives_nothing() -> None:
    assert CodeDetector().detect(Picture(ground(900, 700))) == []
    assert CodeDetector().detect(Picture(np.zeros((1, 1, 3), np.uint8))) == []
    assert CodeDetector().detect(Picture(np.zeros((2, 900, 3), np.uint8))) == []


def test_a_login_code_is_told_apart() -> None:
    secret = "otpauth://totp/demo:436?secret=JBSWY3DPEHPK3PXP"
    finding = _only(_scene(Kind.QRCode, secret))
    assert (finding.category, finding.kind) == ("code.qr", "login")
    assert "JBSWY3DPEHPK3PXP" not in json.dumps(finding.as_json())


@pytest.mark.parametrize(
    "payload",
    [
        "otpauth://totp/x?secret=JBSWY3DPEHPK3PXP",
        "otpauth-migration://offline?data=CjEKCkhlbGxv",
        "WIFI:T:WPA;S:guest239;P:notreal;;",
        'WIFI:S:home;T:WPA;P:"se;cret";;',
        "https://example.org/login?token=8f3a9c1b7d",
        "https://example.org/reset/8f3a9c1b7d",
        "https://example.org/a#access_token=abcdef12",
        "https://example.org/i/Zk9x2Lq8Vn4Tb7Rw1Yc5Mp3H",
        "https://user:pass@example.org/",
        "FIDO:/123456789012345678901234567890",
        "tg://login?token=abcdef",
        "2@ABCDEFGHIJKLMNOPQRSTUVWX,abc,def",
        "LPA:1$smdp.example.org$04386-AGYFT",
        "5HueCGU8rMjxEXxiPuD5BDku4MkFqeZyd4dZ1jvhTVqvbTLvyTJ",
        "abandon ability able about above absent absorb abstract absurd abuse access acid",
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc",
    ],
)
def test_payloads_that_log_one_in(payload: str) -> None:
    told = meaning(payload)
    assert told.kind == "login"
    assert payload not in told.words


@pytest.mark.parametrize(
    ("payload", "kind"),
    [
        (LINK, ""),
        ("https://example.org/menu?table=12", ""),
        ("https://example.org/2024/05/a-long-title-of-some-article-here", ""),
        ("WIFI:T:nopass;S:cafe;;", ""),
        ("mailto:nobody@example.org", "contact"),
        ("BEGIN:VCARD\nFN:Mira\nEND:VCARD", "contact"),
        ("BCD\n002\n1\nSCT\n\nMira\nDE89370400440532013000", "payment"),
        ("bitcoin:175tWpb8K1S7NmH4Zx6rewF9WQrcZv245W", "payment"),
        (EAN, ""),
        ("", ""),
        ("just some words in a row", ""),
        ("http://[broken", ""),
    ],
)
def test_payloads_that_do_not(payload: str, kind: str) -> None:
    assert meaning(payload).kind == kind


@pytest.mark.shared
def test_every_labelled_code_is_decoded(shared: Path) -> None:
    """Floor of docs/detectors.md: all of them, and no false alarm in the group."""
    labels = json.loads((shared / "devset" / "labels.json").read_text("utf-8"))
    names = sorted(n for n in labels if n.startswith("code_"))
    assert names
    for name in names:
        pixels = cv2.cvtColor(
            cv2.imread(str(shared / "devset" / "images" / name)), cv2.COLOR_BGR2RGB
        )
        picture, entry = Picture(pixels), labels[name][0]
        finding = _only(picture)
        box = labelled(entry["box"], picture)
        assert finding.confidence == DECODED, name
        assert finding.box.iou(box) > 0.7, name
        assert finding.box.covers(box) > 0.95, name
        wanted = "code.qr" if entry["label"] == "qr code" else "code.barcode"
        assert finding.category == wanted, name


def test_the_grain_of_wood_is_no_code() -> None:
    """A photo of a wooden table, enlarged: zxing reports an unreadable MicroPDF417."""
    folder = Path(pytest.importorskip("skimage").__file__).parent / "data"
    photo = cv2.imread(str(folder / "coffee.png"))
    if photo is None:
        pytest.skip("scikit-image comes without the photo")
    large = cv2.resize(photo, (1600, 1067), interpolation=cv2.INTER_LANCZOS4)
    assert CodeDetector().detect(Picture(cv2.cvtColor(large, cv2.COLOR_BGR2RGB))) == []


@pytest.mark.parametrize(
    ("name", "valid", "length", "counts"),
    [
        ("MicroPDF417", False, 0, False),
        ("DataMatrix", False, 0, False),
        ("PDF417", False, 0, True),  # boarding passes: its start pattern is long
        ("Code128", False, 0, True),
        ("Codabar", True, 4, False),
        ("Codabar", True, 8, True),
        ("DXFilmEdge", True, 12, False),
        ("Code39", True, 6, True),
        ("QRCode", True, 1, True),
    ],
)
def test_what_is_no_evidence_of_a_code(
    name: str, valid: bool, length: int, counts: bool
) -> None:
    assert (_confidence(name, valid, length) >= THRESHOLD) is counts
