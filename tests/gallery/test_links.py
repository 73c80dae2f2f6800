"""Links: what they show, to whom, and that they die at once and look like nothing."""

from __future__ import annotations

import re
import threading
import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connections
from django.http import Http404, HttpResponse
from django.test import Client
from django.utils import timezone

from accounts.models import User
from gallery import links, services
from gallery.models import Link, Media, Post, Rendition, TierView
from privacy.core.types import Tier
from tests.factories import People, make_media, make_post, people
from tests.pages import bare

pytestmark = pytest.mark.django_db

BARE = {"Cache-Control", "Referrer-Policy", "X-Robots-Tag"}


@pytest.fixture
def six() -> People:
    cache.clear()
    return people()


@pytest.fixture
def media(six: People) -> Media:
    return make_media(six.alice, make_post(six.alice, "followers", caption="At sea"))


def by(user: User | None) -> Client:
    client = Client()
    if user is not None:
        client.force_login(user)
    return client


def page(token: str) -> str:
    return f"/l/{token}/"


def picture(token: str, media: Media, name: str = "feed.jpg") -> str:
    return f"/l/{token}/{media.public_id}/{name}"


def stored(media: Media, tier: Tier) -> bytes:
    from gallery import storage

    view = TierView.objects.get(media=media, tier=tier)
    row = Rendition.objects.get(media=media, plan=view.plan, size="feed", format="jpeg")
    return storage.get(storage.renditions(), row.key)


@pytest.mark.parametrize("tier", Tier)
def test_a_link_shows_its_tier_to_whoever_has_it(
    six: People, media: Media, tier: Tier
) -> None:
    _link, token = links.make(media.post, tier=tier, confirmed=True)
    for who in (None, six.erin, six.bob, six.carol, six.alice):
        client = by(who)
        answer = client.get(page(token))
        assert answer.status_code == 200
        assert "Shared by" in answer.content.decode()
        assert "At sea" in answer.content.decode()
        found = re.findall(r'src="(/l/[^"?]+)', answer.content.decode())
        assert found == [picture(token, media)]
        assert client.get(found[0]).content == stored(media, tier)


def test_it_widens_nothing_else(six: People, media: Media) -> None:
    """The visitor gets the pictures of this post by this address, and that is all."""
    _link, token = links.make(media.post)
    other = make_media(six.alice, make_post(six.alice, "followers"))
    visitor = by(None)
    assert visitor.get(page(token)).status_code == 200
    assert visitor.get(picture(token, other)).status_code == 404
    assert visitor.get(f"/m/{media.public_id}/feed.jpg").status_code == 404
    assert visitor.get(f"/m/{media.public_id}/save").status_code == 404
    assert visitor.get(f"/p/{media.post.public_id}/").status_code == 404
    assert visitor.get(picture(token, media) + "?as=none").content == stored(
        media, Tier.FULL
    )
    body = visitor.get(page(token)).content.decode()
    assert f"/m/{media.public_id}" not in body
    assert "/p/" not in body
    assert "/u/alice" not in body


def test_close_friends_version_needs_a_yes(six: People, media: Media) -> None:
    with pytest.raises(links.TierNeedsConfirmation):
        links.make(media.post, tier=Tier.NONE)
    owner = by(six.alice)
    url = f"/share/{media.post.public_id}/links"
    asked = owner.post(url, {"tier": 2, "days": 7})
    assert asked.status_code == 409
    assert "close friends see, and may pass it on" in asked.content.decode()
    assert not Link.objects.exists()
    made = owner.post(url, {"tier": 2, "days": 7, "confirmed": "1"})
    assert made.status_code == 201
    assert Link.objects.get().tier == 2
    assert owner.post(url, {"tier": 0, "days": 3650}).status_code == 422


def test_token_and_password_are_kept_nowhere(six: People, media: Media) -> None:
    made = by(six.alice).post(
        f"/share/{media.post.public_id}/links",
        {"tier": 0, "days": 7, "password": "open sesame", "name": "Grandma"},
    )
    found = re.search(r"/l/([\w-]{32})/", made.content.decode())
    assert found
    row = Link.objects.get()
    kept = " ".join(str(value) for value in vars(row).values())
    assert found[1] not in kept
    assert "open sesame" not in kept
    assert row.password.startswith(("md5$", "argon2", "pbkdf2"))
    again = by(six.alice).get(f"/share/{media.post.public_id}/links")
    assert found[1] not in again.content.decode()
    assert "Grandma" in again.content.decode()


def shape(answer: HttpResponse, token: str) -> tuple[int, bytes, dict[str, str]]:
    headers = {
        key: re.sub(r"'nonce-[^']*'", "", value)
        for key, value in answer.headers.items()
        if key != "Content-Length"
    }
    return answer.status_code, bare(answer, token), headers


def expired(link: Link) -> None:
    Link.objects.filter(pk=link.pk).update(expires_at=timezone.now())


def used(link: Link) -> None:
    Link.objects.filter(pk=link.pk).update(most=3, opened=3)


