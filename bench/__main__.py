"""Runs a suite on SQLite and, where an address is given, on PostgreSQL; prints a table and writes JSON.

    python -m bench import [--json FILE] [--postgres URL]
    python -m bench pages  [--json FILE] [--postgres URL] [--cases 100000]
    python -m bench realtime [--json FILE] [--seconds 4]

Every run has its own data directory and database, both gone afterwards. Timings depend on the machine: compare runs
of one machine, and query counts anywhere.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from .tables import show, show_realtime

ROOT = Path(__file__).resolve().parent.parent
SUITES = {
    "import": ("bench.importing", "letters imported in a second"),
    "realtime": ("bench.realtime.suite", "live delivery beside other servers, per second of processor time"),
    "pages": ("bench.pages", "queries and server time of the main pages among 100,000 cases"),
}


def main() -> int:
    """Run what was asked for."""
    options = _options()
    if options.suite is None:
        print("Suites:", *(f"  {name:<8} {words}" for name, (_module, words) in SUITES.items()), sep="\n")
        return 0
    if options.suite == "realtime":
        return _realtime(options)
    runs = [_run(options, name, url) for name, url in _databases(options)]
    found = {"suite": options.suite, "machine": _machine(), "runs": runs}
    for run in runs:
        show(options.suite, run)
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
    parser.add_argument("--postgres", default=os.environ.get("OPENHALL_BENCH_POSTGRES", ""), help="postgresql://… too")
    parser.add_argument("--cases", type=int, default=100_000, help="how many cases the pages are measured among")
    parser.add_argument("--seconds", type=float, default=4.0, help="how long each load of realtime is measured")
    parser.add_argument("--letters", type=Path, help="a file for the import instead of generated letters")
    return parser.parse_args()


def _databases(options: argparse.Namespace) -> list[tuple[str, str]]:
    return [("sqlite", ""), *([("postgresql", options.postgres)] if options.postgres else [])]


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
        given = json.dumps({"cases": options.cases, "letters": str(options.letters or ""), "result": str(result)})
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
