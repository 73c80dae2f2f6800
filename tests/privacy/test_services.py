"""Publishing rules: immutable versions, one of them live."""

from __future__ import annotations

import json
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction
from django.test import Client

from privacy import decisions
from privacy.core.errors import InvalidRules
from privacy.core.policy import Rule, RuleSet
from privacy.core.presets import preset
from privacy.core.types import Style, Treatment
from privacy.models import RuleSet as Row
from privacy.services import publish_rules
from tests.factories import make_media, make_user

pytestmark = pytest.mark.django_db


def test_a_published_version_is_live_and_the_older_ones_stay() -> None:
    first = Row.objects.get(live=True)
    row = publish_rules(preset("strict"), "faces for friends only")
    assert row.version == first.version + 1
    assert list(Row.objects.filter(live=True)) == [row]
    assert decisions.live_rules() == preset("strict")
    first.refresh_from_db()
    assert first.body == preset("default").as_json()


def test_rules_with_problems_change_nothing() -> None:
    weak = RuleSet("weak", (Rule("text", (Treatment(Style.BLUR), None, None)),))
    upside_down = RuleSet("odd", (Rule("face", (None, None, Treatment())),))
    for rules in (weak, upside_down):
        with pytest.raises(InvalidRules):
            publish_rules(rules)
    assert decisions.live_rules() == preset("default")
    assert Row.objects.count() == 1


def test_the_database_knows_of_one_live_version_only() -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Row.objects.create(version=99, name="second", body={}, live=True)


def test_rules_from_the_command_line(tmp_path: Path) -> None:
    path = tmp_path / "mine.json"
    path.write_text(json.dumps(preset("strict").as_json()))
    out = StringIO()
    call_command("rules", publish=str(path), reason="mine", stdout=out)
    assert "version 2 is live" in out.getvalue()
    call_command("rules", stdout=out)
    assert "live    2 strict mine" in out.getvalue()
    path.write_text("{}")
    with pytest.raises(CommandError):
        call_command("rules", publish=str(path))


def test_staff_see_no_place_no_words_and_can_change_nothing(client: Client) -> None:
    staff = make_user("staff", is_staff=True, is_superuser=True)
    media = make_media(make_user("alice"))
    client.force_login(staff)
    for page in ("ruleset", "scan", "finding", "scanevent"):
        answer = client.get(f"/admin/privacy/{page}/")
        assert answer.status_code == 200
        text = answer.content.decode()
        assert "looks like" not in text  # evidence
        assert client.get(f"/admin/privacy/{page}/add/").status_code == 403
    from privacy.models import Finding

    row = Finding.objects.filter(scan__subject=media.public_id)[0]
    answer = client.get(f"/admin/privacy/finding/{row.pk}/change/")
    assert answer.status_code == 200
    assert row.evidence not in answer.content.decode()
    assert client.post(f"/admin/privacy/finding/{row.pk}/delete/").status_code == 403
