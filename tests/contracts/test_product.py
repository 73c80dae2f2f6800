"""A1 and A2: viewers x states x audiences x ways to ask, against a table kept by hand.

``test_addresses.py`` asks at every address of one scene; here stands one picture in
every state and for every audience, and all whom the catalogue names.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone
from rest_framework.authtoken.models import Token

from accounts.models import Block, Closeness, Follow, Mute, User
from gallery import storage
from gallery.models import Audience, Media, Rendition, TierView
from gallery.states import State
from privacy.core.types import Tier
from tests.factories import make_follow, make_media, make_post, make_user, people

pytestmark = pytest.mark.django_db

ALL = ("everyone", "followers", "close")
TABLE: dict[str, tuple[Tier | None, tuple[str, ...]]] = {
    # who: (the tier of what they get, the audiences of posts that they get at all)
    "close": (Tier.NONE, ALL),
    "friend": (Tier.SEMI, ALL[:2]),
    "follower": (Tier.FULL, ALL[:2]),
    "muted": (
        Tier.SEMI,
        ALL[:2],
    ),  # by alice: it changes what she hears, not what they see
    "pending": (Tier.FULL, ALL[:1]),
    "ex": (Tier.FULL, ALL[:1]),
    "stranger": (Tier.FULL, ALL[:1]),
    "unverified": (Tier.FULL, ALL[:1]),
    "moderator": (Tier.FULL, ALL[:1]),
    "admin": (Tier.FULL, ALL[:1]),
    "anonymous": (Tier.FULL, ALL[:1]),
    "suspended": (Tier.FULL, ALL[:1]),  # logged out, so like everybody
    "inactive": (Tier.FULL, ALL[:1]),
    "token": (Tier.SEMI, ALL[:2]),  # of the friend, without a cookie
    "blocked": (None, ()),
    "blocked-by": (None, ()),
}


@dataclass
class Scene:
    """Alice's picture in each state and for each audience, and who asks for it."""

    media: dict[tuple[str, str], Media] = field(default_factory=dict)
    clients: dict[str, Client] = field(default_factory=dict)
    alice: Client = field(default_factory=Client)


