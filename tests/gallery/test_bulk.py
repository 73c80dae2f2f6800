"""The gallery's grid, and what is done to several photos at once."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from gallery import albums, bulk, services
from gallery.audience import NeedsConfirmation
from gallery.bulk import Strictness
from gallery.models import Album, Media, Post, TierView
from gallery.states import State
from privacy.core.types import Style
from privacy.models import Finding
from tests.factories import People, make_media, make_post, people

pytestmark = pytest.mark.django_db


@pytest.fixture
def six() -> People:
    return people()


@pytest.fixture
def owner(six: People) -> Client:
    client = Client()
    client.force_login(six.alice)
    return client


def photos(user: User, *audiences: str) -> list[Media]:
    return [make_media(user, make_post(user, one), stored=False) for one in audiences]


def ids(media: list[Media]) -> list[str]:
    return [str(one.public_id) for one in media]


def send(client: Client, media: list[Media], **given: Any) -> Any:
    return client.post("/gallery/bulk", {"media": ids(media), **given})


def audiences() -> list[str]:
    return list(Post.objects.order_by("pk").values_list("audience", flat=True))


def test_tightening_needs_no_question(six: People, owner: Client) -> None:
    media = photos(six.alice, "everyone", "followers")
    assert send(owner, media, do_audience="close").status_code == 302
    assert audiences() == ["close", "close"]


def test_loosening_asks_once_and_changes_nothing_before(
    six: People, owner: Client
) -> None:
    media = photos(six.alice, "everyone", "close", "only_me")
    asked = send(owner, media, do_audience="followers")
    assert asked.status_code == 409
    assert "3 followers" in asked.content.decode()
    assert audiences() == ["everyone", "close", "only_me"]
    assert (
        send(
            owner, media, do="audience", audience="followers", confirmed="1"
        ).status_code
        == 302
    )
    assert audiences() == ["followers"] * 3


def test_masks_of_all_that_was_found(six: People) -> None:
    media = photos(six.alice, "followers", "followers")
    done = bulk.set_strictness(media, Strictness.HIDE)
    assert (done.changed, done.left) == (2, 0)
    assert set(Finding.objects.values_list("choice", flat=True)) == {"hide"}
    for one in media:  # every tier has the same plan now
        assert one.views.values("plan").distinct().count() == 1
    with pytest.raises(NeedsConfirmation):
        bulk.set_strictness(media, Strictness.RULES)
    assert set(Finding.objects.values_list("choice", flat=True)) == {"hide"}
    bulk.set_strictness(media, Strictness.RULES, confirmed=True)
    assert set(Finding.objects.values_list("choice", flat=True)) == {"auto"}
    with pytest.raises(NeedsConfirmation) as question:
        bulk.set_strictness(media, Strictness.CLOSE)
    assert question.value.gains.people == 1  # carol alone is close


def test_what_was_drawn_by_hand_stays_hidden(six: People) -> None:
    media = photos(six.alice, "only_me")
    drawn = Finding.objects.filter(category="face")
    drawn.update(manual=True, choice="hide")
    bulk.set_strictness(media, Strictness.CLOSE, confirmed=True)
    assert drawn.get().choice == "hide"


def test_a_style_for_all(six: People, owner: Client) -> None:
    media = photos(six.alice, "followers", "everyone")
    send(owner, media, do_style="fill")
    assert set(Finding.objects.values_list("style", flat=True)) == {"fill"}
    bulk.set_style(media, None)
    assert set(Finding.objects.values_list("style", flat=True)) == {""}
    assert Style.BLUR not in bulk.STYLES
    send(owner, media, do_style="blur")
    assert set(Finding.objects.values_list("style", flat=True)) == {""}


def test_what_is_in_the_works_is_left_and_counted(six: People, owner: Client) -> None:
    media = [*photos(six.alice, "only_me"), make_media(six.alice, state=State.SCANNING)]
    done = bulk.set_strictness(media, Strictness.HIDE)
    assert (done.changed, done.left) == (1, 1)


def test_others_photos_are_not_there(six: People, owner: Client) -> None:
    theirs = photos(six.bob, "everyone")
    for verb in ({"do_audience": "only_me"}, {"do": "delete", "confirmed": "1"}):
        send(owner, theirs, **verb)
    assert audiences() == ["everyone"]
    with pytest.raises(services.Refused):
        bulk.chosen(six.alice, [one.public_id for one in theirs])
    mine = photos(six.alice, "everyone")
    send(owner, theirs + mine, do_audience="close")
    assert audiences() == ["everyone", "close"]


@pytest.mark.parametrize(
    "given",
    [
        {"do": "nothing"},
        {"do": "audience"},
        {"do_audience": "the whole town"},
        {"do_strictness": "none"},
        {"do_album": ""},
        {},
    ],
)
def test_nonsense_is_refused(six: People, owner: Client, given: dict[str, str]) -> None:
    media = photos(six.alice, "followers")
    assert send(owner, media, **given).status_code == 302
    assert audiences() == ["followers"]
    assert owner.get("/gallery/").context["messages"]
    owner.post("/gallery/bulk", {"media": "x", "do_audience": "close"})
    assert audiences() == ["followers"]


def test_deleting_asks_then_gives_receipts(six: People, owner: Client) -> None:
    media = photos(six.alice, "followers", "everyone")
    kept = photos(six.alice, "close")
    asked = send(owner, media, do="delete")
    assert asked.status_code == 409
    assert "2 photos" in asked.content.decode()
    assert Media.objects.count() == 3
    done = send(owner, media, do="delete", confirmed="1")
    assert done.content.decode().count("/receipt/") == 2
    assert list(Media.objects.all()) == kept
    assert audiences() == ["close"]


def test_into_an_album(six: People, owner: Client) -> None:
    media = photos(six.alice, "followers", "everyone")
    send(owner, media, do_album="", album_name="Harbour")
    album = Album.objects.get()
    assert album.audience == "only_me"
    assert album.items.count() == 2
    theirs = albums.make(six.bob, "Not yours")
    assert send(owner, media, do_album=theirs.public_id).status_code == 404
    page = owner.get(f"/gallery/?album={album.public_id}").content.decode()
    assert page.count("gallery__item") == 2
    photos(six.alice, "close")
    assert owner.get("/gallery/").content.decode().count("gallery__item") == 3
    assert (owner.get(f"/gallery/?album={theirs.public_id}").content.decode()).count(
        "gallery__item"
    ) == 0


def test_reviewed(six: People, owner: Client) -> None:
    media = photos(six.alice, "followers", "everyone")
    assert owner.get("/gallery/?state=new").context["page"].paginator.count == 2
    assert owner.get("/gallery/").context["counts"]["new"] == 2
    send(owner, media[:1], do="reviewed")
    assert owner.get("/gallery/?state=new").context["page"].paginator.count == 1
    bulk.set_strictness(media[1:], Strictness.HIDE)  # who changes masks has looked
    assert owner.get("/gallery/?state=new").context["page"].paginator.count == 0


def test_publishing_is_having_looked(six: People) -> None:
    media = make_media(six.alice, make_post(six.alice, published=False), stored=False)
    services.publish(media.post)
    media.refresh_from_db()
    assert media.reviewed_at is not None
    assert media.reviewed_at <= timezone.now()


def risky(media: Media, score: int) -> None:
    TierView.objects.filter(media=media, tier=2).update(risk=score)
    TierView.objects.filter(media=media).exclude(tier=2).update(risk=min(score, 5))


def test_ways_of_looking(six: People, owner: Client) -> None:
    calm, warm = photos(six.alice, "followers", "followers")
    risky(calm, 10)
    risky(warm, 80)
    Finding.objects.update(category="text")  # so that it is the risk that counts
    auto = owner.get("/gallery/").content.decode()
    assert auto.count("data-veiled") == 1
    # What stands in for a sensitive photo is what strangers get.
    assert f"/m/{warm.public_id}/feed.jpg?as=full" in auto
    assert f"/m/{warm.public_id}/feed.jpg " not in auto
    assert f"/m/{calm.public_id}/feed.jpg?as=full" not in auto
    everything = owner.get("/gallery/?show=all").content.decode()
    assert "data-veiled" not in everything
    assert "?as=full" not in everything
    assert "data-veiled" not in owner.get("/gallery/").content.decode()  # remembered
    hidden = owner.get("/gallery/?show=hide")
    assert str(warm.public_id) not in hidden.content.decode()
    assert hidden.context["counts"]["high"] == 1
    assert owner.get("/gallery/?show=x").status_code == 200
    high = owner.get("/gallery/?show=all&risk=high").content.decode()
    assert str(warm.public_id) in high
    assert str(calm.public_id) not in high


def test_a_sensitive_photo_without_a_masked_version_is_veiled_whole(
    six: People, owner: Client
) -> None:
    (media,) = photos(six.alice, "followers")
    TierView.objects.filter(media=media).update(ready=False)
    page = owner.get("/gallery/").content.decode()
    assert "data-veiled" in page
    assert "?as=full" not in page


def test_empty_states(six: People, owner: Client) -> None:
    assert "Nothing here yet" in owner.get("/gallery/").content.decode()
    (media,) = photos(six.alice, "followers")
    risky(media, 80)
    assert (
        "Nothing of that kind" in owner.get("/gallery/?state=working").content.decode()
    )
    page = owner.get("/gallery/?show=hide").content.decode()
    assert "sensitive ones are left out" in page


def test_the_owner_reads_what_went_wrong(six: People, owner: Client) -> None:
    (_media,) = photos(six.alice, "followers")
    Media.objects.update(problem="It could not be made anew.", problem_code="x")
    assert "It could not be made anew." in owner.get("/gallery/").content.decode()


def test_api(six: People, owner: Client) -> None:
    media = photos(six.alice, "close", "close")

    def ask(**given: Any) -> Any:
        given = {"media": ids(media), **given}
        return owner.post("/api/v1/media/bulk", given, content_type="application/json")

    asked = ask(do="audience", audience="everyone")
    assert (asked.status_code, asked.json()["code"]) == (409, "confirm")
    done = ask(do="audience", audience="everyone", confirmed=True)
    assert done.json() == {"changed": 2, "left": 0, "receipts": []}
    assert audiences() == ["everyone"] * 2
    assert ask(do="audience").status_code == 400
    assert ask(do="style", style="blur").status_code == 400
    gone = ask(do="delete").json()
    assert len(gone["receipts"]) == 2
    assert not Media.objects.exists()
    assert ask(do="delete").status_code == 409
    media = [Media(public_id=uuid.uuid4())]
    assert ask(do="reviewed").status_code == 409
