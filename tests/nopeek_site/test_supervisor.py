"""The supervisor's promises, with small real processes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from nopeek_site.supervisor import AlreadyRunning, Part, Supervisor, end_all

IDLE = [sys.executable, "-c", "import time; time.sleep(60)"]
STUBBORN = [
    sys.executable,
    "-c",
    (
        "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN);"
        "print(flush=True); time.sleep(60)"
    ),
]
PARENT = [
    sys.executable,
    "-c",
    (
        "import subprocess, sys, time;"
        "subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)']);"
        "time.sleep(60)"
    ),
]


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture
def supervisor(tmp_path: Path, said: list[str]) -> Iterator[Supervisor]:
    made = Supervisor(tmp_path, said.append)
    yield made
    made.end()


def carriers(token: str) -> list[int]:
    """Processes that carry a token, this one apart."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            marks = (entry / "environ").read_bytes().split(b"\0")
            state = (entry / "stat").read_text().rpartition(")")[2].split()[0]
        except OSError:
            continue
        if f"NOPEEK_RUN={token}".encode() in marks and state != "Z":
            found.append(int(entry.name))
    return found


def until(condition: object, seconds: float = 20) -> None:
    end = time.monotonic() + seconds
    while not condition():  # type: ignore[operator]
        assert time.monotonic() < end, "in vain"
        time.sleep(0.02)


def test_what_dies_is_started_again(supervisor: Supervisor, said: list[str]) -> None:
    called: list[int] = []
    part = Part("idle", IDLE, before=lambda: called.append(1))
    supervisor.start(part)
    assert part.process is not None
    first = part.process.pid
    os.kill(first, signal.SIGKILL)
    until(lambda: supervisor.look() or (part.process and part.process.pid != first))
    assert said == ["idle ended (-9); starting it again"]
    assert called == [1]


def test_what_keeps_dying_is_started_ever_less_often(supervisor: Supervisor) -> None:
    part = Part("broken", [sys.executable, "-c", "raise SystemExit(3)"])
    supervisor.start(part)
    until(lambda: supervisor.look() or part.deaths >= 2)
    assert part.due - time.monotonic() > 0.5


def test_nothing_is_left_at_the_end(tmp_path: Path) -> None:
    supervisor = Supervisor(tmp_path, print)
    for command in (IDLE, STUBBORN, PARENT):
        supervisor.start(Part("x", command))
    until(lambda: len(carriers(supervisor.token)) == 4)
    supervisor.end()
    assert carriers(supervisor.token) == []
    assert not (tmp_path / "serve.token").exists()


def test_only_one_serves_a_folder(supervisor: Supervisor, tmp_path: Path) -> None:
    with pytest.raises(AlreadyRunning):
        Supervisor(tmp_path, print)


def test_background_work_steps_back(supervisor: Supervisor) -> None:
    part = Part("idle", IDLE, niceness=7)
    supervisor.start(part)
    assert part.process is not None
    mine = os.getpriority(os.PRIO_PROCESS, 0)
    theirs = part.process.pid
    until(lambda: os.getpriority(os.PRIO_PROCESS, theirs) == min(19, mine + 7))


def test_k1_what_a_killed_supervisor_left_is_ended_by_the_next(tmp_path: Path) -> None:
    code = (
        "import sys, time; from pathlib import Path;"
        "from nopeek_site.supervisor import Part, Supervisor;"
        f"s = Supervisor(Path({str(tmp_path)!r}), print);"
        f"s.start(Part('p', {PARENT!r})); s.start(Part('s', {STUBBORN!r}));"
        "time.sleep(60)"
    )
    root = Path(__file__).resolve().parents[2]
    notes = tmp_path / "serve.token"
    killed = subprocess.Popen([sys.executable, "-c", code], cwd=root)
    until(lambda: notes.exists() and notes.read_text())
    token = notes.read_text()
    until(lambda: len(carriers(token)) == 3)
    killed.kill()
    killed.wait()
    stranger = subprocess.Popen(IDLE)
    try:
        Supervisor(tmp_path, print).end()
        until(lambda: carriers(token) == [])
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()


def test_without_a_token_nobody_is_ended() -> None:
    stranger = subprocess.Popen(IDLE)
    try:
        assert end_all("") == 0
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()
