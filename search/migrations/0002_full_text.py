"""The full-text index beside the documents: an FTS5 table on SQLite, two tsvector columns on PostgreSQL."""

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

# The words come ready-made, separated by spaces, so the tokenizer has only to split.
SQLITE = ["CREATE VIRTUAL TABLE search_fts USING fts5(title, body, facets, columnsize = 0, tokenize = 'ascii')"]
POSTGRESQL = [
    "ALTER TABLE search_document ADD COLUMN title_words tsvector NOT NULL DEFAULT '',"
    " ADD COLUMN words tsvector NOT NULL DEFAULT ''",
    "CREATE INDEX search_document_title_words ON search_document USING gin (title_words)",
    "CREATE INDEX search_document_words ON search_document USING gin (words)",
]


def build(apps: Apps, editor: BaseDatabaseSchemaEditor) -> None:
    """Make the index in the words of the database."""
    for statement in SQLITE if editor.connection.vendor == "sqlite" else POSTGRESQL:
        editor.execute(statement)


def remove(apps: Apps, editor: BaseDatabaseSchemaEditor) -> None:
    """Take it away again."""
    if editor.connection.vendor == "sqlite":
        editor.execute("DROP TABLE search_fts")
    else:
        editor.execute("ALTER TABLE search_document DROP COLUMN title_words, DROP COLUMN words")


class Migration(migrations.Migration):
    """Adds what Django's models cannot say."""

    dependencies = [("search", "0001_initial")]
    operations = [migrations.RunPython(build, remove)]
