"""The line in few calls: what the command line, the workers and other programs use.

clean = sanitise(data)
report = scan(clean.picture())
renders = protect(clean.picture(), report.findings, preset("default"), key)
encode(renders[Tier.FULL].pixels, "feed", "jpeg")
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from privacy.core import hands
from privacy.core.image import Picture, Pixels
from privacy.core.meter import cartoon_ok
from privacy.core.policy import Cells, Choice, RuleSet, plan
from privacy.core.render import render
from privacy.core.types import Finding, Plan, Region, Tier, Treatment
from privacy.core.verify import Verdict, escalate


@dataclass(frozen=True, slots=True)
class Protected:
    """What one tier gets: the masked master, the plan that made it, and its trial.

    ``verdict`` is None where the attacks were left out.
    """

    pixels: Pixels
    plan: Plan
    verdict: Verdict | None


def protect(
    picture: Picture,
    findings: Iterable[Finding],
    rules: RuleSet,
    key: bytes,
    *,
    tiers: Collection[Tier] = tuple(Tier),
    choices: Mapping[str, Choice] | None = None,
    extra: Iterable[Region] = (),
    art: Mapping[str, Any] | None = None,
    attack: bool = True,
) -> dict[Tier, Protected]:
    """Render ``picture`` once for each tier, and attack each render.

    A region that had to be hardened for a trusted tier is hardened for the stricter
    ones too: what is masked for NONE is masked for SEMI and FULL, in the same way.
    Equal plans are rendered and attacked once.

    Args:
        key: the photo's secret; the same key gives the same bytes, for ever.
        choices: what the owner chose, by finding id.
        extra: regions that the owner drew.
        art: custom stickers by name.
    """
    hands.use_check(cartoon_ok)
    known = tuple(findings)
    drawn = tuple(extra)
    categories = {finding.id: finding.category for finding in known}
    hardened: dict[str, Region] = {}
    done: dict[str, Protected] = {}
    results: dict[Tier, Protected] = {}
    for tier in sorted(tiers, reverse=True):
        wanted = plan(known, rules, tier, choices or {}, drawn)
        wanted = Plan.of(hardened.get(r.id, r) for r in wanted.regions)
        if wanted.digest not in done:
            done[wanted.digest] = _render(
                picture, wanted, categories, key, art or {}, attack
            )
        results[tier] = done[wanted.digest]
        before = {region.id: region for region in wanted.regions}
        for region in results[tier].plan.regions:
            if region != before.get(region.id):
                hardened[region.id] = region
    return {tier: results[tier] for tier in sorted(results)}


def _render(
    picture: Picture,
    wanted: Plan,
    categories: Mapping[str, str],
    key: bytes,
    art: Mapping[str, Any],
    attack: bool,
) -> Protected:
    if not attack:
        return Protected(render(picture, wanted, key, art), wanted, None)
    last = escalate(picture, wanted, categories, key, art)
    return Protected(last.pixels, last.plan, last.verdict)


def with_style(rules: RuleSet, treatment: Treatment) -> RuleSet:
    """The same rules with one look for everything that is masked."""

    def styled(cells: Cells) -> Cells:
        full, semi, none = (cell and treatment for cell in cells)
        return full, semi, none

    styled_rules = (replace(rule, cells=styled(rule.cells)) for rule in rules.rules)
    return replace(rules, rules=tuple(styled_rules))
