"""Rules: what is done to each category for each tier, as frozen data and as JSON.

A rule set may be anything that a person writes. ``problems`` names in words what is
wrong with it; ``guaranteed`` is what the policy makes of it regardless,
so that no rule set, however wrong, opens more to a stricter tier (docs/policy.md).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Self, TypeAlias

from privacy.core.errors import InvalidRules
from privacy.core.taxonomy import ancestors, is_known, lookup
from privacy.core.types import Style, Tier, Treatment

Cells: TypeAlias = tuple[Treatment | None, Treatment | None, Treatment | None]
"""What is done for FULL, SEMI and NONE; None shows."""

HIDDEN = Treatment(Style.VEIL)
"""What is done when nothing else is certain."""

ZERO_BIT_ONLY = (
    *("text", "licence_plate", "document", "code", "nudity", "manual", "*"),
    "face.child",
)
"""Categories for which a courtesy style is refused, with all below them: it can be
undone for them, or the picture must not get out at all (docs/masking.md)."""

NOISED = ("face", "person", "object")
"""Roots that noise may mask: for these there is a model that it can be made against."""


@dataclass(frozen=True, slots=True)
class Rule:
    """What is done to one category, and to all below it that have no rule of their own.

    Attributes:
        category: a name of the taxonomy, or ``*``.
        cells: for FULL, SEMI and NONE.
        min_confidence: findings below it are left alone, 0..1.
        padding: share of the longer side by which the region is widened, on top of
            the margin that every mask has.
        severity: what one of it weighs in the score, 0..1; None as the taxonomy says.
    """

    category: str
    cells: Cells
    min_confidence: float = 0.0
    padding: float = 0.0
    severity: float | None = None

    def as_json(self) -> dict[str, Any]:
        shape: dict[str, Any] = {"category": self.category}
        for tier, cell in zip(Tier, self.cells, strict=True):
            shape[tier.word] = None if cell is None else _treatment_json(cell)
        if self.min_confidence:
            shape["min_confidence"] = self.min_confidence
        if self.padding:
            shape["padding"] = self.padding
        if self.severity is not None:
            shape["severity"] = self.severity
        return shape


@dataclass(frozen=True, slots=True)
class RuleSet:
    """An immutable matrix of rules; equal ones are equal and hash equal."""

    name: str
    rules: tuple[Rule, ...] = field(default_factory=tuple)

    def rule_for(self, category: str, kind: str = "") -> Rule | None:
        """The narrowest rule on the way from the category up to ``*``.

        Two rules for one name are a problem; what either of them masks is masked.
        """
        for path in ancestors(category, kind):
            found = [rule for rule in self.rules if rule.category == path]
            if found:
                return found[0] if len(found) == 1 else strictest(found)
        return None

    def problems(self) -> tuple[str, ...]:
        """What is wrong with these rules, in words; empty when nothing is."""
        return tuple(_problems(self.rules))

    def as_json(self) -> dict[str, Any]:
        return {"name": self.name, "rules": [rule.as_json() for rule in self.rules]}

    @classmethod
    def from_json(cls, shape: Any, *, strict: bool = True) -> Self:
        """Read the documented shape (docs/policy.md).

        Raises:
            InvalidRules: it is not of that shape, or, when ``strict``, has problems.
        """
        try:
            rules = tuple(_rule(entry) for entry in shape["rules"])
            found = cls(str(shape.get("name", "custom")), rules)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise InvalidRules((f"not a rule set: {error}",)) from error
        if strict and (problems := found.problems()):
            raise InvalidRules(problems)
        return found

    @classmethod
    def loads(cls, text: str) -> Self:
        """Read JSON text.

        Raises:
            InvalidRules: not JSON, or not a rule set.
        """
        try:
            shape = json.loads(text)
        except json.JSONDecodeError as error:
            raise InvalidRules((f"not JSON: {error}",)) from error
        return cls.from_json(shape)


# --- the guarantees --------------------------------------------------------------------


def guaranteed(cells: Cells, category: str, kind: str = "") -> Cells:
    """What these cells come to for a category, whatever they say."""
    # Nesting comes first as well: it may carry a courtesy to a tier that refuses it.
    return nested(permitted(nested(cells), category, kind))


def permitted(cells: Cells, category: str, kind: str = "") -> Cells:
    """The cells with a veil for each courtesy style that is refused."""
    root = category.partition(".")[0]
    # Something of an unknown root is as bad as anything.
    paths = set(ancestors(category, kind)) - {"*"} if is_known(root) else {"*"}
    closed = not paths.isdisjoint(ZERO_BIT_ONLY) or category == "*"

    def allowed(cell: Treatment | None, tier: Tier) -> Treatment | None:
        if cell is None or cell.zero_bit:
            return cell
        refused = (
            closed
            or (root == "face" and tier == Tier.FULL)
            or (cell.style is Style.NOISE and root not in NOISED)
        )
        return HIDDEN if refused else cell

    return each(cells, allowed)


def nested(cells: Cells) -> Cells:
    """The cells so closed that a stricter tier never sees or learns more."""
    full, semi, none = cells
    # Masked for the trusted: masked for the stricter, and never with a weaker class.
    semi = _at_least(semi, none)
    full = _at_least(full, semi)
    # Masked alike: one look, that of the stricter tier.
    semi = _same_look(full, semi)
    none = _same_look(semi, none)
    return full, semi, none


def _at_least(strict: Treatment | None, trusted: Treatment | None) -> Treatment | None:
    if trusted is None:
        return strict
    if strict is None or (trusted.zero_bit and not strict.zero_bit):
        return trusted
    return strict


def strictest(rules: list[Rule]) -> Rule:
    """What any of these rules for one category masks, with the look of the first."""
    full, semi, none = zip(*(rule.cells for rule in rules), strict=True)
    masking = [rule for rule in rules if any(rule.cells)]
    weights = [rule.severity for rule in rules if rule.severity is not None]
    return Rule(
        rules[0].category,
        (_closest(full), _closest(semi), _closest(none)),
        # How sure one has to be matters only to who masks at all.
        min(rule.min_confidence for rule in masking or rules),
        max(rule.padding for rule in masking or rules),
        max(weights, default=None),
    )


def _closest(cells: tuple[Treatment | None, ...]) -> Treatment | None:
    masks = [cell for cell in cells if cell is not None]
    return next((cell for cell in masks if cell.zero_bit), masks[0] if masks else None)


def _same_look(strict: Treatment | None, trusted: Treatment | None) -> Treatment | None:
    if strict is None or trusted is None or strict.zero_bit != trusted.zero_bit:
        return trusted
    return strict


def each(
    cells: Cells, change: Callable[[Treatment | None, Tier], Treatment | None]
) -> Cells:
    """The cells after ``change(cell, tier)``."""
    full, semi, none = (
        change(cell, tier) for cell, tier in zip(cells, Tier, strict=True)
    )
    return full, semi, none


# --- reading ---------------------------------------------------------------------------


def _treatment_json(treatment: Treatment) -> dict[str, Any]:
    return {"style": treatment.style.value, "strength": treatment.strength}


def _treatment(shape: Any) -> Treatment | None:
    if shape is None or shape == "show":
        return None
    if isinstance(shape, str):
        return Treatment(Style(shape))
    strength = float(shape.get("strength", 0.5))
    if not 0 <= strength <= 1:
        raise ValueError(f"strength {strength} is not within 0..1")
    return Treatment(Style(shape["style"]), strength)


def _rule(shape: Mapping[str, Any]) -> Rule:
    full, semi, none = (_treatment(shape.get(tier.word, "veil")) for tier in Tier)
    rule = Rule(
        str(shape["category"]),
        (full, semi, none),
        float(shape.get("min_confidence", 0.0)),
        float(shape.get("padding", 0.0)),
        None if shape.get("severity") is None else float(shape["severity"]),
    )
    shares = (rule.min_confidence, rule.padding, rule.severity or 0.0)
    if not all(0 <= share <= 1 for share in shares):
        raise ValueError(
            f"{rule.category}: confidence, padding and severity are within 0..1"
        )
    return rule


def _problems(rules: tuple[Rule, ...]) -> Iterable[str]:
    seen: set[str] = set()
    for rule in rules:
        name = rule.category
        if name in seen:
            yield f"{name} has two rules"
        seen.add(name)
        if not is_known(name):
            yield f"{name} is not a category"
        allowed = permitted(rule.cells, name)
        for tier, cell, better in zip(Tier, rule.cells, allowed, strict=True):
            if cell != better and cell is not None:
                yield (
                    f"{lookup(name).many} may not be masked by {cell.style.value} for "
                    f"{tier.word}: it can be undone; use veil, fill or a sticker"
                )
        for strict, trusted in ((Tier.SEMI, Tier.NONE), (Tier.FULL, Tier.SEMI)):
            before = rule.cells[strict]
            if before != _at_least(before, rule.cells[trusted]):
                yield (
                    f"{lookup(name).many} are masked more for {trusted.word} than for "
                    f"{strict.word}"
                )
