"""The whole line on PostgreSQL and S3, over RabbitMQ and over Redis, with real models.

R1: a follower asks at every surface, all the time, from the upload to the end.
"""

from __future__ import annotations

import hashlib
import json
import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import pytest
from django.db import connections
from django.utils import timezone
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from accounts.models import Closeness
from gallery import storage
from gallery.models import (
    Media,
    Post,
    Rendition,
    SealedObject,
    TierView,
    Tombstone,
)
from gallery.states import State
from privacy.models import ScanEvent
from tests.factories import make_follow
from tests.gallery.drawn import card
from tests.services.site import Person, Site, comes_to, until

EVERY = 0.005


@dataclass
class Ear:
    """What a person's open page hears."""

    heard: list[dict[str, object]] = field(default_factory=list)

    def names(self) -> set[object]:
        return {message["type"] for message in self.heard}


@contextmanager
def listening(person: Person) -> Iterator[Ear]:
    """A live socket of one person, read by a thread."""
    ear = Ear()
    base = str(person.http.base_url).rstrip("/")
    socket = connect(
        base.replace("http", "ws") + "/ws/live",
        origin=base,  # type: ignore[arg-type]
        additional_headers={"Cookie": f"sessionid={person.session}"},
    )

    def read() -> None:
        try:
            for message in socket:
                ear.heard.append(json.loads(message))
        except ConnectionClosed:
            pass

    thread = threading.Thread(target=read)
    thread.start()
    try:
        yield ear
    finally:
        socket.close()
        thread.join()


@dataclass
class Watch:
    """Asks for a Media at every surface until it is told to stop.

    ``early`` holds the surfaces that gave something away while a Media was not READY:
    the state is read from the database *after* the answer, so a picture that became
    READY in between counts for nothing.
    """

    person: Person
    media: Media
    asked: int = 0
    early: list[str] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)
    stop: threading.Event = field(default_factory=threading.Event)

    def surfaces(self) -> list[str]:
        media, post = self.media.public_id, self.media.post.public_id
        owner = self.media.owner.username
        pixels = [
            f"/m/{media}/{size}.{ext}"
            for size in ("thumb", "feed", "full")
            for ext in ("jpg", "webp")
        ]
        pages = ["/", "/explore/", f"/u/{owner}/", f"/p/{post}/", "/notifications/"]
        return pixels + pages

    def run(self) -> None:
        marks = (str(self.media.public_id), str(self.media.post.public_id))
        try:
            while not self.stop.is_set():
                for path in self.surfaces():
                    answer = self.person.get(path)
                    self.asked += 1
                    if answer.status_code >= 500:
                        self.broken.append(f"{path}: {answer.status_code}")
                    seen = (
                        answer.status_code != 404
                        if path.startswith(("/m/", "/p/"))
                        else any(mark in answer.text for mark in marks)
                    )
                    if seen and self._unready():
                        self.early.append(path)
                    time.sleep(EVERY)
        except Exception as error:  # noqa: BLE001 - told by the test
            self.broken.append(repr(error))
        finally:
            connections.close_all()

    def _unready(self) -> bool:
        return not Media.objects.filter(pk=self.media.pk, state=State.READY).exists()


@pytest.fixture(scope="module")
def url(each_site: Site) -> str:
    """One web server and two workers, as docs/scaling.md has it."""
    each_site.worker("default", "media")
    each_site.worker("ml")
    return each_site.web()


