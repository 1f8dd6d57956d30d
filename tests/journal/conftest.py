"""A real daphne in a thread of the test's process, so that rings reach its hub as they do in production."""

import threading
import time
from collections.abc import Iterator
from concurrent.futures import wait
from typing import TYPE_CHECKING

import pytest
from django.conf import settings
from django.db import connections
from django.test import override_settings

from tests.ports import free_port

if TYPE_CHECKING:
    # The cast imports models, which pytest cannot yet do when it reads this file.
    from .cast import Hall


@pytest.fixture(scope="session")
def _daphne(django_db_setup: None) -> Iterator[int]:
    from portal.servers import daphne_server

    port = free_port()
    ready = threading.Event()
    server = daphne_server([f"tcp:port={port}:interface=127.0.0.1"], ready.set, signals=False)
    # Only daphne knows which of twisted's reactors it stands on, and chooses it when it is imported.
    from twisted.internet import reactor

    thread = threading.Thread(target=server.run, name="daphne", daemon=True)
    thread.start()
    assert ready.wait(20)
    yield port
    reactor.callFromThread(reactor.stop)
    thread.join(10)
    _close_connections()


def _close_connections() -> None:
    """Close what the threads of the journal's pools hold open."""
    from journal.threads import ASKERS, ASKING, READING, WRITING

    def close(together: threading.Barrier) -> None:
        together.wait(30)
        connections.close_all()

    for pool, size in ((READING, 1), (ASKING, ASKERS), (WRITING, 1)):
        # The barrier gives every thread of the pool exactly one of the jobs.
        together = threading.Barrier(size)
        wait([pool.submit(close, together) for _ in range(size)], timeout=30)


@pytest.fixture
def hall(_daphne: int, transactional_db: None) -> Iterator["Hall"]:
    """The server with the test rooms "open" and "mine"; sockets opened through it are closed afterwards."""
    from tests.lossy import LATEST_SECONDS

    from .cast import ROOMS, Hall

    with override_settings(**ROOMS):
        opened = Hall(_daphne)
        yield opened
        opened.close()
        if settings.SETTINGS_MODULE == "tests.lossy_settings":
            # Rings of this test may still be on their way to streams that the next one calls the same.
            time.sleep(LATEST_SECONDS)


@pytest.fixture
def rooms(transactional_db: None) -> Iterator[None]:
    """The test rooms without a server."""
    from .cast import ROOMS

    with override_settings(**ROOMS):
        yield
