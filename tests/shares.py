"""Which of two runs side by side shows what, and in which order.

What asks a store is run on both; a rule without one, and a page in a browser, is the same beside every store and is
looked at by one of them. scripts/test_servers.py names the halves when it runs both stores, and the parts when it runs
the whole suite: plain pytest, or one store alone, leaves nothing out.
"""

import os
import re
from pathlib import Path

import pytest

HALVES = ("first", "second")
PARTS = ("houses", "rest")
# Who asks for one of these has to do with the database.
STORES = {"db", "transactional_db", "django_db_setup", "static_root"}
# Who asks for one of these waits for servers, and for answers that have to come in time.
SERVERS = {"static_root", "_daphne"}
# By one of these words a file asks for a server; the part of the houses reads no other, which takes most of its start.
ASKING = re.compile(r"(live|make)_house|mark\.browser|\bhall\b")


def half_of(item: pytest.Item) -> str:
    """Return which half alone runs the test, "" if both do."""
    named = item.get_closest_marker("half")
    if named is not None:
        return str(named.args[0])
    if not asks_a_store(item):
        return "first"
    return "second" if in_a_browser(item) else ""


def asks_a_store(item: pytest.Item) -> bool:
    """Return whether what the test shows may hang on the database or on Redis."""
    marked = any(item.get_closest_marker(name) for name in ("django_db", "redis"))
    return marked or bool(STORES & set(getattr(item, "fixturenames", ())))


def in_a_browser(item: pytest.Item) -> bool:
    """Return whether the test drives a browser."""
    return item.get_closest_marker("browser") is not None


def part_of(item: pytest.Item) -> str:
    """Return which part of a store's suite the test belongs to."""
    waits = in_a_browser(item) or SERVERS & set(getattr(item, "fixturenames", ()))
    return "houses" if waits else "rest"


def asks_a_server(path: Path) -> bool:
    """Return whether a file of tests says that some of them belong to the part of the houses."""
    return ASKING.search(path.read_text(encoding="utf-8")) is not None


def pytest_ignore_collect(collection_path: Path) -> bool | None:
    """Spare the part of the houses the files that have nothing for it."""
    spared = os.environ.get("OPENHALL_TEST_PART") == "houses" and collection_path.name.startswith("test_")
    return True if spared and not asks_a_server(collection_path) else None


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what another run shows; the browser, whose loop stays on this thread, comes last."""
    half, part = os.environ.get("OPENHALL_TEST_HALF", ""), os.environ.get("OPENHALL_TEST_PART", "")
    assert half in ("", *HALVES), half
    assert part in ("", *PARTS), part
    unsaid = {item.path for item in items if part_of(item) == "houses" and not asks_a_server(item.path)}
    assert not unsaid, f"these ask for a server by no word that tests/shares.py knows: {unsaid}"
    left = [item for item in items if (half and half_of(item) not in ("", half)) or (part and part_of(item) != part)]
    config.hook.pytest_deselected(items=left)
    gone = set(left)
    items[:] = sorted((item for item in items if item not in gone), key=_turn)


def _turn(item: pytest.Item) -> tuple[bool, bool]:
    """What needs no house comes first: once started it stays, and its worker sends what lies in the outbox."""
    return part_of(item) == "houses", in_a_browser(item)
