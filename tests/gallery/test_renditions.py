"""Stored bytes of a plan: found by recipe, made once, the same each time."""

from __future__ import annotations

import io
import threading

import numpy as np
import pytest
from django.db import connections
from PIL import Image

from gallery import renditions, storage
from gallery.models import Media, Post, Rendition
from gallery.renditions import FORMATS, SIZES, encode_all, ensure, is_complete, shred
from privacy.core.image import Picture, Pixels
from privacy.core.render import placeholder, render
from privacy.core.types import Box, Plan, Region, Treatment
from tests.factories import make_user

PLAN = Plan.of([Region("r1", Box(0.3, 0.3, 0.6, 0.6), Treatment())])


def noise(seed: int, width: int = 2400, height: int = 1600) -> Pixels:
    """Blocks of colour: 2400 x 1600, so that every size is a smaller one."""
    dice = np.random.default_rng(seed)
    small = dice.integers(0, 256, (height // 16, width // 16, 3), dtype=np.uint8)
    return np.kron(small, np.ones((16, 16, 1), dtype=np.uint8))


def new_media() -> Media:
    owner = make_user("alice")
    return Media.objects.create(
        owner=owner, post=Post.objects.create(owner=owner), mask_secret=b"m" * 32
    )


def stored() -> set[str]:
    return {key for key, _ in storage.listing("renditions")}


def test_three_sizes_in_two_formats_all_from_one_master() -> None:
    files = encode_all(noise(1))
    assert {(f.size, f.format) for f in files} == {
        *((size, fmt) for size in SIZES for fmt in FORMATS),
        ("thumb", "avif"),
        ("feed", "avif"),
    }
    for file in files:
        with Image.open(io.BytesIO(file.data)) as image:
            assert image.size == (file.width, file.height)
            assert max(image.size) == SIZES[file.size]
            assert image.mode == "RGB"
            assert not image.getexif()


def test_i1_i21_i22_what_is_masked_changes_no_byte_and_no_length() -> None:
    one, other = noise(1), noise(1)
    other[700:900, 800:1300] = noise(2)[700:900, 800:1300]
    assert not np.array_equal(one, other)
    first = render(Picture(one), PLAN, b"k" * 32)
    second = render(Picture(other), PLAN, b"k" * 32)
    assert encode_all(first) == encode_all(second)
    assert placeholder(first) == placeholder(second)


def test_a_small_picture_is_never_enlarged() -> None:
    assert {(f.width, f.height) for f in encode_all(noise(1, 64, 48))} == {(64, 48)}


def test_i1_avif_is_made_of_pixels_that_a_mask_has_replaced() -> None:
    """Byte-identical whatever lay under the mask, and nothing but pixels in it."""
    made = []
    for seed in (2, 3):
        picture = noise(1)
        picture[640:960, 800:1400] = noise(seed)[640:960, 800:1400]
        files = encode_all(render(Picture(picture), PLAN, b"k" * 32))
        made.append(next(file.data for file in files if file.format == "avif"))
    assert made[0] == made[1]
    with Image.open(io.BytesIO(made[0])) as image:
        assert not image.getexif()
        assert "icc_profile" not in image.info


@pytest.mark.django_db
def test_renditions_are_made_once() -> None:
    media, before = new_media(), stored()
    files = encode_all(noise(1, 64, 48))
    assert not is_complete(media, PLAN.digest)
    ensure(media, PLAN.digest, files)
    assert is_complete(media, PLAN.digest)
    rows, objects = list(Rendition.objects.values()), stored() - before
    assert len(rows) == len(objects) == 8
    ensure(media, PLAN.digest, files)
    assert list(Rendition.objects.values()) == rows
    assert stored() - before == objects


@pytest.mark.django_db
def test_a_new_renderer_makes_them_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    media = new_media()
    ensure(media, PLAN.digest, encode_all(noise(1, 64, 48)))
    monkeypatch.setattr(renditions, "RENDERER_VERSION", "next")
    assert not is_complete(media, PLAN.digest)


@pytest.mark.django_db
def test_d1_shredding_lists_every_object() -> None:
    media, before = new_media(), stored()
    ensure(media, PLAN.digest, encode_all(noise(1, 64, 48)))
    gone = shred(media)
    assert {f"renditions/{key}" for key in stored() - before} == set(gone)
    assert storage.remove_all(gone) == []
    assert stored() == before
    assert not Rendition.objects.exists()


@pytest.mark.django_db
def test_r5_nothing_is_stored_for_a_deleted_media() -> None:
    media, before = new_media(), stored()
    Media.objects.filter(pk=media.pk).delete()
    with pytest.raises(Media.DoesNotExist):
        ensure(media, PLAN.digest, encode_all(noise(1, 64, 48)))
    assert stored() == before


@pytest.mark.django_db(transaction=True)
def test_r4_two_workers_leave_one_row_and_one_object() -> None:
    media, before = new_media(), stored()
    files = encode_all(noise(1, 64, 48))
    start = threading.Barrier(3)
    errors: list[BaseException] = []

    def work() -> None:
        try:
            start.wait()
            ensure(Media.objects.get(pk=media.pk), PLAN.digest, files)
        except BaseException as error:  # noqa: BLE001 - told below
            errors.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    rows = list(Rendition.objects.values_list("key", flat=True))
    assert len(rows) == 8
    assert stored() - before == set(rows)
