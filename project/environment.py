"""Readers of the environment that refuse bad values and also read `*_FILE`."""

import os
import secrets
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured


def text(name: str, default: str = "") -> str:
    """Return the variable `name`, or the content of the file that `name`_FILE points to."""
    path = os.environ.get(f"{name}_FILE")
    if path:
        try:
            return Path(path).read_text(encoding="utf-8").strip()
        except OSError as error:
            raise ImproperlyConfigured(f"{name}_FILE cannot be read: {error}") from error
    return os.environ.get(name, default).strip()


def kept_secret(name: str, path: Path, size: int = 48) -> str:
    """Return the secret from the environment, or make one of `size` random bytes once and keep it at `path`."""
    value = text(name)
    if value:
        return value
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        # O_EXCL: of two processes that start together, one makes the secret and both read it.
        try:
            handle = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
        except FileExistsError:
            pass
        else:
            with os.fdopen(handle, "w") as file:
                file.write(secrets.token_urlsafe(size))
    return path.read_text().strip()


def flag(name: str, default: bool = False) -> bool:
    """Return a switch; only 0 and 1 are accepted so that a typing error never turns something on."""
    value = text(name, "1" if default else "0")
    if value not in ("0", "1"):
        raise ImproperlyConfigured(f"{name} must be 0 or 1, not {value!r}")
    return value == "1"


def number(name: str, default: int, least: int = 0, most: int = 2**31) -> int:
    """Return a whole number between `least` and `most`."""
    value = text(name, str(default))
    try:
        result = int(value)
    except ValueError:
        raise ImproperlyConfigured(f"{name} must be a whole number, not {value!r}") from None
    if not least <= result <= most:
        raise ImproperlyConfigured(f"{name} must be between {least} and {most}, not {result}")
    return result


def one_of(name: str, choices: tuple[str, ...]) -> str:
    """Return one of the words, the first when the variable is not set; a misspelt one stops the start."""
    value = text(name, choices[0])
    if value not in choices:
        raise ImproperlyConfigured(f"{name} must be one of {', '.join(choices)}, not {value!r}")
    return value


def words(name: str, default: str = "") -> list[str]:
    """Return a comma-separated list."""
    return [part.strip() for part in text(name, default).split(",") if part.strip()]


def database(url: str, folder: Path) -> dict[str, Any]:
    """Return Django's database settings for a URL; an empty one means SQLite in the `folder`."""
    if not url:
        url = f"sqlite:///{folder / 'openhall.sqlite3'}"
    parts = urlsplit(url)
    if parts.scheme == "sqlite":
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": unquote(parts.path[1:] if parts.path.startswith("//") else parts.path),
            "OPTIONS": {
                "transaction_mode": "IMMEDIATE",
                "timeout": 20,
                "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;"
                " PRAGMA cache_size=-32000; PRAGMA mmap_size=268435456;"
                # Pages that change in every commit are copied home once in 64 MB of log, not once in 4.
                " PRAGMA wal_autocheckpoint=16000;",
            },
        }
    if parts.scheme in ("postgres", "postgresql"):
        return {
            "ENGINE": "project.postgresql",
            "NAME": unquote(parts.path.lstrip("/")),
            "USER": unquote(parts.username or ""),
            "PASSWORD": unquote(parts.password or ""),
            "HOST": parts.hostname or "",
            "PORT": parts.port or "",
            # Under ASGI every request has a thread of its own, which gives its connection back when it ends.
            "CONN_MAX_AGE": 0,
            "CONN_HEALTH_CHECKS": True,
            # A host that does not answer at all must not hold up who waits for a 503: seconds, milliseconds.
            # A page is one of many at the same time: a second process for its question, or machine code for it, takes
            # longer to make than the question takes, and a processor from the other pages.
            "OPTIONS": {
                "connect_timeout": 5,
                "tcp_user_timeout": 15_000,
                "options": "-c jit=off -c max_parallel_workers_per_gather=0 -c timezone=UTC"
                " -c plan_cache_mode=force_generic_plan",
                # How often a question of accounts.prepared comes through a connection before its plan is kept.
                "prepare_threshold": 2,
                # Connections stay open for the next thread: opening one takes PostgreSQL longer than most pages.
                # Who finds none within so many seconds gets a 503; a server that is back is found within two.
                "pool": {
                    "min_size": 0,
                    "max_size": number("OPENHALL_DATABASE_CONNECTIONS", 32, least=20, most=1000),
                    "timeout": 5,
                    "reconnect_timeout": 2,
                },
            },
        }
    raise ImproperlyConfigured("OPENHALL_DATABASE_URL must begin with sqlite:// or postgresql://")
