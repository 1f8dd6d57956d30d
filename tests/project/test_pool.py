"""Connections to PostgreSQL are lent from a pool, which outlives a restart of the server."""

import pytest
from django.db import connection

pytestmark = pytest.mark.django_db


def pid_of(one):
    with one.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return cursor.fetchone()[0]


def test_who_meets_a_dead_connection_has_an_answer_and_the_others_are_gone_too():
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has no pool")
    several = [connection.copy(alias="spare") for _ in range(5)]
    pool = several[0].pool
    try:
        pids = {pid_of(one) for one in several}
        for one in several:
            one.close()
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(pid, 5000) FROM unnest(%s) pid", [list(pids)])
        assert pid_of(several[0]) not in pids
        found = pool.get_stats()
        assert (len(pids), found["returns_bad"] + found["connections_lost"]) == (5, 5)
    finally:
        several[0].close()
        several[0].close_pool()
