"""I6, I7: what a mask left, attacked; and controls that prove the attacks can find.

The regions are the labels of the development set, not what a detector found: so an
attack is asked about every region, those included that a scan would miss.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path

import cv2
import numpy as np
import pytest

from privacy.core import attack
from privacy.core.attack import Target, attackers, windows
from privacy.core.detectors import registry
from privacy.core.detectors.text import read_lines
from privacy.core.errors import ModelMissing
from privacy.core.image import Picture, Pixels
from privacy.core.render import encode, render
from privacy.core.sanitise import sanitise
from privacy.core.types import Box, Finding, Grid, Plan, Region, Style, Treatment
from privacy.core.verify import Survivor, Verdict, escalate, verify
from tests.core.drawn import ground, paste, symbol, write

KEY = b"v" * 32
ZERO_BIT = (Style.VEIL, Style.FILL, Style.STICKER)
CATEGORIES = {
    "face": "face",
    "license plate": "licence_plate",
    "document": "document",
    "text": "text",
    "qr code": "code.qr",
    "barcode": "code.barcode",
}
FACES = (
    "face_2_Demonstration_Political_Rally_2_896.jpg",
    "face_6_Funeral_Funeral_6_461.jpg",
    "face_9_Press_Conference_Press_Conference_9_129.jpg",
)
PLATES = ("plate_eu_4097f681.jpg", "plate_eu_b637c22b.jpg")
SHEETS = ("doc_syn_creditcard_10.jpg",)
CODES = ("code_qrcode_02.jpg",)
ALL = (
    *(pytest.param(name, marks=pytest.mark.long) for name in (FACES[0], PLATES[1])),
    *(FACES[1:] + PLATES[:1] + SHEETS + CODES),
)

Case = tuple[Picture, Plan, dict[str, str]]


@cache
def labelled(
    folder: Path, name: str, longest: int = 900
) -> tuple[Picture, list[Region]]:
    """A picture of the development set, at most ``longest`` px, with its regions."""
    picture = sanitise((folder / "images" / name).read_bytes()).picture()
    width, height = picture.width, picture.height
    labels = json.loads((folder / "labels.json").read_text("utf-8"))[name]
    regions = [
        Region(
            f"{CATEGORIES[label['label']]}:{number}",
            Box.from_pixels(*map(float, label["box"][:4]), width, height),
            Treatment(),
        )
        for number, label in enumerate(labels)
    ]
    scale = min(1.0, longest / max(width, height))
    if scale < 1:
        small = picture.resized(round(width * scale), round(height * scale))
        picture = Picture(small)
    return picture, regions


def case(folder: Path, name: str, style: Style, strength: float = 0.5) -> Case:
    picture, regions = labelled(folder / "devset", name)
    treatment = Treatment(style, strength)
    plan = Plan.of(replace(region, treatment=treatment) for region in regions)
    return picture, plan, categories(plan)


def categories(plan: Plan) -> dict[str, str]:
    return {region.id: region.id.partition(":")[0] for region in plan.regions}


def found_again(verdict: Verdict) -> set[str]:
    return {survivor.region for survivor in verdict.survivors}


# --- I7: detectors ---------------------------------------------------------------------------


@pytest.mark.parametrize("name", ALL)
def test_i7_nothing_is_detected_under_a_veil(shared: Path, name: str) -> None:
    picture, plan, known = case(shared, name, Style.VEIL)
    last = escalate(picture, plan, known, KEY)
    assert last.verdict.clean, last.verdict.as_json()
    wanted = {a for root in known.values() for a in attack.ATTACKS[root.split(".")[0]]}
    assert wanted <= set(last.verdict.attacks)
    if name in FACES:
        assert "faces:second" in last.verdict.attacks


@pytest.mark.long
@pytest.mark.parametrize("style", [Style.FILL, Style.STICKER, Style.REMOVE, Style.SEAL])
@pytest.mark.parametrize("name", FACES + PLATES + SHEETS + CODES)
def test_i7_nor_under_the_other_zero_bit_styles(
    shared: Path, name: str, style: Style
) -> None:
    picture, plan, known = case(shared, name, style)
    last = escalate(picture, plan, known, KEY)
    assert last.verdict.clean, last.verdict.as_json()


@pytest.mark.parametrize("name", ALL)
def test_i7_control_everything_is_found_in_the_original(
    shared: Path, name: str
) -> None:
    """The plan says masked, the render is the original: the verdict must be red."""
    picture, plan, known = case(shared, name, Style.VEIL)
    verdict = verify(picture, picture.pixels.copy(), plan, known)
    assert not verdict.clean
    hits = [survivor.box for survivor in verdict.survivors]
    missed = [
        region.id
        for region in plan.regions
        if not any(hit.iou(region.box) > 0.1 for hit in hits)
    ]
    assert len(missed) <= 0.1 * len(known), missed


@pytest.mark.parametrize("style", [Style.BLUR, Style.PIXELATE])
def test_i7_control_a_weak_courtesy_style_is_found_out(
    shared: Path, style: Style
) -> None:
    picture, plan, known = case(shared, FACES[1], style, strength=0.0)
    verdict = verify(picture, render(picture, plan, KEY), plan, known)
    assert found_again(verdict) == set(known)


def test_i7_control_a_mask_beside_its_face_is_found_out(shared: Path) -> None:
    """The plan is right, the render masks another place: as a bug would."""
    picture, plan, known = case(shared, FACES[1], Style.VEIL)
    moved = Plan.of(
        replace(region, box=Box(0.0, 0.0, 0.12, 0.12)) for region in plan.regions
    )
    verdict = verify(picture, render(picture, moved, KEY), plan, known)
    assert found_again(verdict) == set(known)


def test_i7_the_second_detector_finds_what_the_first_is_blind_to(
    shared: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    picture, plan, known = case(shared, FACES[1], Style.VEIL)

    class Blind:
        name, model = "faces", "blind"

        def load(self) -> None:
            """Nothing to read."""

        def detect(
            self, picture: Picture, *, threshold: float | None = None
        ) -> list[Finding]:
            return []

    monkeypatch.setattr(registry, "_loaded", dict(registry._loaded))
    monkeypatch.delenv("NOPEEK_MODELS", raising=False)
    monkeypatch.setitem(registry._loaded, ("faces", registry._WHERE["faces"]), Blind())
    verdict = verify(picture, picture.pixels.copy(), plan, known)
    assert {survivor.attack for survivor in verdict.survivors} == {"faces:second"}


def test_i7_a_small_render_is_attacked_like_a_large_one(shared: Path) -> None:
    picture, plan, known = case(shared, FACES[1], Style.VEIL)
    small = cv2.resize(picture.pixels, None, fx=0.5, fy=0.5)
    assert found_again(verify(picture, small, plan, known)) == set(known)


# --- I6: what is read ---------------------------------------------------------------------------

SECRET = ("K7 4093 QX", "4929 1187 6650", "maria.ott@wald.example")


def sheet() -> tuple[Picture, Plan]:
    """Three lines of a sheet as regions; another one, further down, in plain sight."""
    lines = [*SECRET, "", "", "Opening hours"]
    pixels, boxes, _ = write(ground(420, 300), lines, (50, 50), 22)
    regions = [
        Region(f"text:{number}", box, Treatment())
        for number, box in enumerate(boxes[: len(SECRET)])
    ]
    return Picture(pixels), Plan.of(regions)


def styled(plan: Plan, style: Style, strength: float = 0.5) -> Plan:
    look = Treatment(style, strength)
    return Plan.of(replace(region, treatment=look) for region in plan.regions)


def _inverted(pixels: Pixels) -> Pixels:
    return 255 - pixels


def _enlarged(pixels: Pixels, times: int) -> Pixels:
    out: Pixels = cv2.resize(
        pixels, None, fx=times, fy=times, interpolation=cv2.INTER_CUBIC
    )
    return out


def _clahe(pixels: Pixels) -> Pixels:
    lab = cv2.cvtColor(pixels, cv2.COLOR_RGB2LAB)
    lab[..., 0] = cv2.createCLAHE(8.0, (8, 8)).apply(lab[..., 0])
    out: Pixels = cv2.cvtColor(lab, cv2.COLOR_LAB2RGB)
    return out


def _deconvolved(pixels: Pixels, sigma: float = 2.0) -> Pixels:
    """Wiener's inverse of a Gaussian, which undoes a blur of that width."""
    height, width = pixels.shape[:2]
    y, x = np.fft.fftfreq(height)[:, None], np.fft.fftfreq(width)[None]
    optics = np.exp(-2 * (np.pi * sigma) ** 2 * (x * x + y * y))
    inverse = optics / (optics * optics + 0.002)
    bands = [
        np.fft.ifft2(np.fft.fft2(pixels[..., band]) * inverse).real for band in range(3)
    ]
    return np.clip(np.stack(bands, axis=-1), 0, 255).astype(np.uint8)


