"""Sharing, reviewing and one's own data, through the pages, without JavaScript."""

from __future__ import annotations

import json
import uuid
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from accounts.models import User
from gallery.models import Export, Media, Post
from gallery.states import State
from privacy.models import Finding
from tests.factories import PASSWORD, People, make_media, make_post, people
from tests.gallery.drawn import card

pytestmark = pytest.mark.django_db


@pytest.fixture
def six() -> People:
    return people()


def by(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def photo(name: str = "a.jpg", data: bytes | None = None) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, data or card(), "image/jpeg")


def send(client: Client, post: Post, data: bytes | None = None) -> object:
    return client.post(f"/share/{post.public_id}/upload", {"file": photo(data=data)})


# --- sharing -------------------------------------------------------------------------


def test_share_without_scripts_starts_a_draft_of_several(six: People) -> None:
    files = [photo("a.jpg"), photo("b.jpg", card(200, 150))]
    response = by(six.alice).post("/share/", {"photos": files})
    post = Post.objects.get()
    assert response["Location"] == f"/share/{post.public_id}/"
    assert post.published_at is None
    assert [media.state for media in post.media.all()] == [State.UPLOADED] * 2


def test_share_names_what_is_wrong_and_takes_the_rest(six: People) -> None:
    files = [photo("a.txt", b"not a picture at all"), photo("b.jpg")]
    response = by(six.alice).post("/share/", {"photos": files}, follow=True)
    assert "a.txt" in response.content.decode()
    assert Media.objects.count() == 1


def test_more_than_ten_are_refused_before_anything_is_kept(six: People) -> None:
    files = [photo(f"{i}.jpg", card(100 + i, 90)) for i in range(11)]
    response = by(six.alice).post("/share/", {"photos": files})
    assert response.status_code in (200, 400)
    assert not Media.objects.exists()


def test_drafts_are_listed_for_their_owner_alone(six: People) -> None:
    draft = make_media(six.alice, make_post(six.alice, published=False))
    url = f"/share/{draft.post.public_id}/"
    assert url in by(six.alice).get("/share/").content.decode()
    assert url not in by(six.bob).get("/share/").content.decode()


def test_upload_answers_201_with_where_to_ask(six: People) -> None:
    client = by(six.alice)
    started = client.post("/share/start").json()
    response = client.post(started["upload"], {"file": photo()})
    assert response.status_code == 201
    media = Media.objects.get()
    assert response.json() == {
        "id": str(media.public_id),
        "state": "uploaded",
        "status": f"/share/media/{media.public_id}/status",
    }
    assert client.get(response.json()["status"]).status_code == 200
    assert client.get(started["compose"]).status_code == 200


@pytest.mark.parametrize(
    ("data", "status", "code"),
    [
        (b"%PDF-1.7 not a picture", 415, "unsupported"),
        (b"", 422, "empty"),
        (b"\xff\xd8\xff" + b"0" * 5000, 413, "too_large"),
    ],
)
def test_upload_says_what_is_wrong(
    six: People, settings: object, data: bytes, status: int, code: str
) -> None:
    settings.NOPEEK_LIMITS = {**settings.NOPEEK_LIMITS, "bytes": 4000}  # type: ignore[attr-defined]
    post = make_post(six.alice, published=False)
    file = SimpleUploadedFile("a.jpg", data, "image/jpeg")
    response = by(six.alice).post(f"/share/{post.public_id}/upload", {"file": file})
    assert response.status_code == status
    assert response["Content-Type"] == "application/problem+json"
    assert response.json()["code"] == code
    assert response.json()["detail"]
    assert not Media.objects.exists()


def test_nothing_is_added_to_a_post_that_is_out(six: People) -> None:
    response = send(by(six.alice), make_post(six.alice))
    assert response.status_code == 422  # type: ignore[attr-defined]


def test_nobody_uploads_into_anothers_draft(six: People) -> None:
    post = make_post(six.alice, published=False)
    response = send(by(six.bob), post)
    assert response.status_code == 404  # type: ignore[attr-defined]
    assert not Media.objects.exists()


def test_status_tells_the_stage_and_offers_what_can_be_done(six: People) -> None:
    media = make_media(six.alice, state=State.FAILED)
    Media.objects.filter(pk=media.pk).update(problem="The disk was full.")
    page = by(six.alice).get(f"/share/media/{media.public_id}/status").content.decode()
    assert "The disk was full." in page
    assert f"/share/media/{media.public_id}/retry" in page
    response = by(six.alice).post(f"/share/media/{media.public_id}/retry")
    assert response.status_code == 302
    assert Media.objects.get(pk=media.pk).state == State.SCANNING


def test_cancelling_an_upload_leaves_nothing(six: People) -> None:
    client = by(six.alice)
    post = make_post(six.alice, published=False)
    send(client, post)
    media = Media.objects.get()
    response = client.post(f"/share/media/{media.public_id}/delete")
    assert response["Location"] == f"/share/{post.public_id}/"
    assert not Media.objects.exists()
    assert Post.objects.filter(pk=post.pk).exists()


