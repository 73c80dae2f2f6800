"""Who is told of what: rows, and that they vanish with the right to see."""

from __future__ import annotations

import re
import uuid

import pytest
from django.test import Client
from django.utils import timezone

from accounts import services as people_services
from accounts.events import Event
from accounts.models import User
from feeds import notify, services
from feeds.models import Notification
from gallery import events as gallery_events
from tests.factories import People, make_follow, people
from tests.feeds.posts import shown_post

# Events are delivered after the commit, so these tests commit.
pytestmark = pytest.mark.django_db(transaction=True)
BACKEND = "accounts.backends.PresentBackend"


@pytest.fixture
def them() -> People:
    return people()


def told(user: User) -> list[tuple[str, str]]:
    rows = notify.visible_notifications(user)
    return [(row.verb, row.actor.username if row.actor else "") for row in rows]


def test_following_is_told(them: People) -> None:
    people_services.follow(them.erin, them.alice)
    assert told(them.alice) == [("follow.requested", "erin")]
    people_services.accept(them.alice, them.erin)
    assert told(them.alice) == [], "who is let in asks no longer"
    assert told(them.erin) == [("follow.accepted", "alice")]
    people_services.update_profile(them.bob, approves_followers=False)
    people_services.follow(them.erin, them.bob)
    assert told(them.bob) == [("follow.started", "erin")]


@pytest.mark.parametrize("verb", ["decline", "remove_follower", "block", "mute"])
def test_a9_nobody_is_told_of_what_is_done_behind_their_back(
    them: People, verb: str
) -> None:
    getattr(people_services, verb)(them.alice, them.bob)
    people_services.set_closeness(them.alice, them.carol, 0)  # type: ignore[arg-type]
    assert not Notification.objects.exists()


def test_likes_comments_replies_and_mentions(them: People) -> None:
    post = shown_post(them.alice)
    services.like(them.bob, post.public_id)
    top = services.comment(them.bob, post.public_id, "see this, @carol and @alice")
    services.comment(them.carol, post.public_id, "indeed", top.public_id)
    assert told(them.alice) == [
        ("comment.added", "carol"),
        ("comment.mentioned", "bob"),
        ("post.liked", "bob"),
    ]
    assert told(them.carol) == [("comment.mentioned", "bob")]
    assert told(them.bob) == [("comment.replied", "carol")]


def test_one_is_not_told_of_oneself(them: People) -> None:
    post = shown_post(them.alice, caption="me: @alice")
    services.like(them.alice, post.public_id)
    top = services.comment(them.alice, post.public_id, "@alice")
    services.comment(them.alice, post.public_id, "again", top.public_id)
    gallery_events.post_published(post)
    assert not Notification.objects.exists()


def test_the_muted_and_the_blocked_are_not_heard(them: People) -> None:
    post = shown_post(them.alice)
    people_services.mute(them.alice, them.bob)
    services.like(them.bob, post.public_id)
    services.comment(them.bob, post.public_id, "hi @carol")
    assert told(them.alice) == []
    assert told(them.carol) == [("comment.mentioned", "bob")]
    people_services.block(them.carol, them.bob)
    assert told(them.carol) == [], "what was told before is silent too"
    assert notify.unread(them.carol) == 0


def test_a_mention_reaches_only_who_may_see_the_post(them: People) -> None:
    post = shown_post(them.alice, "close", caption="with @bob @carol @erin @dan")
    gallery_events.post_published(post, [str(them.alice.public_id)])
    assert told(them.carol) == [("post.mentioned", "alice")]
    services.comment(them.carol, post.public_id, "oh @bob @erin @frank")
    for user in (them.bob, them.erin, them.dan, them.frank):
        assert told(user) == []
        assert not Notification.objects.filter(to=user).exists()


def test_a_notification_goes_with_the_right_to_see_its_post(them: People) -> None:
    post = shown_post(them.alice, "followers")
    services.comment(them.carol, post.public_id, "look @bob")
    assert told(them.bob) == [("comment.mentioned", "carol")]
    people_services.remove_follower(them.alice, them.bob)
    assert told(them.bob) == []
    client = Client()
    client.force_login(them.bob, backend=BACKEND)
    page = client.get("/notifications/").content.decode()
    assert str(post.public_id) not in page
    assert client.get("/api/v1/notifications").json()["results"] == []
    assert client.get("/notifications/count").content == b""


