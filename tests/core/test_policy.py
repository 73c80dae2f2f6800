"""Promise 3 and promise 2 of the architecture, for every rule set there can be."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from privacy.core.errors import InvalidRules
from privacy.core.policy import (
    HIDDEN,
    ZERO_BIT_ONLY,
    Choice,
    Rule,
    RuleSet,
    grown,
    looks,
    plan,
)
from privacy.core.redact.mask import Mask, union_mask
from privacy.core.taxonomy import all_categories
from privacy.core.types import (
    Box,
    Finding,
    Grid,
    Plan,
    Region,
    Style,
    Tier,
    Treatment,
)

NAMES = [category.name for category in all_categories()]
names = st.sampled_from([*NAMES, "spaceship", "text.runes", "nudity.elbow"])
treatments = st.builds(
    Treatment, st.sampled_from(Style), st.sampled_from((0.0, 0.5, 1.0))
)
cells = st.tuples(*[st.none() | treatments] * 3)
rule_sets = st.builds(
    lambda rules: RuleSet("any", tuple(rules)),
    st.lists(
        st.builds(Rule, names, cells, st.sampled_from((0.0, 0.3, 0.9))), max_size=8
    ),
)
choices = st.builds(
    Choice,
    hide=st.booleans(),
    show_from=st.none() | st.sampled_from(Tier),
    treatment=st.none() | treatments,
)


@st.composite
def findings(draw: st.DrawFn) -> Finding:
    x0, y0 = draw(st.floats(0, 0.9)), draw(st.floats(0, 0.9))
    box = Box(x0, y0, x0 + draw(st.floats(0.01, 0.1)), y0 + draw(st.floats(0.01, 0.1)))
    return Finding(draw(names), box, draw(st.floats(0, 1)), "any")


@given(findings(), rule_sets, st.none() | choices)
def test_masks_nest_for_every_rule_set(
    finding: Finding, rules: RuleSet, choice: Choice | None
) -> None:
    full, semi, none = looks(rules, finding, choice)
    for strict, trusted in ((full, semi), (semi, none)):
        if trusted is not None:
            assert strict is not None
            # A stricter tier never learns more: not by a weaker class of mask …
            assert strict.zero_bit or not trusted.zero_bit
            # … and where the class is the same, so is the look.
            if strict.zero_bit == trusted.zero_bit:
                assert strict == trusted


@given(findings(), rule_sets, st.none() | choices)
def test_a_courtesy_never_covers_what_it_cannot_protect(
    finding: Finding, rules: RuleSet, choice: Choice | None
) -> None:
    root = finding.category.partition(".")[0]
    full, *trusted = looks(rules, finding, choice)
    if root == "face":
        assert full is None or full.zero_bit
    if root in (*ZERO_BIT_ONLY, "spaceship"):
        assert all(cell is None or cell.zero_bit for cell in (full, *trusted))


def test_nesting_carries_no_courtesy_to_strangers() -> None:
    """A friend's blurred face must not become a stranger's blurred face."""
    blur = Treatment(Style.BLUR)
    rules = RuleSet("friends", (Rule("face", (None, None, blur)),))
    face = Finding("face", Box(0, 0, 0.1, 0.1), 1, "any")
    assert looks(rules, face) == (HIDDEN, blur, blur)


def test_of_two_rules_for_one_name_the_stricter_counts() -> None:
    shown = Rule("face", (None, None, None))
    hidden = Rule("face", (HIDDEN, None, None), padding=0.2)
    face = Finding("face", Box(0, 0, 0.1, 0.1), 1, "any")
    for rules in ((shown, hidden), (hidden, shown)):
        assert looks(RuleSet("twice", rules), face) == (HIDDEN, None, None)
        assert "face has two rules" in RuleSet("twice", rules).problems()


@given(st.lists(findings(), max_size=6), rule_sets)
def test_plans_grow_with_strictness(found: list[Finding], rules: RuleSet) -> None:
    masks = [
        union_mask(plan(found, rules, tier).regions, 160, 120, Grid()) for tier in Tier
    ]
    full, semi, none = masks
    assert not (semi & ~full).any()
    assert not (none & ~semi).any()


@given(findings(), st.sampled_from(Tier))
def test_no_rule_means_hidden(finding: Finding, tier: Tier) -> None:
    assert plan([finding], RuleSet("empty"), tier).regions


@given(
    st.lists(findings(), max_size=3), st.integers().filter(lambda n: n not in (0, 1, 2))
)
def test_an_unknown_tier_sees_nothing(found: list[Finding], tier: int) -> None:
    regions = plan(
        found, RuleSet("any", (Rule("*", (None, None, None)),)), tier
    ).regions
    assert union_mask(regions, 50, 40, Grid()).all()


def test_the_narrowest_rule_decides() -> None:
    veil = Treatment(Style.VEIL)
    rules = RuleSet(
        "paths",
        (
            Rule("*", (veil, veil, veil)),
            Rule("text", (veil, None, None)),
            Rule("code.qr", (veil, None, None)),
            Rule("code.qr.login", (veil, veil, veil)),
        ),
    )
    box = Box(0, 0, 0.1, 0.1)

    def tiers(category: str, kind: str = "") -> list[bool]:
        found = Finding(category, box, 1, "any", kind=kind)
        return [cell is not None for cell in looks(rules, found)]

    assert tiers("text.phone") == [True, False, False]
    assert tiers("code.qr") == [True, False, False]
    assert tiers("code.qr", "login") == [True, True, True]
    assert tiers("code.qr", "unheard_of") == [True, False, False]
    assert tiers("spaceship") == [True, True, True]


def test_what_the_owner_chose_goes_before_the_rules() -> None:
    rules = RuleSet("face", (Rule("face", (HIDDEN, HIDDEN, None)),))
    face = Finding("face", Box(0, 0, 0.1, 0.1), 1, "any")

    def masked(choice: Choice) -> list[bool]:
        return [cell is not None for cell in looks(rules, face, choice)]

    assert masked(Choice()) == [True, True, False]
    assert masked(Choice(hide=True)) == [True, True, True]
    assert masked(Choice(show_from=Tier.SEMI)) == [True, False, False]
    assert masked(Choice(show_from=Tier.FULL)) == [False, False, False]
    sticker = Treatment(Style.STICKER)
    assert looks(rules, face, Choice(treatment=sticker))[0] == sticker


def test_padding_and_confidence_come_from_the_rule() -> None:
    rule = Rule("face", (HIDDEN, None, None), min_confidence=0.5, padding=0.25)
    rules = RuleSet("one", (rule,))
    sure = Finding("face", Box(0, 0, 0.1, 0.1), 0.6, "any")
    unsure = Finding("face", Box(0.5, 0.5, 0.6, 0.6), 0.4, "any")
    regions = plan([sure, unsure], rules, Tier.FULL).regions
    assert [region.id for region in regions] == [sure.id]
    assert regions[0].padding == 0.25


@given(rule_sets)
def test_rules_survive_json(rules: RuleSet) -> None:
    text = json.dumps(rules.as_json())
    assert RuleSet.from_json(json.loads(text), strict=False) == rules


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        ({"category": "text.phone", "full": "blur"}, "may not be masked by blur"),
        ({"category": "face", "full": "pixelate", "semi": None}, "for full"),
        ({"category": "face", "full": None, "semi": "veil"}, "masked more for"),
        ({"category": "spaceship"}, "not a category"),
    ],
)
def test_problems_are_named_in_words(rule: dict[str, object], words: str) -> None:
    with pytest.raises(InvalidRules, match=words):
        RuleSet.from_json({"rules": [{"semi": "show", "none": "show"} | rule]})


@pytest.mark.parametrize(
    "text",
    ["", "[]", "{}", '{"rules": 3}', '{"rules": [{"full": "glitter", "category": "face"}]}',
     '{"rules": [{"category": "face", "full": {"style": "veil", "strength": 7}}]}'],
)  # fmt: skip
def test_what_is_no_rule_set_is_refused(text: str) -> None:
    with pytest.raises(InvalidRules):
        RuleSet.loads(text)


def test_a_cell_left_out_is_hidden() -> None:
    rules = RuleSet.from_json({"rules": [{"category": "face", "full": "veil"}]})
    assert rules.rules[0].cells == (HIDDEN, HIDDEN, HIDDEN)


def _boxes(x: float, y: float, side: float) -> Box:
    return Box(x, y, x + side, y + side)


boxes = st.builds(
    _boxes, st.floats(0, 0.8), st.floats(0, 0.8), st.sampled_from((0.05, 0.2, 0.6))
)
corners = st.tuples(st.floats(-0.1, 1.1), st.floats(-0.1, 1.1))
regions = st.builds(
    Region,
    st.sampled_from("abc"),
    boxes,
    treatments,
    outline=st.just(()) | st.lists(corners, min_size=3, max_size=5).map(tuple),
    padding=st.sampled_from((0.0, 0.3)),
)


def area(some: Iterable[Region]) -> Mask:
    return union_mask(some, 120, 90, Grid())


def closed(some: Iterable[Region]) -> Mask:
    return area(region for region in some if region.treatment.zero_bit)


@given(st.lists(st.lists(regions, max_size=3), max_size=5))
def test_i12_regions_only_grow(history: list[list[Region]]) -> None:
    """Moved by a pixel, found smaller, toggled off: the union of all masks is kept,
    and what was closed by a zero-bit mask stays closed by one."""
    published: tuple[Region, ...] = ()
    masked, shut = area(()), area(())
    for version in history:
        published = grown(published, version)
        masked, shut = masked | area(version), shut | closed(version)
        assert not (masked & ~area(published)).any()
        assert not (shut & ~closed(published)).any()
        assert len({region.id for region in published}) == len(published)
        masked, shut = area(published), closed(published)


@given(st.lists(regions, max_size=4), st.lists(regions, max_size=4), st.data())
def test_i12_growth_keeps_plans_nested(
    old: list[Region], new: list[Region], data: st.DataObject
) -> None:
    """A trusted tier masks a part of what a stricter one masks, also once grown."""
    few_old = data.draw(st.lists(st.sampled_from(old))) if old else []
    few_new = data.draw(st.lists(st.sampled_from(new))) if new else []
    strict, trusted = area(grown(old, new)), area(grown(few_old, few_new))
    assert not (trusted & ~strict).any()


def test_i12_what_moves_a_little_keeps_its_look() -> None:
    first = Region("first", Box(0.2, 0.2, 0.6, 0.6), HIDDEN)
    smaller = Region("later", Box(0.21, 0.2, 0.59, 0.59), Treatment(Style.STICKER))
    (after,) = grown([first], [smaller])
    assert after.id == "first"  # hence the same grain, and the same sticker
    assert after.box == first.box
    assert after.treatment.style is Style.STICKER
    assert grown([after], [smaller]) == (after,)


@given(st.lists(findings(), max_size=3), st.lists(regions, max_size=4))
def test_ids_are_unique_and_nothing_is_lost(
    found: list[Finding], extra: list[Region]
) -> None:
    rules = RuleSet("none")
    made = plan([*found, *found], rules, Tier.NONE, extra=extra)
    assert len({region.id for region in made.regions}) == len(made.regions)
    alone = [Region(f.id, f.box, HIDDEN) for f in found]
    assert not (area([*alone, *extra]) & ~area(made.regions)).any()
    # What a drawn region shows is not known: nothing weaker than a veil will do.
    assert all(region.treatment.zero_bit for region in made.regions)


def test_things_in_one_place_are_masked_once_and_by_the_stronger() -> None:
    box = Box(0.2, 0.2, 0.6, 0.6)
    blur, fill = Treatment(Style.BLUR), Treatment(Style.FILL)
    rules = RuleSet(
        "two",
        (Rule("object", (blur, blur, None)), Rule("text", (fill, None, None))),
    )
    found = [Finding("object.laptop", box, 1, "any"), Finding("text", box, 1, "any")]
    for some in (found, found[::-1]):
        (full,) = plan(some, rules, Tier.FULL).regions
        (semi,) = plan(some, rules, Tier.SEMI).regions
        assert (full.treatment, semi.treatment) == (fill, blur)


def test_an_outline_that_leaves_its_box_is_masked_as_well() -> None:
    slanted = ((0.2, 0.1), (0.7, 0.3), (0.6, 0.5))
    plate = Finding("licence_plate", Box(0.3, 0.2, 0.5, 0.4), 1, "any", outline=slanted)
    (region,) = plan([plate], RuleSet("none"), Tier.FULL).regions
    assert region.box == Box(0.2, 0.1, 0.7, 0.5)
    assert region.outline == ()
    person = replace(plate, category="person")
    (region,) = plan([person], RuleSet("none"), Tier.FULL).regions
    assert region.outline == slanted
    lost = replace(plate, outline=((0.2, 0.1), (math.nan, 0.3), (0.6, 0.5)))
    assert area(plan([lost], RuleSet("none"), Tier.FULL).regions).all()


def test_equal_plans_are_equal_whatever_their_order() -> None:
    one = Region("a", Box(0, 0, 0.1, 0.1), HIDDEN)
    two = Region("b", Box(0.2, 0, 0.3, 0.1), HIDDEN)
    assert Plan.of([one, two]) == Plan.of([two, one])
    assert Plan.of([one, two]).digest == Plan.of([two, one]).digest
    assert Plan.of([one]).digest != Plan.of([two]).digest
