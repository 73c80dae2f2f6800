"""The demo goes through the real line, in which each viewer gets other pixels.

The worker's side is called in between, in this process, in place of a broker.
"""

from __future__ import annotations

from dataclasses import replace

import pytest
from django.core.management import call_command
from django.http import Http404
from django.test import Client

from accounts.models import Follow, User
from feeds.models import Comment, Like
from gallery import pipeline, services
from gallery.access import (
    access_own_post,
    access_post,
    own_albums,
    own_links,
    own_media,
)
from nopeek_site.demo import people, progress
from nopeek_site.demo.fill import Fill
from nopeek_site.demo.photos import PhotoMissing, fetch
from nopeek_site.demo.posts import POSTS, Entry
from nopeek_site.demo.story import post_id
from privacy.core.types import Tier

BY_SLUG = {entry.slug: entry for entry in POSTS}
FEW = (BY_SLUG["desk"], replace(BY_SLUG["sea"], shots=BY_SLUG["sea"].shots[:1]))


@pytest.fixture
def begun(db: None, tmp_path, monkeypatch) -> progress.Progress:
    """The people of a new site."""
    monkeypatch.setattr(progress, "path", lambda: tmp_path / "demo.json")
    call_command("demo")
    found = progress.load()
    assert found is not None
    return found


def work(_seconds: float = 0) -> None:
    """What the ml worker does, for all of the demo's people."""
    for user in people.everybody().values():
        for media in own_media(user):
            pipeline.advance(media.public_id)
            pipeline.render_tiers(media.public_id)


def run(found: progress.Progress, posts: tuple[Entry, ...]) -> bool:
    return Fill(found, print, posts).run(wait=work)


def rows() -> tuple[int, ...]:
    owned = [own_media(user).count() for user in people.everybody().values()]
    shelves = [
        count
        for user in people.everybody().values()
        for count in (own_albums(user).count(), own_links(user).count())
    ]
    return (sum(owned), Like.objects.count(), Comment.objects.count(), *shelves)


def feed(name: str, found: progress.Progress, slug: str) -> bytes:
    """The bytes that somebody gets of a post's picture, through the front door."""
    client = Client()
    user = User.objects.get(username=name)
    assert user.check_password(found.password)
    client.force_login(user)
    grant = access_post(user, post_id(slug))
    reply = client.get(f"/m/{grant.media[0].public_id}/feed.jpg")
    assert reply.status_code == 200
    return b"".join(reply) if reply.streaming else reply.content


def test_ties_of_every_kind(begun: progress.Progress) -> None:
    assert set(people.everybody()) == {person.name for person in people.PEOPLE}
    held = dict(
        Follow.objects.filter(
            followee__username="ana", accepted_at__isnull=False
        ).values_list("follower__username", "closeness")
    )
    assert held == {"dan": 0, "ben": 1, "carla": 2}
    waiting = Follow.objects.filter(accepted_at=None).values_list(
        "follower__username", "followee__username"
    )
    assert set(waiting) == {("finn", "ana"), ("ana", "dan")}
    assert people.everybody()["noor"].is_staff


def test_a_site_with_people_is_left_alone(db: None, tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(progress, "path", lambda: tmp_path / "demo.json")
    User.objects.create_user("someone", "someone@example.org", "not-a-demo-password")
    call_command("demo")
    call_command("demo", fill=True)
    assert User.objects.count() == 1
    assert progress.load() is None


def test_two_posts_whole(begun: progress.Progress) -> None:
    assert run(begun, FEW)
    assert begun.done
    ana, ben = User.objects.get(username="ana"), User.objects.get(username="ben")
    carla = User.objects.get(username="carla")
    seen = {
        user.username: access_post(user, post_id("desk")).media[0]
        for user in (ana, ben, carla)
    }
    assert seen["ana"].tier is None
    assert (seen["ben"].tier, seen["carla"].tier) == (Tier.SEMI, Tier.NONE)
    assert seen["ben"].masked >= seen["carla"].masked > 0  # the bank account stays
    assert seen["ben"].plan != seen["carla"].plan
    four = {feed(name, begun, "desk") for name in ("ana", "ben", "carla", "dan")}
    assert len(four) == 4
    with pytest.raises(Http404):
        access_post(User.objects.get(username="eva"), post_id("desk"))
    post = access_own_post(ana, post_id("desk"))
    assert post.published_at is not None
    assert post.published_at < begun.start
    assert Comment.objects.filter(post__public_id=post.public_id).count() == 3
    assert Like.objects.filter(post__public_id=post.public_id).count() == 4

    (album,) = own_albums(ana).filter(name="Westhaven")
    assert album.items.count() == 1
    assert own_links(ana).count() == 1

    before = rows()
    again = progress.load()
    assert again is not None
    again.done = False
    assert run(again, FEW)
    assert rows() == before, "a second fill made something twice"


def test_an_interrupted_fill_goes_on_and_what_was_deleted_stays_away(
    begun: progress.Progress,
) -> None:
    quick = tuple(
        Entry(slug, "ana", hours, "everyone", slug, BY_SLUG["letter"].shots)
        for hours, slug in ((3, "one"), (4, "two"))
    )
    first = Fill(begun, print, quick)
    first.step(quick[0])  # uploaded; then the process is killed
    found = progress.load()
    assert found is not None
    assert found.posts == ["one"]
    ana = User.objects.get(username="ana")
    services.delete_post(access_own_post(ana, post_id("one")))
    assert run(found, quick)
    with pytest.raises(Http404):
        access_own_post(ana, post_id("one"))
    assert access_own_post(ana, post_id("two")).published_at is not None


@pytest.mark.long
def test_the_whole_demo(begun: progress.Progress) -> None:
    """Everything but the draft is out, and nothing waits for its owner."""
    try:
        fetch()
    except PhotoMissing as error:
        pytest.skip(str(error))
    assert run(begun, POSTS)
    for entry in POSTS:
        owner = User.objects.get(username=entry.owner)
        post = access_own_post(owner, post_id(entry.slug))
        assert (post.published_at is None) == entry.draft, entry.slug
