"""LIGHT: publishing rule sets. A published version never changes."""

from __future__ import annotations

from django.conf import settings
from django.db import transaction
from django.db.models import Max
from django.utils.module_loading import import_string

from privacy.core.policy import RuleSet
from privacy.core.types import Tier
from privacy.models import Rule
from privacy.models import RuleSet as RuleSetRow


@transaction.atomic
def publish_rules(
    rules: RuleSet, reason: str = "", author_id: int | None = None
) -> RuleSetRow:
    """Make ``rules`` the live version, for everything at once.

    Whoever keeps plans made under older rules (``settings.NOPEEK_ON_RULES``) makes
    them anew in the same transaction, so no reader meets a mixture.

    Raises:
        InvalidRules: the rules break a rule; nothing has changed.
    """
    checked = RuleSet.from_json(rules.as_json())  # refuses what has problems
    # Two publishers take turns here, and get different versions.
    list(RuleSetRow.objects.select_for_update().filter(live=True))
    newest = RuleSetRow.objects.aggregate(n=Max("version"))["n"] or 0
    RuleSetRow.objects.filter(live=True).update(live=False)
    row = RuleSetRow.objects.create(
        version=newest + 1,
        name=checked.name[:60],
        body=checked.as_json(),
        reason=reason[:300],
        author_id=author_id,
        live=True,
    )
    Rule.objects.bulk_create(rows_of(checked, row))
    for path in settings.NOPEEK_ON_RULES:
        import_string(path)()
    return row


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
