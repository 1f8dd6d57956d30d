"""Multiplying the demo city's cases within the database, with everything that belongs to them."""

from __future__ import annotations

from django.db import connection, transaction

# Ids of a copy are those of the original plus so many for each copy; places of documents then stay unique too.
STEP = 20_000
# Open cases are copied so many times only: no city has a quarter of its cases open.
OPEN_COPIES = 20
CLOSED = "('concluded', 'withdrawn', 'not_accepted', 'archived')"
OURS = "SELECT id FROM engagement_case WHERE NOT confidential"
STREAMS = "SELECT 'case-' || number FROM engagement_case WHERE NOT confidential"
# A copy's number keeps the beginning and ends in U and three digits: no original has a U in it.
NUMBER = "substr({column}, 1, {kept}) || 'U' || substr(cast(1000 + k AS text), 2, 3)"

# (table, condition for the rows of our cases, columns that are not copied as they are)
TABLES: tuple[tuple[str, str, dict[str, str]], ...] = (
    ("engagement_case", f"t.id IN ({OURS})",
     {"number": NUMBER.format(column="t.number", kept=6), "token": "NULL", "source": "NULL"}),
    ("engagement_task", f"t.case_id IN ({OURS})", {"case_id": "t.case_id + k * {step}"}),
    ("engagement_reply", f"t.case_id IN ({OURS})", {"case_id": "t.case_id + k * {step}"}),
    ("engagement_publication", f"t.case_id IN ({OURS})", {"case_id": "t.case_id + k * {step}"}),
    ("engagement_casefact", f"t.case_id IN ({OURS})", {"case_id": "t.case_id + k * {step}"}),
    ("journal_stream", f"t.name IN ({STREAMS})", {"name": NUMBER.format(column="t.name", kept=11)}),
    ("journal_entry", f"t.stream_id IN (SELECT id FROM journal_stream WHERE name IN ({STREAMS}))",
     {"stream_id": "t.stream_id + k * {step}", "key": "''"}),
    ("search_document", "t.room = 'case'",
     {"ref": NUMBER.format(column="t.ref", kept=6), "place": "t.place + k * {step}",
      "url": "'/letters/' || " + NUMBER.format(column="t.ref", kept=6) + " || '/'"}),
)  # fmt: skip


@transaction.atomic
def multiply(cases: int) -> int:
    """Copy the city's cases until there are about `cases`; return how many there are then."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM engagement_case WHERE NOT confidential AND status IN {CLOSED}")
        copies = min(999, max(1, cases // cursor.fetchone()[0]))
        wide = {table: _wide(cursor, table) for table, _where, _changes in TABLES}
        for table, where, changes in TABLES:
            _copy(cursor, table, where, changes, copies, wide[table])
        if connection.vendor == "sqlite":
            _copy_words(cursor, copies)
        cursor.execute("SELECT count(*) FROM engagement_case")
        return int(cursor.fetchone()[0])


def _wide(cursor: object, table: str) -> list[str]:
    return [column.name for column in connection.introspection.get_table_description(cursor, table)]


def _copy(cursor: object, table: str, where: str, changes: dict[str, str], copies: int, columns: list[str]) -> None:
    """Insert the copies; the rows are fixed first, so that copies are not copied."""
    sources = {"id": f"t.id + k * {STEP}", **{name: text.format(step=STEP) for name, text in changes.items()}}
    quoted = [f'"{column}"' for column in columns]
    values = [sources.get(column, f't."{column}"') for column in columns]
    kept = f"k <= {OPEN_COPIES} OR {_closed(table)}"
    cursor.execute(f"CREATE TEMP TABLE originals AS SELECT * FROM {table} t WHERE {where} AND t.id < {STEP}")  # type: ignore[attr-defined]
    cursor.execute(  # type: ignore[attr-defined]
        f"WITH RECURSIVE series(k) AS (SELECT 1 UNION ALL SELECT k + 1 FROM series WHERE k < {copies})"
        f" INSERT INTO {table} ({', '.join(quoted)}) SELECT {', '.join(values)} FROM originals t, series WHERE {kept}"
    )
    cursor.execute("DROP TABLE originals")  # type: ignore[attr-defined]


def _closed(table: str) -> str:
    """Return what is true of the rows of closed cases."""
    cases = f"SELECT id FROM engagement_case WHERE status IN {CLOSED} AND id < {STEP}"
    if table == "engagement_case":
        return f"t.status IN {CLOSED}"
    if table == "journal_stream":
        return f"t.name IN (SELECT 'case-' || number FROM engagement_case WHERE id IN ({cases}))"
    if table == "journal_entry":
        return (
            "t.stream_id IN (SELECT s.id FROM journal_stream s JOIN engagement_case c ON s.name = 'case-' || c.number"
            f" WHERE c.status IN {CLOSED} AND c.id < {STEP})"
        )
    return "1 = 1" if table == "search_document" else f"t.case_id IN ({cases})"


def _copy_words(cursor: object, copies: int) -> None:
    """Give the copied documents their full-text rows."""
    for table in ("search_title_words", "search_words"):
        for statement in (
            f"CREATE TEMP TABLE originals AS SELECT f.rowid AS place, f.body FROM {table} f"
            f" JOIN search_document d ON d.place = f.rowid WHERE d.room = 'case' AND d.id < {STEP}",
            f"WITH RECURSIVE series(k) AS (SELECT 1 UNION ALL SELECT k + 1 FROM series WHERE k < {copies})"
            f" INSERT INTO {table} (rowid, body) SELECT place + k * {STEP}, body FROM originals, series",
            "DROP TABLE originals",
        ):
            cursor.execute(statement)  # type: ignore[attr-defined]
