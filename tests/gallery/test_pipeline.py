"""The line as a whole and its stages alone, with real models and real pixels."""

from __future__ import annotations

import io
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from uuid import UUID

import numpy as np
import pytest
from django.core.files.base import ContentFile
from PIL import Image

from accounts.events import Event
from accounts.models import User
from gallery import faults, pipeline, services, storage, tasks, vault
from gallery.models import Media, Post, Rendition, SealedObject, TierView
from gallery.progress import progress
from gallery.states import State
from gallery.upload import accept
from privacy import decisions, review
from privacy.core import weights
from privacy.core.detectors import registry
from privacy.core.redact.mask import union_mask
from privacy.core.types import Box, ScanReport
from privacy.models import Finding, Scan, ScanEvent
from tests.factories import make_user
from tests.gallery.conftest import Sent, begin, one_stage, ready, scanned
from tests.gallery.stored import taken, tampered

pytestmark = pytest.mark.django_db


@pytest.fixture
def owner() -> User:
    return make_user("alice")


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch, settings) -> list[Event]:
    """Every event that was published, whether or not it has been delivered."""
    out: list[Event] = []
    monkeypatch.setattr("gallery.events.publish", out.append)
    return out


def at(monkeypatch: pytest.MonkeyPatch, name: str, deed: Callable[[], object]) -> None:
    """Have ``deed`` done while a worker stands at a named point, once."""
    done: list[str] = []

    def point(here: str, media: UUID) -> None:
        if here == name and not done:
            done.append(here)
            deed()

    monkeypatch.setattr(faults, "point", point)


def stored(name: str) -> set[str]:
    return {key for key, _ in storage.listing(name)}


def test_a_photo_goes_the_whole_way(owner: User, told: list[Event], sent: Sent) -> None:
    media = begin(owner)
    raw = media.sealed.get().key
    pipeline.advance(media.public_id)
    media.refresh_from_db()
    assert media.state == State.READY, media.problem
    assert (media.width, media.height) == (480, 320)

    views = {view.tier: view for view in media.views.all()}
    assert [views[tier].ready for tier in (0, 1, 2)] == [True] * 3
    # A card number is hidden from everybody, the closest included.
    assert min(view.masked for view in views.values()) >= 1
    assert views[0].risk <= views[1].risk <= views[2].risk
    for view in views.values():
        files = media.renditions.filter(plan=view.plan)
        assert files.count() == 8
        assert view.placeholder.startswith("data:image/webp;base64,")

    kinds = set(media.sealed.values_list("kind", flat=True))
    assert kinds == {"master", "metadata", "owner_thumb", "owner_feed", "owner_full"}
    assert not media.sealed.filter(key=raw).exists()
    removed = json.loads(vault.open_sealed(media, "metadata"))
    assert any("CANARY" in item["value"] for item in removed)
    for row in media.renditions.all():
        data = storage.get(storage.renditions(), row.key)
        assert b"CANARY" not in data
        with Image.open(io.BytesIO(data)) as image:
            assert image.size == (row.width, row.height)
            assert image.format == row.format.upper()

    stages = ScanEvent.objects.filter(subject=media.public_id).order_by("pk")
    assert list(stages.values_list("stage", "outcome")) == [
        ("uploaded", "sanitising"),
        ("sanitising", "scanning"),
        ("scanning", "deciding"),
        ("deciding", "rendering"),
        ("rendering", "verifying"),
        ("verifying", "ready"),
    ]
    # W6: to the owner only, and ids only.
    assert {event.to for event in told} == {(str(owner.public_id),)}
    assert {event.name for event in told} == {"media.stage", "media.ready"}
    # Ready first; the meter's figures come after, and nobody waits for them.
    assert [event.name for event in told[-2:]] == ["media.ready", "media.stage"]


def test_masked_pixels_differ_and_the_rest_does_not(
    owner: User, report: ScanReport
) -> None:
    media = ready(owner, report)
    work = pipeline.Work(media)
    scan = decisions.current_scan(media.public_id)
    assert scan is not None
    number = next(f for f in report.findings if f.category == "text.card").box
    for plan in decisions.plans_for(scan).values():
        pixels = work.made(plan).pixels
        mask = union_mask(plan.regions, 480, 320, work.picture.grid)
        assert np.array_equal(work.picture.pixels[~mask], pixels[~mask])
        x0, y0, x1, y1 = (round(v) for v in number.pixels(480, 320))
        clear, seen = work.picture.pixels[y0:y1, x0:x1], pixels[y0:y1, x0:x1]
        assert np.abs(clear.astype(int) - seen.astype(int)).mean() > 10


