"""Fair assignment at desks that want it: who waits longest goes to the officer who is free."""

from __future__ import annotations

from datetime import datetime
from functools import reduce
from operator import or_

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from accounts.models import Person
from accounts.viewers import person_viewer

from .. import queries, rules
from ..models import Desk, Duty, Talk
from .locks import held_by, lock_duty
from .moves import hand_to

# So many talks are handed out at a time; the sweep goes on in seconds.
BATCH = 200


def assign_later(desk_id: int) -> None:
    """Once this is committed, hand waiting talks of an automatic desk to free officers; the sweep would do it too."""
    transaction.on_commit(lambda: assign_waiting(desk_id=desk_id), robust=True)


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
