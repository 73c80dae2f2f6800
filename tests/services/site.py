"""The processes of a scaled-out site, and people who use it over HTTP.

Every process works on the database, the storages and the keys of the tests themselves,
so a test can look at the rows while workers run.
"""

from __future__ import annotations

import os
import secrets
import signal
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import quote

import httpx
from django.conf import settings
from django.db import connection, connections
from django.test import Client
from kombu import Connection, Queue
from kombu.exceptions import ChannelError

from accounts.models import User
from gallery.models import Media
from nopeek_site.celery import app
from tests.factories import make_user

ROOT = Path(__file__).resolve().parents[2]
QUEUES = ("default", "media", "ml")
PATIENCE = 240.0
"""Seconds until a test gives up on the machine it runs on."""

T = TypeVar("T")


def until(
    ask: Callable[[], T], what: str, within: float = PATIENCE, every: float = 0.05
) -> T:
    """Ask again and again until the answer is truthy; that answer."""
    end = time.monotonic() + within
    while not (answer := ask()):
        if time.monotonic() > end:
            raise AssertionError(f"not within {within:.0f} s: {what}")
        time.sleep(every)
    return answer


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def database_url() -> str:
    """Of the database that the tests made for themselves."""
    held = connection.settings_dict
    password = quote(held["PASSWORD"], safe="")
    where = f"{held['HOST']}:{held['PORT'] or 5432}"
    return f"postgres://{held['USER']}:{password}@{where}/{held['NAME']}"


class Process:
    """One process of the site; its words are kept for when a test fails."""

    def __init__(
        self, name: str, command: list[str], env: Mapping[str, str], folder: Path
    ) -> None:
        self.name = name
        self.log = folder / f"{name}-{secrets.token_hex(3)}.log"
        with self.log.open("wb") as out:
            self.process = subprocess.Popen(
                command,
                cwd=ROOT,
                env=dict(env),
                stdout=out,
                stderr=out,
                start_new_session=True,
            )

    def said(self, words: str) -> bool:
        """Whether it has said these words; False too while it is silent."""
        if self.process.poll() is not None and words not in self.log.read_text():
            raise AssertionError(f"{self.name} ended: {self.log.read_text()[-3000:]}")
        return words in self.log.read_text()

    def freeze(self) -> None:
        """Stop where it stands, whatever it does."""
        os.killpg(self.process.pid, signal.SIGSTOP)

    def thaw(self) -> None:
        os.killpg(self.process.pid, signal.SIGCONT)

    def died(self, within: float = PATIENCE) -> int:
        """Wait for its end; the signal or return code."""
        try:
            return self.process.wait(within)
        except subprocess.TimeoutExpired:
            raise AssertionError(
                f"{self.name} lives: {self.log.read_text()[-3000:]}"
            ) from None

    def kill(self) -> None:
        """As a power cut would."""
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(10)

    def end(self) -> None:
        """Ask it to end; make it after some seconds."""
        if self.process.poll() is None:
            self.thaw()
            self.process.terminate()
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.kill()


@contextmanager
def frozen(*workers: Process) -> Iterator[None]:
    """Within, these stand where they stood."""
    for worker in workers:
        worker.freeze()
    try:
        yield
    finally:
        for worker in workers:
            worker.thaw()


