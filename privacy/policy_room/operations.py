"""How the site fares: queues, times, failures, masks over time, storage and models."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db.models import Count
from django.db.models.functions import TruncWeek
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.utils.module_loading import import_string
from django.views.decorators.http import require_GET, require_http_methods

from privacy.core import weights
from privacy.core.taxonomy import lookup
from privacy.models import Finding, Scan, ScanEvent
from privacy.policy_room import audit
from privacy.policy_room.doors import staff_page

ROOT = Path(__file__).resolve().parents[2]
WINDOW = timedelta(days=7)
WEEKS = 8
LINES = 6
SCANS = 500
"""Newest scans whose detectors' times are looked at."""


@dataclass(frozen=True, slots=True)
class Timing:
    """Milliseconds of one stage or detector; ``failed`` of ``count`` went wrong."""

    name: str
    count: int
    p50: float
    p95: float
    failed: int


@dataclass(frozen=True, slots=True)
class Model:
    """One model file: where it is from, what it hashes to, and whether it is there."""

    weight: weights.Weight
    state: str

    @property
    def text(self) -> str:
        """Its card as it stands in the documentation; empty where that is not here."""
        try:
            return (ROOT / self.weight.card).read_text("utf-8")
        except OSError:
            return ""

    @property
    def ok(self) -> bool:
        return self.state == weights.State.OK or self.weight.optional


@staff_page(writes="privacy.change_ruleset")
@require_http_methods(["GET", "POST"])
def operations(request: HttpRequest) -> HttpResponse:
    """The page; POST tries again what failed for the reason ``code``."""
    if request.method == "POST":
        code = request.POST.get("code", "")[:40]
        count = import_string(settings.NOPEEK_RETRY)(code)
        audit.record("media.retried", request.user, code, {"count": count})
        return redirect("policy-operations")
    found = models()
    context = {
        "standing": import_string(settings.NOPEEK_STANDING)(),
        "stages": stages(),
        "detectors": detectors(),
        "failures": failures(),
        "rates": (drift := rates()),
        "plot": plotted(drift),
        "models": found,
        "missing": [one for one in found if not one.ok],
    }
    return render(request, "policy/operations.html", context)


def percentile(values: Sequence[float], share: float) -> float:
    """Nearest rank; 0 of nothing."""
    ordered = sorted(values)
    if not ordered:
        return 0.0
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


def stages(since: datetime | None = None) -> list[Timing]:
    """By stage of the line, of the last week."""
    start = since or timezone.now() - WINDOW
    rows = ScanEvent.objects.filter(created_at__gte=start)
    times: defaultdict[str, list[float]] = defaultdict(list)
    failed: Counter[str] = Counter()
    for stage, outcome, ms in rows.values_list("stage", "outcome", "ms").iterator():
        times[stage].append(ms)
        failed[stage] += outcome in ("error", "failed")
    return _timings(times, failed)


def detectors() -> list[Timing]:
    """By detector, of the newest scans."""
    times: defaultdict[str, list[float]] = defaultdict(list)
    failed: Counter[str] = Counter()
    for runs in Scan.objects.order_by("-pk").values_list("runs", flat=True)[:SCANS]:
        for run in runs:
            times[run.get("name", "?")].append(float(run.get("ms", 0)))
            failed[run.get("name", "?")] += run.get("status") != "ok"
    return _timings(times, failed)


def _timings(times: dict[str, list[float]], failed: Counter[str]) -> list[Timing]:
    return [
        Timing(
            name,
            len(ms),
            percentile(ms, 0.5),
            percentile(ms, 0.95),
            failed[name],
        )
        for name, ms in sorted(times.items())
    ]


def failures() -> Iterable[Mapping[str, Any]]:
    """What went wrong in the last week, by stage and reason."""
    rows = ScanEvent.objects.filter(
        created_at__gte=timezone.now() - WINDOW, outcome__in=["error", "failed"]
    )
    return rows.values("stage", "detail").annotate(n=Count("pk")).order_by("-n")[:20]


def rates() -> dict[str, Any]:
    """Share of scanned pictures with a finding of each category, week by week: drift."""
    start = timezone.now() - timedelta(weeks=WEEKS)
    scans = Scan.objects.filter(current=True, created_at__gte=start)
    by_week = scans.annotate(week=TruncWeek("created_at")).values("week")
    totals = {row["week"]: row["n"] for row in by_week.annotate(n=Count("pk"))}
    found = (
        Finding.objects.filter(scan__in=scans, manual=False)
        .annotate(week=TruncWeek("scan__created_at"))
        .values("week", "category")
        .annotate(n=Count("scan", distinct=True))
    )
    table: defaultdict[str, dict[datetime, float]] = defaultdict(dict)
    for row in found:
        table[row["category"]][row["week"]] = 100 * row["n"] / totals[row["week"]]
    weeks = sorted(totals)
    return {
        "weeks": weeks,
        "rows": [
            (lookup(name).many, [round(held.get(week, 0)) for week in weeks])
            for name, held in sorted(table.items(), key=lambda e: -sum(e[1].values()))
        ][:15],
    }


def plotted(drift: Mapping[str, Any]) -> dict[str, Any] | None:
    """The commonest categories as lines over the weeks, in SVG's units; 0 to 100 %."""
    weeks, lines = drift["weeks"], drift["rows"][:LINES]
    if not weeks or not lines:
        return None
    width, height = 640, 180
    step = width / max(1, len(weeks) - 1)
    places = [round(step * n, 1) for n in range(len(weeks))]
    drawn = []
    for name, values in lines:
        heights = [round(height * (1 - value / 100), 1) for value in values]
        dots = list(zip(places, heights, strict=True))
        path = "M" + " L".join(f"{x} {y}" for x, y in dots)
        drawn.append({"name": name, "path": path, "dots": dots, "last": values[-1]})
    return {
        "width": width,
        "height": height,
        "weeks": list(zip(places, weeks, strict=True)),
        "grid": [(height * n / 4, 100 - 25 * n) for n in range(5)],
        "lines": drawn,
    }


def models() -> list[Model]:
    """Every model of the lock file with what stands at its path."""
    return [Model(one, weights.state(name)) for name, one in weights.lock().items()]


@require_GET
def metrics(request: HttpRequest) -> HttpResponse:
    """Prometheus' text format, for staff or with ``Authorization: Bearer`` and the
    token of the setting; nothing for anybody else."""
    token = settings.NOPEEK_METRICS_TOKEN
    given = request.headers.get("Authorization", "")
    allowed = bool(token) and constant_time_compare(given, f"Bearer {token}")
    user = request.user
    if not allowed and not (user.is_active and user.is_staff):
        raise Http404
    from privacy.policy_room.gauges import exposition

    return HttpResponse(exposition(), content_type="text/plain; version=0.0.4")
