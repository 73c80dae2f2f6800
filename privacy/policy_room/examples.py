"""Example pictures of what a draft comes to: what is seen now, and what would be covered.

Only pictures that the reader sees anyway, in the version that they get anyway. What
would change is told for the reader's own tier alone, as places over that version: no
pixel is made, and no place is told that the reader's version does not show already.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.utils.module_loading import import_string

from privacy import decisions
from privacy.core.policy import looks
from privacy.core.taxonomy import lookup
from privacy.models import Scan
from privacy.policy_room.models import Replay

AMONG = 400
MOST = 8


@dataclass(frozen=True, slots=True)
class Place:
    """A region in per cent of the picture, as SVG takes it."""

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Example:
    """One picture.

    Attributes:
        grant: the version that the reader gets now.
        closes, opens: what would be covered, and what owners could open.
        words: the categories of these.
    """

    grant: Any
    closes: tuple[Place, ...]
    opens: tuple[Place, ...]
    words: str


def examples(viewer: Any, found: Replay) -> list[Example]:
    """Eight of those that would change, those first of which the reader sees how."""
    ask: Callable[[Any, list[str]], list[Any]] = import_string(settings.NOPEEK_EXAMPLES)
    grants = ask(viewer, found.touched[:AMONG])
    old = decisions.Held(decisions.parsed(found.draft.base.body))
    new = decisions.Held(decisions.parsed(found.draft.body))
    rows = Scan.objects.filter(
        subject__in=[grant.public_id for grant in grants], current=True
    ).prefetch_related("findings")
    scans = {row.subject: row for row in rows}
    made = [
        _of(grant, scans[grant.public_id], old, new)
        for grant in grants
        if grant.public_id in scans
    ]
    made.sort(key=lambda one: not (one.closes or one.opens))
    return made[:MOST]


def _of(grant: Any, scan: Scan, old: decisions.Held, new: decisions.Held) -> Example:
    if grant.tier is None:  # their own: they see all of it, whatever the rules
        return Example(grant, (), (), "")
    findings, choices = decisions.findings_of(scan)
    whose = scan.owner_id, scan.subject
    before = old.of(scan.floor_id, *whose)
    after, free = new.of(scan.floor_id, *whose), new.of(None, *whose)
    tier = int(grant.tier)
    closes: list[Place] = []
    opens: list[Place] = []
    names: list[str] = []
    for finding in findings:
        choice = choices.get(finding.id)
        was = looks(before, finding, choice)[tier]
        now = looks(after, finding, choice)[tier]
        asked = looks(free, finding, choice)[tier]
        into = closes if now and not was else opens if was and not asked else None
        if into is None:
            continue
        x0, y0, x1, y1 = (round(100 * side, 2) for side in finding.box.as_tuple())
        into.append(Place(x0, y0, round(x1 - x0, 2), round(y1 - y0, 2)))
        names.append(lookup(finding.category).many)
    words = ", ".join(dict.fromkeys(names))
    return Example(grant, tuple(closes), tuple(opens), words)
