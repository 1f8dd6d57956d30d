"""Forgets the addresses and browsers that axes kept of every sign-in; the audit log has what others must check."""

from django.db import migrations


def forget(apps, schema_editor):
    apps.get_model("axes", "AccessLog").objects.all().delete()


class Migration(migrations.Migration):
    dependencies = [("accounts", "0002_nicknames"), ("axes", "0010_accessattemptexpiration")]
    operations = [migrations.RunPython(forget, migrations.RunPython.noop)]
