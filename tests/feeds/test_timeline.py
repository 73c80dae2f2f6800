"""Feeds: who finds which post where, in what order, at what cost."""

from __future__ import annotations

import base64
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts import services as people_services
from accounts.models import Closeness, User
from feeds import services, timeline
from tests.factories import People, make_follow, make_user, people
from tests.feeds.posts import shown_post
from tests.pages import bare

pytestmark = pytest.mark.django_db
BACKEND = "accounts.backends.PresentBackend"
AUDIENCES = ("only_me", "close", "followers", "everyone")
SEES = {
    "alice": set(AUDIENCES),
    "carol": {"close", "followers", "everyone"},
    "bob": {"followers", "everyone"},
    "frank": {"followers", "everyone"},
    "erin": {"everyone"},
    "anonymous": {"everyone"},
    "dan": set(),
}
VIEWERS = pytest.mark.parametrize("name", sorted(SEES))


@pytest.fixture
def them() -> People:
    return people()


def viewer(them: People, name: str) -> User | AnonymousUser:
    found: User | AnonymousUser = getattr(them, name, AnonymousUser())
    return found


def logged_in(user: User | AnonymousUser) -> Client:
    client = Client()
    if isinstance(user, User):
        client.force_login(user, backend=BACKEND)
    return client


def captions(page: timeline.Page) -> set[str]:
    return {entry.grant.caption for entry in page.entries}


@pytest.fixture
def shelf(them: People) -> dict[str, Any]:
    """One post of alice for each audience; the caption is its name."""
    return {name: shown_post(them.alice, name, caption=name) for name in AUDIENCES}


@VIEWERS
def test_each_feed_holds_what_its_viewer_may_see(
    them: People, shelf: dict[str, Any], name: str
) -> None:
    who = viewer(them, name)
    assert captions(timeline.profile(who, them.alice)) == SEES[name]
    assert captions(timeline.explore(who)) == SEES[name] & {"everyone"}
    follows = name in ("alice", "bob", "carol", "frank")
    assert captions(timeline.home(who)) == (SEES[name] if follows else set())


@VIEWERS
def test_pages_and_json_show_the_same_posts(
    them: People, shelf: dict[str, Any], name: str
) -> None:
    client = logged_in(viewer(them, name))
    page = client.get("/u/alice/")
    body = client.get("/api/v1/users/alice/posts")
    if name == "dan":
        assert page.status_code == body.status_code == 404
    else:
        found = {row["post"]["caption"] for row in body.json()["results"]}
        assert found == SEES[name]
        for audience, post in shelf.items():
            assert (str(post.public_id).encode() in page.content) is (
                audience in SEES[name]
            )
    for audience, post in shelf.items():
        expected = 200 if audience in SEES[name] else 404
        assert client.get(f"/p/{post.public_id}/").status_code == expected
        comments = client.get(f"/api/v1/posts/{post.public_id}/comments")
        assert comments.status_code == expected


@VIEWERS
def test_what_may_not_be_seen_is_what_does_not_exist(
    them: People, shelf: dict[str, Any], name: str
) -> None:
    """A3: the same status and body for a hidden post and for no post."""
    client = logged_in(viewer(them, name))
    nothing = "00000000-0000-4000-8000-000000000000"
    paths = ["/p/{}/", "/api/v1/posts/{}/comments"]
    for audience in set(AUDIENCES) - SEES[name]:
        hidden = str(shelf[audience].public_id)
        for path in paths:
            one = client.get(path.format(hidden))
            other = client.get(path.format(nothing))
            assert one.status_code == other.status_code == 404
            assert bare(one, hidden) == bare(other, nothing)


@pytest.mark.parametrize(
    "state", ["uploaded", "scanning", "needs_review", "failed", "rejected"]
)
def test_r1_nothing_unfinished_is_in_any_feed(them: People, state: str) -> None:
    shown_post(them.alice, state=state, caption="early")
    for name in set(SEES) - {"alice"}:
        who = viewer(them, name)
        assert captions(timeline.profile(who, them.alice)) == set()
        assert captions(timeline.explore(who)) == set()
        assert captions(timeline.home(who)) == set()


