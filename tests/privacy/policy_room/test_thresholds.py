"""Curves on evidence: what they count, and of whom they say nothing."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from privacy.models import Finding
from privacy.policy_room.curves import Labelled, at, best, curve, line
from tests.factories import make_media, make_user

found = st.lists(
    st.builds(Labelled, st.floats(0, 1), st.booleans()), min_size=1, max_size=30
)


@given(found, st.integers(0, 5))
def test_recall_never_rises_with_the_threshold(
    labelled: list[Labelled], unfound: int
) -> None:
    points = curve(labelled, unfound)
    recalls = [point.recall for point in points]
    assert recalls == sorted(recalls, reverse=True)
    for point in points:
        real = sum(one.real for one in labelled) + unfound
        assert point.masked + point.missed == real
        assert 0 <= point.precision <= 1


def test_a_dear_miss_lowers_the_point_and_a_cheap_one_raises_it() -> None:
    labelled = [Labelled(0.2, real=True), *[Labelled(0.3, real=False)] * 3]
    assert best(curve(labelled, miss=10)).threshold == 0.0
    assert best(curve(labelled, miss=1)).threshold == 0.35
    here = at(labelled, 0.25, miss=10)
    assert (here.masked, here.needless, here.missed, here.cost) == (0, 3, 1, 13)


def test_a_line_goes_from_left_to_right() -> None:
    assert line([1, 0], 10, 4) == "M0.0 0.0 L10.0 4.0"


@pytest.mark.django_db
def test_owners_corrections_are_the_evidence_and_few_are_none() -> None:
    client = Client()
    client.force_login(make_user("ines", is_staff=True))
    owners = [make_user(name) for name in ("ana", "ben", "cleo")]
    for _ in range(3):
        make_media(owners[0], stored=False)
    page = client.get("/policy/thresholds/?category=licence_plate").content.decode()
    assert "too little to go by" in page
    for owner in owners * 3:
        make_media(owner, stored=False)
    plate = Finding.objects.filter(category="licence_plate").first()
    assert plate is not None
    plate.choice, plate.show_from = Finding.Choice.SHOW, 0
    plate.save()
    url = "/policy/thresholds/?category=licence_plate&threshold=0.5&miss=10"
    page = client.get(url).content.decode()
    told = dict(re.findall(r'data-at="(\w+)">([^<]*)<', page))
    assert told == {
        "t": "0.50",
        "masked": "11",
        "needless": "1",
        "missed": "0",
        "cost": "1",
    }
    assert "<svg" in page
    for bad in ("threshold=2", "category=unheard", "miss=-1", "threshold=nan"):
        answer = client.get(f"/policy/thresholds/?{bad}")
        assert answer.status_code == 200
        assert b'data-module="curve"' not in answer.content
    assert Client().get("/policy/thresholds/").status_code == 404
