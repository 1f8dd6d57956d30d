"""Swaps of shifts: asked of a colleague, accepted or not; both are told."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Person
from accounts.rules import clean_text
from accounts.viewers import Viewer
from journal.actions import append
from journal.models import Entry
from notices.actions import notify

from .. import queries, rules
from ..models import Shift, Swap
from .locks import lock_duty


@transaction.atomic
def ask_swap(
    *,
    shift_id: int,
    by: Viewer,
    officer_id: int,
    other_id: int | None = None,
    note: str = "",
    at: datetime | None = None,
) -> Swap:
    """Ask a colleague to take one's shift, in exchange for their shift `other_id` or for nothing.

    Raises NotYours, NotFound for a colleague who may not sit there, WrongStatus for a shift that has begun, Conflict
    while another one is asked or where either would sit at two places at once.
    """
    at = at or timezone.now()
    words = clean_text(note, most=300, field="note", newlines=False)
    shift = _lock(shift_id)
    if by.person is None or shift.officer_id != by.person.pk:
        raise rules.NotYours()
    _check_ahead(shift, at)
    colleague = queries.may_sit(shift.desk, shift.kind, at).filter(pk=officer_id).exclude(pk=by.person.pk).first()
    other = Shift.objects.filter(pk=other_id, officer_id=officer_id).first() if other_id is not None else None
    if colleague is None or (other_id is not None and other is None):
        raise rules.NotFound()
    if other is not None:
        _check_ahead(other, at)
    if shift.swaps.filter(state=Swap.State.ASKED).exists():
        raise rules.Conflict(_("You have asked somebody already."), code="asked")
    _check_free(shift, other, by.person, colleague)
    swap = Swap.objects.create(shift=shift, other=other, asked_by=by.person, asked_of=colleague, note=words, at=at)
    _tell(swap, "swap_asked", colleague, by, at)
    return swap


def _lock(shift_id: int) -> Shift:
    rows = Shift.objects.select_for_update(of=("self",), no_key=True).select_related("desk__unit", "officer")
    shift = rows.filter(pk=shift_id).first()
    if shift is None:
        raise rules.NotYours()
    return shift


def _check_ahead(shift: Shift, at: datetime) -> None:
    if shift.starts_at <= at:
        raise rules.WrongStatus(_("This shift has begun already."))


def _tell(swap: Swap, kind: str, person: Person, by: Viewer, at: datetime) -> Entry:
    data = {"swap": swap.pk, "state": swap.state, "officer": person.pk}
    entry = append(swap.shift.desk.stream_name, "roster.swap", data, by=by.person, sender=by.key, at=at)
    notify(entry=entry, kind=kind, person=person, context={"swap": swap}, url=f"/roster/{swap.shift.desk.slug}/")
    return entry


@transaction.atomic
def answer_swap(*, swap_id: int, by: Viewer, accept: bool, at: datetime | None = None) -> Swap:
    """Take the colleague's shift (and give one's own, if that was asked), or refuse.

    Raises NotYours, Conflict when it was answered, a shift has changed hands meanwhile, or somebody would sit at two
    places at once.
    """
    at = at or timezone.now()
    found = Swap.objects.filter(pk=swap_id).first()
    if found is None or by.person is None or found.asked_of_id != by.person.pk:
        raise rules.NotYours()
    # Duties in the order of their ids, then shifts likewise: two swaps at once wait, they do not lock each other out.
    for person in sorted({found.asked_by, by.person}, key=lambda one: one.pk):
        lock_duty(person, at)
    shifts = {pk: _lock(pk) for pk in sorted(filter(None, (found.shift_id, found.other_id)))}
    swap = Swap.objects.select_for_update().get(pk=swap_id)
    if swap.state != Swap.State.ASKED:
        raise rules.Conflict(_("This was answered already."))
    if accept:
        _exchange(swap, shifts, by.person, at)
    swap.state = Swap.State.ACCEPTED if accept else Swap.State.REFUSED
    swap.answered_at = at
    swap.save(update_fields=["state", "answered_at"])
    swap.shift = shifts[swap.shift_id]
    _tell(swap, "swap_answered", swap.asked_by, by, at)
    return swap


def _exchange(swap: Swap, shifts: dict[int, Shift], colleague: Person, at: datetime) -> None:
    shift, other = shifts[swap.shift_id], shifts.get(swap.other_id or 0)
    if shift.officer_id != swap.asked_by_id or (other is not None and other.officer_id != colleague.pk):
        raise rules.Conflict(_("The roster has changed meanwhile."), code="changed")
    _check_ahead(shift, at)
    _check_free(shift, other, swap.asked_by, colleague)
    if other is not None:
        _check_ahead(other, at)
        if not queries.may_sit(other.desk, other.kind, at).filter(pk=swap.asked_by_id).exists():
            raise rules.Conflict(_("The roster has changed meanwhile."), code="changed")
        other.officer = swap.asked_by
        other.save(update_fields=["officer"])
    shift.officer = colleague
    shift.save(update_fields=["officer"])


def _check_free(shift: Shift, other: Shift | None, asker: Person, colleague: Person) -> None:
    """Raise Conflict where one of the two would sit at two places at once."""
    kept = [one.pk for one in (shift, other) if one is not None]
    rules.check_apart(shift.starts_at, shift.ends_at, _shifts_of(colleague, shift, kept))
    if other is not None:
        rules.check_apart(other.starts_at, other.ends_at, _shifts_of(asker, other, kept))


def _shifts_of(person: Person, near: Shift, without: list[int]) -> list[Shift]:
    around = Shift.objects.filter(officer=person, ends_at__gt=near.starts_at, starts_at__lt=near.ends_at)
    return list(around.exclude(pk__in=without).select_related("officer"))


@transaction.atomic
def withdraw_swap(*, swap_id: int, by: Viewer, at: datetime | None = None) -> Swap:
    """Take the question back. Raises NotYours, Conflict when it was answered."""
    swap = Swap.objects.select_for_update(of=("self",)).select_related("shift__desk").filter(pk=swap_id).first()
    if swap is None or by.person is None or swap.asked_by_id != by.person.pk:
        raise rules.NotYours()
    if swap.state != Swap.State.ASKED:
        raise rules.Conflict(_("This was answered already."))
    swap.state, swap.answered_at = Swap.State.WITHDRAWN, at or timezone.now()
    swap.save(update_fields=["state", "answered_at"])
    data = {"swap": swap.pk, "state": swap.state, "officer": swap.asked_of_id}
    append(swap.shift.desk.stream_name, "roster.swap", data, by=by.person, sender=by.key, at=swap.answered_at)
    return swap
