"""Show or publish the rules that decide what each tier sees.

python manage.py rules
python manage.py rules --publish strict --reason "faces for friends only"
python manage.py rules --publish my-rules.json --reason "…"
"""

from __future__ import annotations

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from privacy.core.errors import InvalidRules
from privacy.core.presets import NAMES, load
from privacy.decisions import live_rules
from privacy.models import RuleSet
from privacy.services import publish_rules


class Command(BaseCommand):
    help = "Show the live rules, or publish others for the whole site."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--publish", metavar="RULES", help=f"{', '.join(NAMES)}, or a JSON file"
        )
        parser.add_argument("--reason", default="", help="kept with the version")

    def handle(self, *_args: Any, **options: Any) -> None:
        if options["publish"]:
            try:
                row = publish_rules(load(options["publish"]), options["reason"])
            except (InvalidRules, OSError) as error:
                raise CommandError(str(error)) from error
            self.stdout.write(f"version {row.version} is live: {row.name}")
            return
        for row in RuleSet.objects.order_by("version"):
            mark = "live" if row.live else "    "
            self.stdout.write(f"{mark} {row.version:4} {row.name} {row.reason}")
        self.stdout.write(json.dumps(live_rules().as_json(), indent=2))
