"""An index of which tokens stand in a title and in a text, without their places, in the room of the first one."""

from importlib import import_module

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from search.actions import batched
from search.index import write

# Tokens come ready-made, separated by spaces; "=" begins facets and "~" ends beginnings of words.
KEPT = "USING fts5(body, detail = none, columnsize = 0, tokenize = \"ascii tokenchars '=~'\")"
SQLITE = [
    "DROP TABLE search_fts",
    f"CREATE VIRTUAL TABLE search_title_words {KEPT}",
    f"CREATE VIRTUAL TABLE search_words {KEPT}",
]
# What waits to be sorted into such an index is read by every question: so nothing waits.
POSTGRESQL = [
    "DROP INDEX search_document_title_words",
    "DROP INDEX search_document_words",
    "CREATE INDEX search_document_title_words ON search_document USING gin (title_words) WITH (fastupdate = off)",
    "CREATE INDEX search_document_words ON search_document USING gin (words) WITH (fastupdate = off)",
]


def build(apps: Apps, editor: BaseDatabaseSchemaEditor) -> None:
    """Make the index in the words of the database and write what is there already."""
    for statement in SQLITE if editor.connection.vendor == "sqlite" else POSTGRESQL:
        editor.execute(statement)
    rows = apps.get_model("search", "Document").objects.order_by("pk")
    for some in batched(rows.iterator(chunk_size=500), 500):
        write(some)


def remove(apps: Apps, editor: BaseDatabaseSchemaEditor) -> None:
    """Bring the index of places back, empty: `manage.py reindex` of the older version fills it."""
    if editor.connection.vendor == "sqlite":
        for name in ("search_title_words", "search_words"):
            editor.execute(f"DROP TABLE {name}")
        editor.execute(import_module("search.migrations.0002_full_text").SQLITE[0])


class Migration(migrations.Migration):
    """Replaces what Django's models cannot say."""

    dependencies = [("search", "0002_full_text")]
    operations = [migrations.RunPython(build, remove)]
