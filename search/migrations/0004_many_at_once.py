"""Lets what is written wait to be sorted into PostgreSQL's indexes until its transaction has written all of it."""

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor


def wait(apps: Apps, editor: BaseDatabaseSchemaEditor) -> None:
    """Tell the indexes; search.index sorts in before anybody asks."""
    _tell(editor, "on")


def hurry(apps: Apps, editor: BaseDatabaseSchemaEditor) -> None:
    """Have each row sorted in by itself again."""
    _tell(editor, "off")


def _tell(editor: BaseDatabaseSchemaEditor, waiting: str) -> None:
    if editor.connection.vendor == "postgresql":
        for name in ("title_words", "words"):
            editor.execute(f"ALTER INDEX search_document_{name} SET (fastupdate = {waiting})")


class Migration(migrations.Migration):
    """Changes what Django's models cannot say."""

    dependencies = [("search", "0003_what_stands_in_a_text")]
    operations = [migrations.RunPython(wait, hurry)]
