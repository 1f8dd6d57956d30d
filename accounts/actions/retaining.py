"""What is taken away of accounts when its time is over."""

from __future__ import annotations

from datetime import datetime

from django.contrib.sessions.models import Session
from django.utils import timezone


def retain(at: datetime | None = None) -> int:
    """Delete sessions that have run out, for the worker; return how many rows. Visitors leave one each."""
    return Session.objects.filter(expire_date__lt=at or timezone.now()).delete()[0]
