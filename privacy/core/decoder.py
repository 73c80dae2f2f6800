"""One warm decoding process, seen from outside: start, ask, limit, end.

It is a fresh interpreter, not a fork of this process: it holds no secret in its memory
or environment, and after start-up it can neither open files nor reach a network (see
``confine.py``). What it answers is checked, its pixels are copied.
"""

from __future__ import annotations

import contextlib
import json
import math
import mmap
import os
import resource
import select
import signal
import subprocess
import sys
import tempfile
import time
import warnings
from dataclasses import asdict
from pathlib import Path
from typing import IO, Any, TypeAlias, cast

import numpy as np
import numpy.typing as npt

from privacy.core.errors import LimitExceeded, RefusedInput, SandboxFailed
from privacy.core.formats import Limits

Pixels: TypeAlias = npt.NDArray[np.uint8]

START_SECONDS = 60.0
"""How long a child may take to load its decoders, on a busy machine."""

MAX_REPLY = 1 << 20
"""Bytes of one reply; a child that says more is not to be trusted."""

_ROOT = Path(__file__).resolve().parents[2]
_ENVIRONMENT = {
    "PATH": "",
    "LANG": "C.UTF-8",
    "PYTHONPATH": str(_ROOT),
    "PYTHONDONTWRITEBYTECODE": "1",
    "PYTHONNOUSERSITE": "1",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MALLOC_ARENA_MAX": "1",
}
_CAN_LIMIT_CHILD = hasattr(resource, "prlimit")


class _Died(Exception):
    """The child ended, or broke the protocol, before its reply was complete."""


