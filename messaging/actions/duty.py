"""Who is on duty, and whose page is still there."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from accounts.viewers import Viewer
from journal.actions import append

from .. import queries, rules
from ..models import Duty, Talk
from .assigning import assign_later
from .locks import lock_duty
from .rooms import note_in_rooms

# A sign of life is written at most so often; presence is judged by 45 s.
WRITTEN_EVERY = timedelta(seconds=10)


@transaction.atomic
def set_duty(*, by: Viewer, state: str, at: datetime | None = None) -> Duty:
    """Say whether the officer is on duty, busy or away; told to every desk they serve. Raises NotYours, BadInput."""
    at = at or timezone.now()
    if by.person is None or not queries.is_serving(by, at):
        raise rules.NotYours()
    state = rules.check_state(state)
    duty = lock_duty(by.person, at)
    before, duty.state, duty.seen_at = duty.state, Duty.State(state), at
    duty.save(update_fields=["state", "seen_at"])
    if before != state:
        _tell_desks(by, state, at)
    return duty


@transaction.atomic
def heartbeat(*, viewer: Viewer, at: datetime | None = None) -> Duty | None:
    """Note that the officer's page is there; None for somebody who is no duty officer."""
    at = at or timezone.now()
    note_in_rooms(viewer=viewer, at=at)
    if viewer.person is None or not queries.is_serving(viewer, at):
        return None
    duty, made = Duty.objects.get_or_create(officer=viewer.person, defaults={"seen_at": at})
    was_present = made or rules.is_present(duty, at)
    if not made and duty.seen_at < at - WRITTEN_EVERY:
        Duty.objects.filter(pk=duty.pk, seen_at__lt=at).update(seen_at=at)
        duty.seen_at = at
    # Back after a silence (a closed lid, a restart): that is news for the desk, and talks may wait.
    if not was_present and duty.state != Duty.State.AWAY:
        _tell_desks(viewer, duty.state, at)
    return duty


def _tell_desks(by: Viewer, state: str, at: datetime) -> None:
    assert by.person is not None
    desks = sorted(queries.desks_of(by, at), key=lambda desk: desk.stream_name)
    for desk in desks:
        append(desk.stream_name, "duty.changed", {"officer": by.person.pk, "state": state}, by=by.person, at=at)
        if desk.automatic and state == Duty.State.ON:
            assign_later(desk.pk)


@transaction.atomic
def note_presence(*, talk_id: int, by: Viewer, at: datetime | None = None) -> None:
    """Note that the opener's page is there, so that the queue keeps the place; others change nothing."""
    at = at or timezone.now()
    talk = Talk.objects.filter(pk=talk_id).first()
    if talk is None or talk.status not in (Talk.Status.WAITING, Talk.Status.OPEN) or not rules.is_opener(talk, by):
        return
    if talk.seen_at < at - WRITTEN_EVERY:
        Talk.objects.filter(pk=talk.pk, seen_at__lt=at).update(seen_at=at)
