"""From which device somebody rated or worked, as a keyed digest that says nothing by itself and is soon forgotten."""

from __future__ import annotations

from datetime import date, timedelta

from django.utils import timezone

from accounts.models import Person

from ..models import Case, Trace
from ..queries.sealed import keyed_hash

KEPT_DAYS = 92


def trace_work(*, person: Person, device: str, day: date | None = None) -> None:
    """Remember, once a day, that an official worked on the device."""
    when = day or timezone.localdate()
    Trace.objects.bulk_create([Trace(digest=_digest(device), day=when, person=person)], ignore_conflicts=True)


def trace_rating(*, case: Case, device: str, day: date | None = None) -> None:
    """Remember from which device a case was rated; nothing of a report of wrongdoing is kept."""
    if not case.confidential:
        Trace.objects.create(digest=_digest(device), day=day or timezone.localdate(), case=case)


def forget_traces(day: date | None = None) -> int:
    """Forget what is older than a quarter of a year; return how many."""
    return Trace.objects.filter(day__lt=(day or timezone.localdate()) - timedelta(days=KEPT_DAYS)).delete()[0]


def _digest(device: str) -> str:
    return keyed_hash("device", device)
