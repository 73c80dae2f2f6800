"""``/api/v1/``: what the pages do, for programs."""

from __future__ import annotations

import uuid

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from rest_framework.authtoken.models import Token
from rest_framework.test import APIClient

from accounts.models import User
from gallery import exports
from gallery.models import Export, Media, Post
from privacy.core.types import Tier
from privacy.models import Finding
from tests.factories import PASSWORD, People, make_media, make_post, people
from tests.gallery.drawn import card

pytestmark = pytest.mark.django_db


@pytest.fixture
def six() -> People:
    return people()


class Api(APIClient):
    """A program that speaks JSON unless it says otherwise."""

    default_format = "json"


def by(user: User) -> Api:
    client = Api()
    token, _created = Token.objects.get_or_create(user=user)
    client.credentials(HTTP_AUTHORIZATION=f"Token {token.key}")
    return client


def test_a_post_from_start_to_end(six: People) -> None:
    client = by(six.alice)
    made = client.post("/api/v1/posts", {"caption": "Hi", "audience": "close"}).json()
    url = f"/api/v1/posts/{made['id']}"
    assert (made["caption"], made["audience"], made["media"]) == ("Hi", "close", [])
    file = SimpleUploadedFile("a.jpg", card(), "image/jpeg")
    sent = client.post(f"{url}/media", {"file": file}, format="multipart")
    assert sent.status_code == 201
    assert sent.json()["state"]["stage"] == "uploaded"
    early = client.post(f"{url}/publish")
    assert (early.status_code, early.json()["code"]) == (409, "not_ready")
    client.delete(f"/api/v1/media/{sent.json()['media']['id']}")
    make_media(six.alice, Post.objects.get())
    assert client.post(f"{url}/publish").json()["published_at"]
    assert by(six.carol).get(url).json()["caption"] == "Hi"
    assert by(six.bob).get(url).status_code == 404
    loose = client.patch(url, {"audience": "everyone"}, format="json")
    assert (loose.status_code, loose.json()["code"]) == (409, "confirm")
    yes = {"audience": "everyone", "confirmed": True, "caption": ""}
    assert client.patch(url, yes, format="json").json()["audience"] == "everyone"
    assert APIClient().get(url).status_code == 200
    receipt = client.delete(url).json()
    assert receipt["gone"]["posts"] == 1
    assert client.get(url).status_code == 404


@pytest.mark.parametrize(
    ("data", "status", "code"),
    [(b"%PDF-1.7", 415, "unsupported"), (b"", 422, "empty")],
)
def test_upload_problems(six: People, data: bytes, status: int, code: str) -> None:
    post = make_post(six.alice, published=False)
    file = SimpleUploadedFile("a.jpg", data, "image/jpeg")
    response = by(six.alice).post(
        f"/api/v1/posts/{post.public_id}/media", {"file": file}, format="multipart"
    )
    assert response.status_code == status
    assert response["Content-Type"] == "application/problem+json"
    assert response.json()["code"] == code


def test_json_is_no_upload(six: People) -> None:
    post = make_post(six.alice, published=False)
    url = f"/api/v1/posts/{post.public_id}/media"
    assert by(six.alice).post(url, {"file": "x"}, format="json").status_code == 415


def test_gallery_pages_by_cursor(six: People) -> None:
    ids = [str(make_media(six.alice, stored=False).public_id) for _ in range(5)]
    make_media(six.bob, stored=False)
    client, url, found = by(six.alice), "/api/v1/media?limit=2", []
    while url:
        page = client.get(url).json()
        found += [one["media"]["id"] for one in page["results"]]
        url = page["next"]
    assert found == ids[::-1]
    assert client.get("/api/v1/media?state=nonsense").status_code == 400
    assert client.get("/api/v1/media?state=stopped").json()["results"] == []


