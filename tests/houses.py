"""A real server: its own process, a random loopback port, and the database of the running test."""

import os
import shutil
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import quote

import pytest

from tests.ports import free_port

ROOT = Path(__file__).resolve().parent.parent
START_SECONDS = 180.0


def database_url() -> str:
    """Return the address of the database that the tests are using now."""
    from django.db import connection

    made = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{made['NAME']}"
    user, password = quote(str(made["USER"])), quote(str(made["PASSWORD"]))
    return f"postgresql://{user}:{password}@{made['HOST'] or '127.0.0.1'}:{made['PORT'] or 5432}/{made['NAME']}"


class House:
    """One running `manage.py serve`; it can be stopped, killed and started again on the same port."""

    def __init__(self, port: int, folder: Path, worker: bool = True, extra: dict[str, str] | None = None) -> None:
        self.port = port
        self.url = f"http://127.0.0.1:{port}"
        self.socket_url = f"ws://127.0.0.1:{port}/ws/"
        self.folder = folder
        self.worker = worker
        self.extra = extra or {}
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def log(self) -> Path:
        """Where the server writes what it says."""
        return self.folder / f"house-{self.port}.log"

    def environment(self) -> dict[str, str]:
        """Return the variables that the server gets."""
        return {
            **os.environ,
            "OPENHALL_DATABASE_URL": database_url(),
            "OPENHALL_PUBLIC_URL": self.url,
            "OPENHALL_HOSTS": "127.0.0.1",
            # All browsers of all tests come from one address.
            "OPENHALL_REQUESTS_A_MINUTE": "10000",
            "PYTHONUNBUFFERED": "1",
            **self.extra,
        }

    def start(self) -> "House":
        """Start the server and wait until it answers. Raises RuntimeError with its last words."""
        command = [sys.executable, str(ROOT / "manage.py"), "serve", "--port", str(self.port)]
        if not self.worker:
            command.append("--no-worker")
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(command, env=self.environment(), cwd=ROOT, stdout=log, stderr=log)
        deadline = time.monotonic() + START_SECONDS
        while not self.answers():
            if self.process.poll() is not None or time.monotonic() > deadline:
                self.kill()
                raise RuntimeError(f"the server did not start:\n{self.log.read_text(errors='replace')[-4000:]}")
            time.sleep(0.05)
        return self

    def answers(self) -> bool:
        """Return whether the server answers HTTP, whatever it says."""
        try:
            urllib.request.urlopen(f"{self.url}/healthz", timeout=2).close()
        except urllib.error.HTTPError as error:
            error.close()
            return True
        except OSError:
            return False
        return True

    def stop(self, seconds: float = 20.0) -> int:
        """End the server the polite way (SIGTERM), which waits for pages and worker; return its exit code."""
        return self._end(signal.SIGTERM, seconds)

    def kill(self) -> int:
        """End the server the way a power cut does (SIGKILL)."""
        return self._end(signal.SIGKILL, 10.0)

    def _end(self, how: signal.Signals, seconds: float) -> int:
        if self.process is None:
            return 0
        if self.process.poll() is None:
            self.process.send_signal(how)
        try:
            return self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait(5)
            raise


@pytest.fixture(scope="session")
def static_root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The collected static files, with hashed names as in production."""
    root, ground = Path(os.environ["OPENHALL_DATA_DIR"]) / "static", os.environ.get("OPENHALL_TEST_GROUND")
    if ground:
        return Path(shutil.copytree(Path(ground) / "static", root, dirs_exist_ok=True))
    made = subprocess.run(
        [sys.executable, str(ROOT / "manage.py"), "collectstatic", "--noinput", "-v", "0"],
        cwd=ROOT,
        env={**os.environ},
        capture_output=True,
        text=True,
    )
    if made.returncode:
        raise RuntimeError(f"collectstatic failed:\n{made.stderr[-3000:]}")
    return root


@pytest.fixture(scope="session")
def _house(static_root: Path, django_db_setup: None, django_db_blocker, tmp_path_factory) -> Iterator[House]:
    house = House(free_port(), tmp_path_factory.mktemp("house"))
    yield house
    # It may have begun a moment ago, with every job of the worker under way.
    house.stop(60)


@pytest.fixture(scope="module")
def settled_house(_house: House) -> Iterator[Callable[..., None]]:
    """A function that gives the house settings for the rest of the module: `settled_house(NAME="value")`."""

    def settle(**extra: str) -> None:
        _house.stop()
        _house.extra = extra

    yield settle
    if _house.extra:
        settle()


@pytest.fixture
def live_house(_house: House, transactional_db: None) -> House:
    """A running server on the test's own database; what the test commits, it sees. One for all, revived if dead."""
    if _house.process is None or _house.process.poll() is not None:
        _house.start()
    return _house


@pytest.fixture
def make_house(_house: House, transactional_db: None, tmp_path: Path) -> Iterator:
    """A function that starts further servers on the same database: `make_house(worker=False, NAME="value")`."""
    houses: list[House] = []
    if not os.environ["OPENHALL_REDIS_URL"]:
        # Only one may serve without Redis; the one for all comes back when somebody asks for it.
        _house.stop()

    def start(worker: bool = True, **extra: str) -> House:
        houses.append(House(free_port(), tmp_path, worker, extra))
        return houses[-1].start()

    yield start
    for house in houses:
        house.stop()
