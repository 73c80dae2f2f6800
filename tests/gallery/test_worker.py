"""A real worker on the embedded broker: K1, K2 and K5 with processes of their own."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.gallery.drawn import card
from tests.gallery.test_crashes import ROOT, environment

pytestmark = pytest.mark.long  # three deaths of a worker take half a minute

SITE = """
import sys, json, django
django.setup()
from django.core.files.base import ContentFile
from django.core.management import call_command
from accounts.models import User
from gallery import housekeeping
from gallery.models import Media, Post, TierView
from gallery.upload import accept
from privacy.models import ScanEvent

def send(name, data):
    owner = User.objects.get_or_create(username=name, email=name + "@example.org")[0]
    return accept(owner, Post.objects.create(owner=owner), ContentFile(data))
"""


def site(folder: Path, code: str, data: bytes = b"", **more: str) -> Any:
    """Run some lines in a process of the site at ``folder``; what they print."""
    done = subprocess.run(
        [sys.executable, "-c", SITE + code],
        input=data,
        stdout=subprocess.PIPE,
        cwd=ROOT,
        env=environment(folder, **more),
        check=True,
        timeout=120,
    )
    return json.loads(done.stdout.splitlines()[-1])


@contextmanager
def worker(folder: Path, **more: str) -> Iterator[subprocess.Popen[bytes]]:
    """A worker for the queue of pictures, killed at the end."""
    command = [sys.executable, "-m", "celery", "--quiet", "-A", "nopeek_site.celery"]
    options = ["--queues", "ml", "--concurrency", "1", "--loglevel", "ERROR"]
    process = subprocess.Popen(
        [*command, "worker", "--without-gossip", "--without-mingle", *options],
        cwd=ROOT,
        env=environment(folder, **more),
        start_new_session=True,
    )
    try:
        yield process
    finally:
        process.terminate()
        process.wait(30)


def states(folder: Path) -> dict[str, str]:
    """State of the one Media of each person, as the database says."""
    import sqlite3

    with sqlite3.connect(f"file:{folder}/nopeek.sqlite3?mode=ro", uri=True) as found:
        return dict(
            found.execute(
                "SELECT u.username, m.state FROM gallery_media m "
                "JOIN accounts_user u ON u.id = m.owner_id"
            )
        )


def wait_for(folder: Path, wanted: dict[str, str], seconds: float = 90) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if states(folder) == wanted:
            return
        time.sleep(0.2)
    pytest.fail(f"after {seconds} s: {states(folder)}")


def test_k5_a_poisoned_photo_is_given_up_and_the_queue_goes_on(tmp_path: Path) -> None:
    """The worker that opens mallory's photo is killed each time; alice's goes through."""
    poison = site(
        tmp_path,
        """
call_command("migrate", verbosity=0)
data = sys.stdin.buffer.read()
poisoned = send("mallory", data)
send("alice", data)
print(json.dumps(str(poisoned.public_id)))
""",
        card(),
    )
    with worker(tmp_path, NOPEEK_KILL_AT=f"sanitising.begun@{poison}"):
        wait_for(tmp_path, {"mallory": "failed", "alice": "ready"})
    seen = site(
        tmp_path,
        """
bad = Media.objects.get(owner__username="mallory")
print(json.dumps([bad.problem_code, TierView.objects.filter(media=bad).count()]))
""",
    )
    assert seen == ["failed", 0]
