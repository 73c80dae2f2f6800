"""What each style draws, what it may look at, and what decides its accidents."""

from __future__ import annotations

import hashlib
import math
import random
import time
from collections import Counter
from dataclasses import replace

import cv2
import numpy as np
import pytest

from privacy.core.image import Picture, Pixels
from privacy.core.policy import Choice, plan
from privacy.core.redact import art, avatar, saliency, seed, synthetic
from privacy.core.redact.canvas import NEUTRAL, Canvas
from privacy.core.redact.mask import region_mask, region_patch, union_mask
from privacy.core.render import render
from privacy.core.rules import Rule, RuleSet
from privacy.core.types import (
    ZERO_BIT,
    Box,
    Finding,
    Grid,
    Plan,
    Region,
    Style,
    Treatment,
)
from tests.core.drawn import ground

KEY = hashlib.sha256(b"styles").digest()
GRID = Grid()
MIDDLE = Box(0.3, 0.3, 0.7, 0.7)
DRAWN = (
    *sorted(ZERO_BIT),
    *(Style.BLUR, Style.PIXELATE, Style.SALIENCY),
)
COURTESY = (Style.BLUR, Style.PIXELATE)
UNDRAWN = tuple(sorted(set(Style) - set(DRAWN)))


def flat(colour: tuple[int, int, int], side: int = 160) -> Pixels:
    return np.full((side, side, 3), colour, np.uint8)


def lively(side: int = 160, number: int = 0) -> Pixels:
    return np.random.default_rng(number).integers(0, 256, (side, side, 3), np.uint8)


def one(
    style: Style, strength: float = 0.5, box: Box = MIDDLE, art: str = ""
) -> Region:
    return Region("one", box, Treatment(style, strength), art=art)


def made(
    pixels: Pixels, *regions: Region, key: bytes = KEY, **custom: Pixels
) -> Pixels:
    return render(Picture(pixels.copy()), Plan.of(regions), key, custom)


def under(region: Region, pixels: Pixels) -> Pixels:
    """The pixels of ``pixels`` that ``region`` masks, (n, 3)."""
    picture = Picture(pixels.copy())
    mask = region_mask(region, picture.width, picture.height, picture.grid)
    inside: Pixels = pixels[mask]
    return inside


# --- all of them --------------------------------------------------------------------------


@pytest.mark.parametrize("style", Style)
def test_a_style_changes_what_is_under_its_mask_and_nothing_else(style: Style) -> None:
    before = lively()
    region = one(style)
    after = made(before, region)
    mask = region_mask(region, 160, 160, GRID)
    assert np.array_equal(after[~mask], before[~mask])
    # Saliency keeps what draws the eye as it is.
    least = 0.5 if style is Style.SALIENCY else 0.95
    assert (after[mask] != before[mask]).any(axis=1).mean() > least


@pytest.mark.parametrize("style", Style)
def test_an_empty_mask_is_no_work(style: Style) -> None:
    before = lively()
    assert np.array_equal(made(before, one(style, box=Box(2, 2, 3, 3))), before)


@pytest.mark.parametrize("style", Style)
@pytest.mark.parametrize("strength", [0.0, 1.0])
@pytest.mark.parametrize("shape", [(1, 1), (1, 90), (90, 1), (17, 33)])
def test_a_style_is_total_on_tiny_pictures(
    style: Style, strength: float, shape: tuple[int, int]
) -> None:
    pixels = lively(90)[: shape[0], : shape[1]]
    region = one(style, strength)
    assert made(pixels, region, one(style, strength, Box(0, 0, 1, 1))).shape == (
        *shape,
        3,
    )


@pytest.mark.parametrize("style", UNDRAWN)
def test_a_style_that_is_not_drawn_here_is_veiled(style: Style) -> None:
    before = lively()
    assert np.array_equal(made(before, one(style)), made(before, one(Style.VEIL)))


