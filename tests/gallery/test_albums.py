"""Albums: a list that grants nothing, and that is not there where it shows nothing."""

from __future__ import annotations

import re
import uuid

import pytest
from django.test import Client

from accounts.models import User
from gallery import albums, services
from gallery.access import access_album, album_media, visible_albums
from gallery.models import Album, AlbumItem, Media
from tests.factories import People, make_media, make_post, people
from tests.pages import bare

pytestmark = pytest.mark.django_db


@pytest.fixture
def six() -> People:
    return people()


def by(user: User | None) -> Client:
    client = Client()
    if user is not None:
        client.force_login(user)
    return client


def a_photo(owner: User, audience: str) -> Media:
    return make_media(owner, make_post(owner, audience), stored=False)


def an_album(owner: User, audience: str, *media: Media) -> Album:
    album = albums.make(owner, "By the sea", audience)
    albums.add(album, media)
    return album


def seen(viewer: User | None, album: Album) -> list[Media] | None:
    found = visible_albums(viewer).filter(pk=album.pk)
    if not found:
        return None
    grant = access_album(viewer, album.public_id)
    shown = list(album_media(viewer, grant))
    assert grant.shown == len(shown)
    return shown


def test_viewers_find_what_they_may_see_anyway(six: People) -> None:
    own = a_photo(six.alice, "only_me")
    close = a_photo(six.alice, "close")
    followers = a_photo(six.alice, "followers")
    everyone = a_photo(six.alice, "everyone")
    an_album(six.alice, "everyone", everyone, followers)  # another, in another order
    album = an_album(six.alice, "everyone", own, close, followers, everyone)
    assert seen(six.alice, album) == [own, close, followers, everyone]
    assert seen(six.carol, album) == [close, followers, everyone]
    assert seen(six.bob, album) == [followers, everyone]
    assert seen(six.frank, album) == [followers, everyone]
    assert seen(six.erin, album) == [everyone]
    assert seen(None, album) == [everyone]
    assert seen(six.dan, album) is None


@pytest.mark.parametrize(
    ("audience", "let_in"),
    [
        ("only_me", "alice"),
        ("close", "alice carol"),
        ("followers", "alice bob carol frank"),
        ("everyone", "alice bob carol frank erin"),
    ],
)
def test_an_album_has_an_audience_of_its_own(
    six: People, audience: str, let_in: str
) -> None:
    album = an_album(six.alice, audience, a_photo(six.alice, "everyone"))
    names = ("alice", "bob", "carol", "dan", "erin", "frank")
    assert {
        name for name in names if seen(getattr(six, name), album) is not None
    } == set(let_in.split())


def test_it_is_not_there_where_nothing_is_to_be_seen(six: People) -> None:
    """Empty, of hidden photos, closed and absent are one answer."""
    hidden = an_album(six.alice, "everyone", a_photo(six.alice, "close"))
    empty = an_album(six.alice, "everyone")
    closed = an_album(six.alice, "only_me", a_photo(six.alice, "everyone"))
    draft = make_media(six.alice, make_post(six.alice, published=False), stored=False)
    drafts = an_album(six.alice, "everyone", draft)
    for who in (six.bob, six.erin, six.dan, None):
        client = by(who)
        nowhere = uuid.uuid4()
        absent = client.get(f"/albums/{nowhere}/")
        assert absent.status_code == 404
        api = client.get(f"/api/v1/albums/{uuid.uuid4()}")
        for album in (hidden, empty, closed, drafts):
            answer = client.get(f"/albums/{album.public_id}/")
            assert answer.status_code == 404
            assert bare(answer, album.public_id) == bare(absent, nowhere)
            told = client.get(f"/api/v1/albums/{album.public_id}")
            assert (told.status_code, told.content) == (404, api.content)
    for who in (six.bob, six.erin):
        page = by(who).get("/u/alice/albums/").content.decode()
        assert "No albums to see" in page
    assert by(six.dan).get("/u/alice/albums/").status_code == 404
    assert by(six.alice).get(f"/albums/{empty.public_id}/").status_code == 200


def test_the_cover_is_one_that_the_viewer_sees(six: People) -> None:
    first, second = a_photo(six.alice, "everyone"), a_photo(six.alice, "close")
    album = an_album(six.alice, "everyone", first, second)
    albums.set_cover(album, second)
    for who, front in ((six.alice, second), (six.carol, second), (six.erin, first)):
        grant = access_album(who, album.public_id)
        assert grant.front is not None
        assert grant.front.public_id == front.public_id
    page = by(six.erin).get("/u/alice/albums/").content.decode()
    assert str(second.public_id) not in page
    assert "1 photo" in page


