"""Brings the database, the static files and the demo city up to date; quick when they are."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.db import DEFAULT_DB_ALIAS, connection, connections
from django.db.migrations.executor import MigrationExecutor

from accounts.models import Unit
from portal.migrating import new_models_alone

from .load_demo import is_loaded

# Any number that nothing else locks in this database.
PREPARING = 0x0FE7_4A11


class Command(BaseCommand):
    """`manage.py prepare`."""

    help = "Migrate, collect static files and, in demo mode, load the demo city, where that is still to do."
    # The server asks its checks itself, once there is a database.
    requires_system_checks = ()

    def handle(self, *args: Any, **options: Any) -> None:
        """Do what is still to do, and say so."""
        with in_turn():
            self._prepare()

    def _prepare(self) -> None:
        executor = MigrationExecutor(connection)
        if executor.migration_plan(executor.loader.graph.leaf_nodes()):
            self.stdout.write("Migrating the database …")
            # Rows that are there are moved in Django's own way: a migration of data may look at what is linked.
            with nullcontext() if executor.loader.applied_migrations else new_models_alone():
                call_command("migrate", verbosity=0, interactive=False)
        if not settings.DEBUG:
            self._collect()
        if settings.DEMO:
            self._load_demo()

    def _load_demo(self) -> None:
        """Load the city into an empty house; a demo city that is there gets its next shifts."""
        if not Unit.objects.exists():
            self.stdout.write("Loading the demo city …")
        elif not is_loaded():
            return
        # What it prints of accounts, the server prints on every start.
        call_command("load_demo", stdout=io.StringIO())

    def _collect(self) -> None:
        stamp, digest = Path(settings.STATIC_ROOT) / ".stamp", _static_digest()
        if stamp.exists() and stamp.read_text(encoding="utf-8") == digest:
            return
        self.stdout.write("Collecting static files …")
        call_command("collectstatic", verbosity=0, interactive=False, clear=True)
        stamp.write_text(digest, encoding="utf-8")


@contextmanager
def in_turn() -> Iterator[None]:
    """Let one process prepare at a time where several may start at once: PostgreSQL has the others wait.

    The lock is a transaction's, on a connection beside: it ends with it whatever happens, also behind PgBouncer.
    """
    if connection.vendor != "postgresql":
        yield
        return
    beside = connections.create_connection(DEFAULT_DB_ALIAS)
    try:
        beside.set_autocommit(False)
        with beside.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [PREPARING])
        yield
    finally:
        beside.rollback()
        beside.close()


def _static_digest() -> str:
    """Return a digest of every static file's name, size and time of change."""
    digest = hashlib.sha256()
    for finder in get_finders():
        for name, storage in finder.list([]):
            found = Path(storage.path(name)).stat()
            digest.update(f"{name} {found.st_size} {found.st_mtime_ns}\n".encode())
    return digest.hexdigest()