# --- composing -----------------------------------------------------------------------


def test_compose_shows_findings_scores_and_what_was_removed(six: People) -> None:
    media = make_media(six.alice, make_post(six.alice, published=False))
    page = by(six.alice).get(f"/share/{media.post.public_id}/").content.decode()
    for word in ("1 face", "1 licence plate", "1 card number", "gps", "48.2082 N"):
        assert word in page


@pytest.mark.parametrize("word", ["full", "semi", "none", "@bob", "@carol"])
def test_compose_shows_it_as_others_see_it(six: People, word: str) -> None:
    media = make_media(six.alice, make_post(six.alice, published=False))
    url = f"/share/{media.post.public_id}/?as={word}"
    page = by(six.alice).get(url).content.decode()
    assert f"/m/{media.public_id}/feed.jpg?as={word}" in page


def test_compose_says_that_somebody_sees_nothing(six: People) -> None:
    post = make_post(six.alice, "only_me")
    make_media(six.alice, post)
    page = by(six.alice).get(f"/share/{post.public_id}/?as=@bob").content.decode()
    assert "They see nothing of this post." in page
    page = by(six.alice).get(f"/share/{post.public_id}/?as=@nobody").content.decode()
    assert "There is nobody of that name." in page


def test_publishing_saves_the_words_and_the_audience(six: People) -> None:
    post = make_post(six.alice, published=False)
    make_media(six.alice, post)
    given = {"caption": "By the sea", "comments_open": "on", "audience": "close"}
    response = by(six.alice).post(f"/share/{post.public_id}/publish", given)
    assert response["Location"] == f"/p/{post.public_id}/"
    row = Post.objects.get()
    assert (row.caption, row.audience, row.comments_open) == (
        "By the sea",
        "close",
        True,
    )
    assert row.published_at is not None
    assert by(six.carol).get(f"/p/{post.public_id}/").status_code == 200
    assert by(six.bob).get(f"/p/{post.public_id}/").status_code == 404


def test_alt_text_is_saved(six: People) -> None:
    media = make_media(six.alice)
    url = f"/share/media/{media.public_id}/alt"
    by(six.alice).post(url, {"alt_text": "Ada", "alt_masked": "Somebody"})
    row = Media.objects.get()
    assert (row.alt_text, row.alt_masked) == ("Ada", "Somebody")


def test_audience_is_tightened_at_once_and_loosened_after_a_yes(six: People) -> None:
    post = make_post(six.alice, "close")
    make_media(six.alice, post)
    client, url = by(six.alice), f"/share/{post.public_id}/audience"
    asked = client.post(url, {"audience": "followers"})
    assert asked.status_code == 409
    assert "2 followers" in asked.content.decode()
    assert by(six.bob).get(f"/p/{post.public_id}/").status_code == 404
    client.post(url, {"audience": "followers", "confirmed": "1"})
    assert by(six.bob).get(f"/p/{post.public_id}/").status_code == 200
    assert client.post(url, {"audience": "only_me"}).status_code == 302
    assert by(six.carol).get(f"/p/{post.public_id}/").status_code == 404


# --- regions -------------------------------------------------------------------------


def region_of(media: Media, category: str) -> str:
    return Finding.objects.get(scan__subject=media.public_id, category=category).region


def test_regions_as_json(six: People) -> None:
    media = make_media(six.alice, make_post(six.alice, published=False))
    client, url = by(six.alice), f"/share/media/{media.public_id}/regions"
    kinds = {one["category"] for one in client.get(url).json()["kinds"]}
    assert kinds == {"face", "licence_plate", "text.card"}
    added = client.post(
        url, json.dumps({"box": [0.3, 0.5, 0.5, 0.7]}), "application/json"
    ).json()
    drawn = next(one for one in added["kinds"] if one["category"] == "manual")
    own = drawn["regions"][0]
    assert own["box"] == [0.3, 0.5, 0.5, 0.7]
    moved = client.patch(
        f"{url}/{own['id']}",
        json.dumps({"box": [0.2, 0.5, 0.5, 0.7]}),
        "application/json",
    )
    assert moved.status_code == 200
    gone = client.delete(f"{url}/{own['id']}").json()
    assert "manual" not in {one["category"] for one in gone["kinds"]}


@pytest.mark.parametrize(
    "given",
    [
        "[]",
        "x",
        '{"box": [0.5, 0.5, 0.4, 0.6]}',
        '{"box": [NaN, 0, 1, 1]}',
        '{"box": [0, 0, 2, 2]}',
        '{"box": [0, 0, 1]}',
        '{"box": "0001"}',
        "{}",
        '{"box": [0, 0, 1e400, 1]}',
        '{"box": null}',
    ],
)
def test_nonsense_for_a_region_is_400(six: People, given: str) -> None:
    media = make_media(six.alice)
    url = f"/share/media/{media.public_id}/regions"
    assert by(six.alice).post(url, given, "application/json").status_code == 400
    assert not Finding.objects.filter(manual=True).exists()