def test_order_adding_and_removing(six: People) -> None:
    one, two, three = (a_photo(six.alice, "everyone") for _ in range(3))
    album = an_album(six.alice, "everyone", one, two)
    assert albums.add(album, [two, three]) == 1
    albums.order(album, [three.public_id, one.public_id])
    assert seen(six.bob, album) == [three, one, two]
    albums.set_cover(album, one)
    assert albums.remove(album, [one]) == 1
    album.refresh_from_db()
    assert album.cover is None
    assert seen(six.bob, album) == [three, two]
    with pytest.raises(services.Refused):
        albums.set_cover(album, one)
    services.delete_media(two)
    assert seen(six.bob, album) == [three]
    albums.delete(album)
    assert Media.objects.filter(pk__in=[one.pk, three.pk]).count() == 2
    assert not AlbumItem.objects.exists()


def test_others_photos_do_not_go_in(six: People) -> None:
    album = an_album(six.alice, "everyone")
    with pytest.raises(services.Refused):
        albums.add(album, [a_photo(six.bob, "everyone")])
    theirs = a_photo(six.bob, "everyone")
    by(six.alice).post(
        f"/albums/{album.public_id}/items", {"do": "add", "media": theirs.public_id}
    )
    assert not AlbumItem.objects.exists()


def test_pages_of_the_owner(six: People) -> None:
    media = a_photo(six.alice, "close")
    owner = by(six.alice)
    made = owner.post("/albums/", {"name": "Summer", "audience": "followers"})
    album = Album.objects.get(name="Summer")
    assert made.headers["Location"] == f"/albums/{album.public_id}/"
    items = f"/albums/{album.public_id}/items"
    owner.post(items, {"do": "add", "media": media.public_id})
    owner.post(items, {"do": "cover", "media": media.public_id})
    album.refresh_from_db()
    assert album.cover == media
    owner.post(
        f"/albums/{album.public_id}/change", {"name": "Winter", "audience": "close"}
    )
    album.refresh_from_db()
    assert (album.name, album.audience) == ("Winter", "close")
    assert "Winter" in owner.get("/albums/").content.decode()
    assert "Winter" in by(six.carol).get("/u/alice/albums/").content.decode()
    page = owner.get(f"/albums/{album.public_id}/").content.decode()
    assert str(media.public_id) in page
    for verb in ("change", "items", "delete"):
        url = f"/albums/{album.public_id}/{verb}"
        assert by(six.carol).post(url, {"name": "Mine"}).status_code == 404
    owner.post(f"/albums/{album.public_id}/delete")
    assert not Album.objects.exists()
    assert owner.post("/albums/", {"name": ""}).status_code == 422


def test_a_viewers_page_says_nothing_of_what_is_left_out(six: People) -> None:
    shown, hidden = a_photo(six.alice, "everyone"), a_photo(six.alice, "close")
    album = an_album(six.alice, "everyone", hidden, shown)
    page = by(six.erin).get(f"/albums/{album.public_id}/").content.decode()
    assert str(hidden.public_id) not in page
    assert "1 photo" in page
    for word in ("Everyone", "audience", "Close friends", "?as="):
        assert word not in re.sub(r"<nav.*?</nav>", "", page, flags=re.DOTALL)


def test_api(six: People) -> None:
    one, two = a_photo(six.alice, "everyone"), a_photo(six.alice, "close")
    owner = by(six.alice)
    given = {
        "name": "Sea",
        "audience": "everyone",
        "media": [str(two.public_id), str(one.public_id)],
        "cover": str(one.public_id),
    }
    made = owner.post("/api/v1/albums", given, content_type="application/json")
    assert made.status_code == 201
    url = f"/api/v1/albums/{made.json()['id']}"
    assert [row["id"] for row in made.json()["media"]] == given["media"]
    theirs = by(six.erin).get(url).json()
    assert [row["id"] for row in theirs["media"]] == [str(one.public_id)]
    assert theirs["count"] == 1
    assert set(theirs) == {"id", "name", "owner", "count", "cover", "media"}
    changed = owner.patch(
        url, {"media": [str(two.public_id)]}, content_type="application/json"
    )
    assert [row["id"] for row in changed.json()["media"]] == [str(two.public_id)]
    assert by(six.erin).get(url).status_code == 404
    assert (
        by(six.carol).patch(url, {}, content_type="application/json").status_code == 404
    )
    foreign = {"media": [str(a_photo(six.bob, "everyone").public_id)]}
    assert owner.patch(url, foreign, content_type="application/json").status_code == 422
    assert owner.delete(url).status_code == 204
    assert not Album.objects.exists()
