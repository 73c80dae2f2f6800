"""HEAVY: the red-team meter for a Media that is ready. For workers alone.

Nobody waits for it: the tiers are open when it runs. What the check of stage 6 has
rendered and attacked is taken from there.
"""

from __future__ import annotations

import structlog

from gallery import events
from gallery.states import State
from gallery.work import Work
from privacy import decisions
from privacy.core.meter import Meter
from privacy.core.types import Plan
from privacy.core.verify import Escalation, escalate
from privacy.meters import store
from privacy.models import Scan

log = structlog.get_logger(__name__)


def measure(work: Work) -> int:
    """Read every version that has no reading yet; returns how many were read.

    A meter that fails harms nothing but itself: the photo stays as it is, and its
    owner is told no figures.
    """
    media = work.media
    try:
        media.refresh_from_db()
        scan = decisions.current_scan(media.public_id)
        if media.state != State.READY or scan is None or not scan.complete:
            return 0
        count = _measure(work, scan)
    except Exception as error:  # noqa: BLE001 - its text may quote what was read
        log.warning(
            "meter.failed", media=str(media.public_id), error=type(error).__name__
        )
        return 0
    if count:
        events.stage(media)
    return count


def _measure(work: Work, scan: Scan) -> int:
    known = store.readings_of([scan])[scan.pk]
    plans = {plan.digest: plan for plan in decisions.plans_for(scan).values()}
    missing = [plan for digest, plan in plans.items() if digest not in known]
    if not missing:
        return 0
    findings, _choices = decisions.findings_of(scan)
    meter = Meter(work.picture, findings, store.letters_of(scan))
    categories = {finding.id: finding.category for finding in findings}
    for plan in missing:
        tried = work.scratch.tried.get(plan.digest) or _tried(work, plan, categories)
        if tried.plan != plan or tried.verdict is None:
            continue  # it would be another picture than the one that is shown
        reading = meter.read(tried.pixels, plan, tried.verdict)
        store.keep(scan, plan.digest, reading, meter.letters)
    return len(missing)


def _tried(work: Work, plan: Plan, categories: dict[str, str]) -> Escalation:
    """Rendered and attacked once more, where that was another worker's."""
    art = work.art(region.art for region in plan.regions)
    secret = bytes(work.media.mask_secret)
    return escalate(work.picture, plan, categories, secret, art, rounds=0)
