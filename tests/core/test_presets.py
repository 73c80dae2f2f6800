"""The rule sets that come with NoPeek."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from privacy.core.errors import InvalidRules
from privacy.core.policy import looks
from privacy.core.presets import (
    NAMES,
    VIPER_MOST_PRIVATE,
    VIPER_SEMI_PRIVATE,
    load,
    preset,
)
from privacy.core.taxonomy import COCO, all_categories, coco_category
from privacy.core.types import Box, Finding, Tier

BOX = Box(0.1, 0.1, 0.4, 0.4)


def masked(rules: str, category: str, kind: str = "") -> str:
    """Which tiers get a mask: a letter each, ``fsn``."""
    finding = Finding(category, BOX, 0.9, "any", kind=kind)
    cells = looks(preset(rules), finding)
    return "".join(
        tier.word[0] for tier, cell in zip(Tier, cells, strict=True) if cell is not None
    )


@pytest.mark.parametrize("name", NAMES)
def test_presets_have_no_problems_and_survive_json(name: str) -> None:
    rules = preset(name)
    assert rules.problems() == ()
    assert type(rules).from_json(json.loads(json.dumps(rules.as_json()))) == rules


@pytest.mark.parametrize(
    ("category", "tiers"),
    [
        ("face", "f"),
        ("text", "f"),
        ("licence_plate", "fs"),
        ("text.phone", "fs"),
        ("text.address", "fs"),
        ("document.letter", "fs"),
        ("nudity.female_breast", "fs"),
        ("text.card", "fsn"),
        ("text.iban", "fsn"),
        ("text.id_number", "fsn"),
        ("text.password", "fsn"),
        ("text.passport_mrz", "fsn"),
        ("document.passport", "fsn"),
        ("object.laptop", "f"),
        ("person", ""),
        ("object.banana", ""),
        ("something.else", "fsn"),
    ],
)
def test_default_orders_by_severity(category: str, tiers: str) -> None:
    assert masked("default", category) == tiers


def test_default_hides_codes_that_log_one_in_from_friends_too() -> None:
    assert masked("default", "code.qr") == "f"
    assert masked("default", "code.qr", "login") == "fsn"


def test_strict_is_never_looser_than_default() -> None:
    for category in all_categories():
        assert set(masked("default", category.name)) <= set(
            masked("strict", category.name)
        )


def test_viper_is_exactly_vipers_lists() -> None:
    """V3, V7: relationship 0 masks both lists, 1 the semi private one, 2 nothing."""
    assert [c.coco91 for c in VIPER_SEMI_PRIVATE] == [
        31, 33, 46, 71, 72, 73, 74, 75, 76, 110,
    ]  # fmt: skip
    assert [c.coco91 for c in VIPER_MOST_PRIVATE] == [
        3, 12, 14, 63, 65, 66, 69, 70, 77, 85, 133,
    ]  # fmt: skip
    semi = {c.category for c in VIPER_SEMI_PRIVATE if c.live}
    most = {c.category for c in VIPER_MOST_PRIVATE if c.live}
    for index in range(len(COCO)):
        name = coco_category(index)
        expected = "fs" if name in semi else "f" if name in most else ""
        assert masked("viper", name) == expected
    assert masked("viper", "face") == ""
    assert masked("viper", "text.card") == ""


def test_viper_names_the_labels_that_never_fire() -> None:
    dead = {c.coco91 for c in VIPER_SEMI_PRIVATE + VIPER_MOST_PRIVATE if not c.live}
    assert {12, 66, 69, 71, 110, 133} == dead
    known = {coco_category(index) for index in range(len(COCO))}
    for entry in VIPER_SEMI_PRIVATE + VIPER_MOST_PRIVATE:
        assert not entry.live or entry.category in known


def test_rules_load_from_a_file(tmp_path: Path) -> None:
    file = tmp_path / "rules.json"
    file.write_text(json.dumps(preset("strict").as_json()))
    assert load(str(file)) == preset("strict")
    assert load("viper") == preset("viper")
    with pytest.raises(InvalidRules, match="neither a preset"):
        load("no such thing")
