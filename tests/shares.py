"""Which of two runs side by side shows what: everything that asks a store on both, the rest once.

scripts/test_servers.py names the halves when it runs both stores. Plain pytest, or one store alone, leaves nothing out.
"""

import os

import pytest

# Whoever asks for one of these has to do with the database.
STORES = {"db", "transactional_db", "django_db_setup", "static_root"}


def asks_a_store(item: pytest.Item) -> bool:
    """Return whether what the test shows may hang on the database or on Redis."""
    asked = set(getattr(item, "fixturenames", ()))
    marked = any(item.get_closest_marker(name) for name in ("django_db", "redis"))
    return marked or bool(STORES & asked)


def is_a_page(item: pytest.Item) -> bool:
    """Return whether it looks at pages in a browser: the same on both stores, beside which stand the stories."""
    return item.get_closest_marker("browser") is not None and item.get_closest_marker("story") is None


# The first half, on SQLite, walks the whole matrix; the second one looks at the pages meanwhile.
LEFT_OUT = {
    "first": is_a_page,
    "second": lambda item: not asks_a_store(item),
}


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what the other half shows."""
    leaves = LEFT_OUT.get(os.environ.get("OPENHALL_TEST_HALF", ""))
    if leaves is None:
        return
    left = [item for item in items if leaves(item)]
    config.hook.pytest_deselected(items=left)
    items[:] = [item for item in items if not leaves(item)]
