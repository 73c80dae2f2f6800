"""K1, K2 and K5 with real workers and a real broker: nothing is lost, nothing is early."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from django.utils import timezone

from gallery import storage
from gallery.faults import POINTS
from gallery.models import Media, Rendition, SealedObject, TierView
from gallery.states import State
from privacy.models import Scan, ScanEvent
from tests.gallery.drawn import card
from tests.services.site import Person, Site, comes_to, free_port, state, until

KILLED = -9


@pytest.fixture(scope="module")
def url(site: Site) -> str:
    return site.web()


@contextmanager
def worker_with(site: Site, *queues: str, **env: str) -> Iterator[None]:
    with site.apart():
        site.worker(*queues, **env)
        yield


def stands_still(media: Media) -> None:
    """As if it had not been touched for long; its attempts do not count."""
    Media.objects.filter(pk=media.pk).update(
        attempts=0, moved_at=timezone.now() - timedelta(seconds=1000)
    )


def objects() -> set[str]:
    return {
        key for name in ("originals", "renditions") for key, _ in storage.listing(name)
    }


def named() -> set[str]:
    rows = set(SealedObject.objects.values_list("key", flat=True))
    return rows | set(Rendition.objects.values_list("key", flat=True))


def test_k1_killed_at_every_named_point_and_recovered(site: Site, url: str) -> None:
    """Each worker takes the message that the broker gives again, and dies further on.

    At last the broker loses the message too: reconcile finds the row and sends another.
    """
    alice = Person.arrives(url, "alice")
    site.lose_messages()
    media = alice.uploads(card(496, 336))
    for point in POINTS[1:]:
        with site.apart():
            worker = site.worker("ml", ready=False, NOPEEK_KILL_AT=point)
            assert worker.died() == KILLED, (point, worker.log.read_text()[-2000:])
        assert state(media) not in ("", State.READY), point
        assert not TierView.objects.filter(media=media, ready=True).exists(), point
        assert alice.get(f"/p/{media.post.public_id}/").status_code == 404
        assert not named() - objects(), point
        Media.objects.filter(pk=media.pk).update(attempts=0)
    site.lose_messages()
    assert state(media) == State.VERIFYING
    stands_still(media)
    with worker_with(site, "ml", "media"):
        site.send("gallery.tasks.reconcile")
        comes_to(media, State.READY)
    assert TierView.objects.filter(media=media, ready=True).count() == 3
    assert Scan.objects.filter(subject=media.public_id, current=True).count() == 1
    done = ScanEvent.objects.filter(subject=media.public_id).exclude(outcome="error")
    assert done.count() == 6
    assert media.renditions.count() == len(
        set(media.renditions.values_list("plan", flat=True))
    ) * len({(row.size, row.format) for row in media.renditions.all()})


def test_k1_a_child_that_dies_has_its_picture_taken_up_by_the_next(
    site: Site, url: str
) -> None:
    """The pool that docs/scaling.md recommends: the parent lives and gives it back."""
    alice = Person.arrives(url, "alice")
    site.lose_messages()
    poisoned = alice.uploads(card(500, 340))
    good = alice.uploads(card(504, 344))
    with site.apart():
        # K5: whatever takes this picture dies of it, as of a decoder that crashes.
        site.worker(
            "ml",
            pool="prefork",
            NOPEEK_KILL_AT=f"sanitising.begun@{poisoned.public_id}",
        )
        comes_to(poisoned, State.FAILED)
        comes_to(good, State.READY)
    row = Media.objects.get(pk=poisoned.pk)
    assert row.problem_code == "failed"
    assert not TierView.objects.filter(media=poisoned).exists()
    last = ScanEvent.objects.filter(subject=poisoned.public_id).order_by("-pk").first()
    assert last is not None
    assert (last.stage, last.outcome) == ("sanitising", "failed")
    # Its owner can try again, and then it goes through.
    alice.http.post(f"/share/media/{poisoned.public_id}/retry")
    with worker_with(site, "ml"):
        comes_to(poisoned, State.READY)


@pytest.mark.parametrize("scheme", ["amqp://guest:guest@", "redis://"])
def test_k2_without_a_broker_an_upload_is_taken_and_later_moved_on(
    site: Site, url: str, scheme: str
) -> None:
    with site.apart():
        deaf = site.web(CELERY_BROKER_URL=f"{scheme}127.0.0.1:{free_port()}/")
        alice = Person.arrives(deaf, "alice")
        draft = alice.http.post("/share/start")
        answer = alice.http.post(
            draft.json()["upload"], files={"file": ("a.jpg", card(), "image/jpeg")}
        )
    assert answer.status_code == 201
    assert answer.elapsed < timedelta(seconds=10)
    media = Media.objects.get(public_id=answer.json()["id"])
    assert state(media) == State.UPLOADED
    site.lose_messages()
    stands_still(media)
    with site.apart():
        site.worker("ml", "media")
        site.send("gallery.tasks.reconcile")
        comes_to(media, State.READY)


def test_k3_a_broker_that_forgets_everything_loses_nothing(
    site: Site, url: str
) -> None:
    alice = Person.arrives(url, "alice")
    photos = [alice.uploads(card(508 + 4 * n, 348)) for n in range(2)]
    until(lambda: site.waiting("ml") >= 2, "the messages are there")
    site.lose_messages()
    assert site.waiting("ml") == 0
    for media in photos:
        stands_still(media)
    with worker_with(site, "ml", "media"):
        site.send("gallery.tasks.reconcile")
        for media in photos:
            comes_to(media, State.READY)
