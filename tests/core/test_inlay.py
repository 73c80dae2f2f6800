"""What a key opens: a function of what its tier sees, and as long as its places are."""

from __future__ import annotations

import random
from collections.abc import Iterator
from itertools import product

import numpy as np
import pytest

from privacy.core.image import Picture, Pixels
from privacy.core.inlay import SIDE, InlayError, inlay, read
from privacy.core.policy import openable
from privacy.core.redact.mask import region_mask
from privacy.core.render import render, scaled
from privacy.core.types import Box, Grid, Plan, Region, Style, Tier, Treatment

KEY = b"k" * 32
GRID = Grid()
SEALED, VEILED = Treatment(Style.SEAL), Treatment(Style.VEIL)


def noise(width: int, height: int, number: int = 0) -> Pixels:
    dice = np.random.default_rng(number)
    return dice.integers(0, 256, (height, width, 3), dtype=np.uint8)


def at(x: float, name: str = "one", look: Treatment = SEALED) -> Region:
    return Region(name, Box(x, 0.2, x + 0.2, 0.6), look)


def test_what_was_packed_comes_back_to_the_bit_and_covers_the_mask() -> None:
    pixels = noise(320, 200)
    found = read(inlay(pixels, [at(0.1), at(0.6, "two")], GRID))
    assert (found.width, found.height, len(found.parts)) == (320, 200, 2)
    whole = np.zeros((200, 320), np.bool_)
    for (top, left, high, wide), part in found.parts:
        place = np.s_[top : top + high, left : left + wide]
        assert np.array_equal(part, pixels[place])
        whole[place] = True
    for region in (at(0.1), at(0.6, "two")):
        assert whole[region_mask(region, 320, 200, GRID)].all()


def test_painted_over_the_sealed_picture_it_gives_the_picture_below() -> None:
    """Of a large picture too, at the size in which the tier has it."""
    for width, height in ((320, 200), (2600, 1700)):
        pixels = noise(width, height)
        sealed = scaled(render(Picture(pixels), Plan.of([at(0.3)]), KEY), SIDE).copy()
        for (top, left, high, wide), part in read(inlay(pixels, [at(0.3)], GRID)).parts:
            sealed[top : top + high, left : left + wide] = part
        assert np.array_equal(sealed, scaled(pixels, SIDE))


def test_its_length_follows_from_the_places_alone() -> None:
    for width, height in ((320, 200), (2600, 1700)):
        flat = np.zeros((height, width, 3), np.uint8)
        made = {
            len(inlay(pixels, [at(0.1), at(0.5, "two")], GRID))
            for pixels in (flat, noise(width, height), noise(width, height, 1))
        }
        assert len(made) == 1


def test_what_is_masked_for_the_tier_itself_is_not_in_it() -> None:
    """A key of a tier is made of that tier's own picture: what it does not see, others
    cannot have through it, wherever places overlap."""
    shut = Region("shut", Box(0.2, 0.3, 0.3, 0.5), VEILED)
    first, second = noise(320, 200), noise(320, 200)
    hidden = region_mask(shut, 320, 200, GRID)
    second[hidden] = noise(320, 200, 1)[hidden]
    ours, theirs = (
        inlay(render(Picture(one), Plan.of([shut]), KEY), [at(0.15)], GRID)
        for one in (first, second)
    )
    assert ours == theirs


def test_a_place_outside_gives_nothing_and_none_gives_an_empty_packet() -> None:
    pixels = noise(64, 48)
    outside = Region("far", Box(1.4, 0.1, 1.6, 0.2), SEALED)
    assert read(inlay(pixels, [outside], GRID)).parts == ()
    assert read(inlay(pixels, [], GRID)).parts == ()


def damaged(good: bytes) -> Iterator[bytes]:
    dice = random.Random(3)
    yield from (b"", b"NPI1", good[:9], good[:-1], good + b"\0", b"x" + good[1:])
    for _ in range(100):
        yield good[: dice.randrange(len(good))]


def test_a_packet_that_is_none_is_refused() -> None:
    good = inlay(noise(64, 48), [at(0.1)], GRID)
    for bad in damaged(good):
        with pytest.raises(InlayError):
            read(bad)
    outside = bytearray(good)
    outside[4:6] = (4).to_bytes(2, "big")  # narrower than the place is
    with pytest.raises(InlayError):
        read(bytes(outside))


def cells(full: int, semi: int, none: int) -> dict[Tier, Plan]:
    looks = (None, VEILED, SEALED)
    plans = {}
    for tier, look in zip(Tier, (looks[full], looks[semi], looks[none]), strict=True):
        plans[tier] = Plan.of([] if look is None else [at(0.1, look=look)])
    return plans


@pytest.mark.parametrize("kinds", list(product((0, 1, 2), repeat=3)))
def test_a_tier_opens_what_is_sealed_from_stricter_ones_and_shown_to_itself(
    kinds: tuple[int, int, int],
) -> None:
    plans = cells(*kinds)
    for tier in Tier:
        sealed = any(kinds[one] == 2 for one in Tier if one < tier)
        wanted = sealed and kinds[tier] == 0
        assert bool(openable(plans, tier)) is wanted
    assert openable(plans, Tier.FULL) == ()
