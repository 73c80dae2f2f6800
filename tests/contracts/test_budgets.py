"""Promise 8: a budget of queries for each page and list, the same at 3 and at 30."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from feeds.models import Comment, Like
from gallery import albums, links, vault
from gallery.people import book, wishes
from gallery.people.models import Face
from tests.factories import make_media, make_post, people

pytestmark = pytest.mark.django_db

BUDGETS = {
    "/": 16,
    "/explore/": 16,
    "/u/alice/": 22,
    "/gallery/": 18,
    "/gallery/people/": 14,
    "/yours/rules/": 20,
    "/albums/": 12,
    "/u/alice/albums/": 12,
    "/settings/shared/": 16,
    "/share/": 12,
    "/api/v1/feed": 12,
    "/api/v1/explore": 12,
    "/api/v1/users/alice/posts": 14,
    "/api/v1/media": 12,
}
"""For one who is logged in, session and account included."""


def queries(client: Client, url: str) -> int:
    client.get(url)
    with CaptureQueriesContext(connection) as found:
        assert client.get(url).status_code == 200
    return len(found)


@pytest.mark.parametrize("url", BUDGETS)
@pytest.mark.parametrize("person", ["alice", "bob"])
def test_budget_is_the_same_at_3_and_at_30(url: str, person: str) -> None:
    six = people()
    client = Client()
    client.force_login(getattr(six, person))

    vault.ensure_key(six.alice.pk)
    book.opened(six.alice.pk)

    def add(count: int) -> None:
        for _ in range(count):
            post = make_post(six.alice)
            media = make_media(six.alice, post, stored=False)
            them = wishes.new_person(six.alice.pk, "Mia")
            Face.objects.create(
                owner=six.alice, media=media, region="r", person=them, sealed=b"?"
            )
            draft = make_post(six.alice, published=False)
            make_media(six.alice, draft, stored=False)
            Like.objects.create(post=post, user=six.carol)
            Comment.objects.create(post=post, author=six.carol, text="hello")
            album = albums.make(six.alice, "By the sea", "everyone")
            albums.add(album, post.media.all())
            links.make(post)

    add(3)
    few = queries(client, url)
    add(27)
    many = queries(client, url)
    # A list that goes on asks once more for where it does.
    assert many <= few + 1
    assert many <= BUDGETS[url]


@pytest.mark.parametrize("count", [1, 10])
def test_budget_of_a_post_and_its_composer(count: int) -> None:
    six = people()
    post = make_post(six.alice)
    for _ in range(count):
        make_media(six.alice, post)
    first = post.media.earliest("pk").public_id
    viewer, owner = Client(), Client()
    viewer.force_login(six.bob)
    owner.force_login(six.alice)
    assert queries(viewer, f"/p/{post.public_id}/") <= 22
    assert queries(viewer, f"/api/v1/posts/{post.public_id}") <= 10
    assert queries(viewer, f"/m/{first}/feed.jpg") <= 10
    # The owner's sealed metadata is opened picture by picture, ten at most.
    assert queries(owner, f"/share/{post.public_id}/") <= 16 + 6 * count
