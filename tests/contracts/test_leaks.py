"""What is the owner's alone stays so: M11, A8, A9, C10, I19, I21."""

from __future__ import annotations

import base64
import io
import json
from typing import Any

import pytest
from django.test import Client
from PIL import Image

from accounts.models import Follow, User
from gallery.access import visible_media
from gallery.models import Audience, Media, Post, TierView
from gallery.states import State
from privacy.models import Finding
from tests.contracts.addresses import World, addresses, is_own, world
from tests.factories import SECRETS, make_media, make_post

pytestmark = pytest.mark.django_db

VIEWERS = ("bob", "carol", "dan", "erin", "anonymous", "pending", "suspended", "staff")


@pytest.fixture
def scene() -> World:
    return world()


def by(user: User | None) -> Client:
    client = Client()
    if user is not None:
        client.force_login(user)
    return client


def answers(scene: World, person: str) -> dict[str, bytes]:
    """Everything that a person can read, by address."""
    user = scene.viewers()[person]
    found = {}
    for name, route in addresses():
        if is_own(name, route):
            response = by(user).get(scene.url(name, route))
            body = b"".join(response) if response.streaming else response.content
            found[name] = body + str(response.headers).encode()
    return found


@pytest.mark.parametrize("person", VIEWERS)
def test_i19_canaries_of_masked_things_reach_nobody_else(
    scene: World, person: str
) -> None:
    """Evidence, category, metadata, clear alt text and secrets of the upload."""
    Media.objects.filter(pk=scene.media.pk).update(
        alt_text="canary-alt-of-clear", problem="canary-problem"
    )
    canaries = [
        *(f"looks like {word}" for word in SECRETS.values()),
        *SECRETS.values(),
        "licence_plate",
        "text.card",
        "canary-alt-of-clear",
        "canary-problem",
        "canary-person",
        "48.2082",
        "GPSLatitude",
        scene.media.upload_digest,
        *TierView.objects.values_list("plan", flat=True),
        *Finding.objects.values_list("region", flat=True),
    ]
    skip = {"schema", "api-docs"}  # the schema names categories of choices, not ours
    for name, body in answers(scene, person).items():
        if name in skip:
            continue
        leaked = [word for word in canaries if word.encode() in body]
        if name in ("gallery", "your-rules") or name.startswith("policy-"):
            # One may filter and rule one's own by any category there is.
            leaked = [word for word in leaked if word not in SECRETS]
        # The address that was asked for may be repeated in a form or a redirect.
        assert [word for word in leaked if word != scene.region] == [], name


MEDIA_KEYS = {"id", "width", "height", "alt", "placeholder", "masked", "sources"}
POST_KEYS = {"id", "owner", "caption", "published_at", "comments_open", "media"}


def keys_of(value: Any, found: set[str] | None = None) -> set[str]:
    found = set() if found is None else found
    if isinstance(value, dict):
        found |= value.keys()
        for one in value.values():
            keys_of(one, found)
    elif isinstance(value, list):
        for one in value:
            keys_of(one, found)
    return found


@pytest.mark.parametrize("person", ["bob", "carol"])
def test_m11_json_of_a_viewer_has_these_keys_and_no_other(
    scene: World, person: str
) -> None:
    post = scene.media.post.public_id
    body = by(scene.viewers()[person]).get(f"/api/v1/posts/{post}").json()
    assert set(body) == POST_KEYS
    assert set(body["owner"]) == {"id", "username", "name"}
    for media in body["media"]:
        assert set(media) == MEDIA_KEYS
        assert set(media["sources"]) == {"thumb", "feed", "full"}


@pytest.mark.parametrize("url", ["/api/v1/feed", "/api/v1/users/alice/posts"])
def test_m11_json_of_feeds_has_no_other_key(scene: World, url: str) -> None:
    body = by(scene.six.bob).get(url).json()
    assert body["results"]
    wanted = (
        POST_KEYS | MEDIA_KEYS | {"username", "name", "thumb", "feed", "full"}
        | {"next", "results", "post", "likes", "liked", "comments"}
    )  # fmt: skip
    assert keys_of(body) <= wanted


def test_m11_owner_has_findings_and_nobody_else(scene: World) -> None:
    url = f"/api/v1/media/{scene.media.public_id}"
    own = by(scene.six.alice).get(url).json()
    assert {one["category"] for one in own["findings"]} == set(SECRETS)
    assert own["removed"][0]["value"] == "48.2082 N"
    for person in VIEWERS:
        assert by(scene.viewers()[person]).get(url).status_code in (401, 404)


