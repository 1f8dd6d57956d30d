"""Runs a suite on SQLite and on PostgreSQL; prints tables and writes JSON.

    python -m bench import    [--json FILE]
    python -m bench pages     [--json FILE] [--cases 100000]
    python -m bench workflow  [--json FILE] [--cases 1000000]
    python -m bench community [--json FILE] [--documents 100000] [--replies 10000]
    python -m bench realtime  [--json FILE] [--seconds 4]

Without `--postgres URL` a PostgreSQL of our own is started and thrown away, where its programs are installed; `--on`
names one database only. Every run has its own data directory and database, both gone afterwards. Timings depend on
the machine: compare runs of one machine, and query counts anywhere. `figures` in the JSON are the runs in short.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from scripts import test_servers

from .tables import show, show_realtime

ROOT = Path(__file__).resolve().parent.parent
SUITES = {
    "import": ("bench.importing", "letters imported in a second"),
    "realtime": ("bench.realtime.suite", "live delivery beside other servers, per second of processor time"),
    "pages": ("bench.pages", "queries and server time of the main pages among 100,000 cases"),
    "workflow": ("bench.workflow", "lists, board, timers and steps among 1,000,000 cases"),
    "community": ("bench.community", "a topic of 10,000 replies, and search in 100,000 documents"),
}
# What a suite is asked for unless the command line says more.
CASES = {"workflow": 1_000_000}


def main() -> int:
    """Run what was asked for."""
    options = _options()
    if options.suite is None:
        print("Suites:", *(f"  {name:<10} {words}" for name, (_module, words) in SUITES.items()), sep="\n")
        return 0
    if options.suite == "realtime":
        return _realtime(options)
    runs = []
    for name in _databases(options):
        with _server(options, name) as url:
            runs.append(_run(options, name, url))
        show(options.suite, runs[-1])
    figures = _figures(options.suite, runs)
    server = {} if options.postgres or options.on == "sqlite" else _server_settings()
    found = {"suite": options.suite, "machine": _machine(), "postgresql": server, "figures": figures, "runs": runs}
    _write(options, found)
    return 0 if all("error" not in run for run in runs) else 1


def _realtime(options: argparse.Namespace) -> int:
    """Run the suite that starts its own databases and peers."""
    from .realtime import suite

    found = {"suite": "realtime", "machine": _machine(), **suite.main(options.seconds)}
    show_realtime(found)
    _write(options, found)
    return 0 if all(found["ratios"].values()) else 1


def _write(options: argparse.Namespace, found: dict[str, object]) -> None:
    if options.json:
        options.json.write_text(json.dumps(found, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench", description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("suite", nargs="?", choices=sorted(SUITES))
    parser.add_argument("--json", type=Path, help="write the figures there")
    parser.add_argument("--postgres", default=os.environ.get("OPENHALL_BENCH_POSTGRES", ""), help="postgresql://…")
    parser.add_argument("--on", choices=["sqlite", "postgresql"], help="only this database")
    parser.add_argument("--cases", type=int, help="how many cases there shall be (100,000; workflow: 1,000,000)")
    parser.add_argument("--documents", type=int, default=100_000, help="how many documents the search has")
    parser.add_argument("--replies", type=int, default=10_000, help="how many replies the long topic has")
    parser.add_argument("--seconds", type=float, default=4.0, help="how long each load of realtime is measured")
    parser.add_argument("--letters", type=Path, help="a file for the import instead of generated letters")
    return parser.parse_args()


def _databases(options: argparse.Namespace) -> list[str]:
    return [options.on] if options.on else ["sqlite", "postgresql"]


@contextmanager
def _server(options: argparse.Namespace, name: str) -> Iterator[str]:
    """Yield the address of the PostgreSQL to be measured: the given one, or one of our own; "" for SQLite."""
    if name == "sqlite" or options.postgres:
        yield "" if name == "sqlite" else options.postgres
        return
    # Durable and set up as in a city: what a commit costs is part of what is measured.
    server = _server_settings()
    print("PostgreSQL with", ", ".join(f"{name}={value}" for name, value in server.items()), file=sys.stderr)
    with test_servers.postgresql(server, durable=True) as url:
        yield url


def _server_settings() -> dict[str, str]:
    """Return what docker-compose.yml tells PostgreSQL."""
    words = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")
    settings = dict(re.findall(r'"-c(\w+)=([^"]+)"', words))
    programs = test_servers.newest_bin() or test_servers.rootless_bin()
    if "lz4" not in subprocess.check_output([programs / "pg_config", "--configure"], text=True):
        # The server's own, slower way, where it was built without the better one.
        settings["wal_compression"] = "on"
    return settings


def _figures(suite: str, runs: list[dict[str, object]]) -> dict[str, object]:
    """Return the figures in short; what a suite does not say itself is PostgreSQL's, SQLite's with "_sqlite"."""
    found = {str(run["database"]): run.get("figures", {}) for run in runs}
    short: dict[str, object] = {}
    for database, figures in found.items():
        assert isinstance(figures, dict)
        ending = "_sqlite" if database == "sqlite" else ""
        short |= {f"{name}{ending}": value for name, value in figures.items()}
    if suite != "community":
        return short
    # The slower of the two counts.
    names = {name.removesuffix("_sqlite") for name in short}
    return {name: max(figures[name] for figures in found.values() if name in figures) for name in sorted(names)}


def _machine() -> dict[str, object]:
    return {"python": platform.python_version(), "cores": os.cpu_count(), "load_before": os.getloadavg()[0]}


def _run(options: argparse.Namespace, name: str, url: str) -> dict[str, object]:
    """Run the suite in a process of its own, for settings are read when Django starts."""
    with tempfile.TemporaryDirectory(prefix="openhall-bench-") as folder, _own_database(url) as own:
        result = Path(folder) / "result.json"
        environment = {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "project.settings",
            "OPENHALL_DATA_DIR": folder,
            "OPENHALL_DATABASE_URL": own,
            "OPENHALL_REDIS_URL": "",
            "OPENHALL_DEMO": "1",
            "OPENHALL_DEBUG": "0",
            "OPENHALL_LOG_LEVEL": "ERROR",
        }
        given = json.dumps(
            {
                "cases": options.cases or CASES.get(options.suite, 100_000),
                "documents": options.documents,
                "replies": options.replies,
                "letters": str(options.letters or ""),
                "result": str(result),
            }
        )
        print(f"{options.suite} on {name} …", file=sys.stderr)
        done = subprocess.run(
            [sys.executable, "-m", SUITES[options.suite][0], given], cwd=ROOT, env=environment, check=False
        )
        if done.returncode != 0 or not result.exists():
            return {"database": name, "error": f"exit code {done.returncode}"}
        return {"database": name, **json.loads(result.read_text(encoding="utf-8"))}


@contextmanager
def _own_database(url: str):  # type: ignore[no-untyped-def]
    """Yield the address of a new, empty database on the server of `url`, dropped afterwards; "" for SQLite."""
    if not url:
        yield ""
        return
    import psycopg

    name = f"openhall_bench_{os.getpid()}"
    with psycopg.connect(url, autocommit=True) as server:
        server.execute(f"CREATE DATABASE {name}")
    try:
        yield urlsplit(url)._replace(path=f"/{name}").geturl()
    finally:
        with psycopg.connect(url, autocommit=True) as server:
            server.execute(f"DROP DATABASE {name} WITH (FORCE)")


if __name__ == "__main__":
    sys.exit(main())
