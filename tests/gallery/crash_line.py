"""Kills a worker at named points of the line; run by test_crashes in its own process.

Prints one line of JSON for each point: how the worker ended, and what there is to see
of the Media afterwards. Each worker is a fork, so a point costs no start of Python.
"""

from __future__ import annotations

import io
import json
import os
import sys
import traceback
from datetime import timedelta
from typing import Any

import django

django.setup()

from django.conf import settings  # noqa: E402
from django.core.files.base import ContentFile  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import connections  # noqa: E402

from accounts.models import User  # noqa: E402
from gallery import (  # noqa: E402
    housekeeping,
    moves,
    pipeline,
    storage,
    tasks,
    upload,
)
from gallery.models import Media, Post, Rendition, SealedObject, TierView  # noqa: E402
from privacy.models import Scan, ScanEvent  # noqa: E402


def in_a_fork(point: str, work: Any) -> int:
    """Run ``work`` in a child that dies at ``point``; its signal or return code."""
    connections.close_all()
    pid = os.fork()
    if pid == 0:
        settings.NOPEEK_KILL_AT = point
        code = 0
        try:
            work()
        except BaseException:  # noqa: BLE001 - the parent is told by the code
            traceback.print_exc()
            code = 1
        os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def state_of_things(point: str, code: int) -> dict[str, Any]:
    media = Media.objects.first()
    named = set(SealedObject.objects.values_list("key", flat=True))
    named |= set(Rendition.objects.values_list("key", flat=True))
    objects = {
        key for name in ("originals", "renditions") for key, _ in storage.listing(name)
    }
    return {
        "point": point,
        "code": code,
        "state": media.state if media else None,
        "open": TierView.objects.filter(ready=True).count(),
        "scans": Scan.objects.filter(current=True).count(),
        "missing": len(named - objects),
        "orphans": len(objects - named),
        "events": ScanEvent.objects.exclude(outcome="error").count(),
    }


def tell(point: str, code: int) -> None:
    sys.stdout.write(json.dumps(state_of_things(point, code)) + "\n")
    sys.stdout.flush()


def main(points: list[str]) -> None:
    call_command("migrate", verbosity=0)
    for task in (tasks.advance_media, tasks.render_media):
        task.apply_async = lambda *_args, **_kwargs: None  # the rows are the truth
    owner = User.objects.create(username="alice", email="alice@example.org")
    post = Post.objects.create(owner=owner)
    data = sys.stdin.buffer.read()

    def send() -> None:
        upload.accept(owner, post, ContentFile(data))

    code = in_a_fork("upload.stored", send)
    tell("upload.stored", code)
    send()
    public_id = Media.objects.get().public_id
    for point in points:
        code = in_a_fork(point, lambda: pipeline.advance(public_id))
        tell(point, code)
        moves.release_claims()  # as a start does, when no worker runs
        Media.objects.update(attempts=0)  # three deaths in one stage would be enough
    code = in_a_fork("", lambda: pipeline.advance(public_id))
    housekeeping.drop_orphans(timedelta(0))
    tell("", code)


if __name__ == "__main__":
    assert isinstance(sys.stdin, io.TextIOWrapper)
    main(sys.argv[1:])
