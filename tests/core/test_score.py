"""The risk: 0..100, explained, and monotone."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from privacy.core.policy import Choice
from privacy.core.presets import NAMES, preset
from privacy.core.score import Strategy, risk, score, viper_score
from privacy.core.taxonomy import all_categories
from privacy.core.types import Box, Finding, Tier

names = st.sampled_from([category.name for category in all_categories()])


@st.composite
def findings(draw: st.DrawFn) -> Finding:
    x0, y0 = draw(st.floats(0, 0.5)), draw(st.floats(0, 0.5))
    box = Box(x0, y0, x0 + draw(st.floats(0.01, 0.5)), y0 + draw(st.floats(0.01, 0.5)))
    return Finding(draw(names), box, draw(st.floats(0, 1)), "any")


@given(st.lists(findings(), max_size=12), findings())
def test_more_findings_never_lower_it(found: list[Finding], one_more: Finding) -> None:
    before, after = risk(found), risk([*found, one_more])
    assert 0 <= before.risk <= after.risk <= 100


@given(st.lists(findings(), max_size=8), st.sampled_from(NAMES), st.data())
def test_masking_never_raises_it(
    found: list[Finding], name: str, data: st.DataObject
) -> None:
    rules = preset(name)
    before = score(found, rules)
    hidden = data.draw(st.sets(st.sampled_from([f.id for f in found]))) if found else ()
    after = score(found, rules, {key: Choice(hide=True) for key in hidden})
    for tier in Tier:
        assert after[tier].risk <= before[tier].risk


@given(st.lists(findings(), max_size=8), st.sampled_from(NAMES))
def test_stricter_tiers_risk_less(found: list[Finding], name: str) -> None:
    by_tier = score(found, preset(name))
    assert by_tier[Tier.FULL].risk <= by_tier[Tier.SEMI].risk <= by_tier[Tier.NONE].risk


@given(st.lists(findings(), min_size=1, max_size=8))
def test_the_reasons_add_up(found: list[Finding]) -> None:
    result = risk(found)
    assert sum(reason.count for reason in result.because) == len(found)
    points = sum(reason.points for reason in result.because)
    assert abs(points - result.risk) <= len(result.because)
    weights = [reason.points for reason in result.because]
    assert weights == sorted(weights, reverse=True)


@given(
    st.permutations(
        [Finding("face", Box(0, 0, 0.1, y), 0.5, "any") for y in (0.1, 0.2, 0.3)]
    )
)
def test_order_does_not_matter(found: list[Finding]) -> None:
    assert risk(found) == risk(sorted(found, key=lambda f: f.id))


def test_it_orders_as_people_do() -> None:
    def of(category: str, confidence: float = 0.9, side: float = 0.3) -> int:
        return risk([Finding(category, Box(0, 0, side, side), confidence, "any")]).risk

    assert of("text.card") > of("licence_plate") > of("face") > of("object.laptop")
    assert of("object.laptop") > of("object.banana")
    assert of("face", side=0.3) > of("face", side=0.02)
    assert of("face", confidence=0.9) > of("face", confidence=0.3)


def test_it_speaks() -> None:
    face = [
        Finding("face", Box(x, 0, x + 0.2, 0.3), 0.9, "any") for x in (0.1, 0.4, 0.7)
    ]
    result = risk(face)
    assert [reason.words for reason in result.because] == ["3 faces"]
    assert result.strategy is Strategy.MASK
    assert result.level == "warm"
    assert risk([]).strategy is Strategy.SAFE
    assert risk([]).because == ()
    card = Finding("text.card", Box(0, 0.5, 0.9, 0.9), 1, "any")
    assert risk([*face, card]).strategy is Strategy.KEEP_PRIVATE


def test_what_another_mask_covers_is_not_seen() -> None:
    card = Finding("document.id_card", Box(0.1, 0.1, 0.9, 0.9), 0.9, "any")
    face = Finding("face", Box(0.2, 0.2, 0.4, 0.5), 0.9, "any")
    beside = Finding("face", Box(0.85, 0.2, 1.0, 0.5), 0.9, "any")
    by_tier = score([card, face, beside], preset("default"))
    assert [reason.count for reason in by_tier[Tier.NONE].because] == [1]
    assert by_tier[Tier.FULL].risk == 0


def test_vipers_score_is_the_sum_of_private_areas() -> None:
    """V9: overlaps count twice, other objects not at all; lower is better."""
    laptop = Finding("object.laptop", Box(0, 0, 0.5, 0.5), 0.9, "any")
    car = Finding("object.car", Box(0.25, 0.25, 0.75, 0.75), 0.9, "any")
    dog = Finding("object.dog", Box(0, 0, 1, 1), 0.9, "any")
    rules = preset("viper")
    found = [laptop, car, dog]
    assert viper_score(found, rules, Tier.FULL) == 50.0
    assert viper_score(found, rules, Tier.SEMI) == 25.0
    assert viper_score(found, rules, Tier.NONE) == 0.0