def test_r1_nothing_is_open_at_any_stage_before_the_last(
    owner: User, report: ScanReport
) -> None:
    media = scanned(owner, report)
    for state in (State.DECIDING, State.RENDERING, State.VERIFYING):
        assert not TierView.objects.filter(media=media, ready=True).exists()
        assert not Rendition.objects.filter(media=media).exists()
        one_stage(media, state)
    assert media.state == State.READY
    assert TierView.objects.filter(media=media, ready=True).count() == 3


def test_k4_a_message_that_comes_twice_changes_nothing(
    owner: User, report: ScanReport
) -> None:
    media = ready(owner, report)

    def everything() -> list[object]:
        return [
            list(model.objects.order_by("pk").values())
            for model in (Media, TierView, Rendition, SealedObject, ScanEvent, Scan)
        ]

    before = everything()
    pipeline.advance(media.public_id)
    pipeline.render_tiers(media.public_id)
    after = everything()
    after[0][0]["moved_at"] = before[0][0]["moved_at"]  # type: ignore[index]
    assert after == before


def test_k4_a_second_worker_keeps_its_hands_off(
    owner: User, report: ScanReport, monkeypatch: pytest.MonkeyPatch
) -> None:
    media = scanned(owner, report)
    seen: list[int] = []

    def another_worker() -> None:
        pipeline.advance(media.public_id)
        seen.append(ScanEvent.objects.filter(subject=media.public_id).count())

    at(monkeypatch, "verifying.begun", another_worker)
    pipeline.advance(media.public_id)
    media.refresh_from_db()
    assert seen == [4]  # it did nothing
    assert media.state == State.READY
    assert ScanEvent.objects.filter(subject=media.public_id).count() == 5


