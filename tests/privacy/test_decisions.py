"""Rows -> plans and scores: what the owner chose, the rules decide, nesting holds."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from uuid import uuid4

import pytest

from accounts.models import User
from privacy import decisions
from privacy.core.presets import preset
from privacy.core.types import Plan, Style, Tier
from privacy.models import Finding, RuleSet, Scan
from tests.factories import make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def scan() -> Scan:
    owner: User = make_user("alice")
    return Scan.objects.create(
        subject=uuid4(), owner=owner, width=100, height=80, complete=True
    )


def find(scan: Scan, category: str, region: str = "r1", **fields: object) -> Finding:
    place = {"x0": 0.1, "y0": 0.1, "x1": 0.4, "y1": 0.4}
    values = {**place, "confidence": 0.9, "detector": "test", **fields}
    return Finding.objects.create(scan=scan, region=region, category=category, **values)


def masked(plans: dict[Tier, Plan], region: str = "r1") -> tuple[bool, bool, bool]:
    full, semi, none = (
        region in {one.id for one in plans[tier].regions} for tier in Tier
    )
    return full, semi, none


def test_version_one_of_the_rules_comes_with_the_migrations(scan: Scan) -> None:
    row = RuleSet.objects.get(version=1)
    assert row.live
    assert row.body == preset("default").as_json()
    assert decisions.live_rules() == preset("default")
    assert row.rules.count() == 3 * len(preset("default").rules)


def test_where_no_rules_are_live_those_of_the_core_hold(scan: Scan) -> None:
    RuleSet.objects.update(live=False)
    assert decisions.live_rules() == preset("default")


@pytest.mark.parametrize(
    ("choice", "show_from", "expected"),
    [
        ("auto", 0, (True, False, False)),
        ("hide", 0, (True, True, True)),
        ("show", 0, (False, False, False)),
        ("show", 1, (True, False, False)),
        ("show", 2, (True, True, False)),
    ],
)
def test_the_owners_choice_counts(
    scan: Scan, choice: str, show_from: int, expected: tuple[bool, bool, bool]
) -> None:
    find(scan, "face", choice=choice, show_from=show_from)
    assert masked(decisions.plans_for(scan)) == expected


def test_of_two_findings_of_one_region_the_stricter_choice_counts(scan: Scan) -> None:
    find(scan, "face", choice="show")
    find(scan, "text", choice="hide")
    assert masked(decisions.plans_for(scan)) == (True, True, True)


def test_a_category_that_nobody_knows_is_hidden_from_everybody(scan: Scan) -> None:
    find(scan, "telepathy.aura")
    assert masked(decisions.plans_for(scan)) == (True, True, True)


def test_a_weak_style_is_not_taken_where_it_gives_things_away(scan: Scan) -> None:
    find(scan, "licence_plate", style="blur", choice="hide")
    for plan in decisions.plans_for(scan).values():
        assert [region.treatment.zero_bit for region in plan.regions] == [True]


def test_style_art_and_place_reach_the_plan(scan: Scan) -> None:
    find(scan, "face", style="sticker", art="leaf", choice="hide")
    region = decisions.plans_for(scan)[Tier.NONE].regions[0]
    assert region.treatment.style is Style.STICKER
    assert region.art == "leaf"
    assert region.box.as_tuple() == (0.1, 0.1, 0.4, 0.4)


def test_scores_fall_with_what_is_hidden_and_say_why(scan: Scan) -> None:
    face = find(scan, "face")
    scores = decisions.scores_for(scan)
    assert scores[Tier.FULL].risk == 0
    assert scores[Tier.SEMI].risk > 0
    assert decisions.explain(scan)["semi"]["because"][0]["words"] == "1 face"
    face.choice = "hide"
    face.save()
    assert decisions.scores_for(scan)[Tier.SEMI].risk == 0


def test_the_same_rows_give_the_same_digest_in_another_process_too(scan: Scan) -> None:
    find(scan, "face", x0=0.1234567, style="fill", choice="hide")
    find(scan, "text.card", "r2", x0=0.2)
    one = {tier: plan.digest for tier, plan in decisions.plans_for(scan).items()}
    again = {
        tier: plan.digest
        for tier, plan in decisions.plans_for(Scan.objects.get(pk=scan.pk)).items()
    }
    assert one == again


def test_deciding_loads_no_machine_learning() -> None:
    """Web processes import these; none may drag the models in."""
    code = (
        "import django, sys; django.setup();"
        "import privacy.decisions, privacy.review, privacy.services, gallery.replan,"
        "gallery.upload, gallery.tasks, gallery.progress, gallery.housekeeping;"
        "heavy = {'cv2', 'onnxruntime', 'torch', 'av', 'rapidocr'} & set(sys.modules);"
        "sys.exit(str(sorted(heavy)) if heavy else 0)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=Path(__file__).resolve().parents[2],
        env={**_environment()},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def _environment() -> dict[str, str]:
    import os

    return {**os.environ, "DJANGO_SETTINGS_MODULE": "nopeek_site.settings"}
