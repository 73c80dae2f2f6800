"""One command for the whole embedded site: web server, workers and clock.

    python manage.py serve --port 8000

Ends cleanly at Ctrl-C. After a kill -9 the next start ends what was left running and
goes on with every unfinished picture.
"""

from __future__ import annotations

import http
import http.client
import signal
import socket
import sys
import time
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connections
from django.db.migrations.executor import MigrationExecutor

from gallery import housekeeping, vault
from nopeek_site.demo import progress
from nopeek_site.env import VAR
from nopeek_site.supervisor import AlreadyRunning, Part, Supervisor

_STARTS_WITHIN = 60.0


class Command(BaseCommand):
    help = "Serve the site with its workers from one machine."
    requires_system_checks = []  # `check --deploy` is the place; a start is quick

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--host", default="127.0.0.1")
        parser.add_argument("--port", type=int, default=8000)
        parser.add_argument(
            "--demo", action="store_true", help="fill an empty site with a demo"
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        host, port = options["host"], options["port"]
        try:
            supervisor = Supervisor(VAR, self._say)
        except AlreadyRunning as error:
            raise CommandError(
                f"NoPeek is already being served from {error}: end that one first"
            ) from error
        _must_be_free(host, port)
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, lambda *_: setattr(supervisor, "ending", True))
        try:
            self._prepare(demo=options["demo"])
            web, *workers = _parts(host, port)
            supervisor.start(web)
            # The pages first: people wait for these, and starting is hard work.
            if _answers(host, port, supervisor):
                self._greet(host, port, demo=options["demo"])
            for part in workers:
                supervisor.start(part)
            if options["demo"] and (demo := progress.load()) and not demo.done:
                supervisor.start(_filling())
            supervisor.watch()
        finally:
            connections.close_all()
            supervisor.end()
        self._say("ended")

    def _prepare(self, *, demo: bool) -> None:
        Path(settings.STATIC_ROOT).mkdir(parents=True, exist_ok=True)
        for alias in connections:
            if _behind(alias):
                call_command("migrate", database=alias, verbosity=0)
        try:
            vault.check_master_key()
        except vault.VaultError as error:
            raise CommandError(
                f"the master key does not fit what is stored under {VAR}: {error}"
            ) from error
        if demo:
            call_command("demo")
        housekeeping.after_a_crash()

    def _greet(self, host: str, port: int, *, demo: bool) -> None:
        shown = "localhost" if host in ("127.0.0.1", "0.0.0.0", "::1") else host  # noqa: S104
        self.stdout.write(self.style.SUCCESS(f"NoPeek: http://{shown}:{port}"))
        if demo:
            call_command("demo", logins=True, site=f"http://{shown}:{port}")
        self.stdout.flush()

    def _say(self, words: str) -> None:
        self.stdout.write(f"serve: {words}")
        self.stdout.flush()


def _parts(host: str, port: int) -> list[Part]:
    python = sys.executable
    worker = [
        # It is one's own machine, also in a container where everybody is root.
        *(python, "-W", "ignore:You're running the worker"),
        *("-m", "celery", "--quiet", "-A", "nopeek_site.celery", "worker"),
        *("--without-gossip", "--without-mingle", "--without-heartbeat"),
        *("--loglevel", settings.LOGGING["level"], "--concurrency", "1"),
    ]
    web = [
        *(python, "-m", "uvicorn", "nopeek_site.asgi:application"),
        *("--host", host, "--port", str(port), "--no-access-log"),
        *("--log-level", "warning", "--timeout-graceful-shutdown", "2"),
        *("--ws-max-size", "65536", "--lifespan", "off"),
    ]
    clock = ["--beat", "--schedule", settings.CELERY_BEAT_SCHEDULE_FILENAME]
    light = [*worker, "--queues", "default,media", "--hostname", "light@%h", *clock]
    heavy = [*worker, "--queues", "ml", "--hostname", "ml@%h"]
    return [
        Part("web", web),
        Part("worker", light, niceness=5),
        # The only one that advances pictures: whatever was claimed, it had claimed.
        Part("ml worker", heavy, niceness=10, before=housekeeping.after_a_crash),
    ]


def _filling() -> Part:
    """Makes the posts of the demo while everything else runs, and ends."""
    command = [sys.executable, "-m", "django", "demo", "--fill"]
    return Part("demo", command, niceness=12, once=True)


def _must_be_free(host: str, port: int) -> None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise CommandError(
                f"port {port} is taken: choose another one (PORT=8001 make run)"
            ) from error


def _behind(alias: str) -> bool:
    """Whether a database lacks migrations; asking is quicker than migrating."""
    executor = MigrationExecutor(connections[alias])
    return bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))


def _answers(host: str, port: int, supervisor: Supervisor) -> bool:
    """Wait until the web server answers; False where it does not in time."""
    reach = "127.0.0.1" if host == "0.0.0.0" else host  # noqa: S104
    end = time.monotonic() + _STARTS_WITHIN
    while time.monotonic() < end and not supervisor.ending:
        supervisor.look()
        try:
            asked = http.client.HTTPConnection(reach, port, timeout=2)
            asked.request("GET", "/healthz", headers={"Host": "localhost"})
            if asked.getresponse().status == http.HTTPStatus.OK:
                return True
        except OSError:
            time.sleep(0.05)
    return False