def test_the_classes_are_told_apart() -> None:
    assert {Style.VEIL, Style.FILL, Style.STICKER} <= ZERO_BIT
    assert not ZERO_BIT & {Style.BLUR, Style.PIXELATE, Style.NOISE, Style.SALIENCY}


@pytest.mark.parametrize(
    "closed", [Style.VEIL, Style.FILL, Style.STICKER, Style.AVATAR]
)
@pytest.mark.parametrize("courtesy", [*COURTESY, Style.SALIENCY])
def test_a_courtesy_style_reads_nothing_under_a_zero_bit_mask(
    closed: Style, courtesy: Style
) -> None:
    """Blur that overlaps a veil must not smear what the veil hides."""
    shut = Region("shut", Box(0.4, 0.4, 0.6, 0.6), Treatment(closed))
    soft = Region("soft", Box(0.2, 0.2, 0.9, 0.9), Treatment(courtesy))
    before = lively()
    other = before.copy()
    mask = region_mask(shut, 160, 160, GRID)
    other[mask] = lively(number=1)[mask]
    assert np.array_equal(made(before, shut, soft), made(other, shut, soft))


@pytest.mark.parametrize(
    "closed", [Style.VEIL, Style.FILL, Style.STICKER, Style.AVATAR]
)
def test_a_zero_bit_style_reads_nothing_under_a_courtesy_mask(closed: Style) -> None:
    """Else the tone of a fill would tell about a face that is blurred beside it."""
    shut = Region("shut", Box(0.1, 0.1, 0.3, 0.3), Treatment(closed))
    soft = Region("soft", Box(0.35, 0.1, 0.9, 0.9), Treatment(Style.BLUR))
    before = lively()
    other = before.copy()
    masks = [region_mask(r, 160, 160, GRID) for r in (shut, soft)]
    inner = masks[1] & ~masks[0]
    other[inner] = 255
    first, second = made(before, shut, soft), made(other, shut, soft)
    assert np.array_equal(first[masks[0]], second[masks[0]])


def test_where_masks_overlap_the_larger_is_on_top() -> None:
    small = Region("small", Box(0.4, 0.4, 0.6, 0.6), Treatment(Style.STICKER))
    large = Region("large", Box(0.1, 0.1, 0.9, 0.9), Treatment(Style.FILL))
    after = made(lively(), small, large)
    assert len(np.unique(under(large, after), axis=0)) == 1


def test_milliseconds_of_each_style_beside_an_encoder() -> None:
    """Published, not gated: a veil is meant to cost less than writing the file."""
    picture = Picture(ground(1920, 1280))
    regions = [
        Region(f"r{i}", Box(0.1 * i, 0.2, 0.1 * i + 0.08, 0.4), Treatment())
        for i in range(9)
    ]
    start = time.perf_counter()
    cv2.imencode(".jpg", picture.pixels)
    base = time.perf_counter() - start
    for style in DRAWN:
        plan = Plan.of(Region(r.id, r.box, Treatment(style)) for r in regions)
        start = time.perf_counter()
        after = render(picture, plan, KEY)
        spent = time.perf_counter() - start
        print(  # noqa: T201
            f"{style.value}: {1000 * spent:.0f} ms, {spent / base:.2f} x the JPEG"
        )
        assert (after != picture.pixels).any()


# --- veil and fill ---------------------------------------------------------------------------


def test_a_fill_is_one_tone_and_that_of_its_surroundings() -> None:
    colour = (200, 90, 40)
    before = flat(colour)
    region = one(Style.FILL)
    place = region_patch(region, 160, 160, GRID).place
    before[place] = lively()[place]
    tones = np.unique(under(region, made(before, region)), axis=0)
    assert len(tones) == 1
    assert np.abs(tones[0].astype(int) - colour).max() <= 1


