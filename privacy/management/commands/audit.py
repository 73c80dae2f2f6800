"""Hold the audit log against its chain of hashes.

python manage.py audit verify
python manage.py audit verify --expect 3f9a…   # the newest digest that was noted down
"""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from privacy.models import RuleSet
from privacy.policy_room import audit, versions
from privacy.policy_room.models import AuditEntry


class Command(BaseCommand):
    help = "Check that no entry of the audit log was changed, taken away or put in."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("what", choices=["verify"])
        parser.add_argument("--expect", default="", help="digest that has to be in it")

    def handle(self, *_args: Any, **options: Any) -> None:
        found = list(audit.problems())
        found += [
            f"version {row.version} of the rules is not as it was signed"
            for row in RuleSet.objects.exclude(signature="").select_related("based_on")
            if not versions.is_genuine(row)
        ]
        wanted = options["expect"]
        if wanted and not AuditEntry.objects.filter(digest=wanted).exists():
            found.append("the expected digest is not in the log: its end was cut off")
        if found:
            raise CommandError("\n".join(found))
        last = AuditEntry.objects.order_by("-number").first()
        count = last.number if last else 0
        self.stdout.write(f"{count} entries, whole. Newest digest: ", ending="")
        self.stdout.write(last.digest if last else "none yet")
