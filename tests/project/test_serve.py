"""The server itself: it starts, serves, refuses a second process without Redis, and goes in order."""

import asyncio
import re
import subprocess
import sys
import time
import urllib.error
import urllib.request

import pytest
from django.conf import settings

from accounts.closing import close_house, open_house
from portal.servers import HouseTaken, alone
from tests.houses import ROOT
from tests.ports import free_port

pytestmark = pytest.mark.house


def get(url: str) -> tuple[int, str]:
    with urllib.request.urlopen(url, timeout=5) as response:
        return response.status, response.read().decode()


def test_it_serves_pages_and_static_files_with_hashed_names(live_house):
    status, page = get(f"{live_house.url}/")
    assert status == 200
    style = re.search(r'href="(/static/[^"]+\.[0-9a-f]{12}\.css)"', page)
    assert style, "no style sheet with a hashed name on the front page"
    assert get(live_house.url + style.group(1))[0] == 200


def test_it_refuses_a_second_process_without_redis(live_house):
    if settings.REDIS_URL:
        pytest.skip("with Redis several processes may run")
    second = subprocess.run(
        [sys.executable, "manage.py", "serve", "--port", str(free_port())],
        cwd=ROOT,
        env=live_house.environment(),
        capture_output=True,
        text=True,
        timeout=30,
    )
    assert second.returncode == 1
    assert "Another process serves" in second.stderr


def test_it_says_that_a_port_is_taken(live_house):
    if not settings.REDIS_URL:
        pytest.skip("without Redis it stops before it comes to that")
    second = subprocess.run(
        [sys.executable, "manage.py", "serve", "--port", str(live_house.port)],
        cwd=ROOT,
        env=live_house.environment(),
        capture_output=True,
        text=True,
        timeout=30,
    )
    assert second.returncode == 1
    assert "is taken" in second.stderr


async def _closing_code(live_house) -> int:
    import websockets

    async with websockets.connect(live_house.socket_url, origin=live_house.url) as socket:
        await socket.send('{"do": "ping", "ref": 1}')
        await asyncio.wait_for(socket.recv(), 5)
        stopped = asyncio.get_running_loop().run_in_executor(None, live_house.stop)
        await asyncio.wait_for(socket.wait_closed(), 10)
        assert await stopped == 0
        return socket.close_code or 0


def test_it_tells_sockets_that_it_comes_back_when_it_is_stopped(live_house):
    assert asyncio.run(_closing_code(live_house)) == 1012
    assert live_house.start().answers()


async def _closed_and_opened(live_house) -> int:
    import websockets

    async with websockets.connect(live_house.socket_url, origin=live_house.url) as socket:
        assert close_house()
        # Whoever restores waits for this: the process has let go of the database and of its lock.
        await asyncio.wait_for(socket.wait_closed(), 15)
        return socket.close_code or 0


def wait_for(what) -> None:
    deadline = time.monotonic() + 30
    while not what():
        assert time.monotonic() < deadline
        time.sleep(0.1)


def told(live_house) -> int:
    try:
        return get(f"{live_house.url}/about/")[0]
    except urllib.error.HTTPError as error:
        with error:
            return error.code
    except OSError:
        return 0


def test_it_lets_go_of_everything_while_the_house_is_closed_and_comes_back(live_house):
    def is_free() -> bool:
        try:
            with alone():
                return True
        except HouseTaken:
            return False

    def said(words: str) -> int:
        return live_house.log.read_text(errors="replace").count(words)

    # What it says when it begins, since for a moment the process that is about to go answers in the new way as well.
    closed, opened, process = "Openhall is closed", "Openhall is open", live_house.process.pid
    closings, openings = said(closed), said(opened)
    try:
        assert asyncio.run(_closed_and_opened(live_house)) == 1012
        wait_for(is_free)
        wait_for(lambda: said(closed) > closings)
        assert told(live_house) == 503
    finally:
        open_house()
    wait_for(lambda: said(opened) > openings)
    assert told(live_house) == 200
    assert live_house.process.pid == process
    assert live_house.process.poll() is None