ENHANCEMENTS: Mapping[str, Callable[[Pixels], Pixels]] = {
    "x1": lambda pixels: pixels,
    "x2": lambda pixels: _enlarged(pixels, 2),
    "x4": lambda pixels: _enlarged(pixels, 4),
    "inverted": _inverted,
    "CLAHE": _clahe,
    "deconvolved": _deconvolved,
}


def paddle(pixels: Pixels) -> str:
    """What PP-OCR reads, the models that RapidOCR ships."""
    return "\n".join(line.text for line in read_lines(Picture(pixels)))


def tesseract(pixels: Pixels) -> str:
    """What Tesseract reads, as a sparse page."""
    if shutil.which("tesseract") is None:
        pytest.skip("tesseract is not installed")
    done = subprocess.run(
        ["tesseract", "stdin", "stdout", "--psm", "11"],
        input=cv2.imencode(".png", pixels[..., ::-1])[1].tobytes(),
        capture_output=True,
        timeout=60,
        check=True,
        env={"OMP_THREAD_LIMIT": "1", "PATH": "/usr/bin:/bin:/usr/local/bin"},
    )
    return done.stdout.decode("utf-8", "replace")


def recovered(read: str, secret: str) -> int:
    """Length of the longest run of the secret's characters in what was read."""
    ours, theirs = ("".join(text.split()) for text in (secret, read))
    return max(
        (
            j - i
            for i in range(len(ours))
            for j in range(i + 1, len(ours) + 1)
            if ours[i:j] in theirs
        ),
        default=0,
    )


