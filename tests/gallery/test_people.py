"""N24, B13: faces of one's own photos grouped, named, ruled, and erased."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from django.test import Client
from PIL import Image

from accounts.models import User
from gallery import albums, contents, editing, services, vault
from gallery.audience import NeedsConfirmation
from gallery.models import KeyRing, Media
from gallery.people import book, looking, verbs, wishes
from gallery.people.models import Apart, Book, Face, Person
from privacy import decisions
from privacy.core import weights
from privacy.core.image import Picture
from privacy.core.types import Style, Tier, region_id
from privacy.models import Finding, Scan
from tests.factories import PLACES, make_media, make_post, make_user, people

pytestmark = pytest.mark.django_db

REGION = region_id(PLACES["face"])
IDENTITIES = Path(__file__).resolve().parents[2].parent / "shared/data/identities"


def row(*values: float) -> np.ndarray:
    found = np.zeros(128, np.float32)
    found[: len(values)] = values
    return found / np.linalg.norm(found)


MIA, TOM = row(1), row(0, 1)


@pytest.fixture
def alice() -> User:
    user = make_user("alice")
    vault.ensure_key(user.pk)
    return user


def picture(
    owner: User, numbers: np.ndarray | None, *, published: bool = True
) -> Media:
    """A photo with one face, whose numbers a worker has worked out (or could not)."""
    media = make_media(owner, make_post(owner, published=published), stored=False)
    looking.store(media, [looking.Seen(REGION, False, numbers)])
    return media


def scan_of(media: Media) -> Scan:
    scan = decisions.current_scan(media.public_id)
    assert scan is not None
    return scan


def masked_for(media: Media) -> set[Tier]:
    """The tiers for which the face is masked."""
    plans = decisions.plans_for(scan_of(media))
    return {t for t in Tier if REGION in {r.id for r in plans[t].regions}}


def face_of(media: Media) -> Face:
    return Face.objects.get(media=media)


def named(owner: User, media: Media, name: str = "Mia") -> Person:
    verbs.is_them(face_of(media), None, name, confirmed=True)
    person = face_of(media).person
    assert person is not None
    return person


def test_off_by_default_nothing_is_looked_at_or_kept(alice: User) -> None:
    media = make_media(alice, stored=False)
    picture_ = Picture(np.zeros((40, 60, 3), np.uint8))
    assert looking.look(media, scan_of(media), picture_) is None
    looking.store(media, [looking.Seen(REGION, False, MIA)])
    assert not Face.objects.exists()
    assert not Book.objects.exists()


def test_n24_numbers_are_sealed_with_the_owners_key_and_bound(alice: User) -> None:
    verbs.switch_on(alice)
    media, other = picture(alice, MIA), picture(alice, TOM)
    face = face_of(media)
    assert MIA.astype(np.float16).tobytes() not in bytes(face.sealed)
    key = book.key_of(Book.objects.get())
    assert np.allclose(book.rows_of(key, [face])[0], MIA, atol=1e-3)
    face.sealed = face_of(other).sealed  # one cannot stand in for another
    with pytest.raises(vault.VaultError):
        book.rows_of(key, [face])
    KeyRing.objects.all().delete()
    with pytest.raises(vault.VaultError):
        book.key_of(Book.objects.get())


def test_n24_groups_of_two_become_people_and_one_alone_does_not(alice: User) -> None:
    verbs.switch_on(alice)
    first, second = picture(alice, MIA), picture(alice, row(1, 0.2))
    alone = picture(alice, TOM)
    assert looking.regroup(alice.pk) == 1
    assert face_of(first).person == face_of(second).person is not None
    assert face_of(alone).person is None
    assert looking.regroup(alice.pk) == 0
    assert not face_of(first).sure


def test_never_across_owners(alice: User) -> None:
    zoe = make_user("zoe")
    vault.ensure_key(zoe.pk)
    verbs.switch_on(alice)
    verbs.switch_on(zoe)
    person = named(alice, picture(alice, MIA))
    hers = picture(zoe, MIA)
    looking.regroup(zoe.pk)
    assert face_of(hers).person is None
    with pytest.raises(services.Refused):
        verbs.is_them(face_of(hers), person)


def test_b13_clear_for_close_friends_veiled_for_everyone_else(alice: User) -> None:
    verbs.switch_on(alice)
    media = picture(alice, MIA)
    assert masked_for(media) == {Tier.FULL}  # what the rules say of any face
    person = named(alice, media)
    verbs.set_wish(person, "close")
    assert masked_for(media) == {Tier.FULL, Tier.SEMI}
    # A draft with the same face follows at once; its owner sees it before posting.
    draft = picture(alice, MIA, published=False)
    assert masked_for(draft) == {Tier.FULL, Tier.SEMI}
    # Somebody else, and somebody who is not near enough, follow the general rules.
    assert masked_for(picture(alice, TOM)) == {Tier.FULL}
    assert masked_for(picture(alice, row(0.4, 0.9))) == {Tier.FULL}


def test_b13_whoever_only_looks_like_them_in_a_posted_photo_stays_hidden(
    alice: User,
) -> None:
    verbs.switch_on(alice)
    verbs.set_wish(named(alice, picture(alice, MIA)), "followers")
    posted = picture(alice, MIA, published=True)
    assert not face_of(posted).sure
    assert masked_for(posted) == set(Tier)


def test_b13_hidden_from_everyone_whatever_the_photo_says(alice: User) -> None:
    verbs.switch_on(alice)
    media = picture(alice, MIA)
    person = named(alice, media)
    editing.change(media, REGION, choice="show", show_from=0, confirmed=True)
    assert masked_for(media) == set()
    verbs.set_wish(person, "hide")
    assert masked_for(media) == set(Tier)
    assert masked_for(picture(alice, MIA)) == set(Tier)


def test_showing_holds_only_where_the_photo_says_nothing(alice: User) -> None:
    verbs.switch_on(alice)
    media = picture(alice, MIA)
    person = named(alice, media)
    editing.change(media, REGION, choice="hide")
    verbs.set_wish(person, "followers")
    assert masked_for(media) == set(Tier)


def test_while_anybody_is_hidden_what_could_not_be_compared_is_too(
    alice: User,
) -> None:
    verbs.switch_on(alice)
    person = named(alice, picture(alice, MIA))
    unread = picture(alice, None)
    assert masked_for(unread) == {Tier.FULL}
    verbs.set_wish(person, "hide")
    assert masked_for(unread) == set(Tier)
    assert masked_for(picture(alice, None)) == set(Tier)


def test_what_shows_more_of_a_post_is_asked_about_first() -> None:
    six = people()
    vault.ensure_key(six.alice.pk)
    verbs.switch_on(six.alice)
    media = picture(six.alice, MIA)
    person = named(six.alice, media)
    verbs.set_wish(person, "hide")
    for act in (
        lambda **more: verbs.set_wish(person, "", **more),
        lambda **more: verbs.not_them(face_of(media), **more),
    ):
        with pytest.raises(NeedsConfirmation):
            act()
        assert masked_for(media) == set(Tier)
        assert face_of(media).person == person
    verbs.set_wish(person, "", confirmed=True)
    assert masked_for(media) == {Tier.FULL}


def test_not_them_is_remembered_and_merging_joins(alice: User) -> None:
    verbs.switch_on(alice)
    first = picture(alice, MIA)
    person = named(alice, first)
    second = picture(alice, MIA)
    assert face_of(second).person == person
    verbs.not_them(face_of(second), confirmed=True)
    assert Apart.objects.count() == 1
    looking.store(second, [looking.Seen(REGION, False, MIA)])
    assert face_of(second).person is None
    other = named(alice, second, "Mia again")
    verbs.merge(other, person)
    assert face_of(second).person == person
    assert not Person.objects.filter(pk=other.pk).exists()


def test_nobody_is_in_a_photo_twice_and_doubt_is_nobody(alice: User) -> None:
    verbs.switch_on(alice)
    named(alice, picture(alice, MIA))
    named(alice, picture(alice, row(1, 0.5)), "Her sister")
    assert face_of(picture(alice, row(1, 0.23))).person is None
    media = make_media(alice, stored=False)
    twice = [looking.Seen(REGION, False, MIA), looking.Seen("other", False, MIA)]
    looking.store(media, twice)
    assert Face.objects.filter(media=media, person__isnull=False).count() == 1


def test_small_faces_need_to_be_nearer(alice: User) -> None:
    verbs.switch_on(alice)
    named(alice, picture(alice, MIA))
    near = row(0.55, 0.8352)  # enough for a face of some size
    media = make_media(alice, stored=False)
    looking.store(media, [looking.Seen(REGION, True, near)])
    assert face_of(media).person is None
    assert face_of(picture(alice, near)).person is not None


def test_withdrawing_erases_at_once_and_opens_and_closes_nothing(alice: User) -> None:
    verbs.switch_on(alice)
    hidden, shown, plain = (picture(alice, one) for one in (MIA, TOM, row(0, 0, 1)))
    verbs.set_wish(named(alice, hidden), "hide")
    verbs.set_wish(named(alice, shown, "Tom"), "close")
    before = {one.pk: masked_for(one) for one in (hidden, shown, plain)}
    receipt = verbs.withdraw(alice)
    assert receipt.gone["faces"] == 3
    assert receipt.gone["people"] == 2
    for model in (Book, Face, Person, Apart):
        assert not model.objects.exists()
    assert not Finding.objects.exclude(wish="", person="").exists()
    assert {one.pk: masked_for(one) for one in (hidden, shown, plain)} == before
    with pytest.raises(services.Refused):
        verbs.withdraw(alice)


def test_forgetting_somebody_keeps_what_they_hid(alice: User) -> None:
    verbs.switch_on(alice)
    media = picture(alice, MIA)
    person = named(alice, media)
    verbs.set_wish(person, "hide")
    verbs.forget(person)
    assert masked_for(media) == set(Tier)
    assert not Face.objects.exists()
    assert not Person.objects.exists()


def test_numbers_go_with_the_photo_and_the_account(alice: User) -> None:
    verbs.switch_on(alice)
    media, other = picture(alice, MIA), picture(alice, MIA)
    named(alice, other)
    told = json.loads(dict(contents.everything(alice))["faces.json"])
    assert told[0]["name"] == "Mia"
    assert told[0]["faces"] == [{"media": str(other.public_id), "region": REGION}]
    services.delete_media(media)
    assert Face.objects.count() == 1
    services.erase_account(alice)
    for model in (Book, Face, Person):
        assert not model.objects.exists()


def test_an_avatar_stays_the_same_within_an_album_and_only_there(alice: User) -> None:
    verbs.switch_on(alice)
    one, two, three = (picture(alice, MIA) for _ in range(3))
    person = named(alice, one)
    for media in (two, three):
        verbs.is_them(face_of(media), person, confirmed=True)
    tokens = [scan_of(m).findings.get(region=REGION).person for m in (one, two, three)]
    assert len(set(tokens)) == 3  # three posts
    album = albums.make(alice, "By the sea")
    albums.add(album, [one, two])
    tokens = [scan_of(m).findings.get(region=REGION).person for m in (one, two, three)]
    assert tokens[0] == tokens[1] != tokens[2]
    editing.change(one, REGION, choice="hide", style=Style.AVATAR.value)
    plan = decisions.plans_for(scan_of(one))[Tier.NONE]
    assert {r.person for r in plan.regions if r.id == REGION} == {tokens[0]}
    albums.delete(album)
    assert scan_of(one).findings.get(region=REGION).person not in ("", tokens[0])


def test_wishes_are_nested_for_every_wish_and_choice(alice: User) -> None:
    verbs.switch_on(alice)
    media = picture(alice, MIA)
    person = named(alice, media)
    for wish in Person.Wish.values:
        for choice in Finding.Choice.values:
            for start in range(3):
                verbs.set_wish(person, wish, confirmed=True)
                editing.change(
                    media, REGION, choice=choice, show_from=start, confirmed=True
                )
                found = {int(tier) for tier in masked_for(media)}
                assert found == set(range(len(found)))
                if wish == "hide" or choice == "hide":
                    assert len(found) == 3


def test_pages_are_the_owners_alone() -> None:
    six = people()
    vault.ensure_key(six.alice.pk)
    client = Client()
    client.force_login(six.alice)
    assert "Group faces by person?" in client.get("/gallery/people/").content.decode()
    client.post("/gallery/people/switch", {"on": "1"})
    media = make_media(six.alice)
    looking.store(media, [looking.Seen(REGION, False, MIA)])
    face = face_of(media)
    url = f"/gallery/faces/{face.public_id}"
    client.post(f"{url}/change", {"do": "is", "name": "Mia"})
    person = Person.objects.get()
    page = client.get("/gallery/people/").content.decode()
    assert "Mia" in page
    assert f"{url}/portrait.jpg" in page
    got = client.get(f"{url}/portrait.jpg")
    assert got["Content-Type"] == "image/jpeg"
    assert got["Cache-Control"] == "private, no-store"
    home = f"/gallery/people/{person.public_id}/"
    assert client.get(home).status_code == 200
    client.post(f"{home}change", {"do": "wish", "wish": "hide"})
    assert masked_for(media) == set(Tier)
    asked = client.post(f"{home}change", {"do": "wish", "wish": ""})
    assert asked.status_code == 409
    for other in (six.bob, six.carol, six.dan, six.erin):
        theirs = Client()
        theirs.force_login(other)
        for path in (home, f"{url}/portrait.jpg"):
            assert theirs.get(path).status_code == 404
        assert theirs.post(f"{url}/change", {"do": "not"}).status_code == 404
        assert theirs.post(f"{home}change", {"do": "forget"}).status_code == 404
        assert "Mia" not in theirs.get("/gallery/people/").content.decode()
    client.post("/gallery/people/switch", {"on": "0"})
    assert not Face.objects.exists()


@pytest.mark.shared
def test_n24_older_photos_are_caught_up_with_by_the_real_network(alice: User) -> None:
    if not IDENTITIES.is_dir() or weights.state("dlib-faces") is not weights.State.OK:
        pytest.skip("needs ../shared/data and the face network")
    from privacy.core.detectors.faces import FaceDetector
    from privacy.core.sanitise import encode_master

    detector, made = FaceDetector(), []
    for name in ("amy_1", "amy_2", "raj_1", "raj_2"):
        with Image.open(IDENTITIES / f"{name}.png") as image:
            pixels = np.asarray(image.convert("RGB"))
        media = make_media(alice, stored=False)
        vault.seal(media, "master", encode_master(pixels))
        found = max(detector.detect(Picture(pixels)), key=lambda one: one.box.area)
        box = found.box.clipped()
        scan_of(media).findings.filter(category="face").update(
            x0=box.x0, y0=box.y0, x1=box.x1, y1=box.y1,
            landmarks=[list(point) for point in found.landmarks],
        )  # fmt: skip
        made.append(media)
    verbs.switch_on(alice)
    assert looking.catch_up(alice.pk) is False
    who = [face_of(media).person_id for media in made]
    assert who[0] == who[1] is not None
    assert who[2] == who[3] is not None
    assert who[0] != who[2]
    assert wishes.scope_of(made[0]).startswith("post")
