"""What the database itself refuses: to change a record or a link, and to remove one that is younger than six months."""

from __future__ import annotations

from typing import Any

TABLES = ("audit_record", "audit_link", "audit_checkpoint")
# Six months, and what a longer retention (OPENHALL_AUDIT_DAYS) can only add to.
LEAST_DAYS = 183
AGE_OF = {
    "audit_record": "OLD.at",
    "audit_checkpoint": "OLD.at",
    # Links are removed before the records they point at.
    "audit_link": "(SELECT at FROM audit_record WHERE id = OLD.record)",
}


def put_up(connection: Any) -> None:
    """Make the triggers."""
    statements = _sqlite() if connection.vendor == "sqlite" else _postgresql()
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def take_down(connection: Any) -> None:
    """Remove the triggers, for a migration backwards and for tests that empty the database."""
    on = "" if connection.vendor == "sqlite" else " ON {table}"
    with connection.cursor() as cursor:
        for table in TABLES:
            for act in ("update", "delete"):
                cursor.execute(f"DROP TRIGGER IF EXISTS {table}_no_{act}{on.format(table=table)}")


def _sqlite() -> list[str]:
    refuse = "BEGIN SELECT RAISE(ABORT, 'the audit log is only added to'); END"
    made = []
    for table in TABLES:
        made.append(f"CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table} {refuse}")
        young = f"{AGE_OF[table]} IS NULL OR {AGE_OF[table]} > datetime('now', '-{LEAST_DAYS} days')"
        made.append(f"CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} WHEN {young} {refuse}")
    return made


def _postgresql() -> list[str]:
    made = []
    for table in TABLES:
        made.append(
            f"CREATE OR REPLACE FUNCTION {table}_guard() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
            f" IF TG_OP = 'DELETE' AND {AGE_OF[table]} <= now() - interval '{LEAST_DAYS} days' THEN RETURN OLD; END IF;"
            " RAISE EXCEPTION 'the audit log is only added to'; END $$"
        )
        for act in ("update", "delete"):
            made.append(
                f"CREATE TRIGGER {table}_no_{act} BEFORE {act.upper()} ON {table}"
                f" FOR EACH ROW EXECUTE FUNCTION {table}_guard()"
            )
    return made
