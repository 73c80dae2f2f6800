"""PostgreSQL refuses to empty the log in one go as well: TRUNCATE fires no row trigger."""

from django.db import migrations

GUARD = """
CREATE TRIGGER privacy_audit_not_emptied BEFORE TRUNCATE
  ON privacy_auditentry FOR EACH STATEMENT EXECUTE FUNCTION privacy_audit_only_grows();
"""
UNGUARD = "DROP TRIGGER privacy_audit_not_emptied ON privacy_auditentry;"


def guard(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(GUARD)


def unguard(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(UNGUARD)


class Migration(migrations.Migration):
    dependencies = [("privacy", "0007_reports")]
    operations = [migrations.RunPython(guard, unguard)]
