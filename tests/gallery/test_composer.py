"""The review step as an editor: what its page and its verbs promise the script."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from gallery import editing
from gallery.models import Media, TierView
from privacy.core.types import Box
from privacy.models import Finding
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


# --- drawing, several changes as one ---------------------------------------------------


def send(client: Client, url: str, body: object, method: str = "POST") -> Any:
    return client.generic(method, url, json.dumps(body), "application/json")


def regions_of(answer: Any) -> dict[str, dict[str, Any]]:
    return {
        one["id"]: one for kind in answer.json()["kinds"] for one in kind["regions"]
    }


def at(media: Media, rest: str = "") -> str:
    return f"/share/media/{media.public_id}/regions{rest}"


STROKE = [[0.1, 0.6], [0.3, 0.9]]


def test_a_stroke_is_drawn_deleted_and_comes_back_the_same(
    owner: User, client: Client, sent: Sent
) -> None:
    media = make_media(owner)
    made = send(client, at(media), {"outline": STROKE, "brush": 0.03})
    assert made.status_code == 200
    name = made.json()["added"]
    drawn = regions_of(made)[name]
    assert drawn["outline"] == STROKE
    assert drawn["brush"] == 0.03
    send(client, at(media, f"/{name}"), {"style": "fill"}, "PATCH")
    drawn = regions_of(client.get(at(media)))[name]
    gone = send(client, at(media, f"/{name}"), {"confirmed": True}, "DELETE")
    assert name not in regions_of(gone)
    back = send(client, at(media), {**drawn, "id": name})
    assert regions_of(back)[name] == drawn


@pytest.mark.parametrize(
    "body",
    [
        {"outline": [[0.1, 0.1], [2, 0.1], [0.1, 0.3]]},
        {"outline": "everywhere"},
        {"outline": STROKE, "brush": "thick"},
        {"outline": STROKE, "brush": -1},
    ],
)
def test_a_drawing_that_makes_no_sense_is_told_so(
    owner: User, client: Client, body: object
) -> None:
    media = make_media(owner)
    answer = send(client, at(media), body)
    assert answer.status_code == 400
    assert answer.json()["detail"]
    assert not Finding.objects.filter(manual=True).exists()


def test_several_changes_are_one_or_none(
    owner: User, client: Client, sent: Sent
) -> None:
    media = make_media(owner)
    before = regions_of(client.get(at(media)))
    first, second, *_ = before
    wanted = [{"id": first, "choice": "hide"}, {"id": "nothing", "choice": "hide"}]
    assert send(client, at(media), {"changes": wanted}, "PATCH").status_code == 404
    assert regions_of(client.get(at(media))) == before
    wanted[1]["id"] = second
    done = regions_of(send(client, at(media), {"changes": wanted}, "PATCH"))
    assert {done[first]["choice"], done[second]["choice"]} == {"hide"}


def test_the_same_for_all_of_a_kind_is_one_step(
    owner: User, client: Client, sent: Sent
) -> None:
    media = make_media(owner)
    face = Finding.objects.get(category="face")
    for x in (0.5, 0.7):
        face.pk, face.region = None, f"face-{round(10 * x)}"
        face.y0, face.y1 = 0.5, 0.5 + x / 4
        face.save()
    body = {"choice": "hide", "style": "fill", "same": True}
    done = regions_of(send(client, at(media, "/face-5"), body, "PATCH"))
    faces = Finding.objects.filter(category="face").values_list("region", flat=True)
    assert len(faces) == 3
    assert {(done[one]["choice"], done[one]["style"]) for one in faces} == {
        ("hide", "fill")
    }
    others = [one for name, one in done.items() if name not in faces]
    assert {one["choice"] for one in others} == {"auto"}


def test_a_smaller_outline_in_the_same_box_asks_first(
    owner: User, client: Client, sent: Sent
) -> None:
    media = make_media(owner)  # published, for everyone
    whole = [[0.1, 0.6], [0.5, 0.6], [0.5, 0.95], [0.1, 0.95]]
    name = send(client, at(media), {"outline": whole}).json()["added"]
    corner = [[0.1, 0.6], [0.5, 0.6], [0.1, 0.95]]
    asked = send(client, at(media, f"/{name}"), {"outline": corner}, "PATCH")
    assert asked.status_code == 409
    assert asked.json()["code"] == "confirm"
    drawn = regions_of(client.get(at(media)))[name]
    assert drawn["outline"] == whole


def test_parts_that_touch_are_counted_once(owner: User, sent: Sent) -> None:
    media = make_media(owner)
    before = TierView.objects.get(media=media, tier=0).masked
    for row in range(4):
        editing.add(media, Box(0.1, 0.6 + row * 0.05, 0.4, 0.64 + row * 0.05))
    assert TierView.objects.get(media=media, tier=0).masked <= before + 1
