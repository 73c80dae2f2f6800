"""Likes, comments, replies and mentions: only where the one door opens."""

from __future__ import annotations

import uuid

import pytest
from django.db import IntegrityError
from django.http import Http404
from django.test import Client

from accounts import services as people_services
from accounts.models import User
from feeds import services
from feeds.models import Comment, Like, Notification
from feeds.threads import threads
from gallery.access import access_post
from tests.factories import People, make_user, people
from tests.feeds.posts import shown_post
from tests.pages import bare

pytestmark = pytest.mark.django_db
BACKEND = "accounts.backends.PresentBackend"


@pytest.fixture
def them() -> People:
    return people()


def logged_in(user: User) -> Client:
    client = Client()
    client.force_login(user, backend=BACKEND)
    return client


def test_a_like_stands_once(them: People) -> None:
    post = shown_post(them.alice)
    for _ in range(3):
        services.like(them.bob, post.public_id)
    assert Like.objects.count() == 1
    for _ in range(2):
        services.unlike(them.bob, post.public_id)
    assert Like.objects.count() == 0


@pytest.mark.parametrize("verb", ["like", "unlike", "comment"])
@pytest.mark.parametrize("name", ["dan", "erin"])
def test_what_one_may_not_see_one_cannot_touch(
    them: People, verb: str, name: str
) -> None:
    post = shown_post(them.alice, "followers")
    client = logged_in(getattr(them, name))
    nothing = uuid.uuid4()
    hidden = client.post(f"/p/{post.public_id}/{verb}", {"text": "x"})
    absent = client.post(f"/p/{nothing}/{verb}", {"text": "x"})
    assert hidden.status_code == absent.status_code == 404
    assert bare(hidden, post.public_id) == bare(absent, nothing)
    assert not Like.objects.exists()
    assert not Comment.objects.exists()


@pytest.mark.parametrize("how", ["like", "comment"])
def test_signed_out_one_is_asked_to_log_in(them: People, how: str) -> None:
    post = shown_post(them.alice)
    found = Client().post(f"/p/{post.public_id}/{how}", {"text": "x"})
    assert found.status_code == 302
    assert found.headers["Location"].startswith("/accounts/login/")


def test_replies_do_not_nest_further(them: People) -> None:
    post = shown_post(them.alice)
    top = services.comment(them.bob, post.public_id, "one")
    reply = services.comment(them.carol, post.public_id, "two", top.public_id)
    deeper = services.comment(them.bob, post.public_id, "three", reply.public_id)
    assert deeper.parent == top
    shown = threads(them.alice, access_post(them.alice, post.public_id))
    assert [remark.comment.text for remark in shown] == ["one"]
    assert [remark.comment.text for remark in shown[0].replies] == ["two", "three"]


def test_a_reply_stays_below_its_own_post(them: People) -> None:
    here, there = shown_post(them.alice), shown_post(them.alice, "close")
    top = services.comment(them.carol, there.public_id, "for close ones")
    with pytest.raises(Http404):
        services.comment(them.bob, here.public_id, "re", top.public_id)
    with pytest.raises(Http404):
        services.comment(them.bob, here.public_id, "re", uuid.uuid4())


@pytest.mark.parametrize("text", ["", "   ", "\x00", "\n\t"])
def test_an_empty_comment_is_refused(them: People, text: str) -> None:
    post = shown_post(them.alice)
    with pytest.raises(services.Refused) as caught:
        services.comment(them.bob, post.public_id, text)
    assert caught.value.code == "empty"


def test_the_longest_comment_fits_and_one_more_does_not(them: People) -> None:
    post = shown_post(them.alice)
    assert services.comment(them.bob, post.public_id, "x" * 1000)
    with pytest.raises(services.Refused):
        services.comment(them.bob, post.public_id, "x" * 1001)
    page = logged_in(them.bob).post(
        f"/p/{post.public_id}/comment", {"text": "y" * 1001}
    )
    assert page.status_code == 422
    assert b"y" * 1001 in page.content, "what was typed is not lost"


def test_closed_comments_are_open_to_the_owner(them: People) -> None:
    post = shown_post(them.alice)
    post.comments_open = False
    post.save()
    with pytest.raises(services.Refused) as caught:
        services.comment(them.bob, post.public_id, "x")
    assert caught.value.code == "closed"
    assert services.comment(them.alice, post.public_id, "x")


