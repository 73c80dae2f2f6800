"""Pictures as files: who gets which, under which name, with nothing but pixels in it."""

from __future__ import annotations

import io
import re

import pytest
from django.http import HttpResponse
from django.test import Client
from PIL import Image

from accounts.models import User
from gallery import services, storage, vault
from gallery.models import Media, Post, Rendition, TierView
from privacy.core.types import Tier
from tests.factories import People, make_media, make_post, people

pytestmark = pytest.mark.django_db


@pytest.fixture
def six() -> People:
    return people()


def save(user: User | None, media: Media, query: str = "") -> HttpResponse:
    client = Client()
    if user is not None:
        client.force_login(user)
    return client.get(f"/m/{media.public_id}/save{query}")  # type: ignore[return-value]


def stored(media: Media, tier: Tier) -> bytes:
    view = TierView.objects.get(media=media, tier=tier)
    row = Rendition.objects.get(media=media, plan=view.plan, size="full", format="jpeg")
    return storage.get(storage.renditions(), row.key)


def test_the_owner_saves_any_version(six: People) -> None:
    media = make_media(six.alice, make_post(six.alice, "only_me"))
    assert save(six.alice, media).content == vault.open_sealed(media, "owner_full")
    for tier in Tier:
        assert save(six.alice, media, f"?as={tier.word}").content == stored(media, tier)
    assert save(six.alice, media, "?as=@bob").status_code == 404  # bob sees nothing


def test_viewers_save_their_own_where_it_is_offered(six: People) -> None:
    media = make_media(six.alice, make_post(six.alice, "followers"))
    for who in (six.bob, six.carol, six.erin, None):
        assert save(who, media).status_code == 404
    services.describe(media.post, saving_open=True)
    assert save(six.bob, media).content == stored(media, Tier.SEMI)
    assert save(six.carol, media).content == stored(media, Tier.NONE)
    for who in (six.erin, six.dan, None):
        assert save(who, media).status_code == 404
    for who in (six.bob, six.carol):
        for word in ("full", "semi", "none", "@carol"):
            assert save(who, media, f"?as={word}").status_code == 404


def test_name_and_content_say_nothing(six: People) -> None:
    media = make_media(six.alice, make_post(six.alice, caption="Alice by the sea"))
    names = set()
    for query in ("", "?as=full", "?as=none"):
        answer = save(six.alice, media, query)
        assert answer["Content-Type"] == "image/jpeg"
        assert answer["Cache-Control"] == "private, no-store"
        found = re.fullmatch(
            r'attachment; filename="(nopeek-[0-9a-f]{8}\.jpg)"',
            answer["Content-Disposition"],
        )
        assert found
        names.add(found[1])
        with Image.open(io.BytesIO(answer.content)) as image:
            assert image.format == "JPEG"
            assert not image.getexif()
            assert set(image.info) <= {
                "jfif",
                "jfif_version",
                "jfif_unit",
                "jfif_density",
            }
    assert len(names) == 1
    assert str(media.public_id)[:8] not in names.pop()


def test_the_owner_switches_it(six: People) -> None:
    media = make_media(six.alice, make_post(six.alice, "followers"))
    owner, viewer = Client(), Client()
    owner.force_login(six.alice)
    viewer.force_login(six.bob)
    page = f"/p/{media.post.public_id}/"
    link = f"/m/{media.public_id}/save"
    assert link not in viewer.get(page).content.decode()
    assert f"{link}?as=semi" in owner.get(page).content.decode()
    url = f"/share/{media.post.public_id}/saving"
    assert viewer.post(url, {"open": "1"}).status_code == 404
    owner.post(url, {"open": "1"})
    assert link in viewer.get(page).content.decode()
    assert "?as=" not in viewer.get(page).content.decode()
    owner.post(url, {"open": "0"})
    assert not Post.objects.get().saving_open
    assert link not in viewer.get(page).content.decode()
