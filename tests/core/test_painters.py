"""Models that paint: LaMa's interface, and a diffusion pipeline behind its check."""

from __future__ import annotations

import hashlib
import sys
from dataclasses import replace
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np
import pytest
from PIL import Image

from privacy.core import hands as heavy
from privacy.core.detectors import with_diffusers
from privacy.core.detectors.choices import Choice, read_choices
from privacy.core.detectors.with_diffusers import Cartoonist, said, tree_digest
from privacy.core.detectors.with_lama import LamaPainter, _pieces
from privacy.core.errors import ModelError, ModelMismatch, ModelMissing
from privacy.core.hands import LIGHT, Hands
from privacy.core.image import Picture, Pixels
from privacy.core.redact.mask import region_mask
from privacy.core.render import render
from privacy.core.types import Box, Grid, Plan, Region, Style, Treatment
from tests.core.drawn import ground
from tests.core.painters import small_lama

KEY = hashlib.sha256(b"painters").digest()
MIDDLE = Box(0.3, 0.3, 0.7, 0.7)


def one(style: Style, box: Box = MIDDLE) -> Region:
    return Region("one", box, Treatment(style))


def made(pixels: Pixels, hands: Hands, *regions: Region) -> Pixels:
    return render(Picture(pixels.copy()), Plan.of(regions), KEY, hands=hands)


def painting(choice: Choice) -> Hands:
    painter = LamaPainter(choice)
    return Hands(painter=lambda: painter)


# --- removal by LaMa's interface --------------------------------------------------------


@pytest.mark.parametrize("peak", [255.0, 1.0])
def test_what_the_model_paints_lies_under_the_mask_and_nowhere_else(
    tmp_path: Path, peak: float
) -> None:
    hands = painting(small_lama(tmp_path / "small.onnx", peak))
    before = np.full((300, 400, 3), (40, 120, 200), np.uint8)
    region = one(Style.REMOVE, Box(0.45, 0.45, 0.55, 0.55))
    after = made(before, hands, region)
    mask = region_mask(region, 400, 300, Grid())
    assert np.array_equal(after[~mask], before[~mask])
    # Half way from blank to the mean of what it saw, which is nearly all one tone.
    share = 1 - mask.mean()
    tone = np.array([40, 120, 200]) * share / 2
    assert np.abs(after[mask].mean(axis=0) - tone).max() < 3


def test_it_is_given_nothing_from_under_any_mask(tmp_path: Path) -> None:
    """Not from under its own, and not from under another one's either."""
    hands = painting(small_lama(tmp_path / "small.onnx"))
    regions = one(Style.REMOVE), Region("two", Box(0.75, 0.1, 0.95, 0.9), Treatment())
    before = ground(320, 240)
    other = before.copy()
    for region in regions:
        other[region_mask(region, 320, 240, Grid())] = 255
    assert np.array_equal(made(before, hands, *regions), made(other, hands, *regions))


def test_a_long_region_is_painted_in_pieces_that_cover_it() -> None:
    for rows, columns in (
        ((0, 60), (10, 1500)),
        ((5, 2000), (0, 90)),
        ((0, 9), (0, 9)),
    ):
        seen = np.zeros((2000, 1500), int)
        for top, bottom, left, right in _pieces(slice(*rows), slice(*columns)):
            seen[top:bottom, left:right] += 1
        assert (seen[slice(*rows), slice(*columns)] == 1).all()
        assert seen.sum() == (rows[1] - rows[0]) * (columns[1] - columns[0])


def test_large_and_long_and_tiny_pictures_are_painted(tmp_path: Path) -> None:
    hands = painting(small_lama(tmp_path / "small.onnx"))
    for width, height, box in (
        (1400, 900, Box(0.05, 0.05, 0.95, 0.95)),
        (1600, 200, Box(0.02, 0.4, 0.98, 0.5)),
        (3, 1, Box(0, 0, 1, 1)),
    ):
        after = made(ground(width, height), hands, one(Style.REMOVE, box))
        assert after.shape == (height, width, 3)


