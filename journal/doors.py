"""Who knocks at the socket: the origin of the page, the session behind cookie or ticket, the address."""

from __future__ import annotations

from http.cookies import CookieError, SimpleCookie
from importlib import import_module
from typing import Any
from urllib.parse import parse_qs, urlsplit

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.core import signing
from django.http.request import validate_host
from django.utils.crypto import constant_time_compare

from accounts.addresses import behind_proxies
from accounts.models import Person
from accounts.viewers import Viewer, viewer_of

Scope = dict[str, Any]

SALT = "openhall.pass"

_PORTS = {"http": 80, "https": 443, "ws": 80, "wss": 443}


def header(scope: Scope, name: bytes) -> str:
    """Return the first header of that name, "" without one."""
    return next((value.decode("latin-1") for key, value in scope["headers"] if key.lower() == name), "")


def origin_fits(scope: Scope) -> bool:
    """Return whether the page that opens the socket is one of ours: the same scheme, host and port.

    Browsers always send an Origin; a client without one is no browser and holds its own cookie or ticket.
    """
    host = header(scope, b"host")
    allowed = settings.ALLOWED_HOSTS
    if not host or not validate_host(urlsplit(f"//{host}").hostname or "", allowed):
        return False
    origin = header(scope, b"origin")
    if not origin:
        return True
    return _parts(origin) in (_parts(settings.PUBLIC_URL), _parts(f"{_scheme(scope)}://{host}"))


def _scheme(scope: Scope) -> str:
    if settings.SECURE_PROXY_SSL_HEADER:
        return "https" if header(scope, b"x-forwarded-proto") == "https" else "http"
    return "https" if scope.get("scheme") in ("wss", "https") else "http"


def _parts(address: str) -> tuple[str, str, int | None]:
    try:
        parts = urlsplit(address)
        return parts.scheme, parts.hostname or "", parts.port or _PORTS.get(parts.scheme)
    except ValueError:
        return "", address, None


def address_of(scope: Scope) -> str:
    """Return the address a connection comes from."""
    peer = (scope.get("client") or [""])[0]
    return behind_proxies(str(peer), header(scope, b"x-forwarded-for"))


def cookies_of(scope: Scope) -> dict[str, str]:
    """Return the cookies; none when they cannot be read."""
    try:
        return {name: morsel.value for name, morsel in SimpleCookie(header(scope, b"cookie")).items()}
    except CookieError:
        return {}


def ticket_of(scope: Scope) -> str:
    """Return the ticket in the address, "" without one."""
    query: str = scope.get("query_string", b"").decode("latin-1")
    return parse_qs(query).get("ticket", [""])[0][:200]


def language_of(scope: Scope) -> str:
    """Return the language for sentences: the cookie of the language switch, then the browser's."""
    chosen: str = cookies_of(scope).get(settings.LANGUAGE_COOKIE_NAME, "")
    if chosen in dict(settings.LANGUAGES):
        return chosen
    first = header(scope, b"accept-language").lower()[:2]
    return "en" if first == "en" else str(settings.LANGUAGE_CODE)


def pass_of(session_key: str) -> str:
    """Return what stands for the session where cookies do not travel: in the header X-Openhall-Pass."""
    return signing.dumps(session_key, salt=SALT)


def session_of_pass(given: str) -> str:
    """Return the key of the session that a pass stands for, "" for what is none."""
    try:
        return str(signing.loads(given[:200], salt=SALT))
    except signing.BadSignature:
        return ""


def session_key_of(scope: Scope) -> str:
    """Return the session's key from the pass or else the cookie, "" without either."""
    if given := header(scope, b"x-openhall-pass"):
        return session_of_pass(given)
    return cookies_of(scope).get(settings.SESSION_COOKIE_NAME, "")[:40]


def viewer_of_session(session_key: str, language: str) -> Viewer | None:
    """Return who the session is now, or None when it has ended. Asks the database."""
    if not session_key:
        return None
    session = import_module(settings.SESSION_ENGINE).SessionStore(session_key)
    # The first look loads it, which drops the key of a session that does not exist or has run out.
    session.get(SESSION_KEY)
    if session.session_key != session_key:
        return None
    return viewer_of(_person(session), session, language)


def _person(session: Any) -> Person | None:
    """Return the session's active person, if its password is still the one it was opened with."""
    if session.get(BACKEND_SESSION_KEY) not in settings.AUTHENTICATION_BACKENDS:
        return None
    person = Person.objects.filter(pk=session.get(SESSION_KEY), is_active=True).first()
    if person is None or not constant_time_compare(session.get(HASH_SESSION_KEY, ""), person.get_session_auth_hash()):
        return None
    return person
