"""What a detector is."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

from privacy.core.image import Picture
from privacy.core.types import Finding


@runtime_checkable
class Detector(Protocol):
    """Finds one kind of thing in a clean picture.

    Constructing a detector is cheap; weights are loaded by ``load``, which the
    registry calls once, in the process that scans (sessions do not survive a fork).
    """

    name: str
    model: str  # name of the weights in the lock file, or of the library

    def load(self) -> None:
        """Read and check the weights.

        Raises:
            ModelMissing: the file is not there.
            ModelMismatch: its hash is not the pinned one.
        """

    def detect(
        self, picture: Picture, *, threshold: float | None = None
    ) -> list[Finding]:
        """Findings in 0..1 of the displayed picture, each with ``detector=self.name``.

        ``threshold`` overrides the shipped confidence (the red team runs at 0.05).
        An empty list means: ran and found nothing. Any failure is an exception.
        """
