"""Rule sets that come with NoPeek, and the way to load others.

``default`` and ``strict`` are one cut through the severities of the taxonomy for each
tier; ``viper`` is VIPER's own two lists, level by level.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from privacy.core.errors import InvalidRules
from privacy.core.policy import Cells, Rule, RuleSet
from privacy.core.taxonomy import Category, all_categories
from privacy.core.types import Style, Treatment

NAMES = ("default", "strict", "viper")

_VEIL = Treatment(Style.VEIL)
_FILL = Treatment(Style.FILL)


@dataclass(frozen=True, slots=True)
class Cut:
    """From which severity on each tier is masked; secrets are masked for all."""

    full: float
    semi: float
    none: float


DEFAULT = Cut(full=0.20, semi=0.60, none=2.0)
STRICT = Cut(full=0.05, semi=0.20, none=0.60)

_WHOLE_PEOPLE = frozenset({"person"})
"""Under ``default`` a body is shown: the face on it is what is masked."""


@dataclass(frozen=True, slots=True)
class ViperClass:
    """One entry of VIPER's lists, named as in COCO-Stuff's table of labels.

    ``category`` is empty for what no detector of COCO's 80 classes emits: the ids that
    COCO planned and dropped (street sign, mirror, desk, door), and stuff (110, 133).
    """

    coco91: int
    name: str
    category: str

    @property
    def live(self) -> bool:
        return bool(self.category)


VIPER_SEMI_PRIVATE = (
    ViperClass(31, "handbag", "object.handbag"),
    ViperClass(33, "suitcase", "object.suitcase"),
    ViperClass(46, "wine glass", "object.wine_glass"),
    ViperClass(71, "door", ""),
    ViperClass(72, "tv", "object.tv"),
    ViperClass(73, "laptop", "object.laptop"),
    ViperClass(74, "mouse", "object.mouse"),
    ViperClass(75, "remote", "object.remote"),
    ViperClass(76, "keyboard", "object.keyboard"),
    ViperClass(110, "desk-stuff", ""),
)
"""Masked at relationship 0 and 1."""

VIPER_MOST_PRIVATE = (
    ViperClass(3, "car", "object.car"),
    ViperClass(12, "street sign", ""),
    ViperClass(14, "parking meter", "object.parking_meter"),
    ViperClass(63, "couch", "object.couch"),
    ViperClass(65, "bed", "object.bed"),
    ViperClass(66, "mirror", ""),
    ViperClass(69, "desk", ""),
    ViperClass(70, "toilet", "object.toilet"),
    ViperClass(77, "cell phone", "object.cell_phone"),
    ViperClass(85, "clock", "object.clock"),
    ViperClass(133, "mirror-stuff", ""),
)
"""Masked at relationship 0 alone."""


@cache
def preset(name: str) -> RuleSet:
    """One of ``NAMES``.

    Raises:
        InvalidRules: no such preset.
    """
    match name:
        case "default":
            return _by_severity(name, DEFAULT, shown=_WHOLE_PEOPLE)
        case "strict":
            return _by_severity(name, STRICT, shown=frozenset())
        case "viper":
            return _viper()
    raise InvalidRules((f"no preset {name!r}: there are {', '.join(NAMES)}",))


def load(name: str) -> RuleSet:
    """A preset by name, or the rules in a JSON file.

    Raises:
        InvalidRules: neither a preset nor a file, or a file with problems.
    """
    if name in NAMES:
        return preset(name)
    path = Path(name)
    if not path.is_file():
        raise InvalidRules(
            (f"{name!r} is neither a preset ({', '.join(NAMES)}) nor a file",)
        )
    return RuleSet.loads(path.read_text("utf-8"))


def _by_severity(name: str, cut: Cut, shown: frozenset[str]) -> RuleSet:
    return RuleSet(
        name,
        tuple(
            Rule(category.name, _cells(category, cut, category.name in shown))
            for category in all_categories()
        ),
    )


def _cells(category: Category, cut: Cut, shown: bool) -> Cells:
    if category.secret or category.name == "*":
        return (_VEIL, _VEIL, _VEIL)
    if shown:
        return (None, None, None)
    full, semi, none = (
        _VEIL if category.severity >= least else None
        for least in (cut.full, cut.semi, cut.none)
    )
    return (full, semi, none)


def _viper() -> RuleSet:
    semi = [
        Rule(c.category, (_FILL, _FILL, None)) for c in VIPER_SEMI_PRIVATE if c.live
    ]
    most = [Rule(c.category, (_FILL, None, None)) for c in VIPER_MOST_PRIVATE if c.live]
    # VIPER knows no other class; everything else is shown, people included.
    return RuleSet("viper", (Rule("*", (None, None, None)), *semi, *most))
