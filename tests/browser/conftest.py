"""A real Chromium against the embedded site with real models."""

from __future__ import annotations

import io
import os
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import piexif
import pytest
from PIL import Image, ImageDraw, ImageFont
from playwright.sync_api import Browser, sync_playwright

from tests.browser.site import Person, Site

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-sync",
    "--disable-background-networking",
    "--disable-component-update",
]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    if CHROMIUM is None:
        pytest.skip("no Chromium: apt-get install chromium")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield chromium
        chromium.close()


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    served = Site(tmp_path_factory.mktemp("site"))
    served.start()
    yield served
    assert served.end() == 0


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The site with its demo, filled.

    ``NOPEEK_TEST_DEMO`` names a folder to take a filled one from, or, while it is
    empty, to leave it in for the next run.
    """
    var = tmp_path_factory.mktemp("demo") / "var"
    kept = Path(os.environ.get("NOPEEK_TEST_DEMO") or tmp_path_factory.mktemp("kept"))
    if not any(kept.iterdir()):
        filling = Site(kept, demo=True)
        filling.start()
        filling.waits_for_the_demo()
        assert filling.end() == 0
    shutil.copytree(kept, var, dirs_exist_ok=True)
    served = Site(var, demo=True)
    served.start()
    served.waits_for_the_demo()
    yield served
    assert served.end() == 0


Arrive = Callable[[str], Person]


@pytest.fixture
def arrives(browser: Browser, site: Site) -> Iterator[Arrive]:
    """Opens a browser for somebody; afterwards none of them may have met an error."""
    people: list[Person] = []

    def arrive(name: str) -> Person:
        people.append(Person.arrives(browser, site, name))
        return people[-1]

    yield arrive
    errors = [error for person in people for error in person.errors]
    for person in people:
        sys.stderr.write(person.stands())  # shown where the test failed
        person.context.close()
    sys.stderr.write(site.log)
    assert not errors


LETTER = (
    "Harbour View Clinic",
    "Phone: +49 30 5221748",
    "IBAN: DE89 3704 0044 0532 0130 00",
    "Thank you for your visit",
)
"""A letter: for a stranger and a follower the whole sheet is masked."""

NOTE = (
    "Harbour View Boats",
    "Phone: +49 30 5221748",
    "IBAN: DE89 3704 0044 0532 0130 00",
)
"""Too short for a letter, so each line counts for itself: a stranger sees none of them,
a follower neither number, a close friend all but the IBAN."""


def letter_photo(
    seed: int = 0, place: bool = True, lines: tuple[str, ...] = LETTER
) -> bytes:
    """A sheet of paper on a table, as a camera stores it: JPEG with EXIF."""
    width, height = 1280, 960
    image = Image.new("RGB", (width, height), (122, 96 + seed % 40, 70))
    pen = ImageDraw.Draw(image)
    for y in range(0, height, 3):
        pen.line((0, y, width, y + 7), fill=(118 + y % 9, 92 + y % 7, 66 + seed % 20))
    pen.rectangle((220, 150, 1060, 700), fill=(246, 244, 238))
    font = ImageFont.load_default(44)
    for row, line in enumerate(lines):
        pen.text((270, 210 + row * 118), line, fill=(28, 28, 34), font=font)
    exif = {
        "0th": {piexif.ImageIFD.Make: b"Canary", piexif.ImageIFD.Model: b"Songbird 7"},
        "GPS": {
            piexif.GPSIFD.GPSLatitudeRef: b"N",
            piexif.GPSIFD.GPSLatitude: ((48, 1), (8, 1), (1360, 100)),
            piexif.GPSIFD.GPSLongitudeRef: b"E",
            piexif.GPSIFD.GPSLongitude: ((11, 1), (34, 1), (3140, 100)),
        },
    }
    out = io.BytesIO()
    image.save(out, "jpeg", quality=92, exif=piexif.dump(exif) if place else b"")
    return out.getvalue()


@pytest.fixture
def letter(tmp_path: Path) -> Path:
    file = tmp_path / "letter.jpg"
    file.write_bytes(letter_photo())
    return file


@pytest.fixture
def note(tmp_path: Path) -> Path:
    file = tmp_path / "note.jpg"
    file.write_bytes(letter_photo(lines=NOTE))
    return file
