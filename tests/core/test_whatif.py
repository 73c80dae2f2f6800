"""Floors and replay: what any floor masks stays masked; what is predicted is planned."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from privacy.core.floors import stricter, with_own
from privacy.core.policy import Choice, Rule, RuleSet, looks, plan
from privacy.core.presets import NAMES, preset
from privacy.core.score import score
from privacy.core.taxonomy import all_categories
from privacy.core.types import Box, Finding, Style, Tier, Treatment
from privacy.core.whatif import Tally, compare

VEIL, FILL = Treatment(Style.VEIL), Treatment(Style.FILL)
categories = st.sampled_from([category.name for category in all_categories()])
cells = st.sampled_from(
    [
        (None, None, None),
        (VEIL, None, None),
        (VEIL, VEIL, None),
        (FILL, FILL, FILL),
        (Treatment(Style.BLUR), None, None),
    ]
)
rules = st.builds(
    Rule,
    categories,
    cells,
    st.sampled_from([0.0, 0.4, 0.9]),
    st.sampled_from([0.0, 0.1]),
)
rulesets = st.one_of(
    st.sampled_from([preset(name) for name in NAMES]),
    st.lists(rules, max_size=8, unique_by=lambda rule: rule.category).map(
        lambda found: RuleSet("drawn", tuple(found))
    ),
)


@st.composite
def findings(draw: st.DrawFn) -> Finding:
    x0, y0 = draw(st.floats(0, 0.5)), draw(st.floats(0, 0.5))
    kind = draw(st.sampled_from(["", "login", "unheard"]))
    box = Box(x0, y0, x0 + 0.2, y0 + 0.2)
    return Finding(draw(categories), box, draw(st.floats(0, 1)), "any", kind=kind)


@given(rulesets, rulesets, findings())
def test_what_either_masks_is_masked(
    one: RuleSet, other: RuleSet, found: Finding
) -> None:
    both = looks(stricter(one, other), found)
    for tier in Tier:
        cells = [looks(r, found)[tier] for r in (one, other)]
        masks = [mask for mask in cells if mask is not None]
        if masks:
            assert both[tier] is not None
        if any(mask.zero_bit for mask in masks):
            look = both[tier]
            assert look is not None
            assert look.zero_bit


@given(rulesets, findings())
def test_equal_floors_change_nothing(held: RuleSet, found: Finding) -> None:
    assert stricter(held, replace(held, name="again")) is held


@given(rulesets, rulesets, findings())
def test_ones_own_rules_only_close(site: RuleSet, own: RuleSet, found: Finding) -> None:
    made = with_own(site, own)
    for tier in Tier:
        if looks(site, found)[tier] is not None:
            assert looks(made, found)[tier] is not None


def test_ones_own_rule_for_a_kind_reaches_what_is_below_it() -> None:
    own = RuleSet("own", (Rule("text", (VEIL, VEIL, VEIL)),))
    made = with_own(preset("default"), own)
    phone = Finding("text.phone", Box(0, 0, 0.1, 0.1), 0.9, "any")
    face = Finding("face", Box(0, 0, 0.1, 0.1), 0.9, "any")
    assert looks(preset("default"), phone)[Tier.NONE] is None
    assert looks(made, phone)[Tier.NONE] is not None
    assert looks(made, face) == looks(preset("default"), face)


@given(st.lists(findings(), max_size=6), rulesets, rulesets, st.data())
def test_what_is_predicted_is_what_is_planned(
    found: list[Finding], old: RuleSet, new: RuleSet, data: st.DataObject
) -> None:
    hide = data.draw(st.sets(st.sampled_from([f.id for f in found]))) if found else ()
    choices = {key: Choice(hide=True) for key in hide}
    changes = {c.tier: c for c in compare(found, old, new, choices)}
    for tier in Tier:
        before, after = (plan(found, r, tier, choices).digest for r in (old, new))
        assert (before != after) == (tier in changes)
        if tier in changes:
            assert (changes[tier].before, changes[tier].after) == (before, after)


def test_a_tally_counts_by_tier_way_and_category_and_survives_its_json() -> None:
    plate = Finding("licence_plate", Box(0, 0, 0.1, 0.1), 0.9, "any")
    face = Finding("face", Box(0.5, 0.5, 0.7, 0.7), 0.9, "any")
    tally = Tally()
    tally.add(compare([plate, face], preset("default"), preset("strict")))
    tally.add(compare([], preset("default"), preset("strict")))
    tally.add(compare([face], preset("strict"), preset("default")))
    assert tally.replayed == 3
    assert tally.media == {
        ("semi", "less"): 1,
        ("none", "less"): 1,
        ("semi", "more"): 1,
    }
    assert tally.regions["none", "less", "licence_plate"] == 1
    assert tally.regions["semi", "more", "face"] == 1
    assert Tally.from_json(tally.as_json()) == tally


def test_a_severity_of_the_rules_weighs_in_the_score_and_in_no_plan() -> None:
    plate = Finding("licence_plate", Box(0, 0, 0.3, 0.3), 0.9, "any")
    heavy = RuleSet("heavy", (Rule("licence_plate", (None,) * 3, severity=0.95),))
    light = RuleSet("light", (Rule("licence_plate", (None,) * 3, severity=0.05),))
    assert score([plate], heavy)[Tier.NONE].risk > score([plate], light)[Tier.NONE].risk
    assert compare([plate], heavy, light) == ()
    assert RuleSet.from_json(heavy.as_json()) == heavy
