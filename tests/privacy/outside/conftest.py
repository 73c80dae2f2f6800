"""A worker in the same process, and a picture that real models find something in."""

from __future__ import annotations

import io
from collections.abc import Iterator

import pytest
from django.core.files.storage import storages
from PIL import Image, ImageDraw, ImageFont

from nopeek_site.celery import app


@pytest.fixture
def worker() -> Iterator[None]:
    """Tasks are carried out as they are sent."""
    app.conf.task_always_eager = True
    yield
    app.conf.task_always_eager = False


def letter(number: str = "+49 30 5221748") -> bytes:
    """A sheet of paper with a phone number, as a JPEG."""
    image = Image.new("RGB", (640, 420), (122, 96, 70))
    pen = ImageDraw.Draw(image)
    pen.rectangle((60, 50, 580, 360), fill=(246, 244, 238))
    font = ImageFont.load_default(34)
    for row, line in enumerate(("Harbour View Clinic", f"Phone: {number}")):
        pen.text((90, 90 + row * 110), line, fill=(28, 28, 34), font=font)
    out = io.BytesIO()
    image.save(out, "jpeg", quality=92)
    return out.getvalue()


def blobs() -> list[str]:
    """Names of all that is stored of jobs."""
    storage = storages["default"]
    return storage.listdir("jobs")[1] if storage.exists("jobs") else []


@pytest.fixture(autouse=True)
def _nothing_left() -> None:
    for name in blobs():
        storages["default"].delete(f"jobs/{name}")