def test_a_draft_is_nowhere(them: People) -> None:
    draft = shown_post(them.alice, published=False)
    for name in SEES:
        client = logged_in(viewer(them, name))
        assert client.get(f"/p/{draft.public_id}/").status_code == 404
        assert captions(timeline.profile(viewer(them, name), them.alice)) == set()


def test_the_muted_are_on_their_own_page_alone(them: People) -> None:
    shown_post(them.alice, caption="loud")
    people_services.mute(them.bob, them.alice)
    assert captions(timeline.home(them.bob)) == set()
    assert captions(timeline.explore(them.bob)) == set()
    assert captions(timeline.profile(them.bob, them.alice)) == {"loud"}


def test_who_was_taken_out_takes_their_posts_along(them: People) -> None:
    shown_post(them.alice, caption="gone")
    people_services.suspend(them.alice)
    assert captions(timeline.home(them.bob)) == set()
    assert captions(timeline.explore(None)) == set()
    assert Client().get("/u/alice/").status_code == 404


@pytest.mark.parametrize("name", sorted(set(SEES) - {"alice"}))
def test_a9_neither_page_nor_json_names_a_tier(
    them: People, shelf: dict[str, Any], name: str
) -> None:
    """What a follower gets names no closeness and no tier, nor whom a post is for."""
    client = logged_in(viewer(them, name))
    # Signed out, "/" is the front page, which explains the tiers with a demo.
    home = () if name == "anonymous" else ("/", "/api/v1/feed")
    for url in (*home, "/explore/", "/u/alice/", "/api/v1/explore"):
        body = client.get(url).content.lower()
        for word in (b"closeness", b"audience", b'"tier', b"distant", b"semi", b"plan"):
            assert word not in body, (url, word)


# --- order and pages -----------------------------------------------------------------


def walk(client: Client, url: str) -> list[list[str]]:
    """Captions page by page, following ``next``."""
    pages = []
    while url:
        body = client.get(url).json()
        pages.append([row["post"]["caption"] for row in body["results"]])
        url = body["next"]
    return pages