def test_fills_that_touch_share_one_tone() -> None:
    left = Region("left", Box(0.2, 0.4, 0.45, 0.6), Treatment(Style.FILL))
    right = Region("right", Box(0.45, 0.4, 0.8, 0.6), Treatment(Style.FILL))
    after = made(ground(160, 160), left, right)
    assert (
        len(np.unique(np.vstack([under(left, after), under(right, after)]), axis=0))
        == 1
    )


def test_a_veil_continues_what_is_around_it() -> None:
    before = ground(320, 320)
    region = one(Style.VEIL, strength=0.0)
    after = made(before, region)
    patch = region_patch(region, 320, 320, GRID)
    rows = slice(patch.place[0].start, patch.place[0].stop)
    rim = after[rows, patch.left].astype(int) - before[rows, patch.left - 1]
    assert np.abs(rim).mean() < 14  # grain included: no hard edge


def test_a_veil_is_lighter_the_stronger_it_is() -> None:
    before = flat((90, 90, 90))
    means = [
        under(one(Style.VEIL, s), made(before, one(Style.VEIL, s))).mean()
        for s in (0.0, 0.25, 0.5, 0.75, 1.0)
    ]
    assert means == sorted(means)
    assert means[-1] > means[0] + 10
    out_of_range = [made(before, one(Style.VEIL, s)) for s in (-3.0, 7.0)]
    ends = [made(before, one(Style.VEIL, s)) for s in (0.0, 1.0)]
    assert np.array_equal(out_of_range, ends)


@pytest.mark.parametrize("style", sorted(ZERO_BIT))
def test_a_picture_that_is_masked_whole_has_a_neutral_tone(style: Style) -> None:
    whole = one(style, 0.0, Box(0, 0, 1, 1))
    first, second = made(lively(), whole), made(flat((255, 0, 0)), whole)
    assert np.array_equal(first, second)
    if style in (Style.VEIL, Style.FILL):
        assert np.abs(first.mean(axis=(0, 1)) - NEUTRAL).max() < 6


def test_the_canvas_knows_only_what_nobody_masked() -> None:
    before = ground(200, 120)
    region = one(Style.FILL)
    hidden = union_mask([region], 200, 120, GRID)
    shade = hidden.astype(np.uint8) * np.uint8(255)
    first = Canvas(before, shade)
    other = before.copy()
    other[hidden] = 255
    second = Canvas(other, shade)
    assert np.array_equal(first.field, second.field)
    assert np.abs(first.field[~hidden] - before[~hidden]).max() <= 1.0
    patch = region_patch(region, 200, 120, GRID)
    assert np.array_equal(first.tone(patch), second.tone(patch))
    low, high = before[~hidden].min(), before[~hidden].max()
    assert low - 1 <= first.field[hidden].min() <= first.field[hidden].max() <= high + 1


# --- sticker ------------------------------------------------------------------------------------


def test_the_drawings_differ_and_lie_on_their_disc() -> None:
    drawings = {}
    for name in art.names():
        disc, drawing = art.covers(name, 64)
        assert disc.shape == drawing.shape == (64, 64)
        assert (drawing <= disc).all()
        assert 0.05 < drawing.mean() / disc.mean() < 0.9
        drawings[drawing.tobytes()] = name
    assert len(drawings) == len(art.names()) >= 8
    with pytest.raises(KeyError):
        art.covers("nothing", 64)


def test_a_named_sticker_is_drawn_and_an_unknown_name_leaves_it_to_the_key() -> None:
    before = ground(160, 160)
    by_name = {
        name: made(before, one(Style.STICKER, art=name)).tobytes()
        for name in art.names()
    }
    assert len(set(by_name.values())) == len(by_name)
    free = made(before, one(Style.STICKER)).tobytes()
    assert free in by_name.values()
    assert made(before, one(Style.STICKER, art="gone")).tobytes() == free


