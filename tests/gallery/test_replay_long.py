"""M10: ten thousand posts replayed within a minute. Prints the figure for the docs."""

from __future__ import annotations

import sys
import time
import uuid
from random import Random

import pytest
from django.utils import timezone

from gallery.models import Media, Post, TierView
from privacy.core.types import Tier
from privacy.core.version import RENDERER_VERSION
from privacy.models import Finding, RuleSet, Scan
from privacy.policy_room import drafts, replay
from privacy.policy_room.models import Replay
from tests.factories import make_user
from tests.gallery.test_rules import PLATES

pytestmark = [pytest.mark.django_db, pytest.mark.long]
POSTS = 10_000
KINDS = ("face", "person", "licence_plate", "text", "text.phone", "object.car")


def fill() -> None:
    """Posts with four to nine findings each, of a hundred owners."""
    chance = Random(7)
    owners = [make_user(f"owner{n}") for n in range(100)]
    now = timezone.now()
    posts = Post.objects.bulk_create(
        Post(owner=owners[n % 100], audience="everyone", published_at=now)
        for n in range(POSTS)
    )
    media = Media.objects.bulk_create(
        Media(
            owner_id=post.owner_id,
            post=post,
            state="ready",
            mask_secret=b"k" * 32,
            upload_digest=uuid.uuid4().hex,
        )
        for post in posts
    )
    live = RuleSet.objects.get(live=True)
    scans = Scan.objects.bulk_create(
        Scan(
            subject=one.public_id,
            owner_id=one.owner_id,
            width=1200,
            height=800,
            complete=True,
            floor=live,
        )
        for one in media
    )
    Finding.objects.bulk_create(
        (
            _finding(scan, place, chance)
            for scan in scans
            for place in range(4 + scan.pk % 6)
        ),
        batch_size=2000,
    )
    TierView.objects.bulk_create(
        TierView(media=one, tier=int(tier), plan="0" * 64, renderer=RENDERER_VERSION)
        for one in media
        for tier in Tier
    )


def _finding(scan: Scan, place: int, chance: Random) -> Finding:
    x, y = chance.random() * 0.8, chance.random() * 0.8
    return Finding(
        scan=scan,
        region=f"r{place}",
        category=chance.choice(KINDS),
        x0=x,
        y0=y,
        x1=x + 0.1,
        y1=y + 0.1,
        confidence=chance.random(),
        detector="drawn",
    )


def test_ten_thousand_posts_are_replayed_within_a_minute(
    monkeypatch: pytest.MonkeyPatch, capsys
) -> None:
    from privacy import tasks

    monkeypatch.setattr(tasks, "enqueue", lambda *_: None)
    fill()
    draft = drafts.begin(make_user("admin_"), PLATES)
    row = replay.begin(draft)
    start = time.perf_counter()
    assert replay.run(row.pk, patience=600)
    seconds = time.perf_counter() - start
    row = Replay.objects.get(pk=row.pk)
    with capsys.disabled():
        less = len(row.posts["now.less"])
        sys.stdout.write(
            f"\n{POSTS} posts, {Finding.objects.count()} findings: {seconds:.1f} s, {less} change\n"
        )
    assert row.at_once["replayed"] == POSTS
    assert row.state == "done"
    assert seconds < 60
