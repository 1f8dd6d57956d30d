"""The end of a shift: the hand-over sheet, who takes it, and the alarm when nobody comes or nobody relieves."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.rules import clean_text
from accounts.viewers import Viewer
from journal.actions import append
from notices.actions import notify

from .. import queries, rules
from ..hours import hours_of
from ..models import HandOver, Shift, Talk

# The alarm sounds so long before a shift ends without relief, and so long after one began without anybody.
BEFORE_END, AFTER_START = timedelta(minutes=15), timedelta(minutes=10)
# A gap this short between two shifts is none.
SLACK = timedelta(minutes=5)


@transaction.atomic
def hand_over(*, shift_id: int, by: Viewer, note: str = "", at: datetime | None = None) -> HandOver:
    """Sign the sheet of one's shift: what is open now, by number, and a note for whoever comes next.

    Signing again before somebody has taken it replaces it. Raises NotYours, WrongStatus before the shift, Conflict.
    """
    at = at or timezone.now()
    words = clean_text(note, most=2000, field="note")
    shift = (
        Shift.objects.select_for_update(of=("self",), no_key=True).select_related("desk").filter(pk=shift_id).first()
    )
    if shift is None or by.person is None or shift.officer_id != by.person.pk:
        raise rules.NotYours()
    if shift.starts_at > at:
        raise rules.WrongStatus(_("This shift has not begun."))
    sheet = HandOver.objects.filter(shift=shift).first() or HandOver(shift=shift, desk=shift.desk, by=by.person)
    if sheet.taken_at is not None:
        raise rules.Conflict(_("This sheet was taken over already."))
    sheet.note, sheet.at, sheet.open_things = words, at, queries.open_things(shift)
    sheet.save()
    counts = {name: len(numbers) for name, numbers in sheet.open_things.items()}
    data = {"sheet": sheet.pk, "officer": by.person.pk, **counts}
    append(shift.desk.stream_name, "shift.handed_over", data, by=by.person, sender=by.key, at=at)
    return sheet


@transaction.atomic
def take_over(*, sheet_id: int, by: Viewer, at: datetime | None = None) -> HandOver:
    """Sign that one has read the sheet and goes on from there. Raises NotYours, Conflict when somebody else has."""
    at = at or timezone.now()
    sheet = HandOver.objects.select_for_update(of=("self",)).select_related("desk").filter(pk=sheet_id).first()
    if sheet is None or by.person is None or sheet.by_id == by.person.pk or not queries.serves(by, sheet.desk, at):
        raise rules.NotYours()
    if sheet.taken_by_id == by.person.pk:
        return sheet
    if sheet.taken_at is not None:
        raise rules.Conflict(_("Somebody else has taken this over."))
    sheet.taken_by, sheet.taken_at = by.person, at
    sheet.save(update_fields=["taken_by", "taken_at"])
    data = {"sheet": sheet.pk, "officer": by.person.pk}
    append(sheet.desk.stream_name, "shift.taken_over", data, by=by.person, sender=by.key, at=at)
    return sheet


def watch_roster(at: datetime | None = None) -> int:
    """Raise the alarm, once a shift, where nobody came or nobody relieves; return how many alarms that were."""
    at = at or timezone.now()
    alarms = sum(_alarm(pk, "desk.unmanned", at) for pk in _nobody_came(at))
    return alarms + sum(_alarm(pk, "desk.unrelieved", at) for pk in _nobody_relieves(at))


def _nobody_came(at: datetime) -> list[int]:
    begun = Shift.objects.filter(desk__active=True, starts_at__lte=at - AFTER_START, ends_at__gt=at, missed_at=None)
    shifts = begun.select_related("officer__duty")
    return [shift.pk for shift in shifts if not rules.is_present(getattr(shift.officer, "duty", None), at)]


def _nobody_relieves(at: datetime) -> list[int]:
    ending = Shift.objects.filter(desk__active=True, ends_at__gt=at, ends_at__lte=at + BEFORE_END, unrelieved_at=None)
    shifts = list(ending.select_related("desk__unit"))
    hours = hours_of({shift.desk for shift in shifts}, timezone.localdate(at) - timedelta(days=1))
    found = []
    for shift in shifts:
        next_ones = Shift.objects.filter(desk=shift.desk_id, ends_at__gt=shift.ends_at)
        if next_ones.filter(starts_at__lte=shift.ends_at + SLACK).exists():
            continue
        its = hours.get(shift.desk_id)
        goes_on = its.period_at(shift.ends_at + SLACK) is not None if its else _has_talks(shift)
        if goes_on:
            found.append(shift.pk)
    return found


def _has_talks(shift: Shift) -> bool:
    """Return whether a desk without hours of its own still has somebody to answer."""
    return Talk.objects.filter(desk=shift.desk_id, status__in=[Talk.Status.WAITING, Talk.Status.OPEN]).exists()


@transaction.atomic
def _alarm(shift_id: int, kind: str, at: datetime) -> bool:
    rows = Shift.objects.select_for_update(of=("self",), no_key=True).select_related("desk__unit", "officer")
    shift = rows.get(pk=shift_id)
    field = "missed_at" if kind == "desk.unmanned" else "unrelieved_at"
    if getattr(shift, field) is not None:
        return False
    setattr(shift, field, at)
    shift.save(update_fields=[field])
    moment = shift.starts_at if kind == "desk.unmanned" else shift.ends_at
    data = {"shift": shift.pk, "officer": shift.officer_id, "at": moment.isoformat()}
    entry = append(shift.desk.stream_name, kind, data, at=at)
    told = {person.pk: person for person in (*queries.keepers_of(shift.desk, at), shift.officer)}
    for _pk, person in sorted(told.items()):
        name = kind.replace(".", "_")
        notify(entry=entry, kind=name, person=person, context={"shift": shift}, url=f"/roster/{shift.desk.slug}/")
    return True
