"""Several processes may start at once: one of them prepares the house, the others wait for it."""

import pytest
from django.db import connection

from portal.management.commands.prepare import PREPARING, in_turn

pytestmark = pytest.mark.django_db


def is_free():
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [PREPARING])
        return cursor.fetchone()[0]


def test_whoever_prepares_postgresql_keeps_others_waiting_until_it_is_done():
    if connection.vendor != "postgresql":
        pytest.skip("SQLite belongs to one process")
    with in_turn():
        assert not is_free()
    assert is_free()
