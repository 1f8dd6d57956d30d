"""Queues drain by themselves: what the worker sweeps up every few seconds."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from .. import queries
from ..models import Desk, Duty, Talk
from .assigning import assign_waiting
from .locks import lock_talk, record
from .moves import close, put_back

# One sweep looks at so many talks of each sort; the next one follows in seconds.
BATCH = 200


def sweep_queues(at: datetime | None = None) -> int:
    """Do what nobody pressed a button for; return how many talks were moved.

    Openers who have been silent for long lose their place, talks of officers who are gone wait again, openers whom
    nobody is left to answer are offered to leave a message, and automatic desks hand out what waits.
    """
    at = at or timezone.now()
    moved = sum(_abandon(pk, at) for pk in _silent_openers(at))
    moved += sum(_return(pk, at) for pk in _lost_officers(at))
    moved += sum(_end_asked(pk, at) for pk in _silent_asked(at))
    moved += sum(_offer_message(pk, at) for pk in _deserted(at))
    waiting = Talk.objects.filter(status=Talk.Status.WAITING)
    for desk_id in Desk.objects.filter(automatic=True, pk__in=waiting.values("desk_id")).values_list("pk", flat=True):
        moved += assign_waiting(desk_id=desk_id, at=at)
    return moved


def _silent_openers(at: datetime) -> list[int]:
    kept = timedelta(minutes=settings.CHAT_PLACE_KEPT_MINUTES)
    silent = Talk.objects.filter(status=Talk.Status.WAITING, seen_at__lt=at - kept)
    return list(silent.order_by("pk").values_list("pk", flat=True)[:BATCH])


@transaction.atomic
def _abandon(talk_id: int, at: datetime) -> bool:
    talk = lock_talk(pk=talk_id)
    kept = timedelta(minutes=settings.CHAT_PLACE_KEPT_MINUTES)
    # Checked again under the lock: the opener may have come back, or an officer may just have taken it.
    if talk.status != Talk.Status.WAITING or talk.seen_at >= at - kept:
        return False
    close(talk, Talk.Status.ABANDONED, at)
    record(talk, "talk.abandoned", {"reason": "gone"}, by=None, at=at, what="left")
    return True


def _lost_officers(at: datetime) -> list[int]:
    """Return open talks whose officer was not heard of for long or is no duty officer any more."""
    patience = timedelta(minutes=settings.CHAT_OFFICER_GONE_MINUTES)
    held = Talk.objects.filter(status=Talk.Status.OPEN, asked=False)
    seen = Duty.objects.filter(seen_at__gte=at - patience).values("officer_id")
    lost = held.exclude(officer_id__in=queries.duty_officers(at).filter(pk__in=seen).values("pk"))
    return list(lost.order_by("pk").values_list("pk", flat=True)[:BATCH])


@transaction.atomic
def _return(talk_id: int, at: datetime) -> bool:
    talk = lock_talk(pk=talk_id)
    if talk.status != Talk.Status.OPEN or talk.pk not in _lost_officers(at):
        return False
    put_back(talk, None, "gone", at)
    return True


def _silent_asked(at: datetime) -> list[int]:
    """Return talks begun from a case whose citizen has long left the page."""
    kept = timedelta(minutes=settings.CHAT_PLACE_KEPT_MINUTES)
    silent = Talk.objects.filter(status=Talk.Status.OPEN, asked=True, seen_at__lt=at - kept)
    return list(silent.order_by("pk").values_list("pk", flat=True)[:BATCH])


@transaction.atomic
def _end_asked(talk_id: int, at: datetime) -> bool:
    talk = lock_talk(pk=talk_id)
    if talk.status != Talk.Status.OPEN or talk.pk not in _silent_asked(at):
        return False
    close(talk, Talk.Status.ENDED, at)
    record(talk, "talk.ended", {"side": ""}, by=None, at=at)
    return True


def _deserted(at: datetime) -> list[int]:
    """Return waiting talks at desks where nobody is on duty, whose openers have not been told yet."""
    waiting = Talk.objects.filter(status=Talk.Status.WAITING, offered_at=None)
    staffed = queries.staffed_desks(at)
    return list(waiting.exclude(desk_id__in=staffed).order_by("pk").values_list("pk", flat=True)[:BATCH])


@transaction.atomic
def _offer_message(talk_id: int, at: datetime) -> bool:
    talk = lock_talk(pk=talk_id)
    if talk.status != Talk.Status.WAITING or talk.offered_at is not None:
        return False
    talk.offered_at = at
    talk.save(update_fields=["offered_at"])
    record(talk, "talk.message_offered", by=None, at=at)
    return True
