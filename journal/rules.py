"""What may stand in an entry or a frame, and the limits of the socket."""

from __future__ import annotations

import math
import re
from functools import lru_cache
from typing import Any

from django.utils.translation import gettext as _

from accounts.rules import MOST_INTEGER, BadInput

# A stream's name: what kind of thing, a dash, which one.
STREAM_NAME = re.compile(r"[a-z]{1,20}-[A-Za-z0-9_.-]{1,59}", re.ASCII)
LONGEST_NAME = 80
KIND = re.compile(r"[a-z_]{1,19}\.[a-z_]{1,20}", re.ASCII)
CLIENT_KEY = re.compile(r"[A-Za-z0-9_-]{8,64}", re.ASCII)

MESSAGE_BYTES = 64 * 1024
ENTRY_BYTES = 256 * 1024
DEPTH = 20
PAGE = 100
STREAMS_PER_SOCKET = 50
FRAMES, FRAMES_SECONDS = 200, 10.0
SAYS, SAYS_SECONDS = 20, 10.0
# What a socket may leave unconfirmed before it gets no more, and how long it then has.
CREDIT_ENTRIES = 256
CREDIT_BYTES = 1024 * 1024
DEADLINE = 10.0
HEADS_EVERY = 25.0
WAIT_MOST = 25.0
TICKET_SECONDS = 30


class OutsideTransaction(RuntimeError):
    """An entry was to be written apart from the change it records."""


def split_stream(stream: Any) -> tuple[str, str]:
    """Return what stands before and after the first dash of a stream's name. Raises BadInput."""
    found = _split(stream) if isinstance(stream, str) and len(stream) <= LONGEST_NAME else None
    if found is None:
        raise BadInput(_("There is no stream of that name."), field="stream", code="bad_stream")
    return found


# The same few streams are named in every frame.
@lru_cache(4096)
def _split(stream: str) -> tuple[str, str] | None:
    prefix, _dash, key = stream.partition("-")
    return (prefix, key) if STREAM_NAME.fullmatch(stream) else None


@lru_cache(1024)
def check_kind(kind: str) -> None:
    """Raise BadInput unless `kind` is an event's name such as "case.closed"."""
    if not KIND.fullmatch(kind):
        raise BadInput(f"{kind!r} is not the name of an event", field="kind", code="bad_kind")


def check_client_key(key: Any) -> str:
    """Return the client's own key of a message, 8 to 64 letters, digits, "-" and "_". Raises BadInput."""
    if not isinstance(key, str) or not CLIENT_KEY.fullmatch(key):
        raise BadInput(_("The key of a message has 8 to 64 letters, digits, - or _."), field="key", code="bad_key")
    return key


def check_number(value: Any, field: str, most: int = MOST_INTEGER) -> int:
    """Return a whole number from 0 to `most`. Raises BadInput."""
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= most:
        raise BadInput(_("A whole number is expected here."), field=field, code="bad_number")
    return value


NESTED = (dict, list, tuple)


def check_plain(value: Any, depth: int = DEPTH) -> None:
    """Raise BadInput unless every database and every JSON reader would give `value` back as it is.

    Refused are NUL and lone surrogates in text, whole numbers beyond 64 bits with sign, infinite numbers, keys that
    are not text, types that JSON does not know and more than `depth` lists and objects within each other.
    """
    if isinstance(value, str):
        _check_text(value)
    elif isinstance(value, NESTED):
        _check_inner(value, depth)
    elif isinstance(value, float):
        if not math.isfinite(value):
            raise BadInput(_("A number is too large."), field="data", code="bad_number")
    elif isinstance(value, int):
        if not -MOST_INTEGER <= value <= MOST_INTEGER:
            raise BadInput(_("A number is too large."), field="data", code="bad_number")
    elif value is not None:
        raise BadInput(f"{type(value).__name__} cannot be written as JSON", field="data", code="bad_data")


def _check_inner(value: Any, depth: int) -> None:
    if depth <= 0:
        raise BadInput(_("The data is nested too deeply."), field="data", code="too_deep")
    # Most of it is short plain text or nothing, in every frame and entry: no call for that.
    if isinstance(value, dict):
        for key in value:
            if type(key) is not str or "\0" in key or not key.isascii():
                check_plain(key if isinstance(key, str) else object())
        value = value.values()
    for inner in value:
        if type(inner) is str:
            if "\0" in inner or not inner.isascii():
                _check_text(inner)
        elif inner is not None:
            check_plain(inner, depth - 1)


def _check_text(value: str) -> None:
    if "\0" not in value:
        if value.isascii():
            return
        try:
            value.encode("utf-8")
            return
        except UnicodeEncodeError:
            pass
    raise BadInput(_("The text holds characters that cannot be stored."), field="data", code="bad_characters")


def too_long() -> BadInput:
    """Return the refusal of an entry that is larger than one may be."""
    return BadInput(_("This is too long."), field="data", code="too_long")


class TooManyStreams(BadInput):
    """A socket follows as many streams as one socket may."""

    code = "too_many_streams"

    def sentence(self) -> str:
        """Say how many there may be."""
        return _("One connection may follow %(most)d streams.") % {"most": STREAMS_PER_SOCKET}
