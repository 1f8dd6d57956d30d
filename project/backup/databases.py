"""The two databases: taking a copy of the running one, and putting a copy in its place."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path
from typing import Any

from django.db import connection, connections
from django.db.migrations.recorder import MigrationRecorder

from .rules import BackupRefused

# What would let somebody in who finds the backup: open sessions and single-use ways in.
LEFT_OUT = ("django_session", "journal_ticket")
EMPTY_SCHEMA = "DROP SCHEMA public CASCADE; CREATE SCHEMA public;"


def server() -> str:
    """Return the version of the database."""
    if connection.vendor == "sqlite":
        return sqlite3.sqlite_version
    connection.ensure_connection()
    return str(connection.pg_version)  # type: ignore[attr-defined]


def applied() -> list[str]:
    """Return the migrations that the database has seen, as "app.name"."""
    return sorted(f"{app}.{name}" for app, name in MigrationRecorder(connection).applied_migrations())


def copy_to(path: Path) -> None:
    """Copy the running database to `path` as it is at one moment; nobody who writes has to wait for long."""
    if connection.vendor == "sqlite":
        _copy_sqlite(path)
    else:
        left_out = [f"--exclude-table-data=public.{table}" for table in LEFT_OUT]
        # Not packed here, so that secrets can be looked for in it.
        _run("pg_dump", "--format=custom", "--compress=0", "--no-owner", "--no-privileges", *left_out, f"--file={path}")


def _copy_sqlite(path: Path) -> None:
    source = _name()
    with (
        closing(sqlite3.connect(f"file:{source}?mode=ro", uri=True)) as running,
        closing(sqlite3.connect(path)) as copy,
    ):
        running.backup(copy)
        # The freed pages are overwritten: what is left out shall not be found in them either.
        copy.execute("PRAGMA secure_delete = ON")
        for table in LEFT_OUT:
            copy.execute(f"DELETE FROM {table}")  # noqa: S608 - names of our own
        copy.commit()
        _check_whole(copy)


def replace_with(path: Path) -> None:
    """Put the copy in the place of the whole database, or leave everything as it was."""
    connections.close_all()
    if connection.vendor == "sqlite":
        with closing(sqlite3.connect(path)) as copy, closing(sqlite3.connect(_name(), timeout=5)) as target:
            _check_whole(copy)
            copy.backup(target)
        return
    script = path.with_suffix(".sql")
    _run(
        "pg_restore", "--no-owner", "--no-privileges", "--schema=public", f"--file={script}", str(path), database=False
    )
    # One transaction for taking away and putting in place: there is no moment with half a database.
    once = ("--single-transaction", "--set=ON_ERROR_STOP=1", "--quiet", "--no-psqlrc", "--output=/dev/null")
    _run("psql", *once, f"--command={EMPTY_SCHEMA}", f"--file={script}")


def others_connected() -> int:
    """Return how many other processes have the PostgreSQL database open; 0 for SQLite, which has a lock of its own."""
    if connection.vendor == "sqlite":
        return 0
    # What this process keeps open for later is nobody else.
    connection.close()
    connection.close_pool()  # type: ignore[attr-defined]  # unknown to the stubs
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
            " AND backend_type = 'client backend'"
        )
        return int(cursor.fetchone()[0])


def _name() -> str:
    return str(connection.settings_dict["NAME"])


def _check_whole(database: sqlite3.Connection) -> None:
    try:
        told = database.execute("PRAGMA integrity_check(1)").fetchone()[0]
    except sqlite3.DatabaseError as error:
        told = str(error)
    if told != "ok":
        raise BackupRefused(f"The SQLite database is damaged: {told}")


def _program(name: str) -> str:
    """Return the path of a program of PostgreSQL, the newest one installed. Raises BackupRefused."""
    debian = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), key=lambda path: int(path.parts[-3]))
    found = str(debian[-1]) if debian else shutil.which(name)
    if not found:
        raise BackupRefused(f"{name} is not installed here. On Debian: apt-get install postgresql-client")
    return found


def _run(name: str, *arguments: str, database: bool = True) -> None:
    made: dict[str, Any] = connection.settings_dict
    places = {"PGHOST": made["HOST"], "PGPORT": made["PORT"], "PGUSER": made["USER"], "PGDATABASE": made["NAME"]}
    # In the environment and not among the arguments, which every user of the machine can read.
    places["PGPASSWORD"] = made["PASSWORD"]
    given = {key: str(value) for key, value in places.items() if value and database}
    done = subprocess.run(
        [_program(name), *arguments], env={**os.environ, **given}, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise BackupRefused(f"{name} failed: {done.stderr.strip()[-600:]}")
