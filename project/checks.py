"""Stops a start that would not be safe; each check says what to change."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register
from django.db import connections

LOOPBACK = {"127.0.0.1", "localhost", "[::1]", "::1", "testserver"}
SECRET_CHARACTERS = 32
# "aaaa…" and "change-me-change-me-…" have few different characters.
SECRET_VARIETY = 12


def is_public() -> bool:
    """Return whether the house answers to names other than this machine's own."""
    return any(host not in LOOPBACK for host in settings.ALLOWED_HOSTS)


def _error(number: int, words: str) -> CheckMessage:
    return Error(words, id=f"openhall.E{number:03}")


@register(Tags.security)
def check_modes(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Refuse DEBUG and the demo, with its known accounts, where others can reach them."""
    found: list[CheckMessage] = []
    if "*" in settings.ALLOWED_HOSTS:
        found.append(_error(1, 'OPENHALL_HOSTS must name the hosts: "*" switches off the origin check of sockets.'))
    if settings.DEBUG and is_public():
        found.append(_error(2, "OPENHALL_DEBUG shows source code and settings to everybody: set it to 0."))
    if settings.DEMO and is_public():
        found.append(_error(3, "OPENHALL_DEMO opens accounts with a known password: set it to 0."))
    if settings.PUSH_TO_LOOPBACK and is_public():
        found.append(_error(9, "OPENHALL_PUSH_TO_LOOPBACK lets strangers have this machine call itself: set it to 0."))
    if is_public() and settings.PUBLIC_URL.startswith("http://"):
        found.append(Warning("OPENHALL_PUBLIC_URL begins with http://: passwords travel readable.", id="openhall.W001"))
    if settings.SECURE_PROXY_SSL_HEADER and not settings.TRUSTED_PROXIES:
        words = (
            "OPENHALL_BEHIND_PROXY without OPENHALL_TRUSTED_PROXIES: all visitors share the proxy's address and limits."
        )
        found.append(Warning(words, id="openhall.W002"))
    return found


@register(Tags.security)
def check_secrets(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Refuse secrets that can be guessed, and providers whose call-backs nobody could verify."""
    secrets = {settings.SECRET_KEY: "OPENHALL_SECRET_KEY"}
    secrets |= dict.fromkeys(settings.SEALING_KEYS, "OPENHALL_SEALING_KEYS")
    found = [
        _error(4, f"{name} can be guessed: give {SECRET_CHARACTERS} random characters or leave it empty.")
        for secret, name in secrets.items()
        if len(secret) < SECRET_CHARACTERS or len(set(secret)) < SECRET_VARIETY
    ]
    if settings.SMTP_PASSWORD and settings.SMTP_TLS == "none" and settings.SMTP_HOST not in LOOPBACK:
        found.append(_error(9, "OPENHALL_SMTP_PASSWORD would travel readable: set OPENHALL_SMTP_TLS."))
    if not re.fullmatch(r"[A-Za-z0-9_-]{43}", settings.PUSH_KEY):
        found.append(_error(10, "OPENHALL_PUSH_KEY must be 32 bytes as URL-safe base64 (43 letters), or empty."))
    if settings.TWILIO_ACCOUNT and not settings.TWILIO_TOKEN:
        found.append(_error(5, "OPENHALL_TWILIO_ACCOUNT is set without OPENHALL_TWILIO_TOKEN."))
    return found


@register(Tags.database)
def check_durability(app_configs: Any, databases: Sequence[str] | None = None, **kwargs: Any) -> list[CheckMessage]:
    """Refuse a database that says "committed" before the disk has it: an acknowledged message must survive."""
    if settings.ACCEPT_LOSS:
        return []
    found: list[CheckMessage] = []
    for alias in databases or []:
        connection = connections[alias]
        found += _sqlite(connection) if connection.vendor == "sqlite" else _postgresql(connection)
    return found


def _one(connection: Any, query: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute(query)
        return str(cursor.fetchone()[0]).lower()


def _sqlite(connection: Any) -> list[CheckMessage]:
    """Return an error unless WAL and synchronous=FULL (2) or more are on."""
    if _one(connection, "PRAGMA journal_mode") == "wal" and int(_one(connection, "PRAGMA synchronous")) >= 2:
        return []
    return [_error(6, "SQLite must run with journal_mode=WAL and synchronous=FULL.")]


def _postgresql(connection: Any) -> list[CheckMessage]:
    """Return an error for each switch that lets PostgreSQL forget what it confirmed."""
    switches = ("fsync", "synchronous_commit", "full_page_writes")
    off = [name for name in switches if _one(connection, f"SHOW {name}") == "off"]
    found = [_error(7, f"PostgreSQL runs with {name} = off: switch it on.") for name in off]
    if _one(connection, "SHOW server_encoding") != "utf8":
        found.append(_error(8, "The PostgreSQL database must be made with encoding UTF8."))
    return found
