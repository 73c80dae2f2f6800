"""Promise 4: what a viewer may not see is not told from what does not exist (A3, A10)."""

from __future__ import annotations

import re
import statistics
import time
import uuid

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from tests.factories import People, make_media, make_post, people

pytestmark = pytest.mark.django_db


@pytest.fixture
def six() -> People:
    return people()


def by(user: User | None) -> Client:
    client = Client()
    if user is not None:
        client.force_login(user)
    return client


def shape(response: HttpResponse) -> tuple[int, bytes, tuple[tuple[str, str], ...]]:
    """Status, body and headers, without what is random in every answer."""
    asked = str(response.wsgi_request.path).encode()  # type: ignore[attr-defined]
    body = response.content.replace(asked, b"PATH")
    body = re.sub(rb'("X-CSRFToken": "|data-csrf="|value=")[A-Za-z0-9]{64}', b"", body)
    body = re.sub(rb'nonce="[^"]*"', b"", body)
    headers = {
        key: re.sub(r"'nonce-[^']*'", "", value)
        for key, value in response.headers.items()
        if key != "Content-Length"
    }
    return response.status_code, body, tuple(sorted(headers.items()))


HIDDEN = ("/m/{media}/feed.jpg", "/p/{post}/", "/api/v1/posts/{post}",
          "/api/v1/posts/{post}/comments")  # fmt: skip
OWN = ("/share/{post}/", "/share/media/{media}/status", "/api/v1/media/{media}",
       "/share/media/{media}/regions", "/api/v1/media/{media}/as?person=none",
       "/share/{post}/delete")  # fmt: skip


@pytest.mark.parametrize("route", HIDDEN)
@pytest.mark.parametrize("person", ["bob", "dan", "erin", "anonymous"])
def test_a3_hidden_is_as_if_it_were_not_there(
    six: People, route: str, person: str
) -> None:
    user = None if person == "anonymous" else getattr(six, person)
    asked = [
        make_media(six.alice, make_post(six.alice, "only_me")),
        make_media(six.alice, make_post(six.alice, published=False)),
    ]
    if person == "dan":
        asked.append(make_media(six.alice))
    client = by(user)
    absent = shape(
        client.get(route.format(media=uuid.uuid4(), post=uuid.uuid4()))  # type: ignore[arg-type]
    )
    assert absent[0] == 404
    for media in asked:
        url = route.format(media=media.public_id, post=media.post.public_id)
        assert shape(client.get(url)) == absent  # type: ignore[arg-type]


@pytest.mark.parametrize("route", OWN)
def test_a12_others_own_things_are_not_there(six: People, route: str) -> None:
    media = make_media(six.alice)
    url = route.format(media=media.public_id, post=media.post.public_id)
    nowhere = route.format(media=uuid.uuid4(), post=uuid.uuid4())
    for user in (six.bob, six.carol, six.dan, six.erin):
        client = by(user)
        absent = shape(client.get(nowhere))  # type: ignore[arg-type]
        assert absent[0] == 404
        assert shape(client.get(url)) == absent  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "wrong", ["0", "-1", "1", "9" * 40, "x", "00000000-0000-0000-0000-000000000000"]
)
def test_a3_no_id_but_a_random_one_leads_anywhere(six: People, wrong: str) -> None:
    make_media(six.alice)
    for base in ("/m/{}/feed.jpg", "/p/{}/", "/api/v1/posts/{}", "/share/{}/"):
        assert by(six.alice).get(base.format(wrong)).status_code == 404


def test_a10_refusals_do_the_same_and_take_the_same_time(six: People) -> None:
    """Light: the same queries, and medians of interleaved requests close together."""
    hidden = make_media(six.alice, make_post(six.alice, "only_me")).public_id
    blocked = make_media(six.alice).public_id
    client = by(six.dan)
    done = []
    for key in (hidden, blocked, uuid.uuid4()):
        with CaptureQueriesContext(connection) as found:
            client.get(f"/m/{key}/feed.jpg")
        asked = [one["sql"] for one in found if "gallery_" in one["sql"]]
        assert asked
        done.append([re.sub(r"[0-9a-f-]{32,36}", "?", sql) for sql in asked])
    assert done[0] == done[1] == done[2]
    taken: dict[str, list[float]] = {"hidden": [], "blocked": [], "absent": []}
    for _ in range(60):
        for name, key in (
            ("hidden", hidden),
            ("blocked", blocked),
            ("absent", uuid.uuid4()),
        ):
            start = time.perf_counter()
            client.get(f"/m/{key}/feed.jpg")
            taken[name].append(time.perf_counter() - start)
    medians = [statistics.median(times[10:]) for times in taken.values()]
    assert max(medians) / min(medians) < 1.5
