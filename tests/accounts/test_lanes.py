"""Moving several followers at once, and suggestions from one's own ties."""

from __future__ import annotations

import json
import re

import pytest
from django.test import Client

from accounts import circles, lanes, services
from accounts.events import Event
from accounts.models import Closeness, Follow
from accounts.relations import Absent
from tests.factories import People, make_follow, make_user, people

pytestmark = pytest.mark.django_db
BACKEND = "accounts.backends.PresentBackend"


@pytest.fixture
def them() -> People:
    return people()


@pytest.fixture
def alice(them: People) -> Client:
    client = Client()
    client.force_login(them.alice, backend=BACKEND)
    return client


def held(them: People) -> dict[str, int]:
    found = Follow.objects.filter(followee=them.alice)
    return dict(found.values_list("follower__username", "closeness"))


def test_several_move_and_only_who_moved_is_told(
    them: People,
    django_capture_on_commit_callbacks,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    told: list[Event] = []
    monkeypatch.setattr(lanes, "publish", told.append)
    moved = lanes.move(them.alice, ["BOB", "carol", "frank"], Closeness.CLOSE)
    assert [user.username for user in moved] == ["bob", "carol", "frank"]
    assert held(them) == {"bob": 2, "carol": 2, "frank": 2}
    assert {event.to for event in told} == {
        (str(them.bob.public_id),),
        (str(them.frank.public_id),),
    }
    # Nothing in what is sent says which way.
    assert {(event.name, event.subject, event.version) for event in told} == {
        ("relation.changed", "", 0)
    }


def test_who_does_not_follow_is_passed_over_and_never_let_in(them: People) -> None:
    make_follow(them.erin, them.alice, accepted=False)
    names = ["bob", "erin", "dan", "nobody", "alice"]
    moved = lanes.move(them.alice, names, Closeness.CLOSE)
    assert [user.username for user in moved] == ["bob"]
    assert held(them) == {"bob": 2, "carol": 2, "frank": 0, "erin": 0}
    assert Follow.objects.get(follower=them.erin).accepted_at is None


@pytest.mark.parametrize("names", [[], ["dan"], ["erin"], ["nobody"], ["alice"]])
def test_nobody_to_move_is_absent(them: People, names: list[str]) -> None:
    with pytest.raises(Absent):
        lanes.move(them.alice, names, Closeness.CLOSE)


def test_the_suspended_move_nobody(them: People) -> None:
    services.suspend(them.alice)
    with pytest.raises(Absent):
        lanes.move(them.alice, ["bob"], Closeness.CLOSE)
    assert held(them)["bob"] == 1


def test_the_bulk_form_without_and_with_htmx(them: People, alice: Client) -> None:
    plain = alice.post(
        "/people/move",
        {"person": ["bob", "frank"], "closeness": 2, "next": "/people/distant/"},
    )
    assert (plain.status_code, plain["Location"]) == (302, "/people/distant/")
    assert held(them) == {"bob": 2, "carol": 2, "frank": 2}
    part = alice.post(
        "/people/move",
        {"person": "bob", "closeness": 0},
        headers={"HX-Request": "true", "HX-Target": "people"},
    )
    assert b"<html" not in part.content
    assert held(them)["bob"] == 0
    assert json.loads(part["HX-Trigger"]) == {
        "nopeek:said": {"words": "bob is now in the lane: Distant."}
    }


def test_nobody_chosen_is_said(them: People, alice: Client) -> None:
    page = alice.post("/people/move", {"closeness": 2}, follow=True)
    assert b"Choose somebody first." in page.content
    assert held(them) == {"bob": 1, "carol": 2, "frank": 0}


@pytest.mark.parametrize("wrong", ["3", "-1", "close", ""])
def test_there_is_no_fourth_lane(them: People, alice: Client, wrong: str) -> None:
    assert (
        alice.post("/people/move", {"person": "bob", "closeness": wrong}).status_code
        == 400
    )
    assert held(them)["bob"] == 1


def test_others_followers_are_not_moved(them: People) -> None:
    make_follow(them.bob, them.erin, Closeness.DISTANT)
    client = Client()
    client.force_login(them.erin, backend=BACKEND)
    assert (
        client.post("/people/move", {"person": "bob", "closeness": 2}).status_code
        == 302
    )
    assert held(them)["bob"] == 1
    assert (
        client.post("/people/move", {"person": "carol", "closeness": 2}).status_code
        == 404
    )


def test_suggestions_come_from_ones_own_ties_alone(them: People) -> None:
    make_follow(them.alice, them.bob)  # mutual
    make_follow(them.bob, them.erin)  # a friend's friend: never suggested
    stranger = make_user("zoe")
    make_follow(them.bob, stranger)
    assert [user.username for user in circles.suggestions(them.alice)] == ["bob"]
    back = {user.username for user in circles.follow_back(them.alice)}
    assert back == {"carol", "frank"}
    make_follow(them.alice, them.frank, accepted=False)  # asked already
    assert [u.username for u in circles.follow_back(them.alice)] == ["carol"]


def test_nobody_else_learns_of_lanes(them: People) -> None:
    """The people page is one's own, and no word of it stands on any page of bob's."""
    client = Client()
    client.force_login(them.bob, backend=BACKEND)
    for url in ("/u/alice/", "/people/", "/notifications/", "/"):
        page = client.get(url).content.decode()
        assert not re.search(r'data-username="(carol|frank)"', page), url
        assert "in the lane" not in page
