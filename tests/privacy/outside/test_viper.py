"""VIPER's interface: its keys in, a picture out, none of its faults."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image

from privacy.outside import viper
from privacy.outside.fetch import Fetcher
from privacy.outside.models import Job, Known
from tests.privacy.outside.conftest import blobs, letter

pytestmark = pytest.mark.django_db


@pytest.fixture
def enabled(settings: Any) -> None:
    settings.NOPEEK_API = settings.NOPEEK_API | {"viper": True}


def send(data: bytes | None = None, **fields: str) -> Any:
    given: dict[str, Any] = dict(fields)
    if data is not None:
        given["image"] = SimpleUploadedFile("x.jpg", data, "image/jpeg")
    return Client().post("/api/viper", given)


def test_it_is_off_unless_enabled() -> None:
    assert send(letter(), modifier="blur").status_code == 404
    assert Client().get("/api/viper").status_code == 404


@pytest.mark.parametrize("word", ["blur", "br", "block", "bk", "NE", "saliency", "sy"])
def test_every_modifier_and_alias_gives_a_picture(
    word: str, enabled: None, worker: None
) -> None:
    answer = send(letter(), modifier=word, relationship="0")
    assert answer.status_code == 200, answer.content
    assert answer.headers["Content-Type"] == "image/jpeg"
    assert Image.open(io.BytesIO(answer.content)).size == (640, 420)
    assert blobs() == []
    assert not Job.objects.exists()
    assert not Known.objects.exists()  # and no detection is kept


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"modifier": "swirl"}, "modifier"),
        ({}, "modifier"),
        ({"modifier": "blur", "relationship": "3"}, "relationship"),
        ({"modifier": "blur", "relationship": "friend"}, "relationship"),
    ],
)
def test_what_it_does_not_know_is_400(
    fields: dict[str, str], code: str, enabled: None
) -> None:
    answer = send(letter(), **fields)
    assert answer.status_code == 400
    assert answer.json()["code"] == code


def test_a_file_or_an_address_is_needed(enabled: None) -> None:
    assert send(modifier="blur").json()["code"] == "image"
    assert send(modifier="blur", image="file:///etc/passwd").status_code == 400
    inner = send(modifier="blur", image="http://169.254.169.254/latest/meta-data/")
    assert (inner.status_code, inner.json()["code"]) == (400, "unreachable")


def test_what_an_address_gives_is_judged_by_its_bytes(
    enabled: None, worker: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Page(Fetcher):
        def get(self, url: str) -> bytes:
            return b"<html>" if url.endswith(".jpg") else letter()

    monkeypatch.setattr(viper, "fetcher", Page)
    asked = {"modifier": "bk", "relationship": "2"}
    assert send(image="https://x.example/a.jpg", **asked).status_code == 415
    assert send(image="https://x.example/page", **asked).status_code == 200


def test_laptops_are_masked_at_0_and_1_and_shown_at_2(
    enabled: None, worker: None, shared: Path
) -> None:
    labels = json.loads((shared / "devset" / "labels.json").read_text())
    name, boxes = next(
        (name, [one["box"] for one in found if one["label"] == "laptop"])
        for name, found in labels.items()
        if any(one["label"] == "laptop" for one in found)
    )
    data = next((shared / "devset").rglob(name)).read_bytes()
    shown = [
        np.asarray(Image.open(io.BytesIO(answer.content))).astype(int)
        for level in ("0", "1", "2")
        for answer in [send(data, modifier="bk", relationship=level)]
    ]
    x0, y0, x1, y1 = (round(v) for v in boxes[-1])
    inside = slice(y0 + 20, y1 - 20), slice(x0 + 20, x1 - 20)
    original = np.asarray(Image.open(io.BytesIO(data)).convert("RGB")).astype(int)
    changed = [np.abs(one[inside] - original[inside]).mean() for one in shown]
    assert changed[0] > 20
    assert changed[1] > 20
    assert changed[2] < 6
