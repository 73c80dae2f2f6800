"""LIGHT: lessons in, suggestions out. It masks nothing and shows nothing by itself.

A decision that an owner makes in the editor is a lesson about one finding; taking the
decision back takes the lesson back. The weights are made anew with each lesson
(``privacy.core.taste``), which takes some milliseconds.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias
from uuid import UUID

from django.db import transaction

from privacy import decisions
from privacy.core import taste
from privacy.core.policy import looks
from privacy.core.types import Finding as Found
from privacy.models import Finding, Scan
from privacy.personal.models import Lesson, Taste

State: TypeAlias = tuple[str, int, str]
"""Choice, from which tier it is shown, and look."""

PRIVATE_SHARE = 0.3
"""What "keep it private" says of the gravest thing in a picture, beside a decision."""
SAME = 0.5
"""Overlap from which a drawn region is about the thing that was found there."""


def state_of(subject: UUID) -> dict[str, State]:
    """What is decided about each region of a picture; for ``note``."""
    rows = Finding.objects.filter(scan__subject=subject, scan__current=True)
    found = rows.values_list("region", "choice", "show_from", "style")
    return {region: (choice, tier, style) for region, choice, tier, style in found}


@transaction.atomic
def note(scan: Scan, before: Mapping[str, State]) -> int:
    """Learn from what an owner has just changed; returns how many lessons changed.

    Args:
        before: ``state_of`` the picture before the change.
    """
    now = state_of(scan.subject)
    changed = {region for region in now if now[region] != before.get(region)}
    if not changed or not _learns(scan.owner_id):
        return 0
    findings, choices = decisions.findings_of(scan)
    rules = decisions.rules_for(scan)
    traits = taste.traits(findings, rules)
    drawn = {one.id: one for one in findings if one.category == "manual"}
    for one in findings:
        cells = looks(rules, one, choices.get(one.id))
        hidden = sum(cell is not None for cell in cells)
        covering = [
            region for region in changed & drawn.keys()
            if drawn[region].box.iou(one.box) >= SAME
        ]  # fmt: skip
        if one.id in drawn:
            continue
        if one.id in changed and now[one.id][0] == "auto" and not now[one.id][2]:
            Lesson.objects.filter(subject=scan.subject, region=one.id).delete()
        elif one.id in changed:
            _keep(scan, one, traits[one.id], hidden, now[one.id][2])
        elif covering:  # drawn over: what the detector's mask left open is hidden too
            _keep(scan, one, traits[one.id], 3, "")
    refit(scan.owner_id)
    return len(changed)


@transaction.atomic
def note_private(scan: Scan) -> None:
    """The owner keeps a whole picture private: a weak lesson about its gravest thing."""
    if not _learns(scan.owner_id):
        return
    findings, _choices = decisions.findings_of(scan)
    traits = taste.traits(findings, decisions.rules_for(scan))
    gravest = max(findings, key=lambda one: traits[one.id].weight, default=None)
    if gravest is None or gravest.category == "manual":
        return
    rows = Lesson.objects.filter(owner=scan.owner_id, subject=scan.subject)
    if not rows.filter(region=gravest.id).exists():
        _keep(scan, gravest, traits[gravest.id], 3, "", PRIVATE_SHARE)
        refit(scan.owner_id)


def lessons_of(owner_id: int) -> list[taste.Lesson]:
    """The lessons that count, oldest first, as the core takes them."""
    rows = Lesson.objects.filter(owner=owner_id).order_by("-at", "-pk")[: taste.MOST]
    return [
        taste.Lesson(
            taste.Trait(
                row.category, row.kind, row.weight, row.side, row.off,
                row.confidence, row.count,
            ),
            row.hidden,
            row.share,
        )
        for row in reversed(rows)
    ]  # fmt: skip


def refit(owner_id: int) -> None:
    """Make the weights anew from the lessons there are."""
    row, _made = Taste.objects.get_or_create(owner_id=owner_id)
    found = taste.learn(lessons_of(owner_id), taste.Taste(row.weights))
    row.weights = dict(found.weights)
    row.save(update_fields=["weights", "changed_at"])


def settings_of(owner_id: int) -> Taste:
    """What is stored, or what holds where nothing is."""
    return Taste.objects.filter(owner=owner_id).first() or Taste(owner_id=owner_id)


def set_up(owner_id: int, *, learns: bool, unasked: bool) -> None:
    """Whether to learn, and whether to hide unasked; not learning forgets."""
    wanted = {"learns": learns, "unasked": learns and unasked}
    Taste.objects.update_or_create(owner_id=owner_id, defaults=wanted)
    if not learns:
        reset(owner_id)


@transaction.atomic
def reset(owner_id: int) -> int:
    """Forget everything that was learned; returns how many lessons there were."""
    gone, _by_kind = Lesson.objects.filter(owner=owner_id).delete()
    Taste.objects.filter(owner=owner_id).update(weights={})
    return gone


@transaction.atomic
def forget(subjects: Iterable[UUID]) -> int:
    """Forget what was learned of pictures that are deleted; returns how much it was."""
    rows = Lesson.objects.filter(subject__in=list(subjects))
    owners = set(rows.values_list("owner_id", flat=True))
    gone, _by_kind = rows.delete()
    for owner in sorted(owners):
        refit(owner)
    return gone


@dataclass(frozen=True, slots=True)
class Known:
    """One category of which something was learned, for its owner to read."""

    usual: taste.Usual
    style: str


def known(owner_id: int) -> list[Known]:
    """What was learned, by category, what was decided most often first."""
    lessons = lessons_of(owner_id)
    names = {one.trait.category for one in lessons if one.share >= 1}
    found = [taste.usual(lessons, name) for name in sorted(names)]
    looks_of = styles(owner_id)
    return [
        Known(one, looks_of.get(one.category, ""))
        for one in sorted(found, key=lambda one: -one.of)
    ]


def styles(owner_id: int) -> dict[str, str]:
    """The look that an owner chose for a category three times and mostly."""
    counts: dict[str, dict[str, int]] = {}
    rows = Lesson.objects.filter(owner=owner_id).exclude(style="")
    for category, style in rows.values_list("category", "style"):
        of = counts.setdefault(category, {})
        of[style] = of.get(style, 0) + 1
    found = {}
    for category, of in counts.items():
        style = max(sorted(of), key=lambda name: of[name])
        if of[style] >= 3 and of[style] * 3 >= 2 * sum(of.values()):
            found[category] = style
    return found


def told(owner_id: int) -> list[dict[str, Any]]:
    """Everything that is stored, for the export."""
    rows = Lesson.objects.filter(owner=owner_id).order_by("pk")
    return [
        {
            "media": str(row.subject),
            "category": row.category,
            "hidden_from_tiers": row.hidden,
            "look": row.style,
            "counts": row.share,
            "at": row.at.isoformat(),
        }
        for row in rows
    ]


def _keep(
    scan: Scan,
    one: Found,
    trait: taste.Trait,
    hidden: int,
    style: str,
    share: float = 1,
) -> None:
    Lesson.objects.update_or_create(
        owner_id=scan.owner_id,
        subject=scan.subject,
        region=one.id,
        defaults={
            "category": trait.category,
            "kind": trait.kind,
            "weight": trait.weight,
            "side": trait.side,
            "off": trait.off,
            "confidence": trait.confidence,
            "count": trait.count,
            "hidden": hidden,
            "style": style,
            "share": share,
        },
    )


def _learns(owner_id: int) -> bool:
    return not Taste.objects.filter(owner=owner_id, learns=False).exists()
