"""Handing a talk over to an officer who is there, to another desk or to a unit's desk, with a note."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Person
from accounts.rules import clean_text
from accounts.viewers import Viewer, person_viewer
from journal.actions import append, retract

from .. import queries, rules
from ..models import Desk, Talk
from .assigning import assign_later
from .locks import held_by, lock_duty, lock_talk, record, record_queue


@transaction.atomic
def transfer_talk(
    *,
    talk_id: int,
    by: Viewer,
    note: str,
    officer_id: int | None = None,
    desk_id: int | None = None,
    unit_id: int | None = None,
    at: datetime | None = None,
) -> Talk:
    """Hand the talk over to exactly one of an officer, a desk or a unit; `note` is for whoever takes it.

    At a desk it waits in the place it always had. Raises NotYours, WrongStatus, BadInput, and Conflict when nobody
    is there to take it or the officer is at the limit.
    """
    at = at or timezone.now()
    words = clean_text(note, most=rules.MOST_NOTE, least=2, field="note")
    if [officer_id, desk_id, unit_id].count(None) != 2:
        raise rules.BadInput(_("Please choose to whom."), field="to", code="no_target")
    target = _officer(officer_id, at) if officer_id is not None else None
    # Before the talk, as everywhere: whoever counts an officer's talks holds their duty.
    duty = lock_duty(target, at) if target else None
    talk = lock_talk(pk=talk_id)
    rules.check_holder(talk, by)
    rules.check_possible(talk, "transfer")
    if target is not None and duty is not None:
        desk = _desk_of(target, talk, at)
        rules.check_receiver(talk, target, rules.is_present(duty, at), held_by(target), rules.limit_of(desk, duty))
        _record(talk, by, desk, words, {"to": "officer", "officer": target.pk, "name": str(target)}, at, target)
    else:
        desk = _open_desk(talk, desk_id, unit_id, at)
        _record(talk, by, desk, words, {"to": "desk"}, at, None)
    return talk


def _officer(officer_id: int, at: datetime) -> Person:
    found = queries.duty_officers(at).filter(pk=officer_id).first()
    if found is None:
        raise rules.NotFound()
    return found


def _desk_of(target: Person, talk: Talk, at: datetime) -> Desk:
    """Return the desk at which the officer takes the talk: its own if they serve it, else one of theirs."""
    viewer = person_viewer(target, at)
    if queries.serves(viewer, talk.desk, at):
        return talk.desk
    theirs = queries.desks_of(viewer, at)
    if not theirs:
        raise rules.NotFound()
    return theirs[0]


def _open_desk(talk: Talk, desk_id: int | None, unit_id: int | None, at: datetime) -> Desk:
    """Return the desk, or of the unit's desks the one where the talk is soonest answered."""
    some = queries.desks().exclude(pk=talk.desk_id)
    found = list(some.filter(pk=desk_id) if desk_id is not None else some.filter(unit=unit_id))
    if not found:
        raise rules.NotFound()
    states = queries.desk_states(found, at)
    staffed = [desk for desk in found if states[desk.pk].on_duty]
    if not staffed:
        raise rules.Conflict(
            _("Nobody is at that desk now. Invite a colleague, or make a case of it."), code="unmanned"
        )
    return min(staffed, key=lambda desk: (states[desk.pk].waiting / states[desk.pk].on_duty, desk.pk))


def _record(
    talk: Talk, by: Viewer, desk: Desk, note: str, told: dict[str, Any], at: datetime, officer: Person | None
) -> None:
    before = talk.desk
    talk.desk, talk.officer = desk, officer
    talk.status = Talk.Status.OPEN if officer else Talk.Status.WAITING
    talk.offered_at = None
    talk.version += 1
    talk.save(update_fields=["desk", "officer", "status", "offered_at", "version"])
    # Streams in the order of their names: aside-…, desk-…, talk-….
    said = {**told, "text": note, "name": str(by.person), "desk": desk.pk}
    append(talk.aside_name, "aside.handed_over", said, by=by.person, sender=by.key, at=at)
    for one in sorted({before, desk}, key=lambda each: each.stream_name):
        record_queue(one, "transferred", at=at, talk=talk)
    public = {**told, "desk": desk.pk, "desk_name": desk.name, "desk_name_en": desk.name_en, "side": rules.OFFICER}
    record(talk, "talk.transferred", public, by=by, at=at)
    retract(talk.aside_name, talk.stream_name)
    for one in {before, desk}:
        if one.automatic:
            assign_later(one.pk)
