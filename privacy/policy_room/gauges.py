"""The figures of the operations page as Prometheus metrics, read when asked."""

from __future__ import annotations

from collections.abc import Iterable

from django.conf import settings
from django.utils.module_loading import import_string
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric

from privacy.policy_room import operations
from privacy.policy_room.models import AuditEntry


class _Site:
    """Everything comes from rows, so each web process says the same."""

    def collect(self) -> Iterable[Metric]:
        standing = import_string(settings.NOPEEK_STANDING)()
        media = GaugeMetricFamily("nopeek_media", "Media by state", labels=["state"])
        for state, count in standing["states"]:
            media.add_metric([state], count)
        yield media
        for name, words, key in (
            ("nopeek_queue_depth", "Media that wait for a worker", "waiting"),
            ("nopeek_queue_age_seconds", "Age of the oldest of them", "age"),
            ("nopeek_renditions", "Stored renditions", "renditions"),
            ("nopeek_rendition_bytes", "Bytes of stored renditions", "bytes"),
        ):
            yield GaugeMetricFamily(name, words, value=standing[key])
        yield from _timings("stage", operations.stages())
        yield from _timings("detector", operations.detectors())
        model = GaugeMetricFamily("nopeek_model_ok", "1: as locked", labels=["model"])
        for one in operations.models():
            model.add_metric([one.weight.name], float(one.ok))
        yield model
        count = AuditEntry.objects.count()
        yield GaugeMetricFamily("nopeek_audit_entries", "Audit log", value=count)


def _timings(what: str, rows: list[operations.Timing]) -> Iterable[Metric]:
    ms = GaugeMetricFamily(
        f"nopeek_{what}_milliseconds", f"Time by {what}", labels=[what, "quantile"]
    )
    failed = GaugeMetricFamily(
        f"nopeek_{what}_failed", f"Failures by {what}", labels=[what]
    )
    for row in rows:
        ms.add_metric([row.name, "0.5"], row.p50)
        ms.add_metric([row.name, "0.95"], row.p95)
        failed.add_metric([row.name], row.failed)
    yield ms
    yield failed


def exposition() -> bytes:
    """All metrics in the text format."""
    registry = CollectorRegistry()
    registry.register(_Site())
    return generate_latest(registry)
