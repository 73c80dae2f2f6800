"""The stricter of several rule sets: what any of them masks is masked.

An owner's consent, an owner's own rules and the site's rules meet here. Each is a floor
that the others cannot go below, so whatever one of them loosens, the result only opens
when all of them do.
"""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

from privacy.core.rules import HIDDEN, Rule, RuleSet, strictest


def stricter(rules: RuleSet, *floors: RuleSet) -> RuleSet:
    """``rules``, closed further wherever one of ``floors`` closes more.

    Looks come from ``rules`` where they mask. Equal rules come back unchanged, so that
    plans made under them are the same to the byte. Where two sets mask one category
    from different confidences on, the lower counts.
    """
    held = rules
    for floor in floors:
        if floor.rules != held.rules:
            held = _stricter(held, floor, partial=False)
    return held


def with_own(rules: RuleSet, own: RuleSet) -> RuleSet:
    """``rules`` closed further by ``own``, which has no opinion on what it leaves out."""
    return _stricter(rules, own, partial=True) if own.rules else rules


@lru_cache(maxsize=512)
def _stricter(rules: RuleSet, floor: RuleSet, *, partial: bool) -> RuleSet:
    names = dict.fromkeys(rule.category for rule in (*rules.rules, *floor.rules))
    made = tuple(_one(name, rules, floor, partial=partial) for name in names)
    return RuleSet(rules.name, made)


def _one(name: str, rules: RuleSet, floor: RuleSet, *, partial: bool) -> Rule:
    first, second = rules.rule_for(name), floor.rule_for(name)
    if first is None or (second is None and not partial):
        return Rule(name, (HIDDEN, HIDDEN, HIDDEN))  # one does not know it: closed
    both = strictest([first] if second is None else [first, second])
    return replace(both, category=name)
