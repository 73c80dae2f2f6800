"""R3, R4, R8, K4 and what a worker holds: two real workers on the same pictures."""

from __future__ import annotations

import hashlib
import threading
import uuid
from contextlib import ExitStack

import httpx
import pytest
from django.db import connections, transaction

from accounts.models import Closeness
from feeds.models import Notification
from gallery import editing, storage
from gallery.models import Media, Rendition, TierView
from gallery.states import State
from privacy import decisions, review
from privacy.core.types import Box
from privacy.models import Finding, Scan, ScanEvent
from tests.factories import make_follow
from tests.gallery.drawn import card
from tests.services.site import (
    Person,
    Process,
    Site,
    blocked_backends,
    comes_to,
    frozen,
    until,
)


@pytest.fixture(scope="module")
def url(site: Site) -> str:
    return site.web()


@pytest.fixture(scope="module")
def two(site: Site, url: str) -> tuple[Process, Process]:
    """Two workers of the machine-learning queue."""
    return site.worker("ml"), site.worker("ml", "media", "default")


def objects() -> set[str]:
    return {key for key, _ in storage.listing("renditions")}


def fresh(media: Media) -> Media:
    """The row as it is now."""
    return Media.objects.select_related("post").get(pk=media.pk)


def opened(media: Media) -> bool:
    return TierView.objects.filter(media=media, ready=True).count() == 3


def idle(site: Site) -> None:
    """Wait until the workers have nothing left in the queue nor in their hands."""
    mark = uuid.uuid4()
    site.advance(mark)  # of no Media: only its place in the line counts
    until(lambda: site.waiting("ml") == 0, "the queue is empty")


def test_k4_a_message_that_comes_five_times_is_done_once(
    site: Site, url: str, two: tuple[Process, Process]
) -> None:
    alice = Person.arrives(url, "alice")
    media = alice.uploads(card(524, 364))
    again = str(uuid.uuid4())
    for task_id in (again, again, None, None, None):
        site.advance(media.public_id, task_id)
    comes_to(media, State.READY)
    site.advance(media.public_id, again)
    idle(site)
    events = ScanEvent.objects.filter(subject=media.public_id).exclude(outcome="error")
    assert [event.outcome for event in events.order_by("pk")] == [
        "sanitising",
        "scanning",
        "deciding",
        "rendering",
        "verifying",
        "ready",
    ]
    assert Scan.objects.filter(subject=media.public_id, current=True).count() == 1
    told = Notification.objects.filter(to=alice.user, verb="media.ready")
    until(told.exists, "the owner is told", 20)
    assert told.count() == 1
    kinds = list(media.sealed.values_list("kind", flat=True))
    assert len(kinds) == len(set(kinds))


def test_r4_two_workers_that_render_the_same_leave_one(
    site: Site, url: str, two: tuple[Process, Process]
) -> None:
    alice = Person.arrives(url, "alice")
    media = alice.uploads(card(528, 368))
    comes_to(media, State.READY)
    before = objects()
    editing.add(fresh(media), Box(0.7, 0.7, 0.95, 0.95))
    assert not opened(media)
    # Neither may claim until both have begun: they meet at the row.
    with transaction.atomic():
        Media.objects.select_for_update().get(pk=media.pk)
        for _ in range(2):
            site.send("gallery.tasks.render_media", str(media.public_id))
        until(lambda: blocked_backends() >= 2, "both workers wait for the row")
    until(lambda: opened(media), "the tiers are open")
    idle(site)
    until(lambda: blocked_backends() == 0, "nobody waits")
    rows = Rendition.objects.filter(media=media)
    recipes = list(rows.values_list("plan", "renderer", "size", "format"))
    assert len(recipes) == len(set(recipes))
    keys = set(rows.values_list("key", flat=True))
    until(lambda: objects() - before <= keys, "what was made twice is removed", 30)
    for row in rows:
        data = storage.get(storage.renditions(), row.key)
        assert hashlib.sha256(data).hexdigest() == row.sha256


