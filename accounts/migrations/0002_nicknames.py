"""Gives every nickname what those that look alike have in common, so that no two persons have the same."""

from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from accounts.nicknames import key_of


def fill(apps: Apps, editor: BaseDatabaseSchemaEditor) -> None:
    """Who had a nickname first keeps its key; the others keep their words until they change them."""
    person = apps.get_model("accounts", "Person")
    seen: set[str] = set()
    for row in person.objects.exclude(nickname="").order_by("date_joined", "pk").iterator():
        key = key_of(row.nickname)
        if key and key not in seen:
            seen.add(key)
            person.objects.filter(pk=row.pk).update(nickname_key=key)


class Migration(migrations.Migration):
    """Adds the key, fills it, and lets it stand once."""

    dependencies = [("accounts", "0001_initial")]
    operations = [
        migrations.AddField(
            "person", "nickname_key", models.CharField(blank=True, editable=False, max_length=160, default=""),
            preserve_default=False,
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
        migrations.AddConstraint(
            "person",
            models.UniqueConstraint(
                fields=["nickname_key"], name="person_nickname_once", condition=~models.Q(nickname_key="")
            ),
        ),
    ]
