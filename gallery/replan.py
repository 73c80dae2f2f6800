"""LIGHT: what a change of choices, regions or rules comes to, from the commit on.

Plans are worked out at once, in the transaction of the change. A tier whose plan is
another one now sees nothing until a worker has rendered and checked it; a worker that
is still busy with the older plan finds that its claim or its plan no longer holds, and
drops what it made.
"""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from gallery import events, moves, seals, tasks
from gallery.models import Media, TierView
from gallery.states import State
from privacy import decisions
from privacy.core.margins import parts
from privacy.core.policy import RuleSet
from privacy.core.types import Tier
from privacy.core.version import RENDERER_VERSION
from privacy.models import Scan

PLANNED = frozenset(
    {State.DECIDING, State.RENDERING, State.VERIFYING, State.READY, State.NEEDS_REVIEW}
)
"""States in which a picture has plans."""


@transaction.atomic
def replan(media: Media, rules: RuleSet | None = None) -> tuple[Tier, ...]:
    """Make the plans of ``media`` anew, after its findings or the rules have changed.

    Returns the tiers that see nothing until a worker is done; none where the plans
    come to the same as before. Before the first scan there is nothing to do.
    """
    row = Media.objects.select_for_update().select_related("owner").get(pk=media.pk)
    scan = decisions.current_scan(row.public_id)
    if scan is None or State(row.state) not in PLANNED:
        return ()
    changed, waiting = set_views(row, scan, rules)
    if row.state == State.READY and not waiting and seals.due(row):
        tasks.enqueue_render(row.public_id)
    if not changed and not waiting and row.state != State.NEEDS_REVIEW:
        return ()
    row.version += 1
    row.attempts = 0
    row.moved_at = timezone.now()
    if row.state == State.READY and waiting:
        row.problem = row.problem_code = ""  # was of the plans before
    row.save(
        update_fields=["version", "attempts", "moved_at", "problem", "problem_code"]
    )
    if row.state == State.READY:
        if waiting:
            tasks.enqueue_render(row.public_id)
    elif row.state != State.NEEDS_REVIEW:
        tasks.enqueue_advance(row.public_id)
    elif scan.complete:  # what survived a mask may be gone now: try again
        moves.move(row, State.DECIDING, problem="", problem_code="")
        tasks.enqueue_advance(row.public_id)
    events.stage(row)
    media.refresh_from_db()
    return waiting


def set_views(
    media: Media, scan: Scan, rules: RuleSet | None = None
) -> tuple[bool, tuple[Tier, ...]]:
    """Write what each tier will see. A plan that is published already stays so.

    Call it in a transaction that holds the media.

    Returns:
        Whether any tier has another plan than before, and the tiers that wait for
        theirs to be rendered.
    """
    held = rules or decisions.live_rules()
    plans = decisions.plans_for(scan, held)
    scores = decisions.scores_for(scan, held)
    views = {view.tier: view for view in TierView.objects.filter(media=media)}
    published = {
        view.plan: view.placeholder
        for view in views.values()
        if view.ready and view.renderer == RENDERER_VERSION
    }
    changed, waiting = False, []
    for tier in Tier:
        view = views.get(int(tier)) or TierView(media=media, tier=int(tier))
        plan = plans[tier]
        changed |= view.plan != plan.digest
        view.plan, view.renderer = plan.digest, RENDERER_VERSION
        view.masked = parts(plan, scan.width, scan.height, media.grid.get("step", 16))
        view.ready = plan.digest in published
        view.placeholder = published.get(plan.digest, "")
        view.survivors = []
        view.risk = scores[tier].risk
        seals.settle(media, view, plans)
        view.save()
        if not view.ready:
            waiting.append(tier)
    return changed, tuple(waiting)
