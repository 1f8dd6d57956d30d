"""What every test can ask for: the database, a real server, a mail server and a browser.

Plain `pytest` runs on SQLite with the in-process layer; scripts/test runs the same suite on PostgreSQL and Redis by
setting OPENHALL_DATABASE_URL and OPENHALL_REDIS_URL.
"""

import gc
import os
import shutil
import tempfile
from pathlib import Path

import pytest

from tests.ports import free_port

# Until all tests are gathered nothing of what is loaded goes away, see pytest_collection_finish.
gc.disable()

SHARED_MEMORY = Path("/dev/shm")
ROOM_BYTES = 1 << 30
# Nothing here need survive, so nothing waits for a disk where memory can hold it.
roomy = SHARED_MEMORY.is_dir() and shutil.disk_usage(SHARED_MEMORY).free > ROOM_BYTES
TEMPORARY = Path(tempfile.mkdtemp(prefix="openhall-tests-", dir=SHARED_MEMORY if roomy else None))

# Where scripts/test_servers.py collected static files; the database of the environment then has its tables already.
GROUND = os.environ.get("OPENHALL_TEST_GROUND", "")

# Settings are read on import: what tests need must stand in the environment before Django is touched.
# On "lossy" the whole suite runs on a layer that loses rings on purpose, see tests/lossy.py.
LOSSY = os.environ.get("OPENHALL_TEST_LAYER") == "lossy"
os.environ["DJANGO_SETTINGS_MODULE"] = "tests.lossy_settings" if LOSSY else "project.settings"
os.environ["OPENHALL_DATA_DIR"] = str(TEMPORARY)
os.environ["OPENHALL_DEMO"] = "0"
os.environ["OPENHALL_DEBUG"] = "0"
# People of the cast are known in the forums; tests about newcomers say so.
os.environ["OPENHALL_FORUM_HELD_POSTS"] = "0"
os.environ["OPENHALL_SMTP_HOST"] = "127.0.0.1"
os.environ["OPENHALL_SMTP_PORT"] = str(free_port())
os.environ.setdefault("OPENHALL_DATABASE_URL", "")
os.environ.setdefault("OPENHALL_REDIS_URL", "")
os.environ.setdefault("OPENHALL_LOG_LEVEL", "WARNING")

from django.conf import settings  # noqa: E402

# A file rather than memory: threads and the real server of `live_house` open the same database.
settings.DATABASES["default"].setdefault("TEST", {})
if settings.DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    settings.DATABASES["default"]["TEST"]["NAME"] = str(TEMPORARY / "test.sqlite3")
settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
# Pages of the test client link to plain names; the real server of `live_house` uses the hashed ones.
settings.STORAGES["staticfiles"]["BACKEND"] = "django.contrib.staticfiles.storage.StaticFilesStorage"
(TEMPORARY / "static").mkdir(exist_ok=True)

pytest_plugins = ["tests.shares", "tests.emptying", "tests.houses", "tests.mail", "tests.browsers"]


def pytest_collection_finish(session: pytest.Session) -> None:
    """What was loaded until now stays to the end: the collector need not walk through it thousands of times."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 50, 100)
    gc.enable()


def pytest_unconfigure(config: pytest.Config) -> None:
    """Leave nothing behind in the temporary folder."""
    shutil.rmtree(TEMPORARY, ignore_errors=True)


@pytest.fixture(scope="session")
def django_db_setup(request: pytest.FixtureRequest, django_db_blocker) -> None:
    """Tables are emptied row by row after a test, which the audit log refuses; its own tests put the guards up."""
    from django.db import connection

    from audit import guards
    from portal.migrating import new_models_alone

    if not GROUND:
        with new_models_alone():
            request.getfixturevalue("django_db_setup")
    with django_db_blocker.unblock():
        guards.take_down(connection)


@pytest.fixture(scope="session", autouse=True)
def _plain_templates(django_test_environment: None) -> None:
    """Tests look at what readers get: Django need not keep what each part of each page was made from."""
    from django.template import Template
    from django.test.utils import _TestState

    Template._render = _TestState.saved_data.template_render


@pytest.fixture(autouse=True)
def _nothing_inherited() -> None:
    """No test inherits another one's rate limits or the language of its last page."""
    from django.core.cache import cache
    from django.utils import translation

    from accounts.rates import local

    cache.clear()
    local.clear()
    translation.deactivate()


@pytest.fixture
def temporary() -> Path:
    """The data directory of this run."""
    return TEMPORARY