def around_masks(picture: Picture, pixels: Pixels, plan: Plan) -> Pixels:
    """The part with the masked lines, without the line in plain sight."""
    bottom = max(region.box.y1 for region in plan.regions) * picture.height
    return np.ascontiguousarray(pixels[: int(bottom) + 40])


@pytest.mark.parametrize("reader", [paddle, tesseract])
@pytest.mark.parametrize("how", ENHANCEMENTS)
def test_i6_no_two_characters_are_read_under_a_veil(
    reader: Callable[[Pixels], str], how: str
) -> None:
    picture, plan = sheet()
    pixels = around_masks(picture, render(picture, plan, KEY), plan)
    read = reader(ENHANCEMENTS[how](pixels))
    for secret in SECRET:
        assert recovered(read, secret) < 2, read


@pytest.mark.long
@pytest.mark.parametrize("reader", [paddle, tesseract])
@pytest.mark.parametrize("how", ENHANCEMENTS)
@pytest.mark.parametrize("style", [Style.FILL, Style.STICKER, Style.REMOVE])
@pytest.mark.parametrize("form", ["jpeg", "webp", "avif"])
def test_i6_nor_under_any_other_zero_bit_style_in_any_format(
    reader: Callable[[Pixels], str], how: str, style: Style, form: str
) -> None:
    picture, plan = sheet()
    master = render(picture, styled(plan, style), KEY)
    shown = sanitise(encode(master, "full", form)).pixels
    read = reader(ENHANCEMENTS[how](around_masks(picture, shown, plan)))
    for secret in SECRET:
        assert recovered(read, secret) < 2, read


