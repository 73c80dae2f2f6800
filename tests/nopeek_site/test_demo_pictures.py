"""The drawn pictures contain what they claim, and the photos are the pinned ones."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from functools import cache

import numpy as np
import piexif
import pytest
import zxingcpp
from PIL import Image

from nopeek_site.demo import photos, pictures
from nopeek_site.demo.photos import PhotoMissing
from nopeek_site.demo.posts import POSTS
from privacy.core.image import Picture
from privacy.core.scan import scan

TAKEN = datetime(2026, 5, 4, 12, 30, tzinfo=UTC)


@cache
def drawn(name: str) -> Image.Image:
    return pictures.image(name)


def codes(name: str) -> list[str]:
    return [found.text for found in zxingcpp.read_barcodes(np.asarray(drawn(name)))]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("poster", "https://nightmarket.example/ticket"),
        ("badge", "https://openlens.example/p/"),
        ("boarding", "M1BRANDT/ANA"),
        ("fridge", "WIFI:T:WPA"),
        ("login", "otpauth://totp/"),
        ("parcel", "SP0042719355GB"),
    ],
)
def test_codes_can_be_read(name: str, content: str) -> None:
    assert any(text.startswith(content) for text in codes(name))


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("desk", {"text.iban", "text.phone", "text.email", "object.laptop"}),
        ("lunch", {"text.card", "document.bank_card", "code.barcode"}),
        ("car", {"licence_plate"}),
    ],
)
def test_the_scan_finds_what_was_drawn(name: str, wanted: set[str]) -> None:
    report = scan(Picture(np.asarray(drawn(name)).copy()))
    assert report.complete
    assert wanted <= {finding.category for finding in report.findings}


def test_files_are_what_a_camera_writes_and_always_the_same() -> None:
    data = pictures.jpeg("hills", TAKEN)
    assert data == pictures.jpeg("hills", TAKEN)
    found = piexif.load(data)
    assert found["0th"][piexif.ImageIFD.Model] == pictures.MODEL.encode()
    assert found["GPS"][piexif.GPSIFD.GPSLatitudeRef] == b"N"
    with Image.open(io.BytesIO(data)) as image:
        assert image.format == "JPEG"
        assert max(image.size) == 1600


def test_each_post_has_its_pictures_and_each_picture_its_words() -> None:
    slugs = [entry.slug for entry in POSTS]
    assert len(set(slugs)) == len(slugs) >= 20
    for entry in POSTS:
        assert entry.shots
        for shot in entry.shots:
            assert shot.picture in pictures.names()
            assert shot.alt


def test_every_photo_says_where_it_comes_from() -> None:
    for photo in photos.lock().values():
        assert photo.licence
        assert photo.by
        assert len(photo.sha256) == 64
        assert photo.bytes > 0


def test_another_photo_than_the_pinned_one_is_refused(
    monkeypatch: pytest.MonkeyPatch, tmp_path: object
) -> None:
    monkeypatch.setenv("NOPEEK_WEIGHTS", str(tmp_path))
    photo = photos.lock()["cat"]
    with pytest.raises(PhotoMissing):
        photos._keep(photo, b"something else")
    assert not photo.path.exists()