def test_k4_an_event_that_comes_twice_is_told_once(them: People) -> None:
    post = shown_post(them.alice)
    event = Event(
        "post.liked",
        (str(them.alice.public_id),),
        str(them.bob.public_id),
        str(post.public_id),
    )
    for _ in range(3):
        notify.deliver(event)
    assert told(them.alice) == [("post.liked", "bob")]


@pytest.mark.parametrize(
    "event",
    [
        Event("post.liked", (str(uuid.uuid4()),), str(uuid.uuid4()), ""),
        Event("comment.added", (str(uuid.uuid4()),), str(uuid.uuid4()), ""),
        Event("media.ready", (str(uuid.uuid4()),), "", str(uuid.uuid4())),
        Event("something.new", (), ""),
    ],
)
def test_an_event_about_nobody_harms_nothing(event: Event) -> None:
    notify.deliver(event)
    assert not Notification.objects.exists()


def test_one_is_told_that_a_photo_is_ready_until_it_is_posted(them: People) -> None:
    draft = shown_post(them.alice, published=False, pictures=2)
    for media in draft.media.all():
        gallery_events.ready(media)
    assert told(them.alice) == [("media.ready", "")]
    draft.published_at = timezone.now()
    draft.save()
    Notification.objects.all().delete()
    gallery_events.ready(draft.media.all()[0])
    assert told(them.alice) == []
    for other in (them.bob, them.carol, them.erin):
        assert told(other) == []


def test_a_photo_that_needs_its_owner_says_so(them: People) -> None:
    draft = shown_post(them.alice, published=False, state="needs_review")
    gallery_events.ready(draft.media.get())
    assert told(them.alice) == [("media.stopped", "")]


def test_reading_and_counting(them: People) -> None:
    post = shown_post(them.alice)
    for who in (them.bob, them.carol):
        services.like(who, post.public_id)
    client = Client()
    client.force_login(them.alice, backend=BACKEND)
    assert client.get("/notifications/count").content == b"2"
    page = client.get("/notifications/").content.decode()
    assert page.count("like your post") == 1  # both in one line
    assert re.search(r'data-live="unread"[^>]*>2<', page)
    assert client.post("/notifications/read").status_code == 302
    assert client.get("/notifications/count").content == b""
    rows = client.get("/api/v1/notifications").json()["results"]
    assert [row["read"] for row in rows] == [True, True]
    other = Client()
    other.force_login(them.bob, backend=BACKEND)
    services.like(them.alice, shown_post(them.bob).public_id)
    client.post("/api/v1/notifications/read")
    assert other.get("/notifications/count").content == b"1"


def test_many_notifications_come_in_pages(them: People) -> None:
    post = shown_post(them.alice)
    Notification.objects.bulk_create(
        Notification(to=them.alice, actor=them.bob, verb="post.mentioned", post=post)
        for _ in range(35)
    )
    client = Client()
    client.force_login(them.alice, backend=BACKEND)
    first = client.get("/notifications/").content.decode()
    assert first.count("data-verb") == 30
    assert 'href="?page=1"' in first
    assert client.get("/notifications/?page=1").content.decode().count("data-verb") == 5
    for odd in ("x", "-1", "1e3", "9" * 30, "²"):
        assert client.get("/notifications/", {"page": odd}).status_code == 200


def test_i19_a_row_holds_ids_and_a_verb_alone(them: People) -> None:
    """Nothing of captions, comments or alt text is copied into notifications."""
    kept = {field.name for field in Notification._meta.concrete_fields}
    assert kept == {
        "id",
        "public_id",
        "to",
        "actor",
        "verb",
        "post",
        "comment",
        "created_at",
        "read_at",
        "mailed_at",
    }


def test_follow_requests_are_told_once_however_often_they_come(them: People) -> None:
    for _ in range(4):
        people_services.follow(them.erin, them.alice)
        people_services.withdraw(them.erin, them.alice)
    assert told(them.alice) == []
    people_services.follow(them.erin, them.alice)
    assert told(them.alice) == [("follow.requested", "erin")]
    assert notify.unread(them.alice) == 1
    make_follow(them.erin, them.bob)
    assert told(them.bob) == []
