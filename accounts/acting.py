"""Who is at work: what a record of the audit log takes from the request when its action was not told."""

from __future__ import annotations

from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Acting:
    """Somebody's id (None for nobody known), and by which way: "web" or "command"."""

    person_id: int | None = None
    via: str = "command"


_request: ContextVar[Any] = ContextVar("acting_request", default=None)


def begin(request: Any) -> None:
    """Note the request that is being answered in this context."""
    _request.set(request)


def acting() -> Acting:
    """Return who acts now: the request's person; outside of any request, whoever gave the command."""
    request = _request.get()
    if request is None:
        return Acting()
    person = request.user
    return Acting(person.pk if person.is_authenticated else None, "web")