def test_a_model_that_fails_fails_closed(tmp_path: Path) -> None:
    """Never a silent fall back to a lesser way, and nothing half made."""
    for fault in ("nan", "shape"):
        hands = painting(small_lama(tmp_path / f"{fault}.onnx", fault=fault))
        with pytest.raises(ModelError):
            made(ground(64, 64), hands, one(Style.REMOVE))
    choice = small_lama(tmp_path / "small.onnx")
    with pytest.raises(ModelMismatch):
        LamaPainter(replace(choice, sha256="0" * 64))
    with pytest.raises(ModelMissing):
        LamaPainter(replace(choice, path=tmp_path / "gone.onnx"))


def test_it_is_configured_beside_the_detectors_and_by_its_hash(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    choice = small_lama(tmp_path / "small.onnx")
    file = tmp_path / "models.toml"
    file.write_text(f'[remove]\npath = "small.onnx"\nsha256 = "{choice.sha256}"\n')
    assert read_choices(str(file))["remove"] == choice
    monkeypatch.setenv("NOPEEK_MODELS", str(file))
    painter = heavy.here().painter()
    assert isinstance(painter, LamaPainter)
    assert heavy.here().painter() is painter  # loaded once
    assert heavy.here().cartoonist() is None
    by_name = render(Picture(ground(64, 64)), Plan.of([one(Style.REMOVE)]), KEY)
    assert np.array_equal(
        by_name, made(ground(64, 64), painting(choice), one(Style.REMOVE))
    )
    for bad in (
        '[remove]\npath = "small.onnx"',
        f'[remove]\npath = "a"\nsha256 = "{choice.sha256}"\nkind = "yolox"',
        f'[objects]\npath = "a"\nsha256 = "{choice.sha256}"\nkind = "lama"',
        f'[cartoon]\npath = "a"\nsha256 = "{choice.sha256}"\nlora = "b"',
    ):
        file.write_text(bad)
        with pytest.raises(ModelError, match="NOPEEK_MODELS"):
            read_choices(str(file))


# --- cartoons by diffusion ----------------------------------------------------------------


class Pipeline:
    """A double of diffusers' FluxFillPipeline: its calls, by its documented names.

    It paints by what it is given: picture, mask, words and the generator's seed.
    """

    loaded: list[tuple[Any, ...]] = []

    @classmethod
    def from_pretrained(
        cls,
        path: str,
        *,
        torch_dtype: Any,
        local_files_only: bool,
        use_safetensors: bool,
    ) -> Pipeline:
        assert local_files_only
        assert use_safetensors
        cls.loaded.append((Path(path).name, str(torch_dtype)))
        return cls()

    def load_lora_weights(self, folder: str, *, weight_name: str) -> None:
        self.loaded.append((folder, weight_name))

    def to(self, device: str) -> Pipeline:
        self.loaded.append((device,))
        return self

    def __call__(
        self,
        *,
        prompt: str,
        image: Image.Image,
        mask_image: Image.Image,
        height: int,
        width: int,
        num_inference_steps: int,
        guidance_scale: float,
        max_sequence_length: int,
        generator: Any,
        output_type: str,
    ) -> SimpleNamespace:
        assert height % 16 == width % 16 == 0
        assert max_sequence_length <= 512
        assert (mask_image.mode, output_type) == ("L", "pil")
        seen = np.asarray(image.resize((width, height)), np.float32)
        tone = (generator.initial_seed() + len(prompt)) % 90
        drawn = Image.fromarray(np.clip(seen / 2 + tone, 0, 255).astype(np.uint8))
        return SimpleNamespace(images=[drawn])


@pytest.fixture
def studio(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Choice:
    pytest.importorskip("torch")
    library = ModuleType("diffusers")
    library.FluxFillPipeline = Pipeline
    monkeypatch.setitem(sys.modules, "diffusers", library)
    monkeypatch.setattr(with_diffusers, "_device", lambda torch: "cpu")
    monkeypatch.setattr(Pipeline, "loaded", [])
    folder = tmp_path / "flux"
    folder.mkdir()
    (folder / "model_index.json").write_text("{}")
    (tmp_path / "lora.safetensors").write_bytes(b"lora")
    (folder / "transformer").mkdir()
    (folder / "transformer" / "model.safetensors").write_bytes(b"weights")
    digest = tree_digest(folder)
    lora = hashlib.sha256(b"lora").hexdigest()
    file = tmp_path / "models.toml"
    file.write_text(
        f'[cartoon]\npath = "flux"\nsha256 = "{digest}"\n'
        f'lora = "lora.safetensors"\nlora_sha256 = "{lora}"\n'
    )
    return read_choices(str(file))["cartoon"]


def test_a_cartoon_is_used_only_where_the_check_approves(studio: Choice) -> None:
    artist = Cartoonist(studio)
    assert [entry[-1] for entry in Pipeline.loaded] == [
        "torch.bfloat16", "lora.safetensors", "cpu",
    ]  # fmt: skip
    hands = Hands(cartoonist=lambda: artist)
    before, region = ground(200, 160), one(Style.AVATAR)
    ours = made(before, LIGHT, region)
    mask = region_mask(region, 200, 160, Grid())
    tried: list[Pixels] = []

    def check(answer: bool) -> heavy.Check:
        def asked(picture: Picture, pixels: Pixels, asked_of: Region) -> bool:
            assert np.array_equal(picture.pixels, before)
            assert asked_of == region
            tried.append(pixels)
            return answer

        return asked

    assert np.array_equal(made(before, hands, region), ours)  # nobody to approve it
    try:
        heavy.use_check(check(False))
        assert np.array_equal(made(before, hands, region), ours)
        heavy.use_check(check(True))
        drawn = made(before, hands, region)
    finally:
        heavy.use_check(None)
    assert not np.array_equal(drawn, ours)
    assert np.array_equal(drawn[~mask], before[~mask])
    assert np.array_equal(tried[-1], drawn)  # what was tried is what is shown


def test_who_is_drawn_is_dealt_and_the_same_for_the_same_person(studio: Choice) -> None:
    artist = Cartoonist(studio)
    blank, hidden = ground(64, 64), np.full((64, 64), 255, np.uint8)
    secrets = [hashlib.sha256(bytes([i])).digest() for i in range(30)]
    assert np.array_equal(
        artist.draw(blank, hidden, secrets[0]), artist.draw(blank, hidden, secrets[0])
    )
    assert len({artist.draw(blank, hidden, s).tobytes() for s in secrets}) > 20
    assert len({said(s) for s in secrets}) > 15


def test_other_weights_no_gpu_and_a_broken_pipeline_are_told(
    studio: Choice, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(ModelMismatch):
        Cartoonist(replace(studio, sha256="0" * 64))
    with pytest.raises(ModelMismatch):
        Cartoonist(replace(studio, lora_sha256="0" * 64))
    artist = Cartoonist(studio)
    deep = studio.path / "transformer" / "model.safetensors"
    deep.write_bytes(b"others")
    with pytest.raises(ModelMismatch):
        Cartoonist(studio)
    monkeypatch.setattr(
        Pipeline, "__call__", lambda self, **_: (_ for _ in ()).throw(RuntimeError("x"))
    )
    with pytest.raises(ModelError, match="pipeline failed"):
        artist.draw(ground(32, 32), np.full((32, 32), 255, np.uint8), KEY)
    monkeypatch.undo()
    import torch

    if not torch.cuda.is_available():
        with pytest.raises(ModelMissing, match="GPU"):
            with_diffusers._device(torch)