def test_custom_art_lies_on_the_veil_by_its_alpha() -> None:
    before = ground(160, 160)
    region = one(Style.STICKER, art="mine")
    mine = np.zeros((40, 40, 4), np.uint8)
    mine[..., 0], mine[10:30, 10:30, 3] = 255, 255
    after = made(before, region, mine=mine)
    patch = region_patch(region, 160, 160, GRID)
    inside = after[patch.place]
    middle = inside.shape[0] // 2, inside.shape[1] // 2
    assert inside[middle].tolist() == [255, 0, 0]
    veiled = made(before, one(Style.VEIL))[patch.place]
    assert np.array_equal(inside[1, 1], veiled[1, 1])  # alpha 0: the veil alone
    mask = region_mask(region, 160, 160, GRID)
    assert np.array_equal(after[~mask], before[~mask])


@pytest.mark.parametrize("shape", [(1, 1, 4), (300, 2, 4), (3, 500, 4)])
def test_custom_art_of_any_shape_stays_within_its_mask(
    shape: tuple[int, int, int],
) -> None:
    before = lively()
    region = one(Style.STICKER, art="mine")
    after = made(before, region, mine=np.full(shape, 255, np.uint8))
    mask = region_mask(region, 160, 160, GRID)
    assert np.array_equal(after[~mask], before[~mask])


def test_a_sticker_within_a_larger_one_is_plain() -> None:
    letter = Region("letter", Box(0.1, 0.1, 0.9, 0.9), Treatment(Style.STICKER))
    line = Region("line", Box(0.3, 0.4, 0.7, 0.5), Treatment(Style.STICKER))
    before = ground(320, 320)
    assert np.array_equal(made(before, letter, line), made(before, letter))


# --- avatar -------------------------------------------------------------------------------------


def test_the_same_person_keeps_the_avatar_and_others_differ() -> None:
    size, upright = (96, 96), avatar.Pose()

    def head(region: Region, key: bytes = KEY) -> bytes:
        colour, alpha = avatar._drawn(avatar.person(region, key), size, upright)
        return colour.tobytes() + alpha.tobytes()

    mira = [replace(one(Style.AVATAR), id=i, person="mira") for i in ("a", "b")]
    other = hashlib.sha256(b"another photo").digest()
    assert head(mira[0]) == head(mira[1]) == head(mira[0], other)
    people = {head(replace(mira[0], person=f"p{i}")) for i in range(40)}
    assert len(people) == 40
    strangers = {head(replace(one(Style.AVATAR), id=f"r{i}")) for i in range(40)}
    assert len(strangers) == 40
    assert head(one(Style.AVATAR)) != head(one(Style.AVATAR), other)


def test_what_an_avatar_looks_like_is_dealt_evenly() -> None:
    dealt = [avatar.traits(seed.digest(KEY, "avatar", f"r{i}")) for i in range(600)]
    for trait, least in (("skin", 40), ("hair", 25), ("cut", 20), ("glasses", 60)):
        counts = Counter(getattr(who, trait) for who in dealt)
        assert min(counts.values()) > least, trait


def test_an_avatar_is_turned_and_sized_by_landmarks_and_box() -> None:
    """Eyes level, eyes slanted by 20 degrees, and a nose to the right of their middle."""
    level = ((0.4, 0.45), (0.6, 0.45), (0.5, 0.52), (0.43, 0.6), (0.57, 0.6))
    region = replace(one(Style.AVATAR), landmarks=level)
    assert avatar.pose(region, 160, 160) == avatar.Pose(0.0, 0.0)
    drop = 0.2 * math.tan(math.radians(20))
    slanted = (level[0], (0.6, 0.45 + drop), *level[2:])
    roll = avatar.pose(replace(region, landmarks=slanted), 160, 160).roll
    assert roll == pytest.approx(math.radians(20), abs=0.03)
    aside = (*level[:2], (0.56, 0.52), *level[3:])
    assert avatar.pose(replace(region, landmarks=aside), 160, 160).turn > 0.5
    for odd in ((), level[:3], ((math.nan, 0.0),) * 5, ((0.5, 0.5),) * 5):
        assert avatar.pose(replace(region, landmarks=odd), 160, 160) == avatar.Pose()
    straight = made(ground(160, 160), region)
    turned = made(ground(160, 160), replace(region, landmarks=slanted))
    assert not np.array_equal(straight, turned)


