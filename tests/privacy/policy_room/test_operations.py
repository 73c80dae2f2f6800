"""The operations page and /metrics: for staff or a token, with figures that are so."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.utils import timezone

from gallery.models import Media
from gallery.states import State
from privacy.core import weights
from privacy.models import Scan, ScanEvent
from privacy.policy_room import operations
from privacy.policy_room.models import AuditEntry
from tests.factories import make_media, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def page() -> Client:
    user = make_user("ines", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename="change_ruleset"))
    client = Client()
    client.force_login(user)
    return client


@pytest.mark.parametrize(
    ("values", "share", "expected"),
    [([], 0.5, 0), ([7], 0.95, 7), (range(1, 101), 0.5, 50), (range(1, 101), 0.95, 95)],
)
def test_percentiles(values: list[float], share: float, expected: float) -> None:
    assert operations.percentile(list(values), share) == expected


def test_times_failures_and_drift_are_told(page: Client) -> None:
    media = make_media(make_user("ana"), stored=False)
    for ms in (10, 20, 30):
        ScanEvent.objects.create(
            subject=media.public_id, stage="scanning", outcome="deciding", ms=ms
        )
    ScanEvent.objects.create(
        subject=media.public_id,
        stage="scanning",
        outcome="error",
        detail="OSError",
        ms=1,
    )
    Scan.objects.update(runs=[{"name": "faces", "status": "failed", "ms": 12.0}])
    stage = operations.stages()[0]
    assert (stage.name, stage.count, stage.p50, stage.failed) == ("scanning", 4, 10, 1)
    assert operations.detectors() == [operations.Timing("faces", 1, 12, 12, 1)]
    rates = dict(operations.rates()["rows"])
    assert rates["licence plates"] == [100]
    shown = page.get("/policy/operations/").content.decode()
    assert "scanning: OSError" in shown


def test_a_missing_model_is_named(
    page: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        weights,
        "state",
        lambda name: weights.State(["ok", "missing"][name == "centernet"]),
    )
    make_media(make_user("ana"), state=State.NEEDS_REVIEW, stored=False)
    shown = page.get("/policy/operations/").content.decode()
    assert "centernet: missing" in shown
    assert "1 photo waits." in shown


def test_what_failed_is_tried_again_and_logged(
    page: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    from gallery import tasks

    monkeypatch.setattr(tasks, "enqueue_advance", lambda *_: None)
    owner = make_user("ana")
    for code in ("failed", "other"):
        media = make_media(owner, state=State.FAILED)
        Media.objects.filter(pk=media.pk).update(problem_code=code)
    page.post("/policy/operations/", {"code": "failed"})
    states = sorted(Media.objects.values_list("state", flat=True))
    assert states == ["failed", "scanning"]
    assert AuditEntry.objects.get(action="media.retried").detail == {"count": 1}


def test_metrics_are_for_staff_or_the_token(page: Client, settings) -> None:
    make_media(make_user("ana"), stored=False)
    assert Client().get("/metrics").status_code == 404
    empty = {"HTTP_AUTHORIZATION": "Bearer "}
    assert Client().get("/metrics", **empty).status_code == 404
    settings.NOPEEK_METRICS_TOKEN = "t0ken"
    wrong = {"HTTP_AUTHORIZATION": "Bearer token"}
    assert Client().get("/metrics", **wrong).status_code == 404
    right = {"HTTP_AUTHORIZATION": "Bearer t0ken"}
    text = Client().get("/metrics", **right).content.decode()
    assert 'nopeek_media{state="ready"} 1.0' in text
    assert "nopeek_queue_depth 0.0" in text
    assert page.get("/metrics").content.decode().startswith("# HELP")
    for forbidden in ("@example", str(Media.objects.get().public_id)):
        assert forbidden not in text


def test_drift_is_drawn_and_models_have_their_cards(page: Client) -> None:
    owner = make_user("ana")
    for week in range(3):
        make_media(owner, stored=False)
        newest = Scan.objects.order_by("-pk").first()
        assert newest is not None
        moved = timezone.now() - timedelta(weeks=week)
        Scan.objects.filter(pk=newest.pk).update(created_at=moved)
    plot = operations.plotted(operations.rates())
    assert plot is not None
    assert len(plot["weeks"]) == 3
    assert {line["last"] for line in plot["lines"]} == {100}
    assert all(len(line["dots"]) == 3 for line in plot["lines"])
    # All of them at the top, from the left edge to the right one.
    assert plot["lines"][0]["path"] == "M0.0 0.0 L320.0 0.0 L640.0 0.0"
    assert operations.plotted({"weeks": [], "rows": []}) is None
    shown = page.get("/policy/operations/").content.decode()
    assert shown.count("drift__dot") == 9
    for name, weight in weights.lock().items():
        assert name in shown
        assert weight.sha256[:16] in shown
    assert "models__card" in shown
