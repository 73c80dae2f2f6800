"""The red-team meter, with real models: what attacks get before and after the masks."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import cache
from pathlib import Path
from types import SimpleNamespace

import jsonschema
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from privacy.core import hands, weights
from privacy.core.cli import main
from privacy.core.detectors.faces import FaceDetector
from privacy.core.hands import Hands
from privacy.core.image import Picture
from privacy.core.meter import Meter, cartoon_ok, meter_ok
from privacy.core.readings import Attack, Reading
from privacy.core.reidentify import Gallery
from privacy.core.render import render
from privacy.core.reread import RUN, recovered
from privacy.core.types import Box, Finding, Plan, Region, Style, Treatment
from privacy.core.verify import Survivor, Verdict, verify
from tests.core.drawn import ground, write
from tests.core.test_cli import schema

KEY = b"m" * 32
CLEAN = Verdict((), ("faces",))
needs_weights = pytest.mark.skipif(
    weights.state("centerface") is not weights.State.OK,
    reason="centerface is not fetched: python -m privacy.core weights fetch",
)


@cache
def pictured(path: Path) -> tuple[Picture, tuple[Finding, ...]]:
    """A picture and its faces."""
    with Image.open(path) as image:
        picture = Picture(np.asarray(image.convert("RGB")))
    detector = FaceDetector()
    detector.load()
    return picture, tuple(detector.detect(picture))


def group(shared: Path) -> tuple[Picture, tuple[Finding, ...]]:
    """Five people at a table."""
    return pictured(shared / "identities" / "group_3.jpg")


def portrait(shared: Path, name: str) -> tuple[Picture, tuple[Finding, ...]]:
    return pictured(shared / "identities" / f"{name}.png")


def plan_of(findings, look: Treatment) -> Plan:
    return Plan.of(
        Region(one.id, one.box, look, landmarks=one.landmarks) for one in findings
    )


def by_kind(reading: Reading) -> dict[str, Attack]:
    return {one.kind: one for one in reading.attacks}


@needs_weights
@pytest.mark.shared
def test_faces_are_known_before_and_after_a_veil_nobodys(shared: Path) -> None:
    picture, faces = group(shared)
    meter = Meter(picture, faces)
    for style in (Style.VEIL, Style.AVATAR, Style.STICKER):
        plan = plan_of(faces, Treatment(style))
        found = by_kind(meter.read(render(picture, plan, KEY), plan, CLEAN))
        assert found["faces"] == Attack("faces", 5, 5, 0)
        assert found["faces_masked"] == Attack("faces_masked", 5, 5, 0)


@needs_weights
@pytest.mark.shared
def test_a_weak_blur_and_a_mask_that_is_none_are_told(shared: Path) -> None:
    """The meter can tell: what is left to be seen is seen."""
    picture, faces = portrait(shared, "amy_1")
    meter = Meter(picture, faces)
    blurred = plan_of(faces, Treatment(Style.BLUR, 0.0))
    found = by_kind(meter.read(render(picture, blurred, KEY), blurred, CLEAN))
    assert found["faces_masked"] == Attack("faces_masked", 1, 1, 1)
    picture, faces = group(shared)
    meter = Meter(picture, faces)
    bare = by_kind(meter.read(picture.pixels, plan_of(faces, Treatment()), CLEAN))
    assert bare["faces"].rates == (1.0, 1.0)


@needs_weights
@pytest.mark.shared
def test_a_face_beside_the_masks_is_no_attempt(shared: Path) -> None:
    picture, faces = group(shared)
    plan = plan_of(faces[:2], Treatment())
    found = Gallery(picture, faces).attacked(render(picture, plan, KEY), plan)
    assert {one.region for one in found} == {face.id for face in faces[:2]}


@needs_weights
@pytest.mark.shared
def test_a_face_that_was_replaced_is_checked(shared: Path) -> None:
    """The check for whoever draws another face in its place."""
    picture, faces = group(shared)
    face = faces[0]
    assert not meter_ok(picture, picture.pixels, face)
    noise = np.random.default_rng(3).normal(0, 12, picture.pixels.shape)
    touched = np.clip(picture.pixels + noise, 0, 255).astype(np.uint8)
    assert not meter_ok(picture, touched, face)
    drawn = plan_of([face], Treatment(Style.AVATAR))
    assert meter_ok(picture, render(picture, drawn, KEY), face)
    other = picture.pixels.copy()
    _put(other, face, picture, faces[1])
    assert meter_ok(picture, other, face)
    own, mine = portrait(shared, "amy_1")
    again, elsewhere = portrait(shared, "amy_2")
    pixels = own.pixels.copy()
    _put(pixels, mine[0], again, elsewhere[0])
    assert not meter_ok(own, pixels, mine[0])


def test_a_cartoon_that_is_the_face_itself_is_never_shown(
    shared: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What draws must not see the picture; should it do so all the same, it is found."""
    picture, faces = portrait(shared, "amy_1")
    plan = plan_of([faces[0]], Treatment(Style.AVATAR))
    ours = render(picture, plan, KEY)
    shown = []
    for drawing in (picture.pixels, np.full_like(picture.pixels, 150)):
        artist = SimpleNamespace(draw=lambda *_, drawing=drawing: drawing)
        cheat = Hands(cartoonist=lambda artist=artist: artist)
        monkeypatch.setattr(hands, "_check", cartoon_ok)
        shown.append(render(picture, plan, KEY, hands=cheat))
    assert np.array_equal(shown[0], ours)
    assert not np.array_equal(shown[1], ours)