def by(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def scene() -> Scene:
    six = people()
    made = Scene(alice=by(six.alice))
    for audience in Audience.values:
        made.media["ready", audience] = make_media(
            six.alice, make_post(six.alice, audience)
        )
    draft = make_post(six.alice, published=False)
    made.media["draft", "everyone"] = make_media(six.alice, draft)
    for state in set(State) - {State.READY}:
        made.media[state, "everyone"] = make_media(six.alice, state=state)
    named = {
        "close": six.carol,
        "friend": six.bob,
        "follower": six.frank,
        "blocked": six.dan,
        "stranger": six.erin,
        "muted": make_user("gina"),
        "pending": make_user("hugo"),
        "ex": make_user("ivan"),
        "unverified": make_user("jane"),
        "moderator": make_user("kate", is_staff=True),
        "admin": make_user("liam", is_staff=True, is_superuser=True),
        "suspended": make_user("mona"),
        "inactive": make_user("nils"),
        "blocked-by": make_user("olaf"),
    }
    make_follow(named["muted"], six.alice, Closeness.REGULAR)
    Mute.objects.create(muter=six.alice, muted=named["muted"])
    make_follow(named["pending"], six.alice, accepted=False)
    for name in ("suspended", "inactive"):
        make_follow(named[name], six.alice, Closeness.CLOSE)
    make_follow(named["ex"], six.alice, Closeness.CLOSE)
    made.clients = {name: by(user) for name, user in named.items()}
    assert made.clients["ex"].get(f"/m/{first(made)}/feed.jpg").status_code == 200
    Follow.objects.filter(follower=named["ex"]).delete()
    Block.objects.create(blocker=named["blocked-by"], blocked=six.alice)
    User.objects.filter(pk=named["suspended"].pk).update(suspended_at=timezone.now())
    User.objects.filter(pk=named["inactive"].pk).update(is_active=False)
    made.clients["anonymous"] = Client()
    key = Token.objects.create(user=six.bob).key
    made.clients["token"] = Client(headers={"Authorization": f"Token {key}"})
    assert made.clients.keys() == TABLE.keys()
    return made


def first(scene: Scene) -> str:
    return str(scene.media["ready", "everyone"].public_id)


def body_of(response: HttpResponse) -> bytes:
    return b"".join(response) if response.streaming else response.content


def rendition(media: Media, tier: Tier) -> bytes:
    view = TierView.objects.get(media=media, tier=tier)
    row = Rendition.objects.get(media=media, plan=view.plan, size="feed", format="jpeg")
    return storage.get(storage.renditions(), row.key)


@pytest.mark.parametrize("who", TABLE)
def test_a1_who_sees_what_in_which_state_for_which_audience(
    scene: Scene, who: str
) -> None:
    """Bytes, page and JSON agree with the table; a picture that is not ready has none."""
    tier, audiences = TABLE[who]
    client = scene.clients[who]
    for (state, audience), media in scene.media.items():
        seen = state == "ready" and audience in audiences
        got = client.get(f"/m/{media.public_id}/feed.jpg")
        # A token is for the API; pages and pixels know cookies alone.
        as_page = (
            audience == "everyone" and state == "ready" if who == "token" else seen
        )
        assert got.status_code == (200 if as_page else 404), (state, audience)
        if as_page:
            own = Tier.FULL if who == "token" else tier
            assert own is not None
            assert body_of(got) == rendition(media, own)
        json = client.get(f"/api/v1/posts/{media.post.public_id}")
        shown = json.status_code == 200 and bool(json.json()["media"])
        if json.status_code != 401:  # the API may ask who one is first
            assert shown == seen, (state, audience)
        page = client.get(f"/p/{media.post.public_id}/", follow=True)
        named = f"/m/{media.public_id}/".encode() in page.content
        assert named == as_page, (state, audience)


def test_a1_the_owner_sees_all_of_it(scene: Scene) -> None:
    without = {State.UPLOADED, State.SANITISING, State.REJECTED}
    for (state, _audience), media in scene.media.items():
        page = scene.alice.get(f"/share/{media.post.public_id}/")
        assert page.status_code == 200
        if state not in without:
            assert scene.alice.get(f"/m/{media.public_id}/feed.jpg").status_code == 200


@pytest.mark.parametrize("who", ["blocked", "stranger", "anonymous"])
def test_a2_no_other_spelling_of_a_request_opens_anything(
    scene: Scene, who: str
) -> None:
    client = scene.clients[who]
    media = scene.media["ready", "followers"]
    plain = f"/m/{media.public_id}/feed.jpg"
    post = f"/p/{media.post.public_id}/"
    absent = client.get(plain)
    assert absent.status_code == 404
    full = scene.clients["friend"].get(plain)
    for url in (
        f"{plain}/",
        f"/{plain}",
        plain.replace("/feed", "//feed"),
        plain.replace("/feed", "/%2e/feed"),
        plain.replace("/feed", "/./feed"),
        plain.upper(),
        plain.replace(str(media.public_id), str(media.public_id).upper()),
        plain.replace(".jpg", ".JPG"),
        f"{plain}?format=json",
        f"{plain}?as=none",
        f"{plain}?_method=GET&size=full",
        f"{plain};.json",
        f"{post}?format=json",
        f"{post[:-1]}.json",
        f"/api/v1/posts/{media.post.public_id}.json",
        f"/api/v1/posts/{media.post.public_id}?format=api",
    ):
        response = client.get(url, follow=True)
        assert response.status_code in (401, 404), url
        assert not response.headers["Content-Type"].startswith("image/"), url
    for headers in (
        {"Range": "bytes=0-99"},
        {"If-None-Match": full.headers["ETag"]},
        {"If-Range": full.headers["ETag"], "Range": "bytes=0-"},
        {"X-HTTP-Method-Override": "GET"},
        {"X-Forwarded-For": "127.0.0.1", "X-Original-URL": plain},
        {"Accept": "image/webp"},
    ):
        for method in ("GET", "HEAD", "POST", "OPTIONS"):
            response = client.generic(method, plain, headers=headers)
            assert response.status_code in (403, 404, 405), (method, headers)
            assert not response.headers.get("Content-Type", "").startswith("image/")
