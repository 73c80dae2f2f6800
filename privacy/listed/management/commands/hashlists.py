"""Keep, show, switch off and check lists of hashes of known pictures.

python manage.py hashlists
python manage.py hashlists keep NAME FILE --source "…"
python manage.py hashlists off NAME
python manage.py hashlists recheck
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.module_loading import import_string

from privacy.listed import lists
from privacy.listed.models import HashList


class Command(BaseCommand):
    help = "Lists of PDQ hashes that every upload is compared with."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "verb", nargs="?", choices=["show", "keep", "off", "recheck"]
        )
        parser.add_argument("name", nargs="?", default="")
        parser.add_argument("file", nargs="?", type=Path)
        parser.add_argument("--source", default="", help="kept with the list")

    def handle(self, *_args: Any, **options: Any) -> None:
        name, verb = options["name"], options["verb"]
        if verb == "keep":
            if not name or options["file"] is None:
                raise CommandError("keep NAME FILE")
            try:
                text = options["file"].read_text("ascii")
                row = lists.keep(name, text, options["source"])
            except (OSError, ValueError, lists.BadList) as error:
                raise CommandError(str(error)) from error
            self.stdout.write(f"{row.name}: {row.count} hashes")
        elif verb == "off":
            found = HashList.objects.filter(name=name).first()
            if found is None:
                raise CommandError(f"there is no list {name!r}")
            lists.switch(found, None, active=False)
        elif verb == "recheck":
            count = import_string(settings.NOPEEK_RECHECK)()
            self.stdout.write(f"{count} stored pictures are compared by the workers")
        else:
            for row in HashList.objects.order_by("name"):
                state = "on " if row.active else "off"
                whole = "" if lists.is_whole(row) else "  NOT AS IT WAS KEPT"
                self.stdout.write(f"{state} {row.name}: {row.count} hashes{whole}")
