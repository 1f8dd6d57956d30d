"""What the portal itself changes: the reader's language, and the trial write of the readiness check."""

from __future__ import annotations

from django.contrib.sessions.models import Session
from django.db import transaction
from django.utils import timezone

from accounts.models import Person


def set_language(*, person: Person, language: str) -> None:
    """Keep the language, a code of settings.LANGUAGES, in which the person is written to."""
    Person.objects.filter(pk=person.pk).update(language=language)


def try_write() -> None:
    """Write one row and take it back; raises a database error where writing is not possible."""
    with transaction.atomic():
        Session.objects.create(session_key="readiness-trial", session_data="", expire_date=timezone.now())
        transaction.set_rollback(True)
