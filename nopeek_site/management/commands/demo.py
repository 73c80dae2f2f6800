"""Fill an empty site with six people and their posts, and say how to log in.

    python manage.py demo            the people and their ties
    python manage.py demo --fill     their posts, while the workers run
    python manage.py demo --logins   who can be logged in as

``serve --demo`` does all of it.
"""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from nopeek_site.demo import people, progress
from nopeek_site.demo.people import PEOPLE


class Command(BaseCommand):
    help = "Fill an empty site with a demo."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--fill", action="store_true", help="make the posts")
        parser.add_argument("--logins", action="store_true", help="print the logins")
        parser.add_argument("--site", default="http://localhost:8000")

    def handle(self, *_args: Any, **options: Any) -> None:
        found = progress.load() if options["logins"] else progress.begin()
        if found is None:
            if not options["logins"]:
                self._say("the site is somebody's own: no demo")
            return
        if options["logins"]:
            self._logins(found, options["site"].rstrip("/"))
            return
        if not found.people:
            people.settle(found.password)
            found.people = True
            found.save()
        if options["fill"] and not found.done:
            self._fill(found)

    def _fill(self, found: progress.Progress) -> None:
        from nopeek_site.demo.fill import Fill  # draws: numpy, OpenCV

        if Fill(found, self._say).run():
            self._say("all posts are there")
        else:
            self._say("some posts are not there; the next start goes on")

    def _logins(self, found: progress.Progress, site: str) -> None:
        from nopeek_site.demo.posts import STORY
        from nopeek_site.demo.story import post_id

        write = self.stdout.write
        write(
            f"\n  Log in at {site}/accounts/login/ with the password {found.password}\n"
        )
        for person in PEOPLE:
            write(f"    {person.name:<6} {person.part}")
        write(
            f"\n  Open {site}/p/{post_id(STORY)}/ as ben in one window and as carla\n"
            "  in a private one: the same post, other pixels. Then signed out, and as\n"
            "  ana, who can slide between what she sees and what strangers see."
        )
        if not found.done:
            write(
                "  The posts are on their way through the line; the first in seconds."
            )
        write("")
        self.stdout.flush()

    def _say(self, words: str) -> None:
        self.stdout.write(f"demo: {words}")
        self.stdout.flush()