def test_findings_are_edited(six: People) -> None:
    media = make_media(six.alice, make_post(six.alice, published=False))
    client, url = by(six.alice), f"/api/v1/media/{media.public_id}/findings"
    added = client.post(url, {"box": [0.3, 0.5, 0.5, 0.7]}, format="json")
    assert added.status_code == 201
    own = next(one for one in added.json()["findings"] if one["manual"])
    client.patch(f"{url}/{own['id']}", {"choice": "auto"}, format="json")
    assert Finding.objects.get(manual=True).choice == "auto"
    client.put(url, {"category": "face", "choice": "hide"}, format="json")
    assert Finding.objects.get(category="face").choice == "hide"
    assert client.delete(f"{url}/{own['id']}").status_code == 200
    assert not Finding.objects.filter(manual=True).exists()
    for box in ([0.5, 0.5, 0.4, 0.6], [0, 0, 2, 1], [0, 0, 1], ["x", 0, 1, 1]):
        assert client.post(url, {"box": box}, format="json").status_code == 400


def test_showing_more_is_409_until_confirmed(six: People) -> None:
    media = make_media(six.alice)
    face = Finding.objects.get(category="face").region
    url = f"/api/v1/media/{media.public_id}/findings/{face}"
    client = by(six.alice)
    given = {"choice": "show", "show_from": 0}
    asked = client.patch(url, given, format="json")
    assert (asked.status_code, asked.json()["code"]) == (409, "confirm")
    assert (
        client.patch(url, {**given, "confirmed": True}, format="json").status_code
        == 200
    )


def test_see_as_is_the_answer_that_the_person_gets(six: People) -> None:
    media = make_media(six.alice)
    url = f"/api/v1/media/{media.public_id}/as"
    theirs = by(six.bob).get(f"/api/v1/posts/{media.post.public_id}").json()["media"][0]
    client = by(six.alice)
    assert client.get(url, {"person": "@bob"}).json() == theirs
    assert client.get(url, {"person": Tier.SEMI.word}).json() == theirs
    assert client.get(url, {"person": "@dan"}).status_code == 404
    assert by(six.bob).get(url, {"person": "none"}).status_code == 404


def test_export_wants_the_password_and_its_owner(six: People) -> None:
    make_media(six.alice)
    client = by(six.alice)
    wrong = client.post("/api/v1/exports", {"password": "wrong"})
    assert (wrong.status_code, wrong.json()["code"]) == (403, "password")
    made = client.post("/api/v1/exports", {"password": PASSWORD})
    assert made.status_code == 202
    export = Export.objects.get()
    exports.build(export.public_id)
    url = f"/api/v1/exports/{export.public_id}/file"
    assert by(six.bob).post(url, {"password": PASSWORD}).status_code == 404
    assert client.post(url, {"password": "wrong"}).status_code == 403
    response = client.post(url, {"password": PASSWORD})
    assert b"".join(response.streaming_content).startswith(b"PK")  # type: ignore[attr-defined]


def test_account_is_erased_with_the_password(six: People) -> None:
    make_media(six.alice)
    client = by(six.alice)
    assert client.post("/api/v1/me/erase", {"password": "x"}).status_code == 403
    receipt = client.post("/api/v1/me/erase", {"password": PASSWORD}).json()
    assert receipt["gone"]["pictures"] == 1
    assert client.get("/api/v1/me").status_code == 401
    assert not Media.objects.exists()


def test_absent_and_foreign_are_one_answer(six: People) -> None:
    media = make_media(six.alice, make_post(six.alice, "only_me"))
    client = by(six.bob)
    for route in ("/api/v1/media/{}", "/api/v1/media/{}/findings", "/api/v1/posts/{}"):
        key = media.post.public_id if "posts" in route else media.public_id
        for verb in (client.get, client.patch, client.delete, client.post):
            there, nowhere = verb(route.format(key)), verb(route.format(uuid.uuid4()))
            assert (there.status_code, there.content) == (
                nowhere.status_code,
                nowhere.content,
            )
