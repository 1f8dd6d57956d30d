"""Queues drain by themselves: the worker's sweep, and fair assignment at desks that want it."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import reduce
from operator import or_

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from accounts.models import Person
from accounts.viewers import person_viewer

from .. import queries, rules
from ..models import Desk, Duty, Talk
from .locks import held_by, lock_duty, lock_talk, record
from .talks import close, hand_to, put_back

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
    held = Talk.objects.filter(status=Talk.Status.OPEN)
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


def assign_waiting(*, desk_id: int, at: datetime | None = None) -> int:
    """Hand the desk's waiting talks to free officers, the longest waiting first; return how many were handed out."""
    given = 0
    while given < BATCH and _assign_next(desk_id, at or timezone.now()):
        given += 1
    return given


def _assign_next(desk_id: int, at: datetime) -> bool:
    desk = Desk.objects.filter(pk=desk_id, automatic=True, active=True).first()
    if desk is None or not Talk.objects.filter(desk=desk, status=Talk.Status.WAITING).exists():
        return False
    unspoken = queries.unspoken(desk, at)
    return any(_give_to(officer, desk, unspoken, at) for officer in queries.free_officers(desk, at))


@transaction.atomic
def _give_to(officer: Person, desk: Desk, unspoken: set[str], at: datetime) -> bool:
    # One officer a transaction: two processes that hand out at once never hold one duty and wait for another.
    # The duty is locked before the talk, as when an officer takes one by hand; then what was read is checked again.
    duty = lock_duty(officer, at)
    if duty.state != Duty.State.ON or not rules.is_present(duty, at) or held_by(officer) >= rules.limit_of(desk, duty):
        return False
    waiting = Talk.objects.select_for_update(of=("self",), no_key=True, skip_locked=True)
    waiting = waiting.select_related("desk__unit", "citizen").filter(desk=desk, status=Talk.Status.WAITING)
    if duty.languages:
        known = [Q(language__startswith=one[:2]) for one in duty.languages]
        # Who speaks it takes it; what nobody here speaks waits for nobody in vain.
        waiting = waiting.filter(reduce(or_, known, Q(language__in=unspoken)))
    talk = waiting.order_by("requested_at", "pk").first()
    if talk is None:
        return False
    hand_to(talk, person_viewer(officer, at), at)
    return True
