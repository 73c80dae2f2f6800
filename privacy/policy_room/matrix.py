"""The matrix of a rule set as rows of a table, and back from a plain form.

A cell is ``weighed`` (masked from a severity on), ``show``, or a mask style. What a
severity comes to is worked out when a form is read, so raising it closes every cell
that goes by it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from privacy.core.policy import Cells, Rule, RuleSet
from privacy.core.presets import DEFAULT, Cut
from privacy.core.rules import permitted
from privacy.core.taxonomy import all_categories, is_known, lookup
from privacy.core.types import Style, Tier, Treatment
from privacy.styles import weakness

WEIGHED, SHOW = "weighed", "show"
FOLDED = ("object", "nudity")
"""Groups of which only the head is shown until they are opened."""
STYLES: dict[str, str | Promise] = {
    "veil": gettext_lazy("Veil"),
    "fill": gettext_lazy("Fill"),
    "sticker": gettext_lazy("Sticker"),
    "avatar": gettext_lazy("Avatar"),
    "synthetic": gettext_lazy("Dummy"),
    "remove": gettext_lazy("Removed"),
    "seal": gettext_lazy("Seal"),
    "blur": gettext_lazy("Blur"),
    "pixelate": gettext_lazy("Mosaic"),
    "noise": gettext_lazy("Noise"),
    "saliency": gettext_lazy("Sharp centre"),
}
TIERS = (
    (Tier.FULL, gettext_lazy("Strangers")),
    (Tier.SEMI, gettext_lazy("Followers")),
    (Tier.NONE, gettext_lazy("Close friends")),
)


class BadForm(Exception):
    """What was sent is no matrix; the text says which row and why."""


@dataclass(frozen=True, slots=True)
class Cell:
    """``choice`` is weighed, show or a style; ``now`` is what it comes to."""

    tier: Tier
    who: str | Promise
    choice: str
    now: str
    options: tuple[tuple[str, str | Promise], ...]
    changed: bool


@dataclass(frozen=True, slots=True)
class Row:
    """One category. ``own`` is False where it goes by the one above it."""

    category: str
    words: str
    depth: int
    parent: str
    own: bool
    cells: tuple[Cell, ...]
    severity: float
    min_confidence: float
    padding: float
    changed: frozenset[str]
    folded: int = 0  # how many below it are not shown


def weighed(category: str, severity: float, cut: Cut = DEFAULT) -> Cells:
    """What a severity comes to for each tier. Secrets are masked for all."""
    if category == "*" or lookup(category).secret:
        return (_VEIL, _VEIL, _VEIL)
    full, semi, none = (
        _VEIL if severity >= least else None for least in (cut.full, cut.semi, cut.none)
    )
    # The heaviest weight closes a category to close friends as well.
    return (full, semi, _VEIL if severity >= CLOSED else none)


_VEIL = Treatment(Style.VEIL)
CLOSED = 0.85
"""Severity from which even close friends see a veil."""


def rows(rules: RuleSet, base: RuleSet, opened: Iterable[str] = ()) -> list[Row]:
    """The table: every category in the order of the taxonomy, groups folded."""
    shown = set(opened)
    names = [category.name for category in all_categories()]
    extra = [rule.category for rule in rules.rules if not is_known(rule.category)]
    found = []
    for name in sorted([*names, *extra], key=_order):
        root = name.partition(".")[0]
        if name != root and root in FOLDED and root not in shown:
            continue
        below = sum(other.startswith(f"{name}.") for other in names)
        folded = below if name in FOLDED and name not in shown else 0
        found.append(_row(name, rules, base, folded))
    return found


def _order(name: str) -> tuple[int, str]:
    roots = ["*", "face", "person", "licence_plate", "text", "document", "code"]
    root = name.partition(".")[0]
    return (roots.index(root) if root in roots else len(roots), name)


def _row(name: str, rules: RuleSet, base: RuleSet, folded: int) -> Row:
    own = next((rule for rule in rules.rules if rule.category == name), None)
    held = own or rules.rule_for(name) or Rule(name, (_VEIL, _VEIL, _VEIL))
    was = base.rule_for(name) or Rule(name, (_VEIL, _VEIL, _VEIL))
    severity = lookup(name).severity if held.severity is None else held.severity
    before = lookup(name).severity if was.severity is None else was.severity
    by_weight = weighed(name, severity)
    cells = tuple(
        Cell(
            tier,
            who,
            WEIGHED if cell == heavy else (cell.style.value if cell else SHOW),
            cell.style.value if cell else SHOW,
            _options(name, tier),
            cell != old,
        )
        for (tier, who), cell, heavy, old in zip(
            TIERS, held.cells, by_weight, was.cells, strict=True
        )
    )
    pairs = (
        ("severity", severity, before),
        ("min_confidence", held.min_confidence, was.min_confidence),
        ("padding", held.padding, was.padding),
    )
    return Row(
        name,
        _words(name),
        name.count("."),
        name.rpartition(".")[0],
        own is not None,
        cells,
        severity,
        held.min_confidence,
        held.padding,
        frozenset(key for key, now, old in pairs if now != old),
        folded,
    )


def _words(name: str) -> str:
    words = _("everything else") if name == "*" else lookup(name).many
    return words[:1].upper() + words[1:]


def weaknesses() -> tuple[str, ...]:
    """What attacks got through the styles that are called weak, a sentence each."""
    return tuple(filter(None, (weakness(Style(style)) for style in STYLES)))


def _options(name: str, tier: Tier) -> tuple[tuple[str, str | Promise], ...]:
    """What may be chosen: styles that can be undone are not offered where refused."""
    fixed = [(WEIGHED, _("By weight")), (SHOW, _("Show"))]
    allowed = []
    for style, label in STYLES.items():
        look = Treatment(Style(style))
        cells: Cells = (look, look, look)
        if permitted(cells, name)[int(tier)] == look:
            weak = weakness(Style(style))
            allowed.append((style, f"{label} ({_('weak')})" if weak else label))
    return (*fixed, *allowed)


# --- from a form ----------------------------------------------------------------------


def read(data: QueryDict, rules: RuleSet) -> RuleSet:
    """``rules`` with the rows that were sent; what was not on the page stays.

    Raises:
        BadForm: a value that is none of those that were offered.
    """
    made = {rule.category: rule for rule in rules.rules}
    for name in data.getlist("row"):
        if not is_known(name):
            raise BadForm(_("%(name)s is not a category.") % {"name": name})
        if data.get(f"inherit.{name}") and "." in name:
            made.pop(name, None)
            continue
        held = made.get(name) or rules.rule_for(name) or Rule(name, (_VEIL,) * 3)
        made[name] = _one(data, name, replace(held, category=name))
    return RuleSet(rules.name, tuple(made.values()))


def _one(data: QueryDict, name: str, held: Rule) -> Rule:
    default = lookup(name).severity
    severity = _share(data, f"severity.{name}", default)
    heavy = weighed(name, severity)
    chosen = [
        _cell(data.get(f"cell.{name}.{tier.word}"), was, weight)
        for tier, was, weight in zip(Tier, held.cells, heavy, strict=True)
    ]
    if any(one is _BAD for one in chosen):
        raise BadForm(_("%(name)s: choose what is offered.") % {"name": _words(name)})
    full, semi, none = chosen
    return Rule(
        name,
        (full, semi, none),
        _share(data, f"confidence.{name}", held.min_confidence),
        _share(data, f"padding.{name}", held.padding),
        None if severity == default else severity,
    )


_BAD = Treatment(Style.VEIL, -1)


def _cell(
    choice: str | None, was: Treatment | None, heavy: Treatment | None
) -> Treatment | None:
    if choice is None:
        return was
    if choice == WEIGHED:
        return heavy
    if choice == SHOW:
        return None
    if choice not in STYLES:
        return _BAD
    # The same style keeps the strength that it had.
    return was if was and was.style == choice else Treatment(Style(choice))


def _share(data: QueryDict, key: str, otherwise: float) -> float:
    text = data.get(key, "").strip().replace(",", ".")
    if not text:
        return otherwise
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value <= 1:
        name = key.partition(".")[2]
        raise BadForm(
            _("%(name)s: write a number from 0 to 1, not “%(text)s”.")
            % {"name": _words(name) if is_known(name) else name, "text": text[:20]}
        )
    return value


def words_of(entries: Iterable[dict[str, object]]) -> list[str]:
    """A difference (``versions.difference``) in sentences."""
    return [_sentence(entry) for entry in entries]


def _sentence(entry: dict[str, object]) -> str:
    name = _words(str(entry["category"]))
    what, before, after = str(entry["what"]), entry["before"], entry["after"]
    who = {tier.word: str(label) for tier, label in TIERS}
    names: dict[str, Callable[[], str]] = {
        "severity": lambda: _("weight"),
        "min_confidence": lambda: _("least confidence"),
        "padding": lambda: _("padding"),
    }
    if what == "rule":
        text = _("a rule of its own") if after else _("goes by the rule above it")
        return f"{name}: {text}"
    if what in who:
        return f"{name}, {who[what]}: {_look(before)} → {_look(after)}"
    label = names[what]()
    return f"{name}, {label}: {_figure(before)} → {_figure(after)}"


def _look(value: object) -> str:
    return str(STYLES[str(value)]) if value else str(_("shown"))


def _figure(value: object) -> str:
    return _("as usual") if value is None else f"{float(str(value)):g}"
