"""A pool of warm decoding processes for what strangers send.

A process serves many pictures, one at a time; one that crashes, stalls or runs out of
memory is replaced, and only the picture that it had is refused.
"""

from __future__ import annotations

import contextlib
import os
import threading
import weakref
from collections.abc import Iterator
from typing import Any

from privacy.core.decoder import Child, Pixels
from privacy.core.formats import Limits


class Sandbox:
    """A pool of at most ``children`` warm children, started when they are needed.

    Safe to use from many threads; after a fork the pool begins anew. A child is
    replaced after ``recycle`` pictures.
    """

    def __init__(self, children: int = 2, recycle: int = 200) -> None:
        self.children, self.recycle = children, recycle
        self._anew()
        _SANDBOXES.add(self)

    def _anew(self) -> None:
        self._free = threading.BoundedSemaphore(self.children)
        self._lock = threading.Lock()
        self._idle: list[Child] = []
        self._all: weakref.WeakSet[Child] = weakref.WeakSet()

    def decode(
        self, data: bytes, limits: Limits, *, alpha: bool = False
    ) -> tuple[dict[str, Any], Pixels]:
        """Decode ``data`` in a child, waiting for one that is free; see ``Child``.

        Raises:
            RefusedInput: see ``Child.decode``.
            SandboxFailed: no child can be started.
        """
        with self.child() as child:
            return child.decode(data, limits, alpha=alpha)

    @contextlib.contextmanager
    def child(self) -> Iterator[Child]:
        """One child for the time of the block."""
        with self._free:
            child = self._take()
            try:
                yield child
            finally:
                if child.alive and child.source >= 0 and child.served < self.recycle:
                    with self._lock:
                        self._idle.append(child)
                elif child.source >= 0:
                    child.close()

    def _take(self) -> Child:
        with self._lock:
            while self._idle:
                child = self._idle.pop()
                if child.alive:
                    return child
                child.close()
        child = Child()
        with self._lock:
            self._all.add(child)
        return child

    def close(self) -> None:
        """End the children that are idle; the sandbox may still be used."""
        with self._lock:
            idle, self._idle = self._idle, []
        for child in idle:
            child.close()

    def after_fork(self) -> None:
        """Let go of the children of the process that this one was forked from."""
        for child in list(self._all):
            child.release()
        self._anew()


_SANDBOXES: weakref.WeakSet[Sandbox] = weakref.WeakSet()


def _after_fork() -> None:
    for sandbox in list(_SANDBOXES):
        sandbox.after_fork()


os.register_at_fork(after_in_child=_after_fork)
