"""Packing the facts of figures by day, in the background; see engagement.columns."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from django.db import transaction
from django.utils import timezone

from ..columns import facts_of
from ..models import CaseFact, FactChange, FactDay

# Days packed and changes taken up in one call, so that nobody waits for the worker.
MOST_DAYS, MOST_CHANGES = 100, 2_000


def note_changed(received: Iterable[datetime]) -> None:
    """Note, in the transaction that writes facts of cases received then, that their days must be packed anew."""
    days = {timezone.localdate(moment) for moment in received}
    FactChange.objects.bulk_create(FactChange(day=day) for day in sorted(days))


def pack_facts(at: datetime | None = None, most: int = MOST_DAYS) -> int:
    """Pack the days that have changed, then those not packed yet up to yesterday; return how many."""
    with transaction.atomic():
        changes = list(FactChange.objects.order_by("pk").values_list("pk", "day")[:MOST_CHANGES])
        wanted = sorted({day for _pk, day in changes})
        for day in wanted:
            _pack(day)
        FactChange.objects.filter(pk__in=[pk for pk, _day in changes]).delete()
    fresh = _unpacked(timezone.localdate(at), most)
    for day in fresh:
        with transaction.atomic():
            _pack(day)
    return len(wanted) + len(fresh)


def _unpacked(today: date, most: int) -> list[date]:
    """Return the next days that are over, from the first fact on, that have no row; days without facts have one too."""
    last = FactDay.objects.order_by("-day").values_list("day", flat=True).first()
    first = CaseFact.objects.order_by("received_at").values_list("received_at", flat=True).first()
    if first is None:
        return []
    begun = timezone.localdate(first)
    known = set(FactDay.objects.filter(day__gte=begun).values_list("day", flat=True)) if last else set()
    days = (begun + timedelta(days=number) for number in range((today - begun).days))
    return [day for day in days if day not in known][:most]


def _pack(day: date) -> None:
    """Pack one day; its row is locked before the facts are read, so that of two at once the later one knows all."""
    FactDay.objects.get_or_create(day=day, defaults={"rows": b""})
    locked = FactDay.objects.select_for_update().get(day=day)
    locked.rows = facts_of(day).tobytes()
    locked.save(update_fields=["rows"])
