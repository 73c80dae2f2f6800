"""Lines of the review page's list, and the four steps of risk. For the owner alone."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass

from gallery import vault
from gallery.forms import RISKS
from gallery.models import Media
from privacy import review
from privacy.core.taxonomy import lookup
from privacy.models import Finding, Scan
from privacy.styles import Offer, offered


def step_of(score: int) -> str:
    """The step of risk that a score of 0..100 belongs to."""
    return next(name for name, (low, high) in RISKS.items() if low <= score <= high)


@dataclass(frozen=True, slots=True)
class Row:
    """One finding on the review page.

    Attributes:
        number: its tab, the same in the picture and in the list.
        seen_by: who sees the thing, in a sentence; empty where nobody asked.
    """

    finding: Finding
    number: int
    seen_by: str = ""

    @property
    def step(self) -> str:
        """How grave such a thing is, as one of the four steps of risk."""
        return step_of(round(100 * lookup(self.finding.category).severity))

    @property
    def one(self) -> str:
        return lookup(self.finding.category).one

    @property
    def styles(self) -> tuple[Offer, ...]:
        """What it may look like where it is masked."""
        return offered(self.finding.category, self.finding.kind)

    @property
    def shape(self) -> str:
        """Its place and look as JSON, for the canvas."""
        row = self.finding
        return json.dumps(
            {
                "id": row.region,
                "box": [row.x0, row.y0, row.x1, row.y1],
                "outline": row.outline,
                "brush": row.brush,
                "choice": row.choice,
                "show_from": row.show_from,
                "style": row.style,
                "art": row.art,
                "manual": row.manual,
            }
        )


@dataclass(frozen=True, slots=True)
class Label:
    """So many findings of one category, in words: ``3 faces``."""

    category: str
    count: int

    @property
    def words(self) -> str:
        names = lookup(self.category)
        return f"{self.count} {names.one if self.count == 1 else names.many}"


@dataclass(frozen=True, slots=True)
class Kind:
    """All findings of one category, with how they are switched."""

    category: str
    findings: tuple[Finding, ...]
    rows: tuple[Row, ...] = ()

    @property
    def words(self) -> str:
        return Label(self.category, len(self.findings)).words

    @property
    def same(self) -> str:
        """The choice that all of them share, or empty."""
        return _shared(self.findings)

    @property
    def behind(self) -> tuple[Finding, ...]:
        """Faces in the background, where there are some in front too."""
        far = review.in_background(self.findings)
        return tuple(one for one in self.findings if one.region in far)

    @property
    def same_behind(self) -> str:
        return _shared(self.behind)


def _shared(findings: Iterable[Finding]) -> str:
    choices = {finding.choice for finding in findings}
    return choices.pop() if len(choices) == 1 else ""


def removed(media: Media) -> tuple[dict[str, str], ...]:
    """What metadata the upload carried, as it was told when it was removed."""
    try:
        items = json.loads(vault.open_sealed(media, "metadata"))
    except (vault.VaultError, ValueError):
        return ()
    return tuple(
        {"group": one["group"], "name": one["name"], "value": one.get("value", "")}
        for one in items
    )


def unchecked(scan: Scan | None) -> tuple[str, ...]:
    """Names of the detectors that did not run to their end."""
    if scan is None:
        return ()
    return tuple(
        run["name"] for run in scan.runs if run.get("status") in ("failed", "missing")
    )
