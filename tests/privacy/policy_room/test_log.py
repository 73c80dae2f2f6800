"""D7: the log only grows, and every meddling with it or with a version shows."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction

from privacy.core.presets import preset
from privacy.models import RuleSet
from privacy.policy_room import audit, versions
from privacy.policy_room.models import AuditEntry
from privacy.services import publish_rules
from tests.factories import make_user

pytestmark = pytest.mark.django_db


def filled() -> list[AuditEntry]:
    who = make_user("ines")
    return [audit.record(f"a.{n}", who, f"s{n}", {"n": n}) for n in range(4)]


def meddle(number: int, **values: object) -> None:
    """As whoever reaches the database does; PostgreSQL has a trigger against it."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET session_replication_role = replica")
    AuditEntry.objects.filter(number=number).update(**values)


def test_a_whole_log_verifies(capsys) -> None:
    entries = filled()
    assert [entry.number for entry in entries] == [1, 2, 3, 4]
    call_command("audit", "verify", "--expect", entries[1].digest)
    assert entries[-1].digest in capsys.readouterr().out


@pytest.mark.parametrize(
    "values",
    [
        {"action": "a.other"},
        {"by": ""},
        {"detail": {"n": 9}},
        {"previous": "0" * 64},
        {"digest": "0" * 64},
        {"subject": "s9"},
    ],
)
def test_a_changed_entry_shows(values: dict[str, object]) -> None:
    filled()
    meddle(2, **values)
    with pytest.raises(CommandError, match="entry 2"):
        call_command("audit", "verify")


def test_another_time_shows() -> None:
    entries = filled()
    meddle(3, at=entries[2].at - timedelta(hours=1))
    assert list(audit.problems()) == ["entry 3 is not as it was written"]


@pytest.mark.skipif(connection.vendor == "postgresql", reason="refused by the trigger")
def test_a_gap_shows_and_so_does_an_end_cut_off() -> None:
    entries = filled()
    AuditEntry.objects.filter(number=2).delete()
    assert "entries 2 to 2 are missing" in list(audit.problems())
    AuditEntry.objects.filter(number__gte=2).delete()
    assert list(audit.problems()) == []
    with pytest.raises(CommandError, match="cut off"):
        call_command("audit", "verify", "--expect", entries[3].digest)


def test_rows_cannot_be_changed_or_deleted_by_the_application() -> None:
    entry = filled()[0]
    with pytest.raises(TypeError):
        entry.save()
    with pytest.raises(TypeError):
        entry.delete()


@pytest.mark.services
@pytest.mark.skipif(connection.vendor != "postgresql", reason="needs PostgreSQL")
def test_postgresql_refuses_by_itself() -> None:
    filled()
    for change in (
        lambda: AuditEntry.objects.update(action="x"),
        lambda: AuditEntry.objects.all().delete(),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()


def test_what_is_undone_leaves_no_entry() -> None:
    def undone() -> None:
        with transaction.atomic():
            audit.record("a.undone")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        undone()
    assert not AuditEntry.objects.exists()


def test_a_version_is_signed_and_says_what_changed() -> None:
    who = make_user("ines")
    row = publish_rules(preset("strict"), "more careful", who.pk)
    assert versions.is_genuine(row)
    assert row.signed_by == str(who.public_id)
    assert row.based_on is not None
    assert {
        "category": "face",
        "what": "semi",
        "before": "",
        "after": "veil",
    } in row.diff
    entry = AuditEntry.objects.get(action="rules.published")
    assert entry.by == str(who.public_id)


@pytest.mark.parametrize("name", ["reason", "name", "signed_by", "approved_by"])
def test_a_version_that_was_changed_is_not_genuine(name: str) -> None:
    row = publish_rules(preset("strict"), "more careful")
    RuleSet.objects.filter(pk=row.pk).update(**{name: "somebody else"})
    assert not versions.is_genuine(RuleSet.objects.get(pk=row.pk))
    with pytest.raises(CommandError, match=f"version {row.version}"):
        call_command("audit", "verify")


def test_a_version_is_never_saved_again() -> None:
    row = publish_rules(preset("strict"))
    row.reason = "another"
    with pytest.raises(TypeError):
        row.save()
