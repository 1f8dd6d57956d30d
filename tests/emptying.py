"""Empties the database after a test that commits: rows only, and only where there are any.

Django's own flush truncates all tables and makes content types, permissions and the site anew, which costs more than
most of the tests before it.
"""

from typing import Any

from django.db import connection, transaction
from django.test import TransactionTestCase

# The migrations' own rows, which no test changes.
KEPT = {"django_content_type", "auth_permission", "django_site"}


def empty(_test: Any) -> None:
    """Delete the rows of every table but the kept ones; foreign keys are looked at when all of them are gone."""
    named = sorted(set(connection.introspection.django_table_names(only_existing=True)) - KEPT)
    filled = " UNION ALL ".join(f"SELECT '{name}' WHERE EXISTS (SELECT 1 FROM \"{name}\")" for name in named)
    with connection.cursor() as cursor, transaction.atomic():
        cursor.execute(filled)
        for (name,) in cursor.fetchall():
            cursor.execute(f'DELETE FROM "{name}"')


TransactionTestCase._fixture_teardown = empty  # type: ignore[method-assign]
