"""The people page, the verbs behind it, settings, and the same through the API."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts import services
from accounts.models import Block, Closeness, Follow, Mute, User
from tests.factories import People, make_follow, make_user, people
from tests.pages import bare

pytestmark = pytest.mark.django_db
BACKEND = "accounts.backends.PresentBackend"
Answer = Any  # the test client adds to its responses what no type knows


@pytest.fixture
def them() -> People:
    return people()


def logged_in(user: User) -> Client:
    client = Client()
    client.force_login(user, backend=BACKEND)
    return client


def lanes(page: Answer) -> dict[str, list[str]]:
    """Names by list, as they stand in the page."""
    found: dict[str, list[str]] = {}
    for part in re.split(r'aria-labelledby="lane-', page.content.decode())[1:]:
        name = part.split('"', 1)[0]
        found[name] = re.findall(r'data-username="(\w+)"', part)
    return found


def test_three_lanes_and_what_stands_beside_them(them: People) -> None:
    make_follow(them.erin, them.alice, accepted=False)
    make_follow(them.alice, them.bob)
    services.mute(them.alice, them.frank)
    page = logged_in(them.alice).get("/people/")
    assert lanes(page) == {
        "distant": ["frank"],
        "regular": ["bob"],
        "close": ["carol"],
        "requests": ["erin"],
        "following": ["bob"],
        "blocked": ["dan"],
        "muted": ["frank"],
    }
    assert b"Make close" in page.content  # bob follows back
    assert page.content.count(b"Make close") == 1


def test_closeness_is_set_without_and_with_htmx(them: People) -> None:
    client = logged_in(them.alice)
    plain = client.post("/u/bob/closeness", {"closeness": 2, "next": "/people/"})
    assert (plain.status_code, plain.headers["Location"]) == (302, "/people/")
    assert Follow.objects.get(follower=them.bob).closeness == Closeness.CLOSE
    part = client.post(
        "/u/bob/closeness",
        {"closeness": 0},
        HTTP_HX_REQUEST="true",
        HTTP_HX_TARGET="people",
    )
    assert part.status_code == 200
    assert b"<html" not in part.content
    assert set(lanes(part)["distant"]) == {"bob", "frank"}


@pytest.mark.parametrize("wrong", ["3", "-1", "close", "", "1e0"])
def test_there_are_three_closenesses(them: People, wrong: str) -> None:
    found = logged_in(them.alice).post("/u/bob/closeness", {"closeness": wrong})
    assert found.status_code == 400
    assert Follow.objects.get(follower=them.bob).closeness == Closeness.REGULAR


def test_a_long_lane_has_a_page_of_its_own(them: People) -> None:
    for number in range(60):
        make_follow(make_user(f"fan{number}"), them.alice)
    client = logged_in(them.alice)
    page = client.get("/people/")
    assert len(lanes(page)["distant"]) == 12
    assert b"/people/distant/" in page.content
    first = re.findall(
        r'data-username="(\w+)"', client.get("/people/distant/").content.decode()
    )
    second = re.findall(
        r'data-username="(\w+)"', client.get("/people/distant/?page=2").content.decode()
    )
    assert len(first) == 50
    assert len(second) == 11
    assert not set(first) & set(second)
    assert client.get("/people/enemies/").status_code == 404


@pytest.mark.parametrize("url", ["/people/", "/api/v1/people?lane=close&limit=50"])
def test_as_many_queries_for_thirty_as_for_three(them: People, url: str) -> None:
    client = logged_in(them.alice)
    counted = []
    for round_ in range(2):
        for number in range(3 + 27 * round_):
            fan = make_user(f"fan{round_}_{number}")
            make_follow(fan, them.alice, Closeness.CLOSE)
        client.get(url)
        with CaptureQueriesContext(connection) as queries:
            client.get(url)
        counted.append(len(queries))
    assert counted[0] == counted[1] <= 32


# --- what nobody learns --------------------------------------------------------------

VERBS = [
    "follow",
    "withdraw",
    "accept",
    "decline",
    "remove",
    "block",
    "unblock",
    "mute",
    "unmute",
    "closeness",
]


@pytest.mark.parametrize("verb", VERBS)
def test_a_blocked_person_cannot_tell(them: People, verb: str) -> None:
    """dan, whom alice blocked, gets for her what he gets for nobody at all."""
    client = logged_in(them.dan)
    data = {"closeness": "1"}
    plain: dict[str, Any] = {}
    for extra in (plain, {"HTTP_HX_REQUEST": "true"}):
        blocked = client.post(f"/u/alice/{verb}", data, **extra)
        nobody = client.post(f"/u/nobody_here/{verb}", data, **extra)
        assert blocked.status_code == nobody.status_code == 404
        assert bare(blocked, "alice") == bare(nobody, "nobody_here")
    assert Block.objects.count() == 1
    assert not Follow.objects.filter(follower=them.dan).exists()


def test_the_way_back_from_a_block(them: People) -> None:
    client = logged_in(them.alice)
    services.block(them.dan, them.alice)  # he did so, too: she can still take hers back
    assert "dan" in lanes(client.get("/people/"))["blocked"]
    assert client.post("/u/DAN/unblock").status_code == 302
    assert not Block.objects.filter(blocker=them.alice).exists()
    assert client.post("/u/erin/unblock").status_code == 404


def seen_by(client: Client, urls: list[str]) -> list[bytes]:
    return [bare(client.get(url)) for url in urls]


def test_a9_followers_of_every_closeness_see_the_same(them: People) -> None:
    """No page or JSON about alice or oneself differs by the closeness she gave."""
    urls = [
        "/u/alice/",
        "/people/",
        "/people/following/",
        "/settings/profile/",
        "/notifications/",
        "/api/v1/me",
        "/api/v1/people/alice",
        "/api/v1/people?lane=following",
        "/api/v1/notifications",
    ]
    client = logged_in(them.bob)
    seen = []
    for closeness in Closeness:
        services.set_closeness(them.alice, them.bob, closeness)
        seen.append(seen_by(client, urls))
    assert seen[0] == seen[1] == seen[2]
    assert b"Following" in seen[0][0]
    for word in (b"distant", b"regular", b'"closeness":0', b'"closeness":"'):
        assert word not in seen[0][6].lower()


def test_a9_closeness_stands_in_json_for_its_giver_alone(them: People) -> None:
    mine = logged_in(them.alice).get("/api/v1/people?lane=close").json()["results"]
    assert [(row["username"], row["closeness"]) for row in mine] == [("carol", "close")]
    theirs = logged_in(them.carol).get("/api/v1/people?lane=following").json()
    assert [row["closeness"] for row in theirs["results"]] == [None]


def test_a9_staff_do_not_see_closeness(them: People) -> None:
    boss = make_user("boss", is_staff=True, is_superuser=True)
    client = logged_in(boss)
    row = Follow.objects.get(follower=them.carol)
    for url in ("/admin/accounts/follow/", f"/admin/accounts/follow/{row.pk}/change/"):
        page = client.get(url).content.lower()
        assert b"carol" in page
        assert b"closeness" not in page


# --- settings ------------------------------------------------------------------------


def test_the_profile_is_edited(them: People) -> None:
    client = logged_in(them.bob)
    data = {
        "display_name": "Bob <b>",
        "bio": "Walks.",
        "is_staff": "1",
        "email": "x@y.z",
    }
    assert client.post("/settings/profile/", data).status_code == 302
    them.bob.refresh_from_db()
    assert (them.bob.display_name, them.bob.bio) == ("Bob <b>", "Walks.")
    assert not them.bob.is_staff
    assert them.bob.email == "bob@example.org"
    assert b"Bob &lt;b&gt;" in client.get("/u/bob/").content


# --- the API -------------------------------------------------------------------------


def test_a8_nobody_raises_themselves_through_the_api(them: People) -> None:
    client = logged_in(them.bob)
    changes = {
        "bio": "new",
        "is_staff": True,
        "closeness": "close",
        "username": "alice2",
        "email": "other@example.org",
        "id": str(them.alice.public_id),
        "suspended_at": None,
    }
    answer = client.patch("/api/v1/me", changes, content_type="application/json")
    assert answer.status_code == 200
    them.bob.refresh_from_db()
    assert (them.bob.bio, them.bob.username) == ("new", "bob")
    assert them.bob.email == "bob@example.org"
    assert not them.bob.is_staff
    own = client.put(
        "/api/v1/people/alice/closeness",
        {"closeness": "close"},
        content_type="application/json",
    )
    assert own.status_code == 404  # alice does not follow bob
    assert Follow.objects.get(follower=them.bob).closeness == Closeness.REGULAR


def test_the_api_does_what_the_pages_do(them: People) -> None:
    erin, alice = logged_in(them.erin), logged_in(them.alice)
    for _ in range(2):
        assert erin.put("/api/v1/people/alice/follow").status_code == 204
    assert erin.get("/api/v1/people/alice").json()["requested"] is True
    asked = alice.get("/api/v1/people?lane=requests").json()["results"]
    assert [row["username"] for row in asked] == ["erin"]
    assert alice.put("/api/v1/people/erin/request").status_code == 204
    close = alice.put(
        "/api/v1/people/erin/closeness",
        {"closeness": "close"},
        content_type="application/json",
    )
    assert close.status_code == 204
    assert Follow.objects.get(follower=them.erin).closeness == Closeness.CLOSE
    assert alice.delete("/api/v1/people/erin/follower").status_code == 204
    assert alice.put("/api/v1/people/erin/mute").status_code == 204
    assert Mute.objects.filter(muter=them.alice, muted=them.erin).exists()
    assert alice.delete("/api/v1/people/erin/mute").status_code == 204
    assert alice.put("/api/v1/people/erin/block").status_code == 204
    assert erin.get("/api/v1/people/alice").status_code == 404
    assert alice.delete("/api/v1/people/erin/block").status_code == 204
    assert not Follow.objects.filter(follower=them.erin).exists()


def test_primary_keys_stay_inside(them: People) -> None:
    body = logged_in(them.alice).get("/api/v1/people?lane=close").json()
    assert body["results"][0]["id"] == str(them.carol.public_id)
    assert "pk" not in body["results"][0]
