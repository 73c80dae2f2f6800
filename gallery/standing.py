"""How the line stands, in numbers: for those who run the site. No picture, no owner."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, Min, Sum
from django.utils import timezone

from gallery import services
from gallery.models import Media, Rendition
from gallery.states import WORKING, State

MOST = 200
"""Pictures that one press tries again."""


def standing() -> dict[str, Any]:
    """Counts by state, depth and age (seconds) of the queue, and what is stored."""
    waiting = Media.objects.filter(state__in=[state.value for state in WORKING])
    queue = waiting.aggregate(n=Count("pk"), oldest=Min("moved_at"))
    stored = Rendition.objects.aggregate(n=Count("pk"), bytes=Sum("bytes"))
    by_state = Media.objects.values_list("state").annotate(n=Count("pk"))
    stopped = _stopped().values_list("problem_code").annotate(n=Count("pk"))
    oldest = queue["oldest"]
    return {
        "states": sorted(by_state.order_by("state")),
        "waiting": queue["n"],
        "age": (timezone.now() - oldest).total_seconds() if oldest else 0.0,
        "renditions": stored["n"],
        "bytes": stored["bytes"] or 0,
        "stopped": sorted(stopped.order_by("problem_code")),
        "unchecked": Media.objects.filter(state=State.NEEDS_REVIEW).count(),
    }


def retry(code: str) -> int:
    """Send what stopped for this reason through the line once more; how many went."""
    rows = list(_stopped().filter(problem_code=code).order_by("pk")[:MOST])
    return sum(services.retry(media) for media in rows)


def _stopped() -> Any:
    states = [State.FAILED.value, State.NEEDS_REVIEW.value]
    return Media.objects.filter(state__in=states)
