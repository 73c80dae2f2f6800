"""D7: PostgreSQL itself refuses to change the log, whoever is logged in to it."""

from __future__ import annotations

import pytest
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction

from privacy.policy_room import audit
from privacy.policy_room.models import AuditEntry
from tests.services.site import Site


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE privacy_auditentry SET action = 'x'",
        "DELETE FROM privacy_auditentry",
        "TRUNCATE privacy_auditentry",
        "UPDATE privacy_auditentry SET digest = digest",
    ],
)
def test_d7_the_database_refuses_what_the_chain_would_show(
    site: Site, statement: str
) -> None:
    for n in range(3):
        audit.record(f"d7.{n}")
    before = list(
        AuditEntry.objects.order_by("number").values_list("digest", flat=True)
    )
    with (
        pytest.raises(DatabaseError, match="only grows"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)
    after = list(AuditEntry.objects.order_by("number").values_list("digest", flat=True))
    assert after == before
    call_command("audit", "verify", "--expect", after[-1])
