"""I1, I2, I3, I10, I11, I17, I18, I22: what is masked does not enter a single byte."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterator
from dataclasses import fields

import cv2
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from privacy.core import render as rendering
from privacy.core import types
from privacy.core.detectors.with_lama import LamaPainter
from privacy.core.hands import LIGHT, Hands, use_check
from privacy.core.image import Picture, Pixels
from privacy.core.redact import mask as masking
from privacy.core.redact import veil
from privacy.core.redact.canvas import Canvas, Layer
from privacy.core.render import encode, placeholder, render, scaled
from privacy.core.sanitise import Clean, sanitise
from privacy.core.types import Box, Plan, Region, Style, Treatment
from tests.core.painters import small_lama

KEY = hashlib.sha256(b"tests").digest()
ZERO_BIT = tuple(sorted(types.ZERO_BIT))
FORMATS = ("jpeg", "webp", "avif")
SIZES = ("thumb", "feed", "full", 97)

seeds = st.integers(0, 2**32 - 1)
units = st.floats(0, 1)


@st.composite
def boxes(draw: st.DrawFn) -> Box:
    x0, y0 = draw(st.floats(0, 0.8)), draw(st.floats(0, 0.8))
    return Box(x0, y0, x0 + draw(st.floats(0.02, 0.5)), y0 + draw(st.floats(0.02, 0.5)))


def scene(seed: int, width: int, height: int) -> Pixels:
    """Something like a photo: soft colour fields with edges and noise."""
    dice = np.random.default_rng(seed)
    coarse = dice.integers(0, 256, (6, 8, 3), dtype=np.uint8)
    soft = cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC)
    noise = dice.normal(0, 9, soft.shape)
    return np.clip(soft + noise, 0, 255).astype(np.uint8)


def twins(seed: int, box: Box, width: int, height: int) -> tuple[Pixels, Pixels]:
    """Two scenes that differ in every pixel of the box and in none outside it."""
    first = scene(seed, width, height)
    second = first.copy()
    x0, y0, x1, y1 = box.clipped().pixels(width, height)
    place = slice(int(y0), int(np.ceil(y1))), slice(int(x0), int(np.ceil(x1)))
    inside = second[place]
    dice = np.random.default_rng(seed + 1)
    inside += dice.integers(1, 256, inside.shape, dtype=np.uint8)
    return first, second


def camera(pixels: Pixels, quality: int, subsampling: str, orientation: int) -> bytes:
    """The JPEG that a camera stores, to be shown turned by ``orientation``."""
    exif = Image.Exif()
    exif[0x0112] = orientation
    out = io.BytesIO()
    Image.fromarray(pixels).save(
        out, "jpeg", quality=quality, subsampling=subsampling, exif=exif
    )
    return out.getvalue()


def displayed(box: Box, orientation: int) -> Box:
    """Where a box of the stored picture lies in the displayed one."""
    x0, y0, x1, y1 = box.clipped().as_tuple()
    if orientation in (5, 6, 7, 8):
        x0, y0, x1, y1 = y0, x0, y1, x1
    if orientation in (2, 3, 6, 7):
        x0, x1 = 1 - x1, 1 - x0
    if orientation in (3, 4, 7, 8):
        y0, y1 = 1 - y1, 1 - y0
    return Box(x0, y0, x1, y1)


def planned(box: Box, style: Style, name: str = "region") -> Plan:
    return Plan.of([Region(name, box, Treatment(style))])


class Copyist:
    """Draws an avatar from all that it is given, as a diffusion model could."""

    def draw(self, blank: Pixels, hidden: Pixels, secret: bytes) -> Pixels:
        tone = blank.reshape(-1, 3).mean(axis=0) + secret[0] % 32
        return np.clip(blank / 2 + tone, 0, 255).astype(np.uint8)


@pytest.fixture(scope="module", autouse=True)
def _models(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    choice = small_lama(tmp_path_factory.mktemp("models") / "small.onnx")
    painter = LamaPainter(choice)
    HANDS["painter"] = Hands(painter=lambda: painter)
    HANDS["cartoonist"] = Hands(cartoonist=Copyist)
    use_check(lambda *_: True)
    yield
    use_check(None)


HANDS: dict[str, Hands] = {}
"""Models that draw for a zero-bit style, by the field of ``Hands``."""
BY_MODEL = ((Style.REMOVE, "painter"), (Style.AVATAR, "cartoonist"))
ENROLLED = (*((style, "") for style in ZERO_BIT), *BY_MODEL)
"""Every way in which a zero-bit style is drawn: all of them come under these tests."""


def everything(picture: Picture, plan: Plan, by: str = "") -> Iterator[bytes]:
    """All bytes that could reach a viewer."""
    more = {"hands": HANDS[by]} if by else {}
    pixels = render(picture, plan, KEY, **more)
    yield pixels.tobytes()
    yield placeholder(pixels).encode()
    # A picture that is small already is the same at several sizes: each one once.
    sizes = {scaled(pixels, size).shape: size for size in SIZES}
    for form in FORMATS:
        for size in sizes.values():
            yield encode(pixels, size, form)


quick = settings(
    max_examples=20, deadline=None, suppress_health_check=list(HealthCheck)
)
long = settings(
    max_examples=500, deadline=None, suppress_health_check=list(HealthCheck)
)


def check_pixels(
    style: Style, seed: int, box: Box, width: int, height: int, by: str = ""
) -> None:
    first, second = twins(seed, box, width, height)
    plan = planned(box, style)
    ours = list(everything(Picture(first), plan, by))
    theirs = list(everything(Picture(second), plan, by))
    assert ours == theirs  # I22: equal bytes have equal lengths


def check_camera(
    style: Style,
    seed: int,
    box: Box,
    size: tuple[int, int],
    stored: tuple[int, str, int],
    by: str = "",
) -> None:
    quality, subsampling, orientation = stored
    first, second = twins(seed, box, *size)
    clean: list[Clean] = [
        sanitise(camera(pixels, quality, subsampling, orientation))
        for pixels in (first, second)
    ]
    plan = planned(displayed(box, orientation), style)
    more = {"hands": HANDS[by]} if by else {}
    ours, theirs = (render(c.picture(), plan, KEY, **more).tobytes() for c in clean)
    assert ours == theirs


@pytest.mark.parametrize(("style", "by"), ENROLLED)
@quick
@given(seed=seeds, box=boxes(), width=st.integers(20, 200), height=st.integers(20, 200))
def test_i1_bytes_do_not_depend_on_the_inside(
    style: Style, by: str, seed: int, box: Box, width: int, height: int
) -> None:
    check_pixels(style, seed, box, width, height, by)


@pytest.mark.parametrize(("style", "by"), ENROLLED)
@quick
@given(
    seed=seeds,
    box=boxes(),
    size=st.tuples(st.integers(40, 300), st.integers(40, 300)),
    stored=st.tuples(
        st.integers(50, 95), st.sampled_from(("4:4:4", "4:2:0")), st.integers(1, 8)
    ),
)
def test_i1_nor_through_a_cameras_jpeg(
    style: Style,
    by: str,
    seed: int,
    box: Box,
    size: tuple[int, int],
    stored: tuple[int, str, int],
) -> None:
    check_camera(style, seed, box, size, stored, by)


@pytest.mark.parametrize("style", ZERO_BIT)
def test_i22_a_files_length_tells_nothing_of_the_inside(style: Style) -> None:
    """Noise costs an encoder many times what a blank costs: under a mask, nothing."""
    box, plain = Box(0.2, 0.2, 0.8, 0.8), scene(4, 200, 160)
    busy, blank = plain.copy(), plain.copy()
    place = slice(32, 128), slice(40, 160)
    busy[place] = np.random.default_rng(1).integers(0, 256, (96, 120, 3))
    blank[place] = 128
    for form in FORMATS:
        assert len(encode(busy, "full", form)) > 1.5 * len(encode(blank, "full", form))
        files = [
            [
                len(
                    encode(
                        render(Picture(pixels), planned(box, style), KEY), size, form
                    )
                )
                for size in SIZES
            ]
            for pixels in (busy, blank)
        ]
        assert files[0] == files[1]


@pytest.mark.long
@pytest.mark.parametrize(("style", "by"), ENROLLED)
@long
@given(seed=seeds, box=boxes(), width=st.integers(20, 420), height=st.integers(20, 420))
def test_i1_long_bytes_do_not_depend_on_the_inside(
    style: Style, by: str, seed: int, box: Box, width: int, height: int
) -> None:
    check_pixels(style, seed, box, width, height, by)


@pytest.mark.long
@pytest.mark.parametrize(("style", "by"), ENROLLED)
@long
@given(
    seed=seeds,
    box=boxes(),
    size=st.tuples(st.integers(40, 300), st.integers(40, 300)),
    stored=st.tuples(
        st.integers(50, 95), st.sampled_from(("4:4:4", "4:2:0")), st.integers(1, 8)
    ),
)
def test_i1_long_nor_through_a_cameras_jpeg(
    style: Style,
    by: str,
    seed: int,
    box: Box,
    size: tuple[int, int],
    stored: tuple[int, str, int],
) -> None:
    check_camera(style, seed, box, size, stored, by)


def test_no_style_and_no_model_is_left_out() -> None:
    """A new style is zero-bit and comes under these tests, or is told as a courtesy."""
    courtesies = set(rendering._courtesies(LIGHT, KEY))
    assert {style for style, _by in ENROLLED} == set(Style) - courtesies
    assert not courtesies & types.ZERO_BIT
    drawing = {by for _style, by in BY_MODEL}
    assert {field.name for field in fields(Hands)} == {"opponents", *drawing}


# --- I2: the checks above have teeth -----------------------------------------------------


def _differs_somewhere(style: Style, by: str = "") -> bool:
    """Whether any of some camera pictures gives the inside away."""
    for seed in range(6):
        box = Box(0.31, 0.33, 0.58, 0.64)
        try:
            check_camera(style, seed, box, (211, 187), (80, "4:2:0", 1), by)
            check_pixels(style, seed, box, 211, 187, by)
        except AssertionError:
            return True
    return False


def test_i2_an_exact_box_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    def exact(region: Region, width: int, height: int, _grid: object) -> masking.Patch:
        x0, y0, x1, y1 = region.box.pixels(width, height)
        shape = int(np.ceil(y1)) - int(y0), int(np.ceil(x1)) - int(x0)
        return masking.Patch(int(y0), int(x0), np.ones(shape, dtype=np.bool_))

    assert not _differs_somewhere(Style.FILL)
    monkeypatch.setattr(rendering, "region_patch", exact)
    assert _differs_somewhere(Style.FILL)


def test_i2_resizing_first_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    honest = rendering.render

    def resized_first(
        picture: Picture, plan: Plan, key: bytes, art: object = None
    ) -> Pixels:
        small = cv2.resize(picture.pixels, (53, 47), interpolation=cv2.INTER_AREA)
        plain = Plan.of(
            Region(r.id, r.box, r.treatment, padding=-0.08) for r in plan.regions
        )
        monkeypatch.setattr(masking, "LEAST", 0.0)
        monkeypatch.setattr(masking, "SPILL", 0)
        monkeypatch.setattr(masking, "MARGIN", 0.0)
        made = honest(Picture(small, grid=_fine()), plain, key)
        return cv2.resize(made, (picture.width, picture.height))

    monkeypatch.setitem(globals(), "render", resized_first)
    assert _differs_somewhere(Style.FILL)


def _fine() -> object:
    from privacy.core.types import Grid

    return Grid(step=1)


def test_i2_a_feather_inside_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    honest = rendering.render

    def feathered(
        picture: Picture, plan: Plan, key: bytes, art: object = None
    ) -> Pixels:
        made = honest(picture, plan, key)
        region = plan.regions[0]
        hard = masking.region_mask(region, picture.width, picture.height, picture.grid)
        soft = cv2.GaussianBlur(hard.astype(np.float32), (0, 0), 6)[..., None]
        return np.rint(made * soft + picture.pixels * (1 - soft)).astype(np.uint8)

    monkeypatch.setitem(globals(), "render", feathered)
    assert _differs_somewhere(Style.FILL)


def test_i2_a_style_that_looks_inside_is_caught(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def peeking(
        pixels: Pixels, part: Pixels, patch: masking.Patch, region: Region
    ) -> None:
        pixels[patch.place] = part.mean(axis=(0, 1)).astype(np.uint8)

    monkeypatch.setattr(rendering, "_COURTESY", {Style.FILL: peeking})
    assert _differs_somewhere(Style.FILL)


@pytest.mark.parametrize(("style", "by"), BY_MODEL)
def test_i2_a_model_that_is_given_the_inside_is_caught(
    style: Style, by: str, monkeypatch: pytest.MonkeyPatch
) -> None:

    class Careless(Canvas):
        def __init__(self, source: Pixels, hidden: Pixels) -> None:
            super().__init__(source, hidden)
            self.blank = source.copy()  # what a canvas never does

    def showing(blank: Pixels, hidden: Pixels, patch: masking.Patch) -> Layer:
        return blank[patch.place].astype(np.float32)

    # LamaPainter blanks once more by itself, so one that trusts its canvas stands in.
    trusting = Hands(painter=lambda: showing, cartoonist=Copyist)
    monkeypatch.setitem(HANDS, by, trusting)
    assert not _differs_somewhere(style, by)
    monkeypatch.setattr(rendering, "Canvas", Careless)
    assert _differs_somewhere(style, by)


# --- I3, I10: what looks random is fixed, and not by what is shown -------------------------


def test_i3_the_sticker_follows_from_key_and_place_alone() -> None:
    box = Box(0.2, 0.2, 0.7, 0.7)
    first, second = twins(5, box, 160, 160)
    plan = planned(box, Style.STICKER)
    made = render(Picture(first), plan, KEY)
    assert np.array_equal(made, render(Picture(second), plan, KEY))
    others = {
        render(Picture(first), plan, hashlib.sha256(bytes([k])).digest()).tobytes()
        for k in range(24)
    }
    assert len(others) > 4  # another photo's key chooses another drawing


def test_i10_grain_is_identical_in_256_renders_of_any_tier() -> None:
    picture = Picture(scene(3, 120, 90))
    region = Region("one", Box(0.2, 0.2, 0.5, 0.6), Treatment(Style.VEIL))
    other = Region("two", Box(0.7, 0.6, 0.9, 0.9), Treatment(Style.FILL))
    alone = {render(picture, Plan.of([region]), KEY).tobytes() for _ in range(256)}
    assert len(alone) == 1
    veil.grain.cache_clear()
    assert render(picture, Plan.of([region]), KEY).tobytes() in alone
    both = render(picture, Plan.of([region, other]), KEY)
    place = masking.region_patch(region, 120, 90, picture.grid).place
    single = np.frombuffer(alone.pop(), np.uint8).reshape(90, 120, 3)
    residue = both[place].astype(int) - single[place].astype(int)
    # The tone may follow the surroundings; the grain on it may not change.
    rough = residue - cv2.GaussianBlur(residue.astype(np.float32), (0, 0), 4)
    assert np.abs(rough).max() <= 2


# --- I11: a pool of viewers knows what its best member knows -------------------------------


@quick
@given(
    seed=seeds,
    semi=st.lists(boxes(), max_size=3),
    more=st.lists(boxes(), min_size=1, max_size=3),
    way=st.sampled_from(ENROLLED),
)
def test_i11_the_stricter_render_follows_from_the_weaker(
    seed: int, semi: list[Box], more: list[Box], way: tuple[Style, str]
) -> None:
    style, by = way
    hands = HANDS.get(by, LIGHT)
    picture = Picture(scene(seed, 180, 140))
    few = [Region(f"s{i}", box, Treatment(style)) for i, box in enumerate(semi)]
    many = few + [Region(f"m{i}", box, Treatment(style)) for i, box in enumerate(more)]
    for_semi = render(picture, Plan.of(few), KEY, hands=hands)
    for_full = render(picture, Plan.of(many), KEY, hands=hands)
    again = Picture(for_semi, picture.grid)
    recomputed = render(again, Plan.of(many), KEY, hands=hands)
    assert np.array_equal(recomputed, for_full)


# --- I17, I18 ---------------------------------------------------------------------------------


def test_i17_no_ghost_of_the_inside_in_the_frequencies() -> None:
    """Inside a fill, a JPEG's coefficients are those of a flat fill."""
    box = Box(0.25, 0.25, 0.75, 0.75)
    pixels = render(Picture(scene(9, 256, 256)), planned(box, Style.FILL), KEY)
    decoded = np.asarray(Image.open(io.BytesIO(encode(pixels, "full"))).convert("L"))
    inner = decoded[96:160, 96:160].astype(np.float32)
    blocks = inner.reshape(8, 8, 8, 8).transpose(0, 2, 1, 3).reshape(-1, 8, 8)
    for block in blocks:
        frequencies = cv2.dct(block)
        frequencies[0, 0] = 0
        assert np.abs(frequencies).max() < 1e-2


@pytest.mark.parametrize("form", FORMATS)
def test_i18_one_opaque_layer_and_one_frame(form: str) -> None:
    pixels = render(
        Picture(scene(1, 64, 48)), planned(Box(0, 0, 0.5, 0.5), Style.VEIL), KEY
    )
    with Image.open(io.BytesIO(encode(pixels, "full", form))) as image:
        assert image.mode == "RGB"
        assert getattr(image, "n_frames", 1) == 1
        assert "A" not in image.getbands()


@pytest.mark.parametrize("form", FORMATS)
def test_m9_nothing_but_pixels_is_written(form: str) -> None:
    data = encode(scene(1, 64, 48), "full", form)
    with Image.open(io.BytesIO(data)) as image:
        assert not image.getexif()
        assert not {"icc_profile", "exif", "xmp", "comment"} & set(image.info)
    if form == "jpeg":
        other = encode(scene(2, 64, 48), "full", form)
        assert data[: data.index(b"\xff\xda")] == other[: other.index(b"\xff\xda")]