def test_pages_follow_each_other_without_gap_or_repeat(them: People) -> None:
    now = timezone.now()
    for number in range(25):
        # Several share a moment: the order must hold all the same.
        at = now - timedelta(minutes=number // 7)
        shown_post(them.alice, caption=str(number), at=at)
    client = logged_in(them.bob)
    pages = walk(client, "/api/v1/feed")
    assert [len(page) for page in pages] == [10, 10, 5]
    flat = [caption for page in pages for caption in page]
    assert sorted(flat, key=int) == [str(number) for number in range(25)]
    times = [int(caption) // 7 for caption in flat]
    assert times == sorted(times)


def test_what_arrives_meanwhile_shifts_nothing(them: People) -> None:
    now = timezone.now()
    for number in range(15):
        at = now - timedelta(minutes=number)
        shown_post(them.alice, caption=str(number), at=at)
    first = timeline.home(them.bob)
    shown_post(them.alice, caption="new", at=now + timedelta(seconds=1))
    second = timeline.home(them.bob, first.next)
    seen = [entry.grant.caption for entry in (*first.entries, *second.entries)]
    assert seen == [str(number) for number in range(15)]


def test_a_cursor_carries_no_primary_key(them: People) -> None:
    posts = [shown_post(them.alice, caption=str(number)) for number in range(11)]
    page = timeline.home(them.bob)
    at, last = base64.urlsafe_b64decode(page.next).decode().split(" ")
    assert last in {post.public_id.hex for post in posts}
    assert at.startswith("20")


@pytest.mark.parametrize("cursor", ["x", "AAAA", "%00", "'; drop", "MjAyNg==", "é"])
def test_a_made_up_cursor_is_refused_in_words(them: People, cursor: str) -> None:
    client = logged_in(them.bob)
    for url in ("/api/v1/feed", "/api/v1/explore", "/api/v1/users/alice/posts"):
        assert client.get(url, {"cursor": cursor}).status_code == 400
    for url in ("/", "/explore/", "/u/alice/"):
        assert client.get(url, {"cursor": cursor}).status_code == 302


def test_a_cursor_of_another_opens_nothing(them: People) -> None:
    """It is a place in time: whose pages it came from does not matter."""
    for number in range(12):
        shown_post(them.alice, "close", caption=f"close {number}")
    stolen = timeline.home(them.carol).next
    assert stolen
    assert timeline.home(them.bob, stolen).entries == ()


def test_more_works_with_and_without_javascript(them: People) -> None:
    for number in range(12):
        shown_post(them.alice, caption=f"post {number:02}")
    client = logged_in(them.bob)
    whole = client.get("/").content.decode()
    more = whole.split('hx-get="/?cursor=')[1].split('"')[0]
    assert f'href="/?cursor={more}"' in whole
    plain = client.get(f"/?cursor={more}").content.decode()
    assert "<html" in plain
    piece = client.get(f"/?cursor={more}", HTTP_HX_REQUEST="true").content.decode()
    assert "<html" not in piece
    assert piece.count('class="post"') == plain.count('class="post"') == 2


# --- cost ----------------------------------------------------------------------------

PAGES = ["/", "/explore/", "/u/alice/", "/api/v1/feed", "/api/v1/users/alice/posts"]


@pytest.mark.parametrize("url", PAGES)
def test_as_many_queries_for_thirty_as_for_three(
    them: People, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for function in (timeline.home, timeline.explore, timeline.profile):
        defaults = function.__defaults__
        monkeypatch.setattr(function, "__defaults__", (*(defaults or ())[:-1], 50))
    client = logged_in(them.bob)
    counted = []
    for number in (3, 27):
        for _ in range(number):
            post = shown_post(them.alice, pictures=2)
            services.like(them.carol, post.public_id)
            services.comment(them.carol, post.public_id, "nice")
        client.get(url)
        with CaptureQueriesContext(connection) as queries:
            shown = client.get(url).content
        counted.append(len(queries))
    assert shown.count(str(post.public_id).encode())
    assert counted[0] == counted[1] <= 18


def test_a_post_page_takes_the_same_queries(them: People) -> None:
    post = shown_post(them.alice)
    client = logged_in(them.alice)
    counted = []
    for number in (3, 27):
        for _ in range(number):
            top = services.comment(them.bob, post.public_id, "hello")
            services.comment(them.carol, post.public_id, "hi", top.public_id)
        client.get(f"/p/{post.public_id}/")
        with CaptureQueriesContext(connection) as queries:
            client.get(f"/p/{post.public_id}/")
        counted.append(len(queries))
    assert counted[0] == counted[1] <= 20


def test_counts_are_of_what_the_viewer_may_see(them: People) -> None:
    post = shown_post(them.alice)
    ghost = make_user("ghost")
    for who in (them.bob, them.carol, ghost):
        services.like(who, post.public_id)
        services.comment(who, post.public_id, f"from {who.username}")
    people_services.block(them.erin, them.bob)
    people_services.suspend(ghost)

    def counts(who: User | None) -> tuple[int, int]:
        entry = timeline.entry(who, post.public_id)
        return entry.likes, entry.comments

    assert counts(them.alice) == (2, 2)
    assert counts(them.erin) == (1, 1)
    assert counts(None) == (2, 2)
    people_services.block(them.alice, them.carol)
    assert counts(them.alice) == (1, 1)
    assert counts(None) == (1, 1), "gone from below the post for everyone"


def test_promotion_changes_the_picture_and_not_the_list(them: People) -> None:
    make_follow(them.erin, them.alice, Closeness.DISTANT)
    shown_post(them.alice, "followers", caption="x")
    masked = []
    for closeness in Closeness:
        people_services.set_closeness(them.alice, them.erin, closeness)
        page = timeline.home(them.erin)
        assert captions(page) == {"x"}
        masked.append(page.entries[0].grant.media[0].masked)
    assert masked == [2, 1, 0]


def test_people_to_meet_have_public_posts_and_are_not_followed_yet(
    them: People,
) -> None:
    for owner in (them.alice, them.bob):
        shown_post(owner, "everyone")
    shown_post(them.frank, "followers")
    assert timeline.to_meet(them.bob) == []  # follows alice, is himself
    assert timeline.to_meet(them.dan) == [them.bob]  # blocked by alice
    assert set(timeline.to_meet(them.erin)) == {them.alice, them.bob}
    people_services.mute(them.erin, them.bob)
    assert timeline.to_meet(them.erin) == [them.alice]
