"""What lost messages, crashes and deletions leave behind is set right."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from gallery import housekeeping, moves, pipeline, services, storage
from gallery.checking import Checked
from gallery.models import Export, Media, Post, TierView, Tombstone
from gallery.states import RESTING, WORKING, State
from tests.factories import make_media, make_post, make_user
from tests.gallery.conftest import Sent
from tests.gallery.stored import files_only

pytestmark = pytest.mark.django_db


@pytest.fixture
def owner() -> User:
    return make_user("alice")


@pytest.fixture
def due(django_capture_on_commit_callbacks, sent: Sent):
    """Reconcile, and say what it sent."""

    def run() -> Sent:
        sent.clear()
        with django_capture_on_commit_callbacks(execute=True):
            housekeeping.reconcile()
        return sent

    return run


def long_ago(media: Media) -> None:
    Media.objects.filter(pk=media.pk).update(
        moved_at=timezone.now() - timedelta(seconds=1000)
    )


@pytest.mark.parametrize("state", sorted(WORKING))
def test_k3_what_stands_still_is_sent_again(owner: User, due, state: State) -> None:
    media = make_media(owner, state=state)
    assert due() == []  # somebody may be at it
    long_ago(media)
    assert due() == [("advance_media", str(media.public_id))]
    assert due() == []  # the queue may be long


def test_k1_what_a_dead_worker_had_is_sent_until_it_is_taken(owner: User, due) -> None:
    media = make_media(owner, state=State.SCANNING)
    assert moves.Claim.take(media, "its message") is not None
    long_ago(media)
    assert due() == due() == [("advance_media", str(media.public_id))]
    media.refresh_from_db()
    assert moves.Claim.take(media, "another") is not None
    assert due() == []


def test_a_message_that_comes_again_frees_what_its_dead_worker_had(owner: User) -> None:
    media = make_media(owner, state=State.SCANNING)
    assert moves.Claim.take(media, "one") is not None
    media.refresh_from_db()
    assert moves.Claim.take(media, "two") is None
    assert moves.Claim.take(media, "") is None
    assert moves.Claim.take(media, "one") is not None


@pytest.mark.parametrize("state", sorted(RESTING - {State.READY}))
def test_what_rests_is_left_alone(owner: User, due, state: State) -> None:
    long_ago(make_media(owner, state=state))
    assert due() == []


def test_a_ready_photo_that_lacks_a_rendition_is_sent_to_be_rendered(
    owner: User, due, settings
) -> None:
    media = make_media(owner)
    long_ago(media)
    assert due() == []
    TierView.objects.filter(media=media, tier=0).update(ready=False)
    assert due() == [("render_media", str(media.public_id))]
    TierView.objects.filter(media=media, tier=0).update(ready=True, renderer="older")
    assert due() == [("render_media", str(media.public_id))]
    TierView.objects.filter(media=media, tier=0).update(ready=False)
    # What survived under a mask waits for the owner, what failed thrice for an hour.
    TierView.objects.filter(media=media, tier=0).update(survivors=[{"region": "x"}])
    assert due() == []
    TierView.objects.filter(media=media, tier=0).update(survivors=[])
    Media.objects.update(attempts=settings.NOPEEK_ATTEMPTS)
    assert due() == []


def test_what_could_not_be_rendered_is_told_and_tried_again_later(
    owner: User, due, settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    media = make_media(owner)
    TierView.objects.filter(media=media, tier=0).update(ready=False)

    def full_disk(*_: object) -> None:
        raise OSError("no space left")

    monkeypatch.setattr(pipeline, "checked", full_disk)
    for attempt in range(1, settings.NOPEEK_ATTEMPTS + 1):
        media.refresh_from_db()
        assert media.problem == ""
        pipeline.render_tiers(media.public_id)
        media.refresh_from_db()
        assert media.attempts == attempt
    assert media.problem_code == "not_rendered"
    assert "tried again within the hour" in media.problem
    long_ago(media)
    assert due() == []
    Media.objects.update(moved_at=timezone.now() - housekeeping.LATER)
    assert due() == [("render_media", str(media.public_id))]
    assert due() == []  # once an hour is enough
    room_again = Checked(media, {}, {}, {}, ())
    monkeypatch.setattr(pipeline, "checked", lambda *_: room_again)
    pipeline.render_tiers(media.public_id)
    media.refresh_from_db()
    assert (media.problem, media.problem_code, media.attempts) == ("", "", 0)


def test_the_owner_may_ask_for_the_retry_at_once(owner: User, due, sent: Sent) -> None:
    media = make_media(owner)
    assert not services.retry(media)
    media.problem_code, media.attempts = "not_rendered", 3
    media.save()
    assert services.retry(media)
    media.refresh_from_db()
    assert media.attempts == 0


def test_an_export_that_nobody_makes_is_sent_again(owner: User, due) -> None:
    export = Export.objects.create(owner=owner)
    assert due() == []
    Export.objects.update(created_at=timezone.now() - timedelta(seconds=1000))
    assert due() == [("build_export", str(export.public_id))]


def test_k3_a_start_after_a_crash_sends_everything_at_once(
    owner: User, sent: Sent, django_capture_on_commit_callbacks
) -> None:
    waiting = make_media(owner, state=State.UPLOADED)
    begun = make_media(owner, state=State.SCANNING)
    claim = moves.Claim.take(begun)
    assert claim is not None
    with django_capture_on_commit_callbacks(execute=True):
        assert housekeeping.after_a_crash() == 2
    assert sent == [
        ("advance_media", str(waiting.public_id)),
        ("advance_media", str(begun.public_id)),
    ] or set(sent) == {
        ("advance_media", str(waiting.public_id)),
        ("advance_media", str(begun.public_id)),
    }
    begun.refresh_from_db()
    assert moves.Claim.take(begun) is not None  # free to be taken


def test_d1_objects_of_tombstones_are_removed(owner: User) -> None:
    kept = storage.put(storage.originals(), b"kept")
    gone = [
        f"{name}/{storage.put(storage.storages[name], b'gone')}"
        for name in storage.NAMES
    ]
    stone = Tombstone.objects.create(public_id=owner.public_id, kind="media", keys=gone)
    housekeeping.empty_tombstones()
    stone.refresh_from_db()
    assert stone.keys == []
    for address in gone:
        name, _, key = address.partition("/")
        assert not storage.storages[name].exists(key)
    assert storage.originals().exists(kept)
    storage.remove(storage.originals(), kept)


def test_what_cannot_be_removed_is_tried_again(
    owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = storage.put(storage.originals(), b"gone")
    address = f"originals/{key}"
    stone = Tombstone.objects.create(
        public_id=owner.public_id, kind="media", keys=[address]
    )

    def away(_key: str) -> None:
        raise ConnectionError("the storage is away")

    monkeypatch.setattr(storage.originals(), "delete", away)
    housekeeping.empty_tombstones()
    stone.refresh_from_db()
    assert stone.keys == [address]
    monkeypatch.undo()
    housekeeping.empty_tombstones()
    stone.refresh_from_db()
    assert stone.keys == []


def test_d1_objects_without_a_row_are_removed_and_no_others(owner: User) -> None:
    media = make_media(owner)
    orphan = storage.put(storage.renditions(), b"nobody's")
    housekeeping.drop_orphans()
    assert storage.renditions().exists(orphan)  # it may be on its way to a row
    housekeeping.drop_orphans(timedelta(0))
    assert not storage.renditions().exists(orphan)
    for row in media.renditions.all():
        assert storage.renditions().exists(row.key)
    for sealed in media.sealed.all():
        assert storage.originals().exists(sealed.key)


@files_only
def test_half_written_objects_are_removed() -> None:
    key = storage.put(storage.originals(), b"whole")
    folder = storage.originals().path(key).rpartition("/")[0]
    with open(f"{folder}/tmphalf.part", "wb") as file:  # noqa: PTH123
        file.write(b"half")
    assert any(name.endswith(".part") for name, _ in storage.listing("originals"))
    housekeeping.drop_orphans(timedelta(0))
    assert not any(name.endswith(".part") for name, _ in storage.listing("originals"))


def test_drafts_of_a_month_ago_are_deleted_and_posts_are_not(owner: User) -> None:
    draft = make_post(owner, published=False)
    make_media(owner, draft)
    post = make_post(owner)
    fresh = make_post(owner, published=False)
    old = timezone.now() - housekeeping.DRAFT_LIFE - timedelta(days=1)
    Post.objects.exclude(pk=fresh.pk).update(created_at=old)
    housekeeping.drop_stale_drafts()
    assert set(Post.objects.all()) == {post, fresh}
    assert not Media.objects.exists()


def test_the_page_says_what_waits_and_offers_the_retry(owner: User) -> None:
    media = make_media(owner)
    client = Client()
    client.force_login(owner)
    url = f"/share/media/{media.public_id}/status"
    retry = f"/share/media/{media.public_id}/retry"
    assert retry not in client.get(url).content.decode()
    problem = {"problem": "It could not be made.", "problem_code": "not_rendered"}
    Media.objects.filter(pk=media.pk).update(**problem)
    page = client.get(url).content.decode()
    assert "It could not be made." in page
    assert "Nobody else sees it" not in page  # other tiers may be open
    assert retry in page