class Child:
    """One warm decoding process, and the memory shared with it.

    Raises:
        SandboxFailed: it cannot be started.
    """

    def __init__(self) -> None:
        self.served = 0
        self.source, self.target = _shared_memory("source"), _shared_memory("target")
        command = [sys.executable, "-s", "-P", "-m", "privacy.core.sandboxed"]
        self.process = subprocess.Popen(
            [*command, str(self.source), str(self.target)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            pass_fds=(self.source, self.target),
            env=_ENVIRONMENT,
            cwd="/",
            bufsize=0,
        )
        try:
            hello = self._reply(time.monotonic() + START_SECONDS)
            self.held = tuple(hello["held"])
            self.space, self.cpu = int(hello["space"]), float(hello["cpu"])
        except (_Died, TimeoutError, KeyError) as error:
            self.close()
            raise SandboxFailed(
                "the decoding process does not start; "
                "`python -m privacy.core.sandboxed 0 0 < /dev/null` says why"
            ) from error
        if "seccomp" not in self.held:
            warnings.warn(
                "no seccomp filter on this system: decoding is held by resource "
                "limits alone",
                RuntimeWarning,
                stacklevel=2,
            )

    @property
    def alive(self) -> bool:
        return self.process.poll() is None

    def decode(
        self, data: bytes, limits: Limits, *, alpha: bool = False
    ) -> tuple[dict[str, Any], Pixels]:
        """What the child says of ``data``, and a copy of the pixels that it wrote.

        With ``alpha`` each pixel is how opaque it is, three times.

        Raises:
            RefusedInput: the child refused the picture, or did not survive it.
        """
        self.served += 1
        os.ftruncate(self.source, len(data))
        os.ftruncate(self.target, limits.pixels * 3)
        try:
            with mmap.mmap(self.source, len(data)) as shared:
                shared[:] = data
            self._limit(limits)
            request = {"size": len(data), "limits": asdict(limits), "alpha": alpha}
            self._send(request | {"own": not _CAN_LIMIT_CHILD})
            reply = self._reply(time.monotonic() + limits.seconds)
            self.cpu = float(reply["cpu"])
            if not reply["sound"]:  # it ran out of memory and ends itself
                self.close()
            if "refused" in reply:
                raise _refusal(*reply["refused"])
            return reply, self._pixels(reply, limits)
        except TimeoutError:
            self.close()
            raise _timeout(limits) from None
        except (_Died, BrokenPipeError):
            raise _post_mortem(self.close(grace=2.0), limits) from None
        except (KeyError, TypeError, ValueError) as error:
            self.close()
            raise RefusedInput("damaged", "the decoder answered nonsense") from error
        finally:
            if self.source >= 0:  # no picture stays in shared memory
                os.ftruncate(self.source, 0)
                os.ftruncate(self.target, 0)

    def close(self, grace: float = 0.0) -> int:
        """End the child, at once or after ``grace`` seconds; its return code."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            if grace:
                self.process.wait(grace)
        self.process.kill()
        code = self.process.wait()
        self.release()
        return code

    def release(self) -> None:
        """Close this process's ends; after a fork the child is the parent's to end."""
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe is not None:
                pipe.close()
        if self.source >= 0:
            os.close(self.source)
            os.close(self.target)
        self.source = self.target = -1

    def _limit(self, limits: Limits) -> None:
        """Processor time and address space for one picture, set from outside."""
        if not _CAN_LIMIT_CHILD:
            return
        pid, free = self.process.pid, resource.RLIM_INFINITY
        seconds = math.ceil(self.cpu + limits.seconds) + 1
        resource.prlimit(pid, resource.RLIMIT_CPU, (seconds, free))
        if self.space:
            space = self.space + limits.memory
            resource.prlimit(pid, resource.RLIMIT_AS, (space, free))

    def _send(self, message: dict[str, Any]) -> None:
        body = json.dumps(message).encode()
        requests = cast("IO[bytes]", self.process.stdin)
        requests.write(len(body).to_bytes(4, "big") + body)

    def _reply(self, deadline: float) -> dict[str, Any]:
        size = int.from_bytes(self._read(4, deadline), "big")
        if size > MAX_REPLY:
            raise _Died
        try:
            message = json.loads(self._read(size, deadline))
        except ValueError as error:
            raise _Died from error
        if not isinstance(message, dict):
            raise _Died
        return message

    def _read(self, size: int, deadline: float) -> bytes:
        fd, out = cast("IO[bytes]", self.process.stdout).fileno(), b""
        poll = select.poll()
        poll.register(fd, select.POLLIN)
        while len(out) < size:
            left = deadline - time.monotonic()
            if left <= 0 or not poll.poll(left * 1000):
                raise TimeoutError
            more = os.read(fd, size - len(out))
            if not more:
                raise _Died
            out += more
        return out

    def _pixels(self, reply: dict[str, Any], limits: Limits) -> Pixels:
        """A copy: the child could still change what it shares."""
        width, height = int(reply["width"]), int(reply["height"])
        if width < 1 or height < 1 or width * height > limits.pixels:
            raise ValueError("size")
        with mmap.mmap(self.target, width * height * 3) as shared:
            view = np.frombuffer(shared, np.uint8).reshape(height, width, 3)
            pixels: Pixels = view.copy()
            del view
        return pixels


def _shared_memory(name: str) -> int:
    """A descriptor of memory without a name in the file system."""
    if hasattr(os, "memfd_create"):
        return os.memfd_create(name)
    with tempfile.TemporaryFile() as file:
        return os.dup(file.fileno())


def _refusal(code: str, message: str) -> RefusedInput:
    if code == "too_large":
        return LimitExceeded(str(message)[:500])
    known = code in ("damaged", "unsupported")
    return RefusedInput(code if known else "damaged", str(message)[:500])


def _timeout(limits: Limits) -> RefusedInput:
    return RefusedInput(
        "timeout",
        f"the picture takes longer than {limits.seconds:g} seconds to open: "
        "export it again in a simpler form",
    )


def _post_mortem(code: int, limits: Limits) -> RefusedInput:
    """What the end of a child says of the picture that it was decoding."""
    if code == -signal.SIGXCPU:
        return _timeout(limits)
    if code == -signal.SIGKILL:
        return LimitExceeded("the picture needs too much memory")
    return RefusedInput("damaged", "the picture makes its decoder crash: it is damaged")
