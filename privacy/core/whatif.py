"""What another rule set would come to: stored findings and two rule sets, no pixels.

The figures are worked out with the very functions that make plans, so what is predicted
is what is done (tests/gallery/test_rollout.py applies and compares).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from privacy.core.policy import Choice, RuleSet, looks, plan
from privacy.core.types import Finding, Tier


@dataclass(frozen=True, slots=True)
class Change:
    """What one tier gets of one picture that it did not get before.

    Attributes:
        before, after: digests of the plans.
        shown: categories of the findings that are masked no longer, one each.
        hidden: categories of those that are masked now and were not.
    """

    tier: Tier
    before: str
    after: str
    shown: tuple[str, ...] = ()
    hidden: tuple[str, ...] = ()

    @property
    def opens(self) -> bool:
        return bool(self.shown)

    @property
    def closes(self) -> bool:
        return bool(self.hidden)


def compare(
    findings: Sequence[Finding],
    old: RuleSet,
    new: RuleSet,
    choices: Mapping[str, Choice] | None = None,
) -> tuple[Change, ...]:
    """How the plans of one picture differ under two rule sets; empty where they do not."""
    if old.rules == new.rules or not _touched(findings, old, new):
        return ()
    chosen = choices or {}
    cells = [
        (
            finding.category,
            looks(old, finding, chosen.get(finding.id)),
            looks(new, finding, chosen.get(finding.id)),
        )
        for finding in findings
    ]
    found = []
    for tier in Tier:
        before = plan(findings, old, tier, choices).digest
        after = plan(findings, new, tier, choices).digest
        if before != after:
            place = int(tier)
            shown = [n for n, was, now in cells if was[place] and not now[place]]
            hidden = [n for n, was, now in cells if now[place] and not was[place]]
            found.append(Change(tier, before, after, tuple(shown), tuple(hidden)))
    return tuple(found)


def _touched(findings: Iterable[Finding], old: RuleSet, new: RuleSet) -> bool:
    kinds = {(finding.category, finding.kind) for finding in findings}
    return any(_rule(old, *kind) != _rule(new, *kind) for kind in kinds)


def _rule(rules: RuleSet, category: str, kind: str) -> object:
    rule = rules.rule_for(category, kind)
    # The name that it goes by does not change what is done, nor does what it weighs.
    return rule and (rule.cells, rule.min_confidence, rule.padding)


@dataclass(slots=True)
class Tally:
    """Counts over many pictures. ``add`` each once; ``as_json`` keeps and merges.

    ``media`` counts pictures by tier and direction (``more``: somebody of the tier
    sees more; ``less``; ``look``: masked alike, drawn differently), ``regions`` by
    tier, direction and category.
    """

    replayed: int = 0
    media: Counter[tuple[str, str]] = field(default_factory=Counter)
    regions: Counter[tuple[str, str, str]] = field(default_factory=Counter)

    def add(self, changes: Iterable[Change]) -> None:
        self.replayed += 1
        for change in changes:
            tier = change.tier.word
            for way, names in (("more", change.shown), ("less", change.hidden)):
                if names:
                    self.media[tier, way] += 1
                for name in names:
                    self.regions[tier, way, name] += 1
            if not change.shown and not change.hidden:
                self.media[tier, "look"] += 1

    def as_json(self) -> dict[str, Any]:
        return {
            "replayed": self.replayed,
            "media": [[*key, count] for key, count in sorted(self.media.items())],
            "regions": [[*key, count] for key, count in sorted(self.regions.items())],
        }

    @classmethod
    def from_json(cls, shape: Mapping[str, Any]) -> Tally:
        return cls(
            int(shape.get("replayed", 0)),
            Counter({(a, b): n for a, b, n in shape.get("media", ())}),
            Counter({(a, b, c): n for a, b, c, n in shape.get("regions", ())}),
        )