def test_b7_what_is_said_is_shown_as_said(them: People) -> None:
    evil = '<script>alert(1)</script><img src=x onerror="alert(1)">{{ 7|add:7 }}'
    post = shown_post(them.alice, caption=evil)
    services.comment(them.bob, post.public_id, evil)
    page = logged_in(them.carol).get(f"/p/{post.public_id}/").content
    assert b"<script>alert" not in page
    assert b"onerror=&quot;" in page
    assert b"{{ 7|add:7 }}" in page


def test_who_may_remove_a_comment(them: People) -> None:
    post = shown_post(them.alice)

    def said() -> Comment:
        return services.comment(them.bob, post.public_id, "x")

    for name in ("carol", "dan", "erin", "frank"):
        with pytest.raises(Http404):
            services.delete_comment(getattr(them, name), said().public_id)
    services.delete_comment(them.bob, said().public_id)
    services.delete_comment(them.alice, said().public_id)
    with pytest.raises(Http404):
        services.delete_comment(them.alice, uuid.uuid4())
    assert Comment.objects.count() == 4


def test_one_can_take_back_words_below_a_post_one_no_longer_sees(
    them: People,
) -> None:
    post = shown_post(them.alice, "followers")
    row = services.comment(them.bob, post.public_id, "x")
    people_services.remove_follower(them.alice, them.bob)
    assert services.delete_comment(them.bob, row.public_id) == post.public_id


def test_a_post_that_goes_while_one_likes_it_is_a_404(
    them: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    """R5: no 500, and nothing comes back to life."""
    post = shown_post(them.alice)

    def gone(**_facts: object) -> None:
        raise IntegrityError

    monkeypatch.setattr(Like.objects, "get_or_create", gone)
    with pytest.raises(Http404):
        services.like(them.bob, post.public_id)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("hello @bob!", ["bob"]),
        ("@BOB, @carol. and @bob", ["bob", "carol"]),
        ("mail me at x@bob.example", []),
        ("@@bob @nobody @", []),
        ("@bob's", ["bob"]),
        ("(@bob)", ["bob"]),
        ("@dan", []),
    ],
)
def test_who_is_named(them: People, text: str, names: list[str]) -> None:
    found = services.mentioned(them.alice, text)
    assert [user.username for user in found] == names


def test_a_comment_names_ten_people_at_most(them: People) -> None:
    for number in range(15):
        make_user(f"fan{number:02}")
    text = " ".join(f"@fan{number:02}" for number in range(15))
    assert len(services.mentioned(them.alice, text)) == 10


def test_the_like_button_works_without_javascript(them: People) -> None:
    post = shown_post(them.alice)
    client = logged_in(them.bob)
    found = client.post(f"/p/{post.public_id}/like", {"next": "/explore/"})
    assert (found.status_code, found.headers["Location"]) == (302, "/explore/")
    part = client.post(f"/p/{post.public_id}/unlike", HTTP_HX_REQUEST="true")
    assert b"<html" not in part.content
    assert b'aria-pressed="false"' in part.content
    assert not Notification.objects.filter(to=them.bob).exists()


def test_the_api_says_and_likes(them: People) -> None:
    post = shown_post(them.alice)
    bob, alice = logged_in(them.bob), logged_in(them.alice)
    base = f"/api/v1/posts/{post.public_id}"
    for _ in range(2):
        assert bob.put(f"{base}/like").status_code == 204
    said = bob.post(f"{base}/comments", {"text": "hi"}, content_type="application/json")
    assert said.status_code == 201
    reply = alice.post(
        f"{base}/comments",
        {"text": "ho", "reply_to": said.json()["id"]},
        content_type="application/json",
    )
    assert reply.json()["reply_to"] == said.json()["id"]
    rows = Client().get(f"{base}/comments").json()["results"]
    assert [row["text"] for row in rows] == ["hi", "ho"]
    feed = bob.get("/api/v1/feed").json()["results"]
    assert [(row["likes"], row["liked"], row["comments"]) for row in feed] == [
        (1, True, 2)
    ]
    assert alice.delete(f"/api/v1/comments/{said.json()['id']}").status_code == 204
    assert Comment.objects.count() == 0, "a comment takes its replies along"
    empty = bob.post(f"{base}/comments", {"text": " "}, content_type="application/json")
    assert empty.status_code in (400, 422)
    outside = logged_in(them.dan)
    for method, url in (
        ("put", f"{base}/like"),
        ("delete", f"{base}/like"),
        ("post", f"{base}/comments"),
        ("get", f"{base}/comments"),
    ):
        answer = getattr(outside, method)(url, content_type="application/json")
        assert answer.status_code == 404