def test_k4_one_message_given_to_two_workers_does_not_go_to_and_fro(
    owner: User, report: ScanReport, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A broker that believes a worker dead gives its message to another one."""
    media = scanned(owner, report)
    deaf = "the same message"

    def another_worker() -> None:
        pipeline.advance(media.public_id, holder=deaf)

    at(monkeypatch, "verifying.begun", another_worker)
    pipeline.advance(media.public_id, holder=deaf)
    media.refresh_from_db()
    assert media.state == State.READY
    events = ScanEvent.objects.filter(subject=media.public_id)
    assert events.filter(stage="verifying").count() == 1


def test_r3_a_late_result_for_an_older_plan_is_dropped(
    owner: User,
    report: ScanReport,
    monkeypatch: pytest.MonkeyPatch,
    sent: Sent,
) -> None:
    media = scanned(owner, report)
    plans: list[set[str]] = []

    def owner_masks_more() -> None:
        from gallery.replan import replan

        plans.append(set(media.views.values_list("plan", flat=True)))
        review.add_region(media.public_id, Box(0.7, 0.7, 0.95, 0.95))
        replan(media)
        plans.append(set(media.views.values_list("plan", flat=True)))

    at(monkeypatch, "verifying.verified", owner_masks_more)
    pipeline.advance(media.public_id)
    media.refresh_from_db()
    # The worker saw that its result was void, and did the stage again.
    assert media.state == State.READY
    opened = TierView.objects.filter(media=media, ready=True)
    before, after = plans
    assert before.isdisjoint(after)
    assert set(opened.values_list("plan", flat=True)) == after


def test_r5_a_photo_deleted_while_it_is_scanned_stays_deleted(
    owner: User,
    report: ScanReport,
    monkeypatch: pytest.MonkeyPatch,
    django_capture_on_commit_callbacks,
) -> None:
    originals, renditions = stored("originals"), stored("renditions")
    for point in ("sanitising.sealed", "rendering.done", "verifying.begun"):
        with django_capture_on_commit_callbacks(execute=True):
            early = point.startswith("sanitising")
            media = begin(owner) if early else scanned(owner, report)
            at(monkeypatch, point, lambda one=media: services.delete_media(one))
            pipeline.advance(media.public_id)
        assert not Media.objects.exists()
        assert not SealedObject.objects.exists()
        assert not Rendition.objects.exists()
        assert not Scan.objects.exists()
        assert not ScanEvent.objects.exists()
        tasks.sweep()
        assert stored("originals") == originals
        assert stored("renditions") == renditions


def test_bytes_that_are_no_picture_are_refused_and_forgotten(owner: User) -> None:
    post = Post.objects.create(owner=owner)
    media = accept(owner, post, ContentFile(b"\xff\xd8\xff\xe0 and then nothing"))
    pipeline.advance(media.public_id)
    media.refresh_from_db()
    assert media.state == State.REJECTED
    assert media.problem
    assert media.problem_code == "damaged"
    assert not media.sealed.exists()


def test_k5_what_fails_each_time_is_given_up_and_can_be_retried(
    owner: User, sent: Sent, settings
) -> None:
    media = begin(owner)
    row = media.sealed.get()
    good = taken(row.key)
    tampered(row.key, b"damaged on the disk")
    for attempt in (1, 2):
        pipeline.advance(media.public_id)
        media.refresh_from_db()
        assert (media.state, media.attempts) == (State.SANITISING, attempt)
    pipeline.advance(media.public_id)
    media.refresh_from_db()
    assert media.state == State.FAILED
    assert media.problem_code == "failed"
    outcomes = ScanEvent.objects.filter(stage="sanitising").order_by("pk")
    assert list(outcomes.values_list("outcome", flat=True)) == [
        "error",
        "error",
        "failed",
    ]
    assert outcomes[0].detail == "VaultError"
    tampered(row.key, good)
    assert services.retry(media)
    media.refresh_from_db()
    assert (media.state, media.attempts) == (State.UPLOADED, 0)
    assert media.problem == ""


def test_k9_a_missing_model_closes_the_line_until_it_is_back(
    owner: User, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sent: Sent
) -> None:
    media = begin(owner)
    for state in (State.UPLOADED, State.SANITISING):
        one_stage(media, state)
    there = weights.weights_dir()
    shutil.copytree(there, tmp_path / "weights", symlinks=True)
    plates = tmp_path / "weights" / "yolo-v9-t-384-license-plates-end2end.onnx"
    for path in plates.parent.rglob("*plate*"):
        path.unlink()
    monkeypatch.setenv("NOPEEK_WEIGHTS", str(plates.parent))
    registry.forget()
    one_stage(media, State.SCANNING)
    assert media.state == State.NEEDS_REVIEW
    assert media.problem_code == "unchecked"
    assert "plates" in media.problem
    assert "faces" not in media.problem
    assert progress(media).problem == media.problem
    assert not TierView.objects.filter(media=media, ready=True).exists()

    monkeypatch.undo()
    registry.forget()
    assert services.retry(media)
    pipeline.advance(media.public_id)
    media.refresh_from_db()
    assert media.state == State.READY
    assert media.problem == ""


def test_deciding_never_leads_on_from_a_scan_that_is_not_complete(
    owner: User, report: ScanReport
) -> None:
    media = scanned(owner, report)
    Scan.objects.update(complete=False)
    one_stage(media, State.DECIDING)
    assert media.state == State.FAILED
    assert not TierView.objects.filter(media=media, ready=True).exists()


def test_the_line_tells_how_far_a_scan_is_and_how_long_the_queue(
    owner: User, report: ScanReport, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = begin(owner), begin(owner)
    assert (progress(first).place, progress(second).place) == (1, 2)
    assert progress(second).working
    for state in (State.UPLOADED, State.SANITISING):
        one_stage(first, state)
    assert (progress(first).place, progress(second).place) == (0, 2)
    seen: list[int] = []

    def look() -> None:
        one = Media.objects.get(pk=first.pk)
        seen.append(len(progress(one).done) + len(progress(one).pending))

    at(monkeypatch, "scanning.scanned", look)
    one_stage(first, State.SCANNING)
    assert seen == [len(registry.NAMES)]
    assert progress(first).done == ()  # over


@pytest.mark.long  # a scan of a real crowd, and as many attacks as there are masks
@pytest.mark.shared
def test_a_weak_mask_that_gives_a_face_away_is_hardened_for_good(
    owner: User, shared: Path, sent: Sent
) -> None:
    post = Post.objects.create(owner=owner)
    photo = (shared / "devset" / "images" / "coco_000000001000.jpg").read_bytes()
    media = accept(owner, post, ContentFile(photo))
    for state in (State.UPLOADED, State.SANITISING, State.SCANNING):
        one_stage(media, state)
    faces = Finding.objects.filter(category="face")
    before = {face.region: face for face in faces}
    assert len(before) > 3
    # Shown to close friends alone, and to followers under a weak blur.
    for region in before:
        review.set_choice(media.public_id, region, "show", 2)
    review.set_style(media.public_id, before, "pixelate")
    pipeline.advance(media.public_id)
    media.refresh_from_db()
    assert media.state == State.READY, media.problem
    hardened = [face for face in faces.all() if face.style in ("veil", "fill")]
    assert hardened
    for face in hardened:
        old = before[face.region]
        assert face.x0 <= old.x0
        assert face.y0 <= old.y0
        assert face.x1 >= old.x1
        assert face.y1 >= old.y1
    scan = decisions.current_scan(media.public_id)
    assert scan is not None
    digests = {plan.digest for plan in decisions.plans_for(scan).values()}
    assert digests == set(media.views.values_list("plan", flat=True))
