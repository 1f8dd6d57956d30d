"""What accounts tells the audit log, which stands above it and is known by its path in the settings."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.utils.module_loading import import_string

from ..models import Person
from ..queries import person_by_login


def note(
    kind: str, subject: str = "", *, by: int | None = None, at: datetime | None = None, **facts: int | str
) -> None:
    """Record a deed in its transaction; `by` is by default whoever the request comes from."""
    import_string(settings.AUDIT_BY)(kind, subject=subject, facts=facts, by=by, at=at)


def subject_of(person_id: int) -> str:
    """Return how the audit log calls a person."""
    return f"person-{person_id}"


@transaction.atomic
def signed_in(*, person: Person, at: datetime | None = None) -> None:
    """Record that somebody signed in."""
    note("session.opened", subject_of(person.pk), by=person.pk, at=at)


@transaction.atomic
def sign_in_failed(*, login: str, at: datetime | None = None) -> None:
    """Record a wrong password, of no account in particular where there is none: what was typed is nobody's business.

    One record either way: how long the answer takes must not tell whether there is such an account.
    """
    person = person_by_login(login[:200])
    note("session.failed", subject_of(person.pk) if person else "", at=at)


@transaction.atomic
def exported(*, person_id: int, items: int) -> None:
    """Record that somebody's data left the house as a file."""
    note("data.exported", subject_of(person_id), items=items)


@transaction.atomic
def account_looked_at(*, person_id: int, by: int) -> None:
    """Record that an administrator opened somebody's account."""
    note("account.looked_at", subject_of(person_id), by=by)