def guessed(link: Link) -> None:
    Link.objects.filter(pk=link.pk).update(failures=50)


def closed(link: Link) -> None:
    services.set_audience(link.post, "only_me")


def deleted(link: Link) -> None:
    services.delete_post(link.post)


def suspended(link: Link) -> None:
    User.objects.filter(pk=link.post.owner_id).update(suspended_at=timezone.now())


def unready(link: Link) -> None:
    TierView.objects.filter(media__post=link.post).update(ready=False)


ENDS = [links.revoke, expired, used, guessed, closed, deleted, suspended, unready]


@pytest.mark.parametrize("end", ENDS)
def test_what_ends_a_link_ends_page_and_pictures_at_once(
    six: People, media: Media, end: Any
) -> None:
    """And an ended link cannot be told from one that never was."""
    link, token = links.make(media.post)
    visitor = by(None)
    assert visitor.get(page(token)).status_code == 200
    assert visitor.get(picture(token, media)).status_code == 200
    end(link)
    nowhere = "x" * 32
    for path in (page, lambda one: picture(one, media)):
        for ask in (visitor.get, visitor.head, visitor.post):
            gone, absent = ask(path(token)), ask(path(nowhere))
            if path is not page and end is used:
                continue  # who opened it in time may finish looking, see below
            assert shape(gone, token) == shape(absent, nowhere)
            assert gone.status_code in (404, 405)
            assert gone.status_code == 404 or path is not page
    assert set(visitor.get(page(token)).headers) >= BARE


def test_only_me_ends_links_for_good(six: People, media: Media) -> None:
    _link, token = links.make(media.post)
    services.set_audience(media.post, "only_me")
    services.set_audience(media.post, "everyone", confirmed=True)
    assert by(None).get(page(token)).status_code == 404
    services.set_audience(media.post, "only_me")
    with pytest.raises(services.Refused):
        links.make(Post.objects.get(pk=media.post_id))


def test_only_the_owner_makes_and_revokes(six: People, media: Media) -> None:
    link, token = links.make(media.post)
    for who in (six.bob, six.carol, six.erin):
        url = f"/share/{media.post.public_id}/links"
        assert by(who).post(url, {"tier": 0, "days": 7}).status_code == 404
        assert by(who).post(f"/links/{link.public_id}/revoke").status_code == 404
    assert by(None).get(page(token)).status_code == 200
    assert by(six.alice).post(f"/links/{link.public_id}/revoke").status_code == 302
    assert by(None).get(page(token)).status_code == 404
    assert Link.objects.count() == 1


def test_a_draft_has_no_links(six: People) -> None:
    draft = make_media(six.alice, make_post(six.alice, published=False)).post
    with pytest.raises(services.Refused):
        links.make(draft)


def test_whom_the_owner_blocked_is_shown_nothing(six: People, media: Media) -> None:
    _link, token = links.make(media.post)
    dan = by(six.dan)
    assert shape(dan.get(page(token)), token) == shape(
        dan.get(page("y" * 32)), "y" * 32
    )
    assert dan.get(picture(token, media)).status_code == 404
    assert by(None).get(page(token)).status_code == 200  # nobody else's is touched


def test_headers_of_page_and_picture(six: People, media: Media) -> None:
    _link, token = links.make(media.post)
    for path in (page(token), picture(token, media), page("z" * 32)):
        answer = by(None).get(path)
        assert answer["Cache-Control"] == "private, no-store"
        assert answer["Referrer-Policy"] == "no-referrer"
        assert "noindex" in answer["X-Robots-Tag"]


def test_password_opens_for_this_visitor_and_no_other(
    six: People, media: Media
) -> None:
    link, token = links.make(media.post, password="open sesame")
    visitor, other = Client(enforce_csrf_checks=True), by(None)
    cover = visitor.get(page(token)).content.decode()
    assert "alice" not in cover.lower()
    assert "At sea" not in cover
    assert visitor.get(picture(token, media)).status_code == 404
    wrong = visitor.post(
        page(token), {"password": "sesame"}, headers={"Origin": "null"}
    )
    assert wrong.status_code == 403
    assert visitor.get(picture(token, media)).status_code == 404
    right = visitor.post(
        page(token), {"password": "open sesame"}, headers={"Origin": "null"}
    )
    assert right.status_code == 302
    cookie = right.cookies["nopeek-visit"]
    assert cookie["path"] == page(token)
    assert cookie["httponly"]
    assert "At sea" in visitor.get(page(token)).content.decode()
    assert visitor.get(picture(token, media)).status_code == 200
    assert other.get(picture(token, media)).status_code == 404
    # The proof of one link opens no other, and dies with its own.
    _second, token2 = links.make(media.post, password="open sesame")
    other.cookies["nopeek-visit"] = cookie.value
    assert other.get(picture(token2, media)).status_code == 404
    links.revoke(link)
    assert visitor.get(picture(token, media)).status_code == 404
    assert visitor.get(page(token)).status_code == 404


