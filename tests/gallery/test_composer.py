"""The review step as an editor: what its page and its verbs promise the script."""

from __future__ import annotations

import pytest
from django.test import Client

from accounts.models import User
from gallery import editing
from gallery.models import Media, TierView
from privacy.core.types import Box
from tests.factories import make_media, make_user
from tests.gallery.conftest import Sent

pytestmark = pytest.mark.django_db


@pytest.fixture
def owner() -> User:
    return make_user("alice")


@pytest.fixture
def client(owner: User) -> Client:
    browser = Client()
    browser.force_login(owner)
    return browser


def page(client: Client, media: Media) -> str:
    return client.get(f"/share/{media.post.public_id}/").content.decode()


def test_the_page_says_that_it_waits_for_a_version_and_when_no_more(
    owner: User, client: Client, sent: Sent
) -> None:
    media = make_media(owner)
    assert "data-making" not in page(client, media)
    editing.add(media, Box(0.1, 0.6, 0.4, 0.9))
    shown = page(client, media)
    assert "data-making" in shown
    assert "being made" in shown
    TierView.objects.filter(media=media).update(ready=True)
    assert "data-making" not in page(client, media)


def test_nothing_is_waited_for_where_a_mask_did_not_hold(
    owner: User, client: Client, sent: Sent
) -> None:
    media = make_media(owner)
    editing.add(media, Box(0.1, 0.6, 0.4, 0.9))
    Media.objects.update(problem="It can be seen.", problem_code="survivors")
    assert "data-making" not in page(client, media)
    editing.add(media, Box(0.5, 0.6, 0.6, 0.9))  # the next try is for the new plans
    assert "data-making" in page(client, media)
    assert "It can be seen." not in page(client, media)
