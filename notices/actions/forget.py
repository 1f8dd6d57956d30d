"""Forgetting notices and deliveries: of a person, of a matter, and of a time long past."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from ..models import Delivery, Device, Notice

PER_TURN = 2000
DONE = (Delivery.State.SENT, Delivery.State.DELIVERED, Delivery.State.REFUSED, Delivery.State.PARKED)


@transaction.atomic
def forget_person(person_id: int) -> None:
    """Forget every notice of an erased person, with what was or would have been sent for it, and their browsers."""
    Notice.objects.filter(person_id=person_id).delete()
    Device.objects.filter(wishes__listener=f"person-{person_id}").delete()


@transaction.atomic
def forget_stream(stream: str) -> int:
    """Forget every notice of what happened on the stream, whoever got it, and those of its own reader."""
    found = Notice.objects.filter(entry__stream__name=stream) | Notice.objects.filter(reader=stream)
    return found.delete()[0]


def retain(at: datetime | None = None) -> int:
    """Remove notices and deliveries whose period is over, for the worker; return how many rows went."""
    moment, gone = at or timezone.now(), 0
    if settings.KEEP_DELIVERIES_DAYS:
        over = moment - timedelta(days=settings.KEEP_DELIVERIES_DAYS)
        old = Delivery.objects.filter(created_at__lt=over, state__in=DONE).order_by("created_at")
        gone += Delivery.objects.filter(pk__in=list(old.values_list("pk", flat=True)[:PER_TURN])).delete()[0]
    if settings.KEEP_NOTICES_DAYS:
        over = moment - timedelta(days=settings.KEEP_NOTICES_DAYS)
        ids = list(Notice.objects.filter(at__lt=over).order_by("pk").values_list("pk", flat=True)[:PER_TURN])
        gone += Notice.objects.filter(pk__in=ids).delete()[0]
    return gone