class Site:
    """A site on one broker."""

    def __init__(self, broker: str, folder: Path) -> None:
        self.broker = broker
        self.folder = folder
        self.env = {
            **os.environ,
            "NOPEEK_ENV": "test",
            "NOPEEK_VAR": os.environ["NOPEEK_VAR"],
            "DJANGO_SETTINGS_MODULE": "nopeek_site.settings",
            "DATABASE_URL": database_url(),
            "CELERY_BROKER_URL": broker,
            "PYTHONUNBUFFERED": "1",
        }
        self._stack = ExitStack()

    def close(self) -> None:
        """End every process that was started."""
        self._stack.close()

    @contextmanager
    def apart(self) -> Iterator[None]:
        """What is started within is ended with it."""
        outer, self._stack = self._stack, ExitStack()
        try:
            yield
        finally:
            self._stack.close()
            self._stack = outer

    def start(self, name: str, command: list[str], **env: str) -> Process:
        process = Process(name, command, {**self.env, **env}, self.folder)
        self._stack.callback(process.end)
        return process

    def worker(
        self, *queues: str, pool: str = "solo", ready: bool = True, **env: str
    ) -> Process:
        """A real Celery worker; with the solo pool it dies whole."""
        name = f"worker-{secrets.token_hex(3)}"
        command = [
            *(sys.executable, "-m", "celery", "-A", "nopeek_site.celery", "worker"),
            *("--queues", ",".join(queues or QUEUES), "--hostname", f"{name}@%h"),
            *("--pool", pool, "--concurrency", "1", "--loglevel", "INFO"),
            *("--without-gossip", "--without-mingle"),
        ]
        process = self.start(name, command, **env)
        if ready:
            until(lambda: process.said("ready."), f"{name} is ready")
        return process

    def web(self, **env: str) -> str:
        """A real web server; its address."""
        port = free_port()
        command = [
            *(sys.executable, "-m", "uvicorn", "nopeek_site.asgi:application"),
            *("--host", "127.0.0.1", "--port", str(port), "--no-access-log"),
            *("--lifespan", "off", "--ws-max-size", "65536", "--log-level", "warning"),
        ]
        process = self.start("web", command, **env)
        url = f"http://127.0.0.1:{port}"
        until(lambda: process.said("") and answers(f"{url}/healthz"), "the web answers")
        return url

    # --- the broker ---------------------------------------------------------------

    def send(self, task: str, *args: Any, task_id: str | None = None) -> None:
        """A message as the site itself would send it."""
        with Connection(self.broker, connect_timeout=5) as held:
            app.send_task(task, args, connection=held, task_id=task_id)

    def advance(self, public_id: uuid.UUID, task_id: str | None = None) -> None:
        self.send("gallery.tasks.advance_media", str(public_id), task_id=task_id)

    def waiting(self, queue: str) -> int:
        """How many messages wait in a queue, those in a worker's hands left out."""
        with Connection(self.broker, connect_timeout=5) as held:
            try:
                channel = held.default_channel
                return int(channel.queue_declare(queue, passive=True).message_count)
            except ChannelError:
                return 0

    def lose_messages(self) -> None:
        """What a broker does that loses its disk."""
        with Connection(self.broker, connect_timeout=5) as held:
            for name in QUEUES:
                queue = Queue(name, channel=held.default_channel)
                queue.declare()
                queue.purge()


class Person:
    """Somebody who is logged in to the site."""

    def __init__(self, user: User, url: str) -> None:
        self.user = user
        client = Client()
        client.force_login(user)
        self.session = client.cookies[settings.SESSION_COOKIE_NAME].value
        self.token = secrets.token_hex(16)
        self.http = httpx.Client(
            base_url=url,
            cookies={"sessionid": self.session, "csrftoken": self.token},
            headers={"X-CSRFToken": self.token},
            timeout=60,
        )

    @classmethod
    def arrives(cls, url: str, word: str) -> Person:
        """Somebody new; names differ, as nothing is flushed between the tests."""
        return cls(make_user(f"{word}-{secrets.token_hex(4)}"), url)

    def get(self, path: str, **headers: str) -> httpx.Response:
        return self.http.get(path, headers=headers)

    def uploads(self, photo: bytes) -> Media:
        """A new draft with one photo in it, over HTTP."""
        draft = self.http.post("/share/start")
        assert draft.status_code == 201, draft.text[:300]
        answer = self.http.post(
            draft.json()["upload"], files={"file": ("a.jpg", photo, "image/jpeg")}
        )
        assert answer.status_code == 201, answer.text[:300]
        return Media.objects.get(public_id=answer.json()["id"])

    def publishes(self, media: Media, audience: str = "followers") -> None:
        answer = self.http.post(
            f"/share/{media.post.public_id}/publish", data={"audience": audience}
        )
        assert answer.headers["location"] == f"/p/{media.post.public_id}/"


def answers(url: str) -> bool:
    try:
        return httpx.get(url, timeout=2).status_code == 200
    except httpx.HTTPError:
        return False


def state(media: Media) -> str:
    """The state now; empty where it is gone."""
    found = Media.objects.filter(pk=media.pk).values_list("state", flat=True).first()
    return found or ""


def comes_to(media: Media, wanted: str, within: float = PATIENCE) -> None:
    """Wait until the Media stands in this state."""
    try:
        until(lambda: state(media) == wanted, wanted, within)
    except AssertionError as error:
        row = Media.objects.filter(pk=media.pk).values().first()
        raise AssertionError(f"{error}: {row}") from error


def blocked_backends() -> int:
    """How many sessions of this database wait for a lock of another."""
    with connections["default"].cursor() as cursor:
        cursor.execute("SELECT pg_stat_clear_snapshot()")  # else: as of the first look
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() "
            "AND cardinality(pg_blocking_pids(pid)) > 0"
        )
        return int(cursor.fetchone()[0])
