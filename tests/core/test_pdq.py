"""PDQ against the published reference: its transform worked out anew, and what it bears."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw

from privacy.core import pdq

Change = Callable[[Image.Image], Image.Image]


def scene(seed: int, side: int = 640) -> Image.Image:
    """Forty drawn shapes: enough edges for a hash to mean something."""
    dice = np.random.default_rng(seed)
    image = Image.new("RGB", (side, side * 3 // 4), "grey")
    draw = ImageDraw.Draw(image)
    for _ in range(40):
        x, y, w, h = dice.integers(0, side, 4)
        box = (int(x), int(y), int(x + w // 3), int(y + h // 3))
        draw.ellipse(box, fill=tuple(int(c) for c in dice.integers(0, 255, 3)))
    return image


def hashed(image: Image.Image) -> pdq.Hash:
    return pdq.hash_of(np.asarray(image.convert("RGB")))


def apart(one: Image.Image, other: Image.Image) -> int:
    return pdq.nearest(hashed(one).turns[:1], hashed(other))


def saved(image: Image.Image, quality: int) -> Image.Image:
    file = io.BytesIO()
    image.save(file, "JPEG", quality=quality)
    return Image.open(file).convert("RGB")


def test_the_hash_is_the_published_one() -> None:
    """At 64 x 64 the box filters of the paper do nothing, so what is left is its DCT:
    16 x 16 low frequencies without the constant one, each above their median or not."""
    pixels = np.asarray(scene(3).resize((64, 64)))
    luma = pixels @ np.array([0.299, 0.587, 0.114])
    i, j = np.mgrid[0:16, 0:64]
    dct = np.sqrt(2 / 64) * np.cos(np.pi / 128 * (i + 1) * (2 * j + 1))
    low = dct @ luma @ dct.T
    bits = (low > np.median(low)).astype(np.uint8).reshape(256)
    found = np.unpackbits(pdq.hash_of(pixels).turns[0])
    # Lists write the highest bit first.
    assert int((bits[::-1] != found).sum()) <= 2


def test_turns_and_mirrors_are_found() -> None:
    image = scene(1)
    for turn in Image.Transpose:
        assert apart(image, image.transpose(turn)) <= pdq.NEAR, turn


def test_others_are_far() -> None:
    hashes = [hashed(scene(seed)) for seed in range(12)]
    for place, one in enumerate(hashes):
        for other in hashes[place + 1 :]:
            assert pdq.nearest(one.turns[:1], other) > 2 * pdq.NEAR


def test_a_bare_wall_tells_nothing() -> None:
    assert not hashed(Image.new("RGB", (300, 200), (90, 90, 90))).tells
    assert hashed(scene(2)).tells


def test_a_list_is_read_or_named_wrong() -> None:
    one, other = hashed(scene(1)).hex, hashed(scene(2)).hex
    text = f"# from a friend\n{one}, 100\n\n{other} seen twice\n{one}\n"
    known = pdq.read_list(text)
    assert {row.tobytes().hex() for row in known} == {one, other}
    assert pdq.nearest(known, hashed(scene(1))) == 0
    assert pdq.nearest(pdq.read_list(""), hashed(scene(1))) == 256
    for wrong in ("zz", one[:-2], one + "00"):
        with pytest.raises(ValueError, match="line 2"):
            pdq.read_list(f"{one}\n{wrong}")


CHANGES: dict[str, tuple[Change, float]] = {
    "half the size": (lambda i: i.resize((i.width // 2, i.height // 2)), 1.0),
    "JPEG at 20": (lambda i: saved(i, 20), 1.0),
    "a third, JPEG at 40": (
        lambda i: saved(i.resize((i.width // 3, i.height // 3)), 40),
        1.0,
    ),
    "brighter": (lambda i: i.point(lambda v: min(255, v * 23 // 20)), 1.0),
    "mirrored": (lambda i: i.transpose(Image.Transpose.FLIP_LEFT_RIGHT), 0.95),
    "1 % cut off each side": (
        lambda i: i.crop(
            (
                i.width // 100,
                i.height // 100,
                i.width - i.width // 100,
                i.height - i.height // 100,
            )
        ),
        0.8,
    ),
}


@pytest.mark.shared
@pytest.mark.parametrize("name", CHANGES)
def test_real_pictures_stay_near_themselves(shared: Path, name: str) -> None:
    """D6: of forty photographs, the share that is found again after a change."""
    change, least = CHANGES[name]
    files = sorted((shared / "devset" / "images").glob("*.jpg"))
    found = []
    for file in files[:: max(1, len(files) // 40)][:40]:
        image = Image.open(file).convert("RGB")
        found.append(apart(image, change(image)) <= pdq.NEAR)
    assert sum(found) / len(found) >= least, f"{sum(found)} of {len(found)}"