def test_every_avatar_can_be_drawn_and_stays_within_its_mask() -> None:
    before = ground(200, 200)
    for number in range(60):
        region = replace(one(Style.AVATAR), id=f"r{number}")
        after = made(before, region)
        mask = region_mask(region, 200, 200, GRID)
        assert np.array_equal(after[~mask], before[~mask])
        assert (after != made(before, replace(region, treatment=Treatment()))).any()


def test_landmarks_and_persons_are_part_of_a_plan_only_for_avatars() -> None:
    plain = one(Style.VEIL).as_json()
    assert "landmarks" not in plain
    assert "person" not in plain
    named = replace(one(Style.AVATAR), person="mira", landmarks=((0.5, 0.5),) * 5)
    assert Plan.of([named]).digest != Plan.of([one(Style.AVATAR)]).digest
    assert "mira" not in str(named.as_json()) + repr(named)


# --- dummies and removal --------------------------------------------------------------------------


def test_a_dummy_says_what_the_key_deals_and_no_more() -> None:
    region = Region("one", Box(0.2, 0.4, 0.8, 0.55), Treatment(Style.SYNTHETIC))
    before = ground(320, 320)
    first = made(before, replace(region, art="plate"))
    assert np.array_equal(first, made(before, replace(region, art="plate")))
    others = {
        made(before, replace(region, art="plate", id=f"r{i}")).tobytes()
        for i in range(12)
    }
    assert len(others) == 12
    kinds = {made(before, replace(region, art=k)).tobytes() for k in synthetic.KINDS}
    assert len(kinds) == 3
    assert first.tobytes() in kinds
    said = {synthetic.plate(random.Random(i)) for i in range(200)}
    assert len(said) > 190


def test_policy_tells_which_dummy_it_is() -> None:
    cells = (Treatment(Style.SYNTHETIC),) * 3
    rules = RuleSet("t", (Rule("*", cells),))
    arts = {
        category: plan([Finding(category, MIDDLE, 0.9, "t")], rules, 0).regions[0].art
        for category in ("licence_plate", "text.phone", "document.letter", "face")
    }
    assert arts == {
        "licence_plate": "plate",
        "text.phone": "text",
        "document.letter": "document",
        "face": "",
    }


def test_removal_continues_the_edges_around_it() -> None:
    """A horizon goes on behind what was removed, where a fill has one tone."""
    before = np.zeros((320, 320, 3), np.uint8)
    before[:160], before[160:] = (90, 150, 220), (80, 130, 60)
    region = one(Style.REMOVE, box=Box(0.4, 0.35, 0.6, 0.65))
    spoilt = before.copy()
    place = region_patch(region, 320, 320, GRID).place
    spoilt[place] = 255
    after = made(spoilt, region)
    assert np.array_equal(after, made(before, region))
    gap = np.abs(after[place].astype(int) - before[place]).mean()
    filled = made(spoilt, replace(region, treatment=Treatment(Style.FILL)))
    assert gap < 0.5 * np.abs(filled[place].astype(int) - before[place]).mean()


# --- saliency -------------------------------------------------------------------------------------


