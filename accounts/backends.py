"""Who signs in, and who it is that a session belongs to."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.db.models import QuerySet

from .models import Person
from .prepared import Given, Prepared


def _known() -> QuerySet[Person]:
    return Person.objects.filter(pk=Given("pk"))[:1]


KNOWN: Prepared[Person] = Prepared(_known)


class PersonBackend(ModelBackend):
    """Django's own, with the question that comes with every request prepared."""

    def get_user(self, user_id: Any) -> Person | None:
        """Return the person of a session, None if there is none or they may not sign in any more."""
        person = KNOWN.first(pk=user_id)
        return person if person is not None and self.user_can_authenticate(person) else None
