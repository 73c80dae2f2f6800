"""Stage 4: findings + rules + tier -> Plan. Total, nested and closed when in doubt.

Whatever the rules say, three things hold by construction (tests/core/test_policy.py):

* every finding gets a decision; one that no rule knows is masked for every tier;
* what is masked for NONE is masked for SEMI, and what is masked for SEMI for FULL;
* a stricter tier never learns more of a region: once a trusted tier gets a zero-bit
  mask, so do the stricter ones, and two tiers that mask alike share one look.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import reduce

from privacy.core.rules import (
    HIDDEN,
    ZERO_BIT_ONLY,
    Cells,
    Rule,
    RuleSet,
    each,
    guaranteed,
)
from privacy.core.taxonomy import lookup
from privacy.core.types import Box, Finding, Plan, Region, Style, Tier, Treatment

__all__ = [
    "HIDDEN",
    "ZERO_BIT_ONLY",
    "Cells",
    "Choice",
    "Rule",
    "RuleSet",
    "art_of",
    "grown",
    "looks",
    "openable",
    "plan",
]

SAME = 0.5
"""Intersection over union from which two regions are taken for the same thing."""

_DUMMIES = {"licence_plate": "plate", "text": "text", "document": "document"}
"""Which dummy stands in for a category; for others its shape tells."""

_OUTLINED = ("person", "object", "manual")
"""What an outline leaves visible is worth seeing, or was left out by the owner."""


@dataclass(frozen=True, slots=True)
class Choice:
    """What the owner chose for one finding; the default leaves it to the rules.

    Attributes:
        hide: mask it for every tier.
        show_from: show it to this tier and the more trusted ones, and mask it for the
            others as the rules say, or with a veil where they say nothing.
        treatment: another look; a courtesy style is refused where rules refuse it.
        art: name of a sticker.
        person: a secret token of the person, the same in all photos of an album, by
            which an avatar stays the same; empty gives each region its own.
    """

    hide: bool = False
    show_from: Tier | None = None
    treatment: Treatment | None = None
    art: str = ""
    person: str = ""


def looks(rules: RuleSet, finding: Finding, choice: Choice | None = None) -> Cells:
    """What FULL, SEMI and NONE get of one finding, after all guarantees."""
    rule = rules.rule_for(finding.category, finding.kind)
    if rule is None:
        cells: Cells = (HIDDEN, HIDDEN, HIDDEN)
    elif finding.confidence < rule.min_confidence:
        cells = (None, None, None)
    else:
        cells = rule.cells
    if choice is not None:
        cells = _chosen(cells, choice)
    return guaranteed(cells, finding.category, finding.kind)


def plan(
    findings: Iterable[Finding],
    rules: RuleSet,
    tier: Tier | int,
    choices: Mapping[str, Choice] | None = None,
    extra: Iterable[Region] = (),
) -> Plan:
    """What is masked for ``tier``.

    Args:
        findings: of one picture.
        choices: what the owner chose, by finding id.
        extra: regions masked for every tier.

    A tier that is not known sees nothing: the whole picture is one masked region.
    Ids are unique in a plan: regions that share one are united.
    """
    drawn = [_closed(region) for region in extra]
    if tier not in tuple(Tier):
        return Plan.of([Region("everything", Box(0, 0, 1, 1), HIDDEN), *_united(drawn)])
    made: list[tuple[float, str, Region]] = []
    for finding in findings:
        choice = (choices or {}).get(finding.id)
        treatment = looks(rules, finding, choice)[int(tier)]
        if treatment is not None:
            rule = rules.rule_for(finding.category, finding.kind)
            severity = lookup(finding.category, finding.kind).severity
            region = _region(finding, treatment, rule, choice)
            made.append((-severity, finding.category, region))
    made.sort(key=lambda entry: entry[:2])  # of one id, the gravest gives the look
    return Plan.of(_united([*drawn, *(region for *_, region in made)]))


def openable(plans: Mapping[Tier, Plan], tier: Tier) -> tuple[Region, ...]:
    """The places sealed from a stricter tier that ``tier`` sees into, by id.

    A key for them opens what ``tier`` gets to see anyway: what it does not, it masks
    itself, and then there is no key to it here.
    """
    shut = {region.id for region in plans[tier].regions}
    found = {
        region.id: region
        for stricter in Tier
        if stricter < tier
        for region in plans[stricter].regions
        if region.treatment.style is Style.SEAL and region.id not in shut
    }
    return tuple(found[name] for name in sorted(found))


def grown(old: Iterable[Region], new: Iterable[Region]) -> tuple[Region, ...]:
    """The new regions, and all that ``old`` masked: masks only ever grow.

    A region that is gone stays. One that moved or shrank a little (same id, or
    ``SAME``) keeps its first id, hence its grain and its sticker, and spans both places.
    A zero-bit mask stays zero-bit. Only the owner's explicit choice may take a mask
    away, and that does not come through here.
    """
    before = list(old)
    kept = {id(region): region for region in before}
    result: list[Region] = []
    for region in new:
        twins = [
            was
            for was in before
            if was.id == region.id or was.box.iou(region.box) >= SAME
        ]
        both = reduce(_joined, twins, region)
        for was in twins:
            kept.pop(id(was), None)
        result.append(replace(both, id=twins[0].id) if twins else both)
    return tuple(sorted(_united([*result, *kept.values()]), key=lambda r: r.id))


def _chosen(cells: Cells, choice: Choice) -> Cells:
    look = choice.treatment
    if choice.hide:
        return each(cells, lambda cell, _tier: look or cell or HIDDEN)
    if choice.show_from is not None:
        start = choice.show_from
        return each(
            cells,
            lambda cell, tier: None if tier >= start else look or cell or HIDDEN,
        )
    return each(cells, lambda cell, _tier: cell and (look or cell))


def _region(
    finding: Finding, treatment: Treatment, rule: Rule | None, choice: Choice | None
) -> Region:
    region = Region(
        id=finding.id,
        box=finding.box,
        treatment=treatment,
        outline=finding.outline,
        art=choice.art if choice else "",
        padding=rule.padding if rule else 0.0,
        brush=finding.brush,
    )
    if treatment.style is Style.AVATAR:  # for no other style: digests stay as they are
        marks = tuple((round(x, 4), round(y, 4)) for x, y in finding.landmarks)
        person = choice.person if choice else ""
        region = replace(region, landmarks=marks, person=person)
    region = replace(region, art=art_of(finding.category, treatment.style, region.art))
    outlined = finding.category.partition(".")[0] in _OUTLINED
    if outlined:
        return region
    return replace(region, box=_hull(region), outline=(), brush=0.0)


def art_of(category: str, style: Style, chosen: str = "") -> str:
    """What tells a style how to draw: a sticker's name, a dummy's kind, a model's eyes."""
    root = category.partition(".")[0]
    if style is Style.NOISE:
        return root
    if style is Style.SYNTHETIC and not chosen:
        return _DUMMIES.get(root, "")
    return chosen