def test_a9_two_followers_differ_in_pixels_alone(scene: World) -> None:
    """No level, no other person's level, nothing to tell the two apart by."""
    post = scene.media.post.public_id
    bodies = [
        by(who).get(f"/api/v1/posts/{post}").json()
        for who in (scene.six.bob, scene.six.carol)
    ]
    for body in bodies:
        for media in body["media"]:
            media.pop("masked")
            media.pop("placeholder")
    assert bodies[0] == bodies[1]
    for word in ("tier", "closeness", "semi", "regular", "distant", "audience"):
        for body in bodies:
            assert word not in json.dumps(body).lower()


def test_a9_a_page_never_names_how_close_its_viewer_is_held(scene: World) -> None:
    pages = {
        person: by(scene.viewers()[person])
        .get(f"/p/{scene.media.post.public_id}/")
        .content.decode()
        for person in ("bob", "carol")
    }
    for page in pages.values():
        for word in ("regular", "distant", "close friend", "semi", "tier"):
            assert word not in page.lower()


def test_a8_fields_that_are_not_ones_own_are_ignored(scene: World) -> None:
    carol = by(scene.six.carol)
    client = by(scene.six.alice)
    post = scene.media.post
    before = Post.objects.filter(pk=post.pk).values().get()
    given = {
        "id": "x",
        "owner": str(scene.six.carol.public_id),
        "owner_id": scene.six.carol.pk,
        "published_at": None,
        "version": 99,
        "state": "ready",
        "is_staff": True,
    }
    client.patch(
        f"/api/v1/posts/{post.public_id}", given, content_type="application/json"
    )
    assert Post.objects.filter(pk=post.pk).values().get() == before
    carol.patch(
        "/api/v1/me",
        {"is_staff": True, "is_superuser": True, "username": "alice", "id": "x"},
        content_type="application/json",
    )
    row = User.objects.get(pk=scene.six.carol.pk)
    assert (row.is_staff, row.is_superuser, row.username) == (False, False, "carol")
    for url in ("/api/v1/people/alice/closeness", "/u/alice/closeness"):
        for verb in (carol.put, carol.post, carol.patch):
            verb(
                url,
                json.dumps({"closeness": "close"}),
                content_type="application/json",
            )
    assert not Follow.objects.filter(
        follower=scene.six.carol, followee=scene.six.alice, closeness=0
    ).exists()
    assert not Follow.objects.filter(follower=scene.six.alice).exists()


@pytest.mark.parametrize("person", VIEWERS)
def test_a7_no_list_feed_or_export_shows_what_the_door_does_not(
    scene: World, person: str
) -> None:
    """Every address is searched for every picture: those of all audiences and states."""
    alice = scene.six.alice
    made = [
        make_media(alice, make_post(alice, audience, published=published), state)
        for audience in Audience.values
        for published, state in (
            (True, State.READY),
            (False, State.READY),
            (True, State.NEEDS_REVIEW),
        )
    ]
    allowed = set(visible_media(scene.viewers()[person]).values_list("pk", flat=True))
    hidden = [media for media in made if media.pk not in allowed]
    assert len(hidden) >= 8
    read = answers(scene, person)
    for name, body in read.items():
        for media in hidden:
            assert str(media.public_id).encode() not in body, (
                name,
                media.post.audience,
            )
            assert str(media.post.public_id).encode() not in body, name
    if shown := [media for media in made if media.pk in allowed]:
        assert any(
            str(media.public_id).encode() in body
            for media in shown
            for body in read.values()
        )


def test_c10_strangers_pages_name_the_strangers_pixels(scene: World) -> None:
    """No preview tag or link gives a crawler another address than the picture's own."""
    media = make_media(scene.six.alice, make_post(scene.six.alice, "everyone"))
    page = Client().get(f"/p/{media.post.public_id}/").content.decode()
    assert f"/m/{media.public_id}/feed.jpg" in page
    assert "?as=" not in page
    for word in ("master", "owner_", "original", "/private/"):
        assert word not in page


def test_i21_placeholder_is_made_from_the_rendition(scene: World) -> None:
    views = TierView.objects.filter(media=scene.media).order_by("tier")
    shown = [view.placeholder for view in views]
    assert len(set(shown)) == 3
    for one in shown:
        data = base64.b64decode(one.removeprefix("data:image/webp;base64,"))
        assert max(Image.open(io.BytesIO(data)).size) <= 20
    post = scene.media.post.public_id
    for person, tier in (("bob", 1), ("carol", 2)):
        body = by(scene.viewers()[person]).get(f"/api/v1/posts/{post}").json()
        assert body["media"][0]["placeholder"] == shown[tier]
