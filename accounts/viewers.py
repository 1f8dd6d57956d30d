"""The viewer: who is asking, which posts they hold now and what their session has opened."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import DateTimeField, Q, QuerySet
from django.utils import timezone

from .models import Person, Post, Role, Unit
from .prepared import Given, Prepared

GRANTS = "grants"
VISITOR = "visitor"


@dataclass(frozen=True)
class Viewer:
    """Everything that questions of right are decided from.

    `grants` holds keys such as "case-K7QM2FXP9T" that a visitor's session opened with an access code or by
    starting a talk; `visitor` is the session's random visitor key, "" before it has one.
    """

    person: Person | None = None
    posts: tuple[Post, ...] = ()
    grants: frozenset[str] = frozenset()
    visitor: str = ""
    language: str = "zh-hans"
    _units: dict[tuple[str, ...], frozenset[int]] = field(default_factory=dict, compare=False, repr=False)

    @property
    def is_official(self) -> bool:
        """Whether the viewer holds any post now."""
        return bool(self.posts)

    @property
    def key(self) -> str:
        """A name for the sender of messages: "person-5", or "visitor-…" for somebody without an account."""
        return f"person-{self.person.pk}" if self.person else f"visitor-{self.visitor}"

    def holds(self, *roles: str) -> bool:
        """Return whether the viewer holds one of the roles at any unit."""
        return any(post.role in roles for post in self.posts)

    def units(self, *roles: str) -> frozenset[int]:
        """Return the ids of the units where the viewer holds one of the roles (any role when none is named)."""
        return frozenset(post.unit_id for post in self.posts if not roles or post.role in roles)

    def scope(self, *roles: str) -> frozenset[int]:
        """Return the ids of those units and of everything below them (supervisors see their subtree)."""
        if roles not in self._units:
            paths = [post.unit.path for post in self.posts if not roles or post.role in roles]
            below = Q()
            for path in paths:
                below |= Q(path__startswith=path)
            ids = frozenset(Unit.objects.filter(below).values_list("pk", flat=True)) if paths else frozenset()
            self._units[roles] = ids
        return self._units[roles]


def _held() -> QuerySet[Post]:
    at = Given("at", DateTimeField())
    posts = Post.objects.filter(person=Given("person"), since__lte=at, unit__active=True).select_related("unit")
    return posts.filter(Q(until__isnull=True) | Q(until__gt=at))


# Asked by every request of a signed-in person.
HELD: Prepared[Post] = Prepared(_held)


def viewer_of(person: Any, session: Any, language: str = "zh-hans", at: datetime | None = None) -> Viewer:
    """Build the viewer from a request's or a socket's user and session; `at` is now unless given."""
    grants = frozenset(session.get(GRANTS, ())) if session is not None else frozenset()
    visitor = str(session.get(VISITOR, "")) if session is not None else ""
    if person is None or not person.is_authenticated or not person.is_active:
        return Viewer(None, (), grants, visitor, language)
    return Viewer(person, posts_of(person, at), grants, visitor, language)


def posts_of(person: Person, at: datetime | None = None) -> tuple[Post, ...]:
    """Return the posts that the person holds at the moment `at` (now unless given)."""
    return tuple(HELD.all(person=person.pk, at=at or timezone.now()))


def person_viewer(person: Person, at: datetime | None = None) -> Viewer:
    """Return the viewer that a person is without any session, for commands, workers and tests."""
    return Viewer(person, posts_of(person, at) if person.is_active else (), language=person.language)


def grant(session: Any, keys: Iterable[str]) -> None:
    """Open `keys` for the session that proved its right to them; at most the latest 50 are kept."""
    kept = [key for key in session.get(GRANTS, []) if key not in set(keys)]
    session[GRANTS] = [*kept, *keys][-50:]


def become_visitor(session: Any) -> str:
    """Give the session a random visitor key unless it has one, and return it: the name of somebody without account."""
    if not session.get(VISITOR):
        session[VISITOR] = secrets.token_urlsafe(16)
    return str(session[VISITOR])


__all__ = ["GRANTS", "VISITOR", "Role", "Viewer", "become_visitor", "grant", "person_viewer", "posts_of", "viewer_of"]
