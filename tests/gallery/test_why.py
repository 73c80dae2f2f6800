"""Why a thing was found: words, and a heat map for the owner alone."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from django.test import Client
from PIL import Image

from accounts.models import User
from gallery import heat, tasks, vault
from gallery.models import Media
from gallery.why import NONE, heat_kind
from privacy.core.detectors import registry
from privacy.core.sanitise import encode_master, sanitise
from privacy.core.types import region_id
from privacy.models import Finding
from tests.factories import PLACES, make_media, make_user

pytestmark = pytest.mark.django_db

FACE = region_id(PLACES["face"])


@pytest.fixture
def alice() -> User:
    return make_user("alice")


@pytest.fixture
def media(alice: User) -> Media:
    return make_media(alice)


@pytest.fixture
def browser(alice: User) -> Client:
    client = Client()
    client.force_login(alice)
    return client


def address(media: Media, tail: str = "why") -> str:
    return f"/share/media/{media.public_id}/regions/{FACE}/{tail}"


def test_it_is_told_in_words_and_a_map_is_made_when_asked_for(
    media: Media, browser: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[tuple[object, ...]] = []
    monkeypatch.setattr(tasks, "enqueue_heat", lambda *args: sent.append(args))
    page = browser.get(address(media)).content.decode()
    assert "who is in it" in page
    assert "Show where it looked" in page
    assert sent == []
    answer = browser.post(address(media), headers={"HX-Request": "true"})
    assert "Looking again" in answer.content.decode()
    assert sent == [(media.public_id, FACE)]
    assert browser.get(address(media, "why.png")).status_code == 404


def test_nobody_but_the_owner_gets_it(media: Media) -> None:
    vault.seal(media, heat_kind(FACE), b"\x89PNG map")
    other = Client()
    other.force_login(make_user("erin"))
    for client in (other, Client()):
        for tail in ("why", "why.png"):
            assert client.get(address(media, tail)).status_code in (302, 404)
        assert client.post(address(media)).status_code in (302, 404)
    assert other.get(address(media, "why.png")).status_code == 404


def test_where_there_is_no_map_it_says_so(media: Media, browser: Client) -> None:
    heat.make(media.public_id, FACE)  # found by nothing that could look again
    assert vault.open_sealed(media, heat_kind(FACE)) == NONE
    assert "There is no map" in browser.get(address(media)).content.decode()
    assert browser.get(address(media, "why.png")).status_code == 404


def test_a_worker_makes_a_map_of_a_real_face(
    media: Media, browser: Client, shared: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    detector = registry.get("faces")
    for path in sorted((shared / "devset").rglob("*.jpg"))[:40]:
        clean = sanitise(path.read_bytes())
        faces = [f for f in detector.detect(clean.picture()) if f.box.area > 0.01]
        if faces:
            break
    face = max(faces, key=lambda f: f.confidence)
    vault.seal(media, "master", encode_master(clean.pixels))
    Finding.objects.filter(region=FACE).update(
        x0=face.box.x0, y0=face.box.y0, x1=face.box.x1, y1=face.box.y1,
        detector="faces",
    )  # fmt: skip
    heat.make(media.public_id, FACE)
    answer = browser.get(address(media, "why.png"))
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "image/png"
    with Image.open(io.BytesIO(answer.content)) as image:
        assert image.mode == "RGBA"
        assert max(image.size) <= 720
        assert image.getextrema()[3][1] > 100
    assert "heat__map" in browser.get(address(media)).content.decode()
