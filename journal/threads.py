"""The threads in which the event loop's database work is done, apart from those of ordinary requests."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from django.db import connection

T = TypeVar("T")

# Reading for followers never waits behind slow questions of right, and neither of them behind commits.
READING = ThreadPoolExecutor(1, "journal-read")
ASKERS = 4
ASKING = ThreadPoolExecutor(ASKERS, "journal-ask")
WRITING = ThreadPoolExecutor(1, "journal-write")


async def in_thread(pool: ThreadPoolExecutor, work: Callable[..., T], *args: object) -> T:
    """Run `work(*args)` in a thread of the pool, with a database connection that is alive."""
    return await asyncio.get_running_loop().run_in_executor(pool, with_connection, work, *args)


def with_connection(work: Callable[..., T], *args: object) -> T:
    """Run `work(*args)` here, in a pool's thread, and leave it a connection that is alive."""
    try:
        return work(*args)
    finally:
        # These threads stay, and so does their connection to the house's one database, as long as it works.
        connection.close_at = None
        connection.close_if_unusable_or_obsolete()
