"""Promise 5: what is masked for a tier is gone from every byte that the tier can fetch."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from django.test import Client
from PIL import Image

from accounts.models import User
from gallery import vault
from gallery.models import Media
from tests.factories import PLACES, People, make_media, people

pytestmark = pytest.mark.django_db

Area = npt.NDArray[np.bool_]
HIDDEN = {
    "erin": {"face", "licence_plate", "text.card"},
    "bob": {"licence_plate", "text.card"},
    "carol": {"text.card"},
}
"""By the default rules: what a stranger, a follower and a close friend do not get."""


@pytest.fixture
def six() -> People:
    return people()


def pixels(data: bytes) -> npt.NDArray[np.int16]:
    return np.asarray(Image.open(io.BytesIO(data)).convert("RGB")).astype(np.int16)


def fetched(user: User | None, media: Media, name: str = "full.jpg") -> Any:
    client = Client()
    if user is not None:
        client.force_login(user)
    return pixels(client.get(f"/m/{media.public_id}/{name}").content)


def inside(category: str, shape: tuple[int, ...]) -> Area:
    area = np.zeros(shape[:2], dtype=np.bool_)
    x0, y0, x1, y1 = PLACES[category].pixels(shape[1], shape[0])
    area[round(y0) : round(y1), round(x0) : round(x1)] = True
    return area


def likeness(one: Any, other: Any, area: Area) -> float:
    """Correlation of what two pictures show in an area, 0 where they share nothing."""
    a, b = one[area].ravel(), other[area].ravel()
    if a.std() == 0 or b.std() == 0:
        return 0.0
    return float(np.corrcoef(a, b)[0, 1])


@pytest.mark.parametrize("person", HIDDEN)
@pytest.mark.parametrize(
    "name", ["full.jpg", "full.webp", "feed.jpg", "feed.webp", "feed.avif"]
)
def test_promise_5_pixels_of_a_tier(six: People, person: str, name: str) -> None:
    """The picture is noise, so a likeness can come from nothing but its own pixels."""
    media = make_media(six.alice)
    clear = pixels(vault.open_sealed(media, "owner_full"))
    seen = fetched(getattr(six, person), media, name)
    assert seen.shape == clear.shape
    for category in PLACES:
        like = likeness(seen, clear, inside(category, clear.shape))
        if category in HIDDEN[person]:
            assert abs(like) < 0.15, category
        else:
            assert like > 0.6, category


def test_promise_5_owner_has_all_of_it(six: People) -> None:
    media = make_media(six.alice)
    clear = pixels(vault.open_sealed(media, "owner_full"))
    assert np.array_equal(fetched(six.alice, media), clear)


def test_b13_all_of_one_tier_get_identical_bytes(six: People) -> None:
    media = make_media(six.alice)
    got = []
    for user in (six.erin, six.frank, None):
        client = Client()
        if user is not None:
            client.force_login(user)
        response = client.get(f"/m/{media.public_id}/feed.jpg")
        got.append((response.content, response["ETag"]))
    assert len(set(got)) == 1


def test_i11_weaker_tiers_hide_no_more_than_stronger_ones(six: People) -> None:
    """What two tiers both mask looks the same: pooling them tells nothing new."""
    media = make_media(six.alice)
    stranger, follower = fetched(six.erin, media), fetched(six.bob, media)
    friend = fetched(six.carol, media)
    area = inside("text.card", stranger.shape)
    assert np.abs(stranger[area] - follower[area]).mean() < 6
    assert np.abs(stranger[area] - friend[area]).mean() < 6