def test_what_stands_out_is_sharp_and_the_rest_is_soft() -> None:
    calm = ground(320, 320)
    cv2.circle(calm, (160, 160), 18, (255, 255, 255), -1)
    where = saliency.residual_map(calm)
    assert where.shape == (320, 320)
    assert where[140:180, 140:180].mean() > 2 * where.mean()
    noisy = np.clip(calm + lively(320).astype(int) // 8, 0, 255).astype(np.uint8)
    after = made(noisy, one(Style.SALIENCY, box=Box(0.1, 0.1, 0.9, 0.9)))
    moved = np.abs(after.astype(int) - noisy).mean(axis=2)
    assert moved[150:170, 150:170].mean() < moved[60:100, 60:100].mean()
    assert saliency.residual_map(flat((9, 9, 9))).max() == 0


# --- blur and pixelate -----------------------------------------------------------------------


@pytest.mark.parametrize("style", COURTESY)
def test_a_courtesy_style_keeps_less_the_stronger_it_is(style: Style) -> None:
    before = ground(320, 320)
    left = [
        float(under(one(style, s), made(before, one(style, s))).std(axis=0).mean())
        for s in (0.0, 0.5, 1.0)
    ]
    assert left[0] > left[1] > left[2] > 0


@pytest.mark.parametrize("style", COURTESY)
def test_a_courtesy_style_shows_the_inside_by_design(style: Style) -> None:
    """What sets it apart from a zero-bit one; rules refuse it where that matters."""
    region = one(style)
    dark, light = flat((20, 20, 20)), flat((20, 20, 20))
    place = region_patch(region, 160, 160, GRID).place
    light[place] = 220
    gap = (
        under(region, made(light, region)).mean()
        - under(region, made(dark, region)).mean()
    )
    assert gap > 100


def test_pixelate_has_as_many_cells_as_its_strength_says() -> None:
    before = lively(320)
    region = one(Style.PIXELATE, 1.0)
    cells = np.unique(under(region, made(before, region)), axis=0)
    assert len(cells) <= 4 * 4
    region = one(Style.PIXELATE, 0.0)
    assert 16 < len(np.unique(under(region, made(before, region)), axis=0)) <= 16 * 16


# --- what looks random -----------------------------------------------------------------------


def test_chance_follows_from_key_purpose_and_region_alone() -> None:
    base = seed.digest(KEY, "grain", "a")
    assert base == seed.digest(KEY, "grain", "a")
    others = {
        seed.digest(KEY, "grain", "b"),
        seed.digest(KEY, "sticker", "a"),
        seed.digest(b"other", "grain", "a"),
    }
    assert len(others | {base}) == 4


def test_every_choice_is_within_its_range_and_all_are_used() -> None:
    chosen = [seed.choose(KEY, "sticker", f"r{i}", 10) for i in range(400)]
    counts = np.bincount(chosen, minlength=10)
    assert len(counts) == 10
    assert counts.min() > 15


def test_i10_the_grain_is_the_same_for_ever() -> None:
    """A rendition made again years later must not give a second sample of noise."""
    tile = seed.grain(KEY, "one")
    assert abs(float(tile.mean())) < 0.02
    assert abs(float(tile.std()) - 1) < 0.02
    levels = np.rint(tile * np.float32(147.80)).astype("<i2")
    assert hashlib.sha256(levels.tobytes()).hexdigest()[:16] == "be726d2b5536033a"
    assert not np.array_equal(tile, seed.grain(KEY, "two"))


def test_a_person_that_the_owner_named_keeps_the_avatar_in_every_photo() -> None:
    """Through the policy: the choice of two photos names her, and so do their regions."""
    rules = RuleSet("t", (Rule("face", (Treatment(Style.AVATAR),) * 3),))
    secrets = set()
    for number, key in enumerate((KEY, hashlib.sha256(b"another photo").digest())):
        face = Finding("face", Box(0.1, 0.1, 0.3 + number / 10, 0.4), 0.9, "t")
        choices = {face.id: Choice(person="mira")}
        (region,) = plan([face], rules, 0, choices).regions
        (unnamed,) = plan([face], rules, 0).regions
        secrets.add(avatar.person(region, key))
        assert avatar.person(unnamed, key) not in secrets
    assert len(secrets) == 1
