"""What the red-team meter says, as numbers. Light: no pixels, no models."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

KINDS = ("faces", "faces_masked", "text", "codes", "things")
"""Faces against clear pictures, and against pictures masked alike; characters of text;
codes; and whatever else is masked."""

WORDS = {
    "faces": "faces recognised",
    "faces_masked": "faces recognised by masked pictures",
    "text": "characters read",
    "codes": "codes decoded",
    "things": "things found",
}


@dataclass(frozen=True, slots=True)
class Attack:
    """One way of attack on one render.

    Attributes:
        kind: one of ``KINDS``.
        attempts: faces, characters, codes or things that are masked.
        before, after: how many of them the attacker gets from the original and from
            the render.
    """

    kind: str
    attempts: int
    before: int
    after: int

    @property
    def rates(self) -> tuple[float, float]:
        """Success before and after, 0..1."""
        return self.before / self.attempts, self.after / self.attempts

    def as_json(self) -> dict[str, Any]:
        return {
            "kind": self.kind,
            "attempts": self.attempts,
            "before": self.before,
            "after": self.after,
        }

    @classmethod
    def from_json(cls, shape: Mapping[str, Any]) -> Self:
        return cls(
            str(shape["kind"]),
            int(shape["attempts"]),
            int(shape["before"]),
            int(shape["after"]),
        )


@dataclass(frozen=True, slots=True)
class Reading:
    """What the attacks on one render came to; ``unchecked`` could not run."""

    attacks: tuple[Attack, ...]
    unchecked: tuple[str, ...] = ()

    @property
    def withstood(self) -> bool:
        """Everything was tried, and nothing succeeded."""
        return not self.unchecked and not any(one.after for one in self.attacks)

    @property
    def words(self) -> str:
        """``faces recognised 3 -> 0, text read 41 -> 0``; empty where nothing is masked."""
        return ", ".join(
            f"{WORDS[one.kind]} {one.before} -> {one.after}" for one in self.attacks
        )

    @classmethod
    def from_json(cls, shape: Mapping[str, Any]) -> Self:
        return cls(
            tuple(Attack.from_json(one) for one in shape["attacks"]),
            tuple(str(one) for one in shape["unchecked"]),
        )

    def as_json(self) -> dict[str, Any]:
        return {
            "attacks": [one.as_json() for one in self.attacks],
            "unchecked": list(self.unchecked),
        }
