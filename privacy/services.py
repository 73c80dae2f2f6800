"""LIGHT: publishing rule sets. A published version never changes."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.db import transaction
from django.db.models import Max
from django.utils.module_loading import import_string

from privacy import decisions
from privacy.core.policy import RuleSet
from privacy.core.types import Tier
from privacy.models import Rule
from privacy.models import RuleSet as RuleSetRow
from privacy.policy_room import audit, versions
from privacy.policy_room.models import Consent, Rollout


class Outdated(Exception):
    """The rules changed meanwhile: what was worked out no longer holds."""


@dataclass(slots=True)
class Effects:
    """What was done by publishing, told by whoever keeps plans.

    Attributes:
        now: subjects whose plans were made anew at once.
        later: subjects that wait for a roll-out.
        ask: by primary key of owners, how many of their pictures could open.
    """

    now: list[str] = field(default_factory=list)
    later: list[str] = field(default_factory=list)
    ask: Counter[int] = field(default_factory=Counter)


@transaction.atomic
def publish_rules(
    rules: RuleSet,
    reason: str = "",
    author_id: int | None = None,
    *,
    approved_by: Any = None,
    base: RuleSetRow | None = None,
    staged: bool = False,
) -> RuleSetRow:
    """Make ``rules`` the live version.

    Whoever keeps plans made under older rules (``settings.NOPEEK_ON_RULES``) makes
    them anew in the same transaction, so no reader meets a mixture: what tightens
    holds from the commit on. What loosens opens nothing that is posted; its owners are
    asked (``Consent``). With ``staged``, what is only drawn differently waits for a
    ``Rollout``.

    Raises:
        InvalidRules: the rules break a rule; nothing has changed.
        Outdated: ``base`` is not the live version any more.
    """
    checked = RuleSet.from_json(rules.as_json())  # refuses what has problems
    # Two publishers take turns here, and get different versions.
    live = RuleSetRow.objects.select_for_update().filter(live=True).first()
    if base is not None and (live is None or live.pk != base.pk):
        raise Outdated("other rules were published meanwhile")
    before = decisions.live_rules()
    newest = RuleSetRow.objects.aggregate(n=Max("version"))["n"] or 0
    people = get_user_model().objects
    author = people.filter(pk=author_id).first() if author_id is not None else None
    row = RuleSetRow(
        version=newest + 1,
        name=checked.name[:60],
        body=checked.as_json(),
        reason=reason[:300],
        author=author,
        live=True,
        based_on=live,
        diff=versions.difference(before, checked),
        signed_by=str(getattr(author, "public_id", "")),
        approved_by=str(getattr(approved_by, "public_id", "")),
    )
    row.signature = versions.sign(row)
    RuleSetRow.objects.filter(live=True).update(live=False)
    row.save()
    Rule.objects.bulk_create(rows_of(checked, row))
    effects = Effects()
    for path in settings.NOPEEK_ON_RULES:
        import_string(path)(before, checked, effects, staged=staged)
    _keep(row, effects)
    audit.record(
        "rules.published",
        author,
        f"version {row.version}",
        {
            "changes": len(row.diff),
            "pictures": len(effects.now),
            "later": len(effects.later),
            "owners_asked": len(effects.ask),
            "approved_by": row.approved_by,
        },
    )
    return row


def _keep(row: RuleSetRow, effects: Effects) -> None:
    if effects.later:
        Rollout.objects.create(ruleset=row, waiting=effects.later)
    # A question about rules that hold no longer is no question.
    Consent.objects.filter(answered_at__isnull=True).delete()
    Consent.objects.bulk_create(
        Consent(owner_id=owner_id, ruleset=row, pictures=count)
        for owner_id, count in effects.ask.items()
    )


def rows_of(rules: RuleSet, row: RuleSetRow) -> list[Rule]:
    """The matrix as plain rows, for the admin and for queries."""
    return [
        Rule(
            ruleset=row,
            category=rule.category,
            tier=int(tier),
            style=cell.style.value if cell else "",
            strength=cell.strength if cell else 0.0,
        )
        for rule in rules.rules
        for tier, cell in zip(Tier, rule.cells, strict=True)
    ]
