"""N7: stickers of one's own, by their transparency; bounded, raster only."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from privacy.core.errors import LimitExceeded, RefusedInput
from privacy.core.image import Picture
from privacy.core.redact.custom import BYTES, SIDE, read_art
from privacy.core.redact.mask import region_patch
from privacy.core.render import render
from privacy.core.types import Box, Grid, Plan, Region, Style, Treatment


def written(form: str, size: tuple[int, int] = (24, 16)) -> bytes:
    pixels = np.zeros((size[1], size[0], 4), np.uint8)
    pixels[..., 1] = pixels[..., 3] = 255
    pixels[0, 0, 3] = 0
    image = Image.fromarray(pixels)
    out = io.BytesIO()
    options = {"lossless": True} if form == "webp" else {}
    (image.convert("RGB") if form == "jpeg" else image).save(out, form, **options)
    return out.getvalue()


@pytest.mark.parametrize("form", ["png", "webp", "jpeg"])
def test_raster_pictures_are_read_with_their_transparency(form: str) -> None:
    art = read_art(written(form))
    assert art.shape == (16, 24, 4)
    assert art.dtype == np.uint8
    assert art[8, 8, 3] == 255
    assert art[0, 0, 3] == (255 if form == "jpeg" else 0)


def test_a_custom_sticker_lies_on_the_region() -> None:
    picture = Picture(np.full((128, 128, 3), 90, np.uint8))
    region = Region("r", Box(0.3, 0.3, 0.7, 0.7), Treatment(Style.STICKER), art="mine")
    art = {"mine": read_art(written("png"))}
    made = render(picture, Plan.of([region]), b"key", art)
    patch = region_patch(region, 128, 128, Grid())
    h, w = patch.mask.shape
    assert made[patch.top + h // 2, patch.left + w // 2].tolist() == [0, 255, 0]


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"<?xml version='1.0'?><svg onload='alert(1)'/>",
        b"GIF89a\x01\x00\x01\x00\x00\x00\x00;",
    ],
)
def test_anything_else_is_refused(data: bytes) -> None:
    with pytest.raises(RefusedInput) as caught:
        read_art(data)
    assert caught.value.code == "unsupported"


@pytest.mark.parametrize("form", ["png", "webp", "jpeg"])
def test_a_cut_file_is_refused(form: str) -> None:
    whole = written(form, (300, 300))
    with pytest.raises(RefusedInput):
        read_art(whole[: len(whole) // 2])


def test_limits_are_inclusive() -> None:
    assert read_art(written("png", (SIDE, 1))).shape == (1, SIDE, 4)
    with pytest.raises(LimitExceeded):
        read_art(written("png", (SIDE + 1, 1)))
    with pytest.raises(LimitExceeded):
        read_art(b"\x89PNG" + bytes(BYTES))
