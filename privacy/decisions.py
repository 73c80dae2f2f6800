"""LIGHT: stored findings and rules -> plans and scores. No pixels, no models.

The same rows always give the same plan, so a web process can say at once what a change
of the owner's will come to, and the worker that renders it arrives at the same digest.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib.auth import get_user_model
from django.utils.module_loading import import_string

from privacy.core.floors import stricter, with_own
from privacy.core.policy import Choice, RuleSet, plan
from privacy.core.presets import preset
from privacy.core.score import Score, score
from privacy.core.types import Box, Finding, Plan, Style, Tier, Treatment
from privacy.models import Finding as FindingRow
from privacy.models import RuleSet as RuleSetRow
from privacy.models import Scan
from privacy.policy_room.models import OwnRules


def live_rules() -> RuleSet:
    """The rules that hold now. Those that NoPeek ships where none are live."""
    row = RuleSetRow.objects.filter(live=True).first()
    if row is None:
        return preset("default")
    return parsed(row.body)


class Held:
    """What holds for pictures: the site's rules, and the floors of each picture.

    Floors are the rules that its owner agreed to and the owner's own; whatever the
    site loosens, they stay until the owner says otherwise. Each is read once.
    """

    def __init__(self, rules: RuleSet) -> None:
        self.rules = rules
        self._versions: dict[int, RuleSet] = {}
        self._made: dict[tuple[int | None, int], RuleSet] = {}
        self._albums: dict[int, Mapping[UUID, list[dict[str, Any]]]] = {}

    def of(self, floor: int | None, owner_id: int, subject: UUID) -> RuleSet:
        """For a picture of this owner; ``floor`` is the primary key of a version."""
        key = (floor, owner_id)
        if key not in self._made:
            held = (
                self.rules if floor is None else stricter(self.rules, self._at(floor))
            )
            self._made[key] = _closed_for(owner_id, held)
        if owner_id not in self._albums:
            self._albums[owner_id] = album_rules(owner_id)
        held = self._made[key]
        for body in self._albums[owner_id].get(subject, ()):
            held = with_own(held, parsed(body))
        return held

    def _at(self, pk: int) -> RuleSet:
        if pk not in self._versions:
            body = RuleSetRow.objects.values_list("body", flat=True).get(pk=pk)
            self._versions[pk] = parsed(body)
        return self._versions[pk]


def rules_for(scan: Scan, rules: RuleSet | None = None) -> RuleSet:
    """What holds for one picture: ``rules`` (else the live ones), and its floors."""
    if rules is None and scan.held is not None:
        found: RuleSet = scan.held
        return found
    held = Held(rules or live_rules())
    return held.of(scan.floor_id, scan.owner_id, scan.subject)


def album_rules(owner_id: int) -> Mapping[UUID, list[dict[str, Any]]]:
    """What the albums of an owner mask beyond all else, by the pictures in them.

    Asked of ``settings.NOPEEK_ALBUM_RULES``, which knows albums.
    """
    ask: Callable[[int], Mapping[UUID, list[dict[str, Any]]]] = import_string(
        settings.NOPEEK_ALBUM_RULES
    )
    return ask(owner_id)


def own_rules(owner_id: int) -> RuleSet:
    """What an owner masks beyond what the site does; empty where nothing."""
    body = OwnRules.objects.filter(owner_id=owner_id).values_list("body", flat=True)
    found = body.first()
    return parsed(found) if found else RuleSet("own")


def _closed_for(owner_id: int, rules: RuleSet) -> RuleSet:
    """``rules``, closed by what the owner asks for: own rules, and more caution.

    ``caution`` is of ``accounts.models``; with it the strict preset is a floor, by
    which each tier sees what the stricter one would by the default rules.
    """
    owners = get_user_model().objects.filter(pk=owner_id)
    caution, own = owners.values_list("caution", "own_rules__body").get()
    held = with_own(rules, parsed(own)) if own else rules
    return stricter(held, preset("strict")) if caution == "strict" else held


def parsed(body: dict[str, Any]) -> RuleSet:
    """A stored rule set, as the core takes it."""
    return _parsed(json.dumps(body, sort_keys=True))


def current_scan(subject: UUID) -> Scan | None:
    """The scan that counts for a picture, if it has been scanned."""
    return Scan.objects.filter(subject=subject, current=True).first()


def findings_of(scan: Scan) -> tuple[tuple[Finding, ...], dict[str, Choice]]:
    """What a scan found, and what its owner chose for it, as the core takes them."""
    rows = sorted(scan.findings.all(), key=lambda row: row.pk)
    return tuple(map(_finding, rows)), _choices(rows)


def plans_for(scan: Scan, rules: RuleSet | None = None) -> dict[Tier, Plan]:
    """What is masked for each tier."""
    findings, choices = findings_of(scan)
    held = rules_for(scan, rules)
    return {tier: plan(findings, held, tier, choices) for tier in Tier}


def scores_for(scan: Scan, rules: RuleSet | None = None) -> dict[Tier, Score]:
    """The risk of what each tier still sees, with its reasons."""
    findings, choices = findings_of(scan)
    return score(findings, rules_for(scan, rules), choices)


def judged(scan: Scan, held: Held) -> tuple[dict[Tier, Plan], dict[Tier, Score]]:
    """Plans and scores of one picture among several, for which ``held`` is shared.

    This row of the scan remembers its rules: ask with a row for one page alone.
    """
    findings, choices = findings_of(scan)
    rules = scan.held = held.of(scan.floor_id, scan.owner_id, scan.subject)
    plans = {tier: plan(findings, rules, tier, choices) for tier in Tier}
    return plans, score(findings, rules, choices)


def explain(scan: Scan) -> dict[str, Any]:
    """Scores with their reasons in words, by name of the tier; for the owner alone."""
    return {tier.word: found.as_json() for tier, found in scores_for(scan).items()}


def categories_of(scan: Scan) -> dict[str, str]:
    """Category of each region of a scan."""
    return dict(scan.findings.values_list("region", "category"))


@lru_cache(maxsize=64)
def _parsed(body: str) -> RuleSet:
    """The same text is read once.

    It was held against the rules for rules when it was published; a later taxonomy
    must not stop the site, and plans are nested and closed whatever the rules say.
    """
    return RuleSet.from_json(json.loads(body), strict=False)


def _finding(row: FindingRow) -> Finding:
    return Finding(
        category=row.category,
        box=Box(row.x0, row.y0, row.x1, row.y1),
        confidence=row.confidence,
        detector=row.detector,
        kind=row.kind,
        outline=tuple((float(x), float(y)) for x, y in row.outline),
        evidence=row.evidence,
        landmarks=tuple((float(x), float(y)) for x, y in row.landmarks),
        id=row.region,
        brush=row.brush,
    )


def _choices(rows: Iterable[FindingRow]) -> dict[str, Choice]:
    """By region. Of two findings of one region, the choice that hides more counts."""
    chosen: dict[str, Choice] = {}
    for row in rows:
        choice = _choice(row)
        before = chosen.get(row.region)
        if before is None or _closed(choice) > _closed(before):
            chosen[row.region] = choice
    return chosen


def _choice(row: FindingRow) -> Choice:
    hidden = FindingRow.Choice.HIDE in (row.choice, row.wish)
    start: int | None = None
    if row.choice == FindingRow.Choice.SHOW:
        start = row.show_from
    elif row.choice == FindingRow.Choice.AUTO and row.wish == FindingRow.Wish.SHOW:
        start = row.wish_from
    return Choice(
        hide=hidden,
        show_from=None if start is None or hidden else Tier(start),
        treatment=Treatment(Style(row.style)) if row.style else None,
        art=row.art,
        person=row.person,
    )


def _closed(choice: Choice) -> tuple[int, int]:
    """How much a choice hides: hide, then the rules, then show from NONE, SEMI, FULL."""
    if choice.hide:
        return 2, 0
    return (1, 0) if choice.show_from is None else (0, int(choice.show_from))