def test_passwords_are_throttled_and_in_the_end_the_link_dies(
    six: People, media: Media
) -> None:
    link, token = links.make(media.post, password="open sesame")
    client = by(None)
    answers = [
        client.post(page(token), {"password": f"no {n}"}).status_code for n in range(12)
    ]
    assert answers == [403] * 10 + [429] * 2
    # From another address it goes on, but not for ever.
    for n in range(40):
        where = f"10.0.0.{n}"
        client.post(page(token), {"password": "no"}, REMOTE_ADDR=where)
    last = client.post(page(token), {"password": "open sesame"}, REMOTE_ADDR="10.0.1.1")
    assert last.status_code == 404
    link.refresh_from_db()
    assert link.ending == "guessed"


def test_the_right_password_costs_no_failure(six: People, media: Media) -> None:
    link, _token = links.make(media.post, password="open sesame")
    assert not links.is_right(link, "no")
    assert links.is_right(link, "open sesame")
    link.refresh_from_db()
    assert link.failures == 1


def test_count_is_of_openings_not_of_pictures(six: People, media: Media) -> None:
    link, token = links.make(media.post, most=2)
    one, two, three = by(None), by(None), by(None)
    for client in (one, two):
        assert client.get(page(token)).status_code == 200  # the cover is no opening
        assert client.get(picture(token, media)).status_code == 404
        client.post(page(token))
        assert "At sea" in client.get(page(token)).content.decode()
        assert client.get(page(token)).status_code == 200  # looking twice is one visit
        assert client.get(picture(token, media)).status_code == 200
    link.refresh_from_db()
    assert (link.opened, link.ending) == (2, "used")
    for ask in (three.get, three.post):
        assert shape(ask(page(token)), token) == shape(ask(page("q" * 32)), "q" * 32)
    assert three.get(picture(token, media)).status_code == 404
    assert one.get(picture(token, media)).status_code == 200
    links.revoke(link)
    assert one.get(picture(token, media)).status_code == 404


def test_a_visit_ends_by_itself(
    six: People, media: Media, monkeypatch: pytest.MonkeyPatch
) -> None:
    _link, token = links.make(media.post, most=1)
    visitor = by(None)
    visitor.post(page(token))
    assert visitor.get(picture(token, media)).status_code == 200
    monkeypatch.setattr(links, "VISIT", timedelta(seconds=-1))
    assert visitor.get(picture(token, media)).status_code == 404


@pytest.mark.django_db(transaction=True)
def test_r_of_many_at_once_no_more_get_in_than_may() -> None:
    six = people()
    post = make_media(six.alice, make_post(six.alice), stored=False).post
    link, _token = links.make(post, most=3)
    start = threading.Barrier(8)
    got: list[bool] = []

    def work() -> None:
        try:
            start.wait()
            links.count_opening(link)
            got.append(True)
        except Http404:
            got.append(False)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(got) == [False] * 5 + [True] * 3
    link.refresh_from_db()
    assert link.opened == 3


def test_everything_shared_is_listed(six: People, media: Media) -> None:
    link, _token = links.make(media.post, name="For Grandma", most=5)
    make_post(six.bob, "everyone")
    body = by(six.alice).get("/settings/shared/").content.decode()
    assert "For Grandma" in body
    assert "opened 0 of 5 times" in body
    assert f"/links/{link.public_id}/revoke" in body
    assert "?audience=followers" in body
    links.revoke(link)
    body = by(six.alice).get("/settings/shared/").content.decode()
    assert "1 that is over" in body
    assert f"/links/{link.public_id}/revoke" not in body
    assert "For Grandma" not in by(six.bob).get("/settings/shared/").content.decode()


def test_api(six: People, media: Media) -> None:
    owner = by(six.alice)
    given = {"post": str(media.post.public_id), "tier": "none", "most": 2}
    asked = owner.post("/api/v1/links", given, content_type="application/json")
    assert (asked.status_code, asked.json()["code"]) == (409, "confirm")
    given["confirmed"] = True
    made = owner.post("/api/v1/links", given, content_type="application/json")
    assert made.status_code == 201
    token = made.json()["address"].split("/l/")[1].strip("/")
    assert by(None).get(page(token)).status_code == 200
    rows = owner.get("/api/v1/links").json()
    assert [row["tier"] for row in rows] == ["none"]
    assert "address" not in rows[0]
    assert by(six.bob).get("/api/v1/links").json() == []
    for who, code in ((six.bob, 404), (six.alice, 200)):
        gone = by(who).delete(f"/api/v1/links/{made.json()['id']}")
        assert gone.status_code == code
    assert by(None).get(page(token)).status_code == 404
    foreign = {"post": str(media.post.public_id)}
    refused = by(six.bob).post(
        "/api/v1/links", foreign, content_type="application/json"
    )
    assert refused.status_code == 404
    nothing = {"post": str(uuid.uuid4())}
    assert (
        by(six.bob)
        .post("/api/v1/links", nothing, content_type="application/json")
        .json()
        == refused.json()
    )
