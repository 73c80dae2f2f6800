"""Keeps the processes of the embedded site alive, and ends them all.

Every process started here, and whatever it starts, carries the run's token in its
environment. A supervisor that was killed leaves the token in its notes, and the next
one ends what still carries it: by token, so never a stranger's process.
"""

from __future__ import annotations

import contextlib
import ctypes
import fcntl
import os
import secrets
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

TOKEN = "NOPEEK_RUN"  # noqa: S105 - the name of a variable
_GRACE = 4.0  # seconds from asking to ending
_LONGEST = 30.0  # seconds between two starts of a process that keeps dying
_PR_SET_PDEATHSIG = 1


class AlreadyRunning(Exception):
    """Another site is served from the same folder."""


@dataclass(slots=True)
class Part:
    """One process of the site, and how it is started again.

    ``niceness`` keeps work in the background behind the web server. ``before`` is
    called ahead of each start but the first. What is to run ``once`` is started
    again only until it has ended well.
    """

    name: str
    command: Sequence[str]
    niceness: int = 0
    before: Callable[[], object] | None = None
    once: bool = False
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    deaths: int = 0
    due: float = field(default=0.0)


class Supervisor:
    """Owns a folder's site for as long as it lives.

    Args:
        folder: where the lock and the notes lie.
        say: told in words of what dies and is started again.

    Raises:
        AlreadyRunning: somebody else owns it.
    """

    def __init__(self, folder: Path, say: Callable[[str], object]) -> None:
        self.say = say
        self.parts: list[Part] = []
        self.token = secrets.token_hex(8)
        self.ending = False
        self._notes = folder / "serve.token"
        self._lock = _locked(folder / "serve.lock")
        if self._notes.exists():
            end_all(self._notes.read_text().strip())
        self._notes.write_text(self.token)

    def start(self, part: Part) -> None:
        """Start a process, and keep it alive from now on."""
        if part not in self.parts:
            self.parts.append(part)
        part.process = subprocess.Popen(
            part.command,
            stdin=subprocess.DEVNULL,
            env={**os.environ, TOKEN: self.token},
            start_new_session=True,  # Ctrl-C is for the supervisor alone
            preexec_fn=_prepare(part.niceness),  # noqa: PLW1509 - one thread here
        )
        part.started = time.monotonic()

    def watch(self) -> None:
        """Look after the processes until ``ending`` is set."""
        while not self.ending:
            self.look()
            time.sleep(0.2)

    def look(self) -> None:
        """Start again what has died; what keeps dying is started ever less often."""
        now = time.monotonic()
        for part in self.parts:
            if part.process is None:
                if now >= part.due:
                    if part.before is not None:
                        part.before()
                    self.start(part)
            elif (code := part.process.poll()) is not None:
                _end_group(part.process.pid, signal.SIGKILL)
                if part.once and code == 0:
                    part.process, part.due = None, float("inf")
                    continue
                part.deaths = part.deaths + 1 if now - part.started < 60 else 1
                wait = min(_LONGEST, 0.5 * 2 ** (part.deaths - 1))
                self.say(f"{part.name} ended ({code}); starting it again")
                part.process, part.due = None, now + wait

    def end(self) -> None:
        """End every process: asked first, made to after some seconds."""
        alive = [part.process for part in self.parts if part.process is not None]
        for process in alive:
            with contextlib.suppress(ProcessLookupError):
                process.terminate()
        deadline = time.monotonic() + _GRACE
        for process in alive:
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(max(0.0, deadline - time.monotonic()))
        for process in alive:
            _end_group(process.pid, signal.SIGKILL)
            process.wait()
        end_all(self.token)
        self._notes.unlink(missing_ok=True)
        self._lock.close()


def end_all(token: str) -> int:
    """Kill every process that carries ``token``; returns how many there were."""
    count = 0
    mark = f"{TOKEN}={token}".encode()
    for entry in Path("/proc").glob("[0-9]*"):
        pid = int(entry.name)
        if not token or pid == os.getpid():
            continue
        with contextlib.suppress(OSError):  # gone meanwhile, or somebody else's
            if mark in (entry / "environ").read_bytes().split(b"\0"):
                os.kill(pid, signal.SIGKILL)
                count += 1
    return count


def environment(values: Mapping[str, str]) -> None:
    """Set variables for this process and all that it starts, unless they are set."""
    for name, value in values.items():
        os.environ.setdefault(name, value)


def _locked(path: Path) -> IO[str]:
    """The lock file, held until it is closed or this process ends in whatever way."""
    handle = path.open("w")
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        handle.close()
        raise AlreadyRunning(str(path.parent)) from error
    return handle


def _prepare(niceness: int) -> Callable[[], None]:
    """What a child does before it becomes the program: step back, die with the parent."""
    libc = ctypes.CDLL(None) if os.uname().sysname == "Linux" else None

    def prepare() -> None:
        os.nice(niceness)
        if libc is not None:
            libc.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)

    return prepare


def _end_group(leader: int, number: signal.Signals) -> None:
    """Signal a child and what it started in its own session."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(leader, number)