def all_hidden(media: Media) -> int:
    """How many of the drawn regions the version of every tier masks.

    Counted by place: drawn regions may lie under the mask of a whole sheet.
    """
    scan = decisions.current_scan(media.public_id)
    assert scan is not None
    plans = decisions.plans_for(scan)
    open_ = dict(media.views.values_list("tier", "plan"))
    assert open_ == {int(tier): plan.digest for tier, plan in plans.items()}
    drawn = [review.shape_of(row).box for row in scan.findings.filter(detector="owner")]
    return sum(
        all(
            any(region.box.covers(box) > 0.999 for region in plan.regions)
            for plan in plans.values()
        )
        for box in drawn
    )


def test_r3_a_late_render_for_an_older_policy_is_dropped(
    site: Site, url: str, two: tuple[Process, Process]
) -> None:
    """The older render is held at its end while the owner makes the mask stricter."""
    alice, bob = Person.arrives(url, "alice"), Person.arrives(url, "bob")
    make_follow(bob.user, alice.user, Closeness.REGULAR)
    media = alice.uploads(card(532, 372))
    comes_to(media, State.READY)
    alice.publishes(media)
    path = f"/m/{media.public_id}/feed.webp"
    assert bob.get(path).status_code == 200

    first, second = Box(0.02, 0.02, 0.2, 0.2), Box(0.75, 0.75, 0.97, 0.97)
    with ExitStack() as held:
        held.enter_context(frozen(*two))
        editing.add(fresh(media), first)  # its message waits for the workers
        older = {view.plan for view in TierView.objects.filter(media=media)}
        # From the commit on he sees nothing until the new masks are checked.
        assert bob.get(path).status_code == 404
        with transaction.atomic():
            Media.objects.select_for_update().get(pk=media.pk)
            held.close()
            until(lambda: blocked_backends() >= 1, "the older render is at its end")
            editing.add(fresh(media), second)
    seen: set[str] = set()

    def look() -> bool:
        got = bob.get(path)
        if got.status_code == 200:
            seen.add(hashlib.sha256(got.content).hexdigest())
        return opened(media)

    until(look, "the stricter masks are out")
    look()
    views = TierView.objects.filter(media=media)
    assert not older & {view.plan for view in views}
    drawn = Finding.objects.filter(scan__subject=media.public_id, detector="owner")
    assert drawn.count() == 2
    assert all_hidden(media) == 2
    newest = views.get(tier=1).plan
    allowed = Rendition.objects.filter(media=media, plan=newest, size="feed")
    assert seen
    assert seen <= set(allowed.values_list("sha256", flat=True))


def test_r8_two_edits_at_once_are_both_kept(url: str, two: object) -> None:
    alice = Person.arrives(url, "alice")
    media = alice.uploads(card(536, 376))
    comes_to(media, State.READY)
    version = Media.objects.get(pk=media.pk).version
    start = threading.Barrier(4)
    codes: list[int] = []

    def draw(n: int) -> None:
        box = [0.1 * n, 0.05, 0.1 * n + 0.08, 0.2]
        with httpx.Client(
            base_url=alice.http.base_url,
            cookies=alice.http.cookies,
            headers={"X-CSRFToken": alice.token},
            timeout=60,
        ) as client:
            start.wait()
            answer = client.post(
                f"/share/media/{media.public_id}/regions", json={"box": box}
            )
            codes.append(answer.status_code)
        connections.close_all()

    threads = [threading.Thread(target=draw, args=(n,)) for n in range(1, 5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {code // 100 for code in codes} == {2}, codes
    drawn = Finding.objects.filter(scan__subject=media.public_id, detector="owner")
    assert drawn.count() == 4
    assert Media.objects.get(pk=media.pk).version == version + 4
    until(lambda: opened(media), "the tiers are open")
    assert all_hidden(media) == 4


def test_a_worker_holds_one_picture_and_acknowledges_it_when_it_is_done(
    site: Site, url: str, two: tuple[Process, Process]
) -> None:
    alice = Person.arrives(url, "alice")
    idle(site)
    with ExitStack() as held, transaction.atomic():
        held.enter_context(frozen(*two))
        photos = [alice.uploads(card(540 + 4 * n, 380)) for n in range(4)]
        list(Media.objects.select_for_update().filter(pk__in=[p.pk for p in photos]))
        held.close()
        until(lambda: blocked_backends() >= 2, "both workers have one")
        # Four messages, two in hands: none is hoarded by a worker that is busy.
        until(lambda: site.waiting("ml") == 2, "two wait for a free worker")
    for media in photos:
        comes_to(media, State.READY)
