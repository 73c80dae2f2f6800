"""The embedded site as a process of its own, with or without its demo."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PASSWORD = "correct-horse-9-battery"
START = 90.0


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


@dataclass
class Site:
    """``manage.py serve`` on a folder and a port of its own."""

    var: Path
    port: int = field(default_factory=free_port)
    demo: bool = False
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://localhost:{self.port}"

    def start(self) -> float:
        """Serve, and wait until the pages answer; seconds it took."""
        environment = os.environ | {
            "NOPEEK_ENV": "dev",
            "NOPEEK_VAR": str(self.var),
            "NOPEEK_STALL_SECONDS": "15",
            "NOPEEK_LOG_LEVEL": "WARNING",
            "NOPEEK_DEMO_PASSWORD": PASSWORD,
        }
        environment.pop("DJANGO_SETTINGS_MODULE", None)
        self.var.mkdir(parents=True, exist_ok=True)
        with (self.var / "serve.log").open("ab") as log:
            # After a kill -9 the old web server may answer for a moment: wait for ours.
            written = log.tell()
            self.process = subprocess.Popen(
                [
                    *(sys.executable, "manage.py", "serve", "--port", str(self.port)),
                    *(("--demo",) if self.demo else ()),
                ],
                cwd=ROOT,
                env=environment,
                stdout=log,
                stderr=log,
            )
        begun = time.monotonic()
        while time.monotonic() < begun + START:
            if self.process.poll() is not None:
                raise RuntimeError(self.log)
            if b"NoPeek: " not in (self.var / "serve.log").read_bytes()[written:]:
                time.sleep(0.05)
                continue
            try:
                with urllib.request.urlopen(self.url + "/readyz", timeout=5) as answer:
                    if answer.status == 200:
                        return time.monotonic() - begun
            except OSError:
                time.sleep(0.2)
        raise RuntimeError(f"no answer within {START:g} s\n{self.log}")

    def waits_for_the_demo(self, seconds: float = 420) -> None:
        """Until every post of the demo has gone through the line."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            with contextlib.suppress(OSError, ValueError):
                if json.loads((self.var / "demo.json").read_text("utf-8"))["done"]:
                    return
            time.sleep(1)
        raise RuntimeError(f"the demo was not filled within {seconds:g} s\n{self.log}")

    @property
    def log(self) -> str:
        return (self.var / "serve.log").read_text("utf-8", "replace")[-4000:]

    def end(self) -> int:
        """As Ctrl-C does; the exit status."""
        assert self.process is not None
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(40)

    def kill(self) -> None:
        """As ``kill -9`` does, to the supervisor alone."""
        assert self.process is not None
        self.process.kill()
        self.process.wait(10)


@contextlib.contextmanager
def demo(address: str = "") -> Iterator[str]:
    """The address of a site with a filled demo: the one given, or one of its own."""
    if address:
        yield address
        return
    with tempfile.TemporaryDirectory() as folder:
        site = Site(Path(folder) / "var", demo=True)
        site.start()
        try:
            site.waits_for_the_demo()
            yield site.url
        finally:
            site.end()
