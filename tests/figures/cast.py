"""Answered cases for the figures, written through the imports' own writer."""

from datetime import datetime, timedelta

from django.utils import timezone

from engagement.imports.incoming import Incoming
from engagement.imports.store import Store
from engagement.models import Case, CaseFact

START = datetime(2026, 3, 2, 10, tzinfo=timezone.get_default_timezone())


def answered(days, *, unit, number=None, start=START, **more):
    """Store one case for each number of days that its reply took."""
    first = Case.objects.count() + 1
    rows = [
        Incoming(
            source=f"test:{first + place}", kind="enquiry", channel="form", title="T", text="T", language="en",
            received_at=start, reply="R", answered_at=start + timedelta(days=taken),
            concluded_at=start + timedelta(days=taken), unit_id=unit.pk, **more,
        )
        for place, taken in enumerate(days)
    ]  # fmt: skip
    Store().add(rows, START)


def waiting(count, *, unit, due_at=None, start=START):
    """Store cases that nobody has answered."""
    first = Case.objects.count() + 1
    rows = [
        Incoming(
            source=f"test:{first + place}", kind="enquiry", channel="form", title="T", text="T", language="en",
            received_at=start, status="received", unit_id=unit.pk, due_at=due_at,
        )
        for place in range(count)
    ]  # fmt: skip
    Store().add(rows, START)


def rate(scores):
    """Give the first facts these scores."""
    for fact, score in zip(CaseFact.objects.order_by("pk"), scores, strict=False):
        fact.satisfaction = score
        fact.save()
