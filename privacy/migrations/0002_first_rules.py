"""Rule set version 1: the rules that NoPeek ships."""

from django.db import migrations

from privacy.core.presets import preset
from privacy.core.types import Tier


def seed(apps, schema_editor):
    RuleSet = apps.get_model("privacy", "RuleSet")
    Rule = apps.get_model("privacy", "Rule")
    if RuleSet.objects.exists():
        return
    rules = preset("default")
    row = RuleSet.objects.create(
        version=1,
        name=rules.name,
        body=rules.as_json(),
        reason="The rules that NoPeek ships.",
        live=True,
    )
    Rule.objects.bulk_create(
        Rule(
            ruleset=row,
            category=rule.category,
            tier=int(tier),
            style=cell.style.value if cell else "",
            strength=cell.strength if cell else 0.0,
        )
        for rule in rules.rules
        for tier, cell in zip(Tier, rule.cells, strict=True)
    )


def unseed(apps, schema_editor):
    apps.get_model("privacy", "RuleSet").objects.filter(version=1).delete()


class Migration(migrations.Migration):
    dependencies = [("privacy", "0001_initial")]
    operations = [migrations.RunPython(seed, unseed)]