def test_r1_w6_m10_from_upload_to_another_viewers_bytes(url: str) -> None:
    alice, bob, carol, erin = (
        Person.arrives(url, name) for name in ("alice", "bob", "carol", "erin")
    )
    make_follow(bob.user, alice.user, Closeness.REGULAR)
    make_follow(carol.user, alice.user, Closeness.CLOSE)
    with listening(alice) as hers, listening(bob) as his:
        media = alice.uploads(card())
        # Out from the start, so that nothing but the state stands before it.
        Post.objects.filter(pk=media.post_id).update(
            published_at=timezone.now(), audience="followers"
        )
        watch = Watch(bob, media)
        thread = threading.Thread(target=watch.run)
        thread.start()
        try:
            comes_to(media, State.READY)
            until(lambda: "media.ready" in hers.names(), "the owner hears of it", 20)
        finally:
            watch.stop.set()
            thread.join()
    assert watch.asked > 20
    assert watch.early == []
    assert watch.broken == []
    # From the workers' processes to the web server's, ids and versions alone; W6.
    assert {"media.stage", "media.ready"} <= hers.names()
    assert {frozenset(message) for message in hers.heard} == {
        frozenset({"type", "id", "version"})
    }
    assert not {name for name in his.names() if str(name).startswith("media.")}

    views = {view.tier: view for view in TierView.objects.filter(media=media)}
    assert [views[tier].ready for tier in (0, 1, 2)] == [True] * 3
    for person, tier in ((bob, 1), (carol, 2)):
        for size in ("thumb", "feed", "full"):
            row = media.renditions.get(plan=views[tier].plan, size=size, format="webp")
            got = person.get(f"/m/{media.public_id}/{size}.webp")
            assert got.status_code == 200
            assert hashlib.sha256(got.content).hexdigest() == row.sha256
            assert got.headers["cache-control"] == "private, no-cache"
    assert erin.get(f"/m/{media.public_id}/feed.webp").status_code == 404
    own = alice.get(f"/m/{media.public_id}/feed.jpg")
    assert own.status_code == 200
    assert hashlib.sha256(own.content).hexdigest() not in set(
        media.renditions.values_list("sha256", flat=True)
    )
    events = ScanEvent.objects.filter(subject=media.public_id).order_by("pk")
    assert [event.outcome for event in events] == [
        "sanitising",
        "scanning",
        "deciding",
        "rendering",
        "verifying",
        "ready",
    ]
    _objects_are_bare(media)


def _objects_are_bare(media: Media) -> None:
    """M10 and A14: random names, nothing said about them, and open to nobody."""
    rows = list(media.renditions.values_list("key", flat=True))
    sealed = list(media.sealed.values_list("key", flat=True))
    assert len(rows) == Rendition.objects.filter(media=media).count() > 0
    assert sealed
    for store, keys in (
        (storage.renditions(), rows),
        (storage.originals(), sealed),
    ):
        for key in keys:
            assert re.fullmatch(r"[0-9a-f]{2}/[0-9a-f]{32}(\.jpg|\.webp|\.avif)?", key)
            held = store.bucket.Object(f"{store.location}/{key}")  # type: ignore[attr-defined]
            assert held.metadata == {}
            grants = held.Acl().grants
            assert [grant["Grantee"]["Type"] for grant in grants] == ["CanonicalUser"]
            assert b"CANARY" not in held.get()["Body"].read()
    for key in sealed:
        assert storage.get(storage.originals(), key).startswith(b"NPS1")


def test_r5_d1_a_photo_deleted_while_it_is_scanned_leaves_nothing(
    url: str, each_site: Site
) -> None:
    alice, before = Person.arrives(url, "alice"), stored()
    media = alice.uploads(card(484, 324))
    comes_to(media, State.SCANNING)
    answer = alice.http.post(f"/share/media/{media.public_id}/delete")
    assert answer.status_code in (200, 302)
    assert not Media.objects.filter(pk=media.pk).exists()
    # The same worker takes the next one only when it is done with this one.
    other = alice.uploads(card(488, 328))
    comes_to(other, State.READY)
    assert not Media.objects.filter(public_id=media.public_id).exists()
    assert not ScanEvent.objects.filter(subject=media.public_id).exists()
    left = stored() - before
    assert set(other.renditions.values_list("key", flat=True)) <= left
    assert left <= named(), "objects without a row"
    assert Tombstone.objects.get(public_id=media.public_id).keys == []


def stored() -> set[str]:
    return {
        key for name in ("originals", "renditions") for key, _ in storage.listing(name)
    }


def named() -> set[str]:
    rows = set(SealedObject.objects.values_list("key", flat=True))
    return rows | set(Rendition.objects.values_list("key", flat=True))
