"""Sessions in the database, where revoking one reaches every process."""

from __future__ import annotations

from django.contrib.sessions.backends import db
from django.contrib.sessions.models import Session
from django.db.models import CharField, DateTimeField, QuerySet
from django.utils import timezone

from .prepared import Given, Prepared


def _open() -> QuerySet[Session]:
    key, now = Given("key", CharField()), Given("now", DateTimeField())
    return Session.objects.filter(session_key=key, expire_date__gt=now)[:1]


OPEN: Prepared[Session] = Prepared(_open)


class SessionStore(db.SessionStore):
    """Django's own, with the question that comes with every request prepared."""

    def _get_session_from_db(self) -> Session | None:
        found = OPEN.first(key=self.session_key, now=timezone.now())
        if found is None:
            # As Django does: what is written next gets a key of its own.
            self._session_key = None
        return found
