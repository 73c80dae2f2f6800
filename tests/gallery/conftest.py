"""The line with real models, scanned once a session."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.core.files.base import ContentFile

from accounts.models import User
from gallery import pipeline, tasks
from gallery.models import Media, Post
from gallery.moves import Claim
from gallery.states import State
from gallery.upload import accept
from privacy import scanning
from privacy.core.sanitise import sanitise
from privacy.core.types import ScanReport
from tests.gallery.drawn import card

Sent = list[tuple[str, str]]


@pytest.fixture(scope="session")
def report() -> ScanReport:
    """What the whole ensemble finds in the drawn card."""
    found = scanning.scan_picture(sanitise(card()).picture())
    assert found.complete, found.unchecked
    assert "text.card" in {finding.category for finding in found.findings}
    return found


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> Sent:
    """What went to the broker, as (task, public id); no worker listens."""
    out: Sent = []

    def catch(name: str) -> Callable[..., None]:
        return lambda args, **_: out.append((name, args[0]))

    for task in (tasks.advance_media, tasks.render_media, tasks.build_export):
        name = task.name.rpartition(".")[2]
        monkeypatch.setattr(task, "apply_async", catch(name))
    return out


def begin(owner: User, post: Post | None = None) -> Media:
    """A freshly uploaded card."""
    post = post or Post.objects.create(owner=owner)
    return accept(owner, post, ContentFile(card()))


def scanned(owner: User, report: ScanReport, post: Post | None = None) -> Media:
    """A card whose scan is over: everything before the next stage has really run."""
    media = begin(owner, post)
    for state in (State.UPLOADED, State.SANITISING):
        one_stage(media, state)
    claim = Claim.take(media)
    assert claim is not None
    claim.move(State.DECIDING)
    scanning.store(report, media.public_id, owner.pk)
    media.refresh_from_db()
    return media


def ready(owner: User, report: ScanReport, post: Post | None = None) -> Media:
    """A card at the end of the line."""
    media = scanned(owner, report, post)
    pipeline.advance(media.public_id)
    media.refresh_from_db()
    assert media.state == State.READY, media.problem
    return media


def one_stage(media: Media, state: State) -> None:
    """Carry out the stage that ``media`` stands in, and no more."""
    media.refresh_from_db()
    assert media.state == state
    claim = Claim.take(media)
    assert claim is not None
    pipeline._carry_out(pipeline.Work(media), claim)
    media.refresh_from_db()