@pytest.mark.parametrize("reader", [paddle, tesseract])
def test_i6_control_the_readers_can_read(reader: Callable[[Pixels], str]) -> None:
    picture, plan = sheet()
    read = reader(_enlarged(around_masks(picture, picture.pixels, plan), 2))
    assert all(recovered(read, secret) >= 5 for secret in SECRET), read


def test_i6_control_a_light_mosaic_is_read() -> None:
    """Cells of some two pixels: what the attacks are for."""
    picture, plan = sheet()
    small = cv2.resize(picture.pixels, None, fx=0.5, fy=0.5)
    mosaic = cv2.resize(small, (420, 300), interpolation=cv2.INTER_NEAREST)
    read = paddle(_enlarged(around_masks(picture, mosaic, plan), 2))
    assert max(recovered(read, secret) for secret in SECRET) >= 4
    verdict = verify(picture, mosaic, plan, categories(plan))
    assert found_again(verdict) == set(categories(plan))


def test_i6_text_in_plain_sight_beside_a_mask_is_no_survivor() -> None:
    picture, plan = sheet()
    pixels = render(picture, plan, KEY)
    assert recovered(paddle(pixels), "Opening hours") >= 6
    assert verify(picture, pixels, plan, categories(plan)).clean


def test_i6_a_small_line_under_a_large_mask_is_a_survivor() -> None:
    """Measured by what lies under the mask, not by how much of the mask it fills."""
    pixels, boxes, _ = write(ground(640, 480), ["PIN 4711"], (80, 60), 18)
    plan = Plan.of([Region("text:0", Box(0.05, 0.05, 0.95, 0.95), Treatment())])
    assert boxes[0].iou(plan.regions[0].box) < 0.05
    verdict = verify(Picture(pixels), pixels.copy(), plan, {"text:0": "document"})
    assert found_again(verdict) == {"text:0"}


def test_i6_a_line_that_two_masks_share_is_a_survivor() -> None:
    picture, plan = sheet()
    box = plan.regions[1].box
    middle = (box.x0 + box.x1) / 2
    halves = Plan.of(
        [
            Region("text:a", replace(box, x1=middle), Treatment()),
            Region("text:b", replace(box, x0=middle), Treatment()),
        ]
    )
    verdict = verify(picture, picture.pixels.copy(), halves, categories(halves))
    assert found_again(verdict) & {"text:a", "text:b"}


# --- what is attacked, and how ---------------------------------------------------------------


def test_a_category_that_nobody_knows_is_attacked_with_everything() -> None:
    picture = Picture(ground(64, 64))
    plan = Plan.of([Region("x", Box(0.2, 0.2, 0.8, 0.8), Treatment())])
    everything = set(attack.ATTACKS["manual"]) | {"faces:second"}
    pixels = render(picture, plan, KEY)
    for known in ({}, {"x": "spaceship"}):
        assert set(verify(picture, pixels, plan, known).attacks) == everything
    assert verify(picture, pixels, plan, {"x": "object.laptop"}).attacks == ()