@pytest.mark.parametrize(
    "given", [{"choice": "x"}, {"show_from": 7}, {"style": "x"}, {"choice": ["hide"]}]
)
def test_nonsense_for_a_choice_is_400(six: People, given: dict[str, object]) -> None:
    media = make_media(six.alice)
    url = f"/share/media/{media.public_id}/regions/{region_of(media, 'face')}"
    response = by(six.alice).patch(url, json.dumps(given), "application/json")
    assert response.status_code == 400


def test_switching_by_a_form_asks_before_it_shows_more(six: People) -> None:
    media = make_media(six.alice)
    url = f"/share/media/{media.public_id}/regions/{region_of(media, 'face')}"
    given = {"choice": "show", "show_from": "0", "style": ""}
    asked = by(six.alice).post(url, given)
    assert asked.status_code == 409
    assert "everyone" in asked.content.decode()
    done = by(six.alice).post(url, {**given, "confirmed": "1"})
    assert done.status_code == 302
    assert Finding.objects.get(category="face").choice == "show"


def test_switching_by_script_asks_with_409(six: People) -> None:
    media = make_media(six.alice)
    url = f"/share/media/{media.public_id}/kinds"
    given = {"category": "face", "choice": "show"}
    asked = by(six.alice).post(url, json.dumps(given), "application/json")
    assert asked.status_code == 409
    assert asked.json()["code"] == "confirm"


def test_a12_nobody_edits_anothers_regions(six: People) -> None:
    media = make_media(six.alice)
    base = f"/share/media/{media.public_id}"
    region = region_of(media, "face")
    before = list(Finding.objects.values())
    for user in (six.bob, six.carol, six.dan):
        client = by(user)
        asked = [
            client.get(f"{base}/regions"),
            client.post(f"{base}/regions", '{"box":[0,0,1,1]}', "application/json"),
            client.patch(f"{base}/regions/{region}", "{}", "application/json"),
            client.delete(f"{base}/regions/{region}"),
            client.post(f"{base}/kinds", {"category": "face", "choice": "show"}),
            client.post(f"{base}/retry"),
            client.post(f"{base}/delete"),
            client.post(f"{base}/alt", {"alt_text": "x"}),
        ]
        assert [one.status_code for one in asked] == [404] * len(asked)
    assert list(Finding.objects.values()) == before


def test_region_of_another_picture_is_404(six: People) -> None:
    media = make_media(six.alice)
    url = f"/share/media/{media.public_id}/regions/own-000000000000"
    assert by(six.alice).delete(url).status_code == 404


# --- the gallery ---------------------------------------------------------------------


def test_gallery_filters(six: People) -> None:
    ready = make_media(six.alice)
    stopped = make_media(six.alice, make_post(six.alice, "close"), State.FAILED)
    other = make_media(six.bob)
    client = by(six.alice)

    def shown(query: str) -> set[uuid.UUID]:
        page = client.get(f"/gallery/{query}").content.decode()
        return {
            one.public_id
            for one in (ready, stopped, other)
            if f"/share/{one.post.public_id}/" in page
        }

    assert shown("") == {ready.public_id, stopped.public_id}
    assert shown("?state=ready") == {ready.public_id}
    assert shown("?state=stopped") == {stopped.public_id}
    assert shown("?audience=close") == {stopped.public_id}
    assert shown("?category=text") == {ready.public_id, stopped.public_id}
    assert shown("?category=nudity") == set()


# --- deleting and one's data ---------------------------------------------------------


def test_delete_asks_then_gives_a_receipt(six: People) -> None:
    media = make_media(six.alice)
    client, url = by(six.alice), f"/share/{media.post.public_id}/delete"
    assert client.get(url).status_code == 200
    assert Post.objects.exists()
    response = client.post(url, follow=True)
    assert "Deleted" in response.content.decode()
    assert not Post.objects.exists()


def fresh(username: str) -> Client:
    client = Client()
    client.post("/accounts/login/", {"login": username, "password": PASSWORD})
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    return client


def test_export_wants_the_password_again(six: People) -> None:
    response = by(six.alice).post("/settings/data/export")
    assert response["Location"].startswith("/accounts/reauthenticate/")
    assert not Export.objects.exists()
    assert fresh("alice").post("/settings/data/export").status_code == 302
    assert Export.objects.get().owner == six.alice


def test_stale_reauthentication_does_not_count(six: People) -> None:
    client = fresh("alice")
    session = client.session
    for record in session["account_authentication_methods"]:
        record["at"] -= timedelta(hours=1).total_seconds()
    session.save()
    response = client.post("/settings/data/delete", {"username": "alice"})
    assert response["Location"].startswith("/accounts/reauthenticate/")
    assert User.objects.filter(username="alice").exists()


def test_account_goes_after_password_and_name(six: People) -> None:
    client = fresh("alice")
    wrong = client.post("/settings/data/delete", {"username": "bob"})
    assert wrong.status_code == 400
    response = client.post("/settings/data/delete", {"username": "alice"}, follow=True)
    assert "Deleted" in response.content.decode()
    assert not User.objects.filter(username="alice").exists()
    assert timezone.now()