def _closed(region: Region) -> Region:
    """A region that was drawn: what it shows is not known, so no courtesy will do."""
    return region if region.treatment.zero_bit else replace(region, treatment=HIDDEN)


def _united(regions: Sequence[Region]) -> list[Region]:
    """One region for each id."""
    found: dict[str, Region] = {}
    for region in regions:
        before = found.get(region.id)
        found[region.id] = region if before is None else _joined(before, region)
    return list(found.values())


def _joined(one: Region, other: Region) -> Region:
    """Both places under the look of ``one``, or of ``other`` if only that is zero-bit."""
    padding = max(one.padding, other.padding)
    look = other if other.treatment.zero_bit and not one.treatment.zero_bit else one
    joined = replace(one, treatment=look.treatment, art=look.art, padding=padding)
    if (one.box, one.outline, one.brush) == (other.box, other.outline, other.brush):
        return joined
    return replace(joined, box=_hull(one).hull(_hull(other)), outline=(), brush=0.0)


def _hull(region: Region) -> Box:
    """The smallest box around a region's box and outline; all, if that is not known."""
    box = region.box
    if not all(math.isfinite(value) for point in region.outline for value in point):
        return box.hull(Box(0, 0, 1, 1))
    for x, y in region.outline:
        box = box.hull(Box(x, y, x, y))
    return box