def test_k9_an_attack_that_cannot_run_is_told_and_never_clean(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("NOPEEK_WEIGHTS", str(tmp_path))
    monkeypatch.delenv("NOPEEK_MODELS", raising=False)
    monkeypatch.setattr(registry, "_loaded", {})
    with pytest.raises(ModelMissing):
        registry.get("faces")
    picture = Picture(ground(96, 96))
    plan = Plan.of([Region("x", Box(0.2, 0.2, 0.8, 0.8), Treatment())])
    verdict = verify(picture, render(picture, plan, KEY), plan, {"x": "face"})
    assert set(verdict.unchecked) == {"faces", "faces:second"}
    assert not verdict.clean
    assert not escalate(picture, plan, {"x": "face"}, KEY).verdict.clean


def test_a_code_is_decoded_again_where_it_is_not_masked() -> None:
    import zxingcpp

    code = symbol(zxingcpp.BarcodeFormat.QRCode, "otpauth://totp/x?secret=ABC")
    pixels = paste(ground(320, 320), code, (160, 160))
    half = max(code.shape) / 2 / 320
    box = Box(0.5 - half, 0.5 - half, 0.5 + half, 0.5 + half)
    plan = Plan.of([Region("code:0", box, Treatment())])
    picture = Picture(pixels)
    assert found_again(verify(picture, pixels.copy(), plan, {"code:0": "code.qr"}))
    assert verify(
        picture, render(picture, plan, KEY), plan, {"code:0": "code.qr"}
    ).clean


def test_large_renders_are_attacked_at_a_bounded_size() -> None:
    seen: list[tuple[int, int]] = []

    class Eye:
        name, model = "faces", "eye"

        def load(self) -> None:
            """Nothing to read."""

        def detect(
            self, picture: Picture, *, threshold: float | None = None
        ) -> list[Finding]:
            seen.append((picture.width, picture.height))
            assert threshold == attack.THRESHOLD
            return []

    target = Target(np.zeros((1500, 3000, 3), np.uint8))
    assert target.hits(Eye(), [Box(0, 0, 1, 1)]) == []
    assert seen == [(2048, 1024)]


def test_text_is_looked_for_around_masked_text_alone() -> None:
    line = Box(0.1, 0.1, 0.3, 0.13)
    (window,) = windows([line])
    assert window.covers(line) == 1
    assert window.area < 0.2
    far = Box(0.7, 0.8, 0.9, 0.82)
    parts = windows([line, far])
    assert len(parts) == 2
    assert parts[0].intersection(parts[1]) == 0
    assert windows([Box(0.05, 0.05, 0.95, 0.95)]) == [Box(0, 0, 1, 1)]
    assert windows([]) == []
    crowd = [
        Box(x / 10, y / 10, x / 10 + 0.05, y / 10 + 0.02)
        for x in range(9)
        for y in range(9)
    ]
    assert windows(crowd) == [Box(0, 0, 1, 1)]


def test_a_hit_in_a_window_is_told_in_the_whole_picture() -> None:
    pixels, boxes, _ = write(ground(1200, 900), ["4929 1187 6650"], (820, 700), 26)
    (text,) = [detector for _, detector in attackers("text")]
    (hit,) = Target(pixels).hits(text, [boxes[0]])
    assert hit.box.covers(boxes[0]) > 0.7
    assert hit.box.iou(boxes[0]) > 0.3


# --- escalation ------------------------------------------------------------------------------------


def test_escalation_hardens_what_survives_and_nothing_else(shared: Path) -> None:
    picture, plan, known = case(shared, FACES[1], Style.BLUR, strength=0.0)
    other = Region("text:none", Box(0.0, 0.9, 0.2, 0.98), Treatment(Style.VEIL))
    plan = Plan.of([*plan.regions, other])
    known["text:none"] = "text"
    before = verify(picture, render(picture, plan, KEY), plan, known)
    assert found_again(before) == set(known) - {"text:none"}
    last = escalate(picture, plan, known, KEY)
    assert last.verdict.clean, last.verdict.as_json()
    assert last.rounds >= 1
    by_id = {region.id: region for region in last.plan.regions}
    assert by_id["text:none"] == other
    for region in plan.regions:
        if region.id in found_again(before):
            after = by_id[region.id]
            assert after.treatment == Treatment(Style.VEIL)  # blur did not hold
            assert after.box.covers(region.box) == 1
            assert after.box.area > region.box.area
    assert np.array_equal(last.pixels, render(picture, last.plan, KEY))


def test_a_look_is_kept_as_long_as_it_withstands(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A survivor first grows under its own style; the flat fill comes last."""
    box = Box(0.4, 0.4, 0.6, 0.6)
    looks: list[Plan] = []

    def seen(wanted: int) -> None:
        def hits(
            _picture: Picture, _pixels: Pixels, plan: Plan, _known: Mapping[str, str]
        ) -> Verdict:
            looks.append(plan)
            left = Survivor("x", "code.qr", "codes", 0.9, box)
            return Verdict((left,) if len(looks) <= wanted else (), ("codes",))

        looks.clear()
        monkeypatch.setattr("privacy.core.verify.verify", hits)

    picture = Picture(ground(128, 128))
    plan = Plan.of([Region("x", box, Treatment(Style.STICKER, 0.3), art="moon")])
    styles = []
    for wanted in (1, 2, 3):
        seen(wanted)
        last = escalate(picture, plan, {"x": "code"}, KEY)
        assert last.verdict.clean
        region = last.plan.regions[0]
        assert region.box.area == pytest.approx(box.area * 1.25 ** (2 * wanted))
        styles.append((region.treatment, region.art))
    kept = (Treatment(Style.STICKER, 0.3), "moon")
    assert styles == [kept, kept, (Treatment(Style.FILL, 1.0), "")]


def test_an_avatar_is_attacked_as_the_veil_beneath_it(shared: Path) -> None:
    """A drawn face looks like one; the veil beneath it is what has to withstand."""
    picture, plan, known = case(shared, FACES[2], Style.AVATAR)
    last = escalate(picture, plan, known, KEY)
    assert last.verdict.clean, last.verdict.as_json()
    kept = [r for r in last.plan.regions if r.treatment.style is Style.AVATAR]
    assert kept
    assert np.array_equal(last.pixels, render(picture, last.plan, KEY))


def test_escalation_gives_up_after_its_rounds_and_says_what_is_left(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A detector that always sees something: the verdict stays red, regions only grow."""
    box = Box(0.4, 0.4, 0.6, 0.6)

    class Stubborn:
        name, model = "codes", "stubborn"

        def load(self) -> None:
            """Nothing to read."""

        def detect(
            self, picture: Picture, *, threshold: float | None = None
        ) -> list[Finding]:
            return [Finding("code.qr", box, 0.9, "codes")]

    monkeypatch.setattr(registry, "_loaded", dict(registry._loaded))
    monkeypatch.delenv("NOPEEK_MODELS", raising=False)
    key = ("codes", registry._WHERE["codes"])
    monkeypatch.setitem(registry._loaded, key, Stubborn())
    picture = Picture(ground(128, 128), Grid())
    plan = Plan.of([Region("x", box, Treatment())])
    last = escalate(picture, plan, {"x": "code"}, KEY, rounds=2)
    assert last.rounds == 2
    assert not last.verdict.clean
    assert [survivor.region for survivor in last.verdict.survivors] == ["x"]
    assert last.plan.regions[0].box.covers(box) == 1
    assert last.plan.regions[0].box.area == pytest.approx(box.area * 1.25**4)


def test_a_clean_plan_is_left_as_it_is() -> None:
    picture, plan = sheet()
    last = escalate(picture, plan, categories(plan), KEY)
    assert (last.rounds, last.plan) == (0, plan)
    assert last.verdict.clean


def test_an_empty_plan_needs_no_attack() -> None:
    picture = Picture(ground(64, 64))
    verdict = verify(picture, picture.pixels.copy(), Plan(), {})
    assert verdict.clean
    assert verdict.as_json() == {
        "clean": True,
        "attacks": [],
        "unchecked": [],
        "survivors": [],
    }
