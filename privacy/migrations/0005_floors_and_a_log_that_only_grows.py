"""What is posted has the live rules as its floor; PostgreSQL keeps the log as it is."""

from django.db import migrations

GUARD = """
CREATE FUNCTION privacy_audit_only_grows() RETURNS trigger AS $$
BEGIN
  RAISE EXCEPTION 'the audit log only grows';
END
$$ LANGUAGE plpgsql;
CREATE TRIGGER privacy_audit_only_grows BEFORE UPDATE OR DELETE
  ON privacy_auditentry FOR EACH ROW EXECUTE FUNCTION privacy_audit_only_grows();
"""
UNGUARD = """
DROP TRIGGER privacy_audit_only_grows ON privacy_auditentry;
DROP FUNCTION privacy_audit_only_grows();
"""


def set_floors(apps, schema_editor):
    live = apps.get_model("privacy", "RuleSet").objects.filter(live=True).first()
    if live is not None:
        scans = apps.get_model("privacy", "Scan").objects.filter(floor__isnull=True)
        scans.update(floor=live)


def guard(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(GUARD)


def unguard(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(UNGUARD)


class Migration(migrations.Migration):
    dependencies = [("privacy", "0004_policy_room")]
    operations = [
        migrations.RunPython(set_floors, migrations.RunPython.noop),
        migrations.RunPython(guard, unguard),
    ]
