"""Readers of the environment that refuse bad values and also read `*_FILE`."""

import os
from pathlib import Path

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


def words(name: str, default: str = "") -> list[str]:
    """Return a comma-separated list."""
    return [part.strip() for part in text(name, default).split(",") if part.strip()]