def _put(pixels: np.ndarray, place: Finding, picture: Picture, face: Finding) -> None:
    """A face of ``picture`` in the place of another."""
    a, b, c, d = (round(v) for v in face.box.pixels(picture.width, picture.height))
    height, width = pixels.shape[:2]
    x, y, u, v = (round(w) for w in place.box.pixels(width, height))
    part = Image.fromarray(picture.pixels[b:d, a:c]).resize((u - x, v - y))
    pixels[y:v, x:u] = np.asarray(part)


SECRET = "4929 1187 6650 4321"


def letter() -> tuple[Picture, Finding]:
    pixels, (box,), _sheet = write(ground(640, 360), [SECRET], (80, 150), 40)
    return Picture(pixels), Finding("text.card", box, 0.9, "text")


@needs_weights
@pytest.mark.parametrize("style", [Style.VEIL, Style.SYNTHETIC])
def test_text_is_counted_in_characters_and_gone_under_a_mask(style: Style) -> None:
    picture, line = letter()
    plan = plan_of([line], Treatment(style))
    pixels = render(picture, plan, KEY)
    veiled = render(picture, plan_of([line], Treatment()), KEY)
    meter = Meter(picture, [line])
    verdict = verify(picture, veiled, plan, {line.id: line.category})
    found = by_kind(meter.read(pixels, plan, verdict))["text"]
    assert found.attempts == found.before == meter.letters[line.id]
    assert 14 <= found.before <= 17
    assert found.after == 0


@needs_weights
def test_text_that_shows_is_counted() -> None:
    picture, line = letter()
    plan = plan_of([line], Treatment())
    seen = Verdict((Survivor(line.id, "text", "text", 0.9, line.box),), ("text",))
    found = by_kind(Meter(picture, [line]).read(picture.pixels, plan, seen))["text"]
    assert found.after >= 14


@needs_weights
def test_known_counts_spare_the_reading(monkeypatch: pytest.MonkeyPatch) -> None:
    picture, line = letter()
    monkeypatch.setattr("privacy.core.meter.read_lines", None)
    plan = plan_of([line], Treatment())
    meter = Meter(picture, [line], {line.id: 16})
    assert meter.read(picture.pixels, plan, CLEAN).attacks == (
        Attack("text", 16, 16, 0),
    )


def test_what_verify_decoded_or_found_counts_once() -> None:
    code = Finding("code.qr", Box(0.1, 0.1, 0.3, 0.3), 0.99, "codes")
    torn = Finding("code.qr", Box(0.5, 0.1, 0.7, 0.3), 0.45, "codes")
    plate = Finding("licence_plate", Box(0.1, 0.6, 0.3, 0.7), 0.8, "plates")
    verdict = Verdict(
        (
            Survivor(code.id, "code.qr", "codes", 0.99, code.box),
            Survivor(torn.id, "code.qr", "codes", 0.45, torn.box),
            Survivor(plate.id, "licence_plate", "plates", 0.1, plate.box),
            Survivor(plate.id, "licence_plate", "plates", 0.2, plate.box),
        ),
        ("codes", "plates"),
    )
    picture = Picture(ground(64, 64))
    plan = plan_of([code, torn, plate], Treatment())
    reading = Meter(picture, [code, torn, plate]).read(picture.pixels, plan, verdict)
    assert reading.attacks == (Attack("codes", 2, 1, 1), Attack("things", 1, 1, 1))
    assert not reading.withstood


def test_an_attack_that_breaks_is_told_and_proves_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    picture, line = letter()

    def broken(*_: object) -> None:
        raise RuntimeError(SECRET)

    monkeypatch.setattr("privacy.core.meter.read_lines", broken)
    plan = plan_of([line], Treatment())
    verdict = replace(CLEAN, unchecked=("text",))
    reading = Meter(picture, [line]).read(picture.pixels, plan, verdict)
    assert reading == Reading((), ("text", "meter:text"))
    assert not reading.withstood


def test_readings_are_numbers_and_travel_as_json() -> None:
    reading = Reading((Attack("faces", 4, 3, 1),), ("codes",))
    assert Reading.from_json(json.loads(json.dumps(reading.as_json()))) == reading
    assert reading.words == "faces recognised 3 -> 1"
    assert reading.attacks[0].rates == (0.75, 0.25)
    assert Reading(()).withstood


words = st.text("abcdefgh0123", max_size=30)


@given(words, words)
def test_what_is_recovered_never_exceeds_what_stood_there(
    wrote: str, read: str
) -> None:
    assert 0 <= recovered(wrote, read) <= min(len(wrote), len(read))
    assert recovered(wrote, wrote) == len(wrote)
    assert recovered("x" * RUN + wrote, "y" * RUN + "z") == 0


@needs_weights
def test_the_command_line_prints_what_is_documented(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    picture, line = letter()
    photo, known = tmp_path / "photo.png", tmp_path / "found.json"
    Image.fromarray(picture.pixels).save(photo)
    known.write_text(json.dumps([line.as_json()]))
    arguments = ["meter", str(photo), "--findings", str(known)]
    assert main([*arguments, "--json"]) == 0
    said = capsys.readouterr().out
    shape = json.loads(said)
    jsonschema.Draft202012Validator(schema("the line of meter --json")).validate(shape)
    (text,) = shape["tiers"]["full"]["attacks"]
    assert (text["kind"], text["after"]) == ("text", 0)
    assert SECRET[:4] not in said.replace(str(tmp_path), "")
    assert main(arguments) == 0
    assert "strangers: characters read" in capsys.readouterr().out
