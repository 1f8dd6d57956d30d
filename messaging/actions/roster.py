"""The duty roster: shifts one by one or from a rota, and special days of a desk."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Person
from accounts.rules import clean_text
from accounts.viewers import Viewer
from engagement.working_time import WorkClock, clock_for, slots_of
from journal.actions import append
from journal.models import Entry
from notices.actions import notify

from .. import queries, rules
from ..models import Desk, DeskDay, Duty, Rota, RotaPlace, Shift
from .locks import lock_duty


def kept_desk(desk_id: int, by: Viewer) -> Desk:
    """Return the desk, locked, if the viewer makes its roster. Raises NotYours."""
    desk = Desk.objects.select_for_update(of=("self",), no_key=True).select_related("unit").filter(pk=desk_id).first()
    if desk is None or not queries.may_keep(by, desk):
        raise rules.NotYours()
    return desk


def note(desk: Desk, what: str, by: Viewer, at: datetime, **data: Any) -> Entry:
    """Tell those who serve the desk that its roster changed."""
    return append(desk.stream_name, "roster.changed", {"what": what, **data}, by=by.person, sender=by.key, at=at)


def _tell(officer: Person, by: Viewer, entry: Entry, kind: str, desk: Desk, **about: Any) -> None:
    """Tell an officer what somebody else has changed about their shifts."""
    if officer != by.person:
        notify(entry=entry, kind=kind, person=officer, context={"desk": desk, **about}, url=f"/roster/{desk.slug}/")


@transaction.atomic
def add_shift(
    *,
    desk_id: int,
    by: Viewer,
    officer_id: int,
    starts_at: datetime,
    ends_at: datetime,
    kind: str = Shift.Kind.ORDINARY,
    at: datetime | None = None,
) -> Shift:
    """Put an officer, or on a leader day a leader, on the roster; the same shift again is the same.

    Raises NotYours, NotFound for somebody who may not sit there, BadInput, Conflict for two places at once.
    """
    at = at or timezone.now()
    desk = kept_desk(desk_id, by)
    rules.check_shift(starts_at, ends_at, at)
    if kind not in Shift.Kind.values:
        raise rules.BadInput(field="kind")
    officer = queries.may_sit(desk, kind, at).filter(pk=officer_id).first()
    if officer is None:
        raise rules.NotFound()
    lock_duty(officer, at)
    same = Shift.objects.filter(desk=desk, officer=officer, starts_at=starts_at, ends_at=ends_at).first()
    if same is not None:
        return same
    rules.check_apart(starts_at, ends_at, _around(officer.pk, starts_at, ends_at))
    shift = Shift.objects.create(desk=desk, officer=officer, starts_at=starts_at, ends_at=ends_at, kind=kind)
    entry = note(desk, "added", by, at, officer=officer.pk, starts_at=starts_at.isoformat())
    _tell(officer, by, entry, "shift_added", desk, shift=shift)
    return shift


def _around(officer_id: int, start: datetime, end: datetime) -> list[Shift]:
    return list(
        Shift.objects.filter(officer_id=officer_id, ends_at__gt=start, starts_at__lt=end).select_related("officer")
    )


@transaction.atomic
def remove_shift(*, shift_id: int, by: Viewer, at: datetime | None = None) -> None:
    """Take a shift that has not ended off the roster. Raises NotYours, WrongStatus."""
    at = at or timezone.now()
    shift = Shift.objects.filter(pk=shift_id).select_related("desk", "officer").first()
    if shift is None:
        raise rules.NotYours()
    desk = kept_desk(shift.desk_id, by)
    if shift.ends_at <= at:
        raise rules.WrongStatus(_("This shift is over already."))
    entry = note(desk, "removed", by, at, officer=shift.officer_id, starts_at=shift.starts_at.isoformat())
    _tell(shift.officer, by, entry, "shift_removed", desk, shift=shift)
    shift.delete()


@transaction.atomic
def save_rota(
    *,
    desk_id: int,
    by: Viewer,
    days: str,
    starts: time,
    ends: time,
    officers: Sequence[int],
    since: date,
    turn: str = Rota.Turn.DAY,
    seats: int = 1,
    kind: str = Shift.Kind.ORDINARY,
    at: datetime | None = None,
) -> Rota:
    """Keep a pattern: at these hours of such days these officers take turns in this order, `seats` at a time.

    Raises NotYours, NotFound for somebody who may not sit there, BadInput.
    """
    at = at or timezone.now()
    desk = kept_desk(desk_id, by)
    if days not in Rota.Days.values or turn not in Rota.Turn.values or kind not in Shift.Kind.values:
        raise rules.BadInput(field="days")
    order = list(dict.fromkeys(officers))
    if not 1 <= len(order) <= rules.MOST_TURNS or not 1 <= seats <= len(order):
        raise rules.BadInput(_("Please choose at least as many officers as sit there at once."), field="officers")
    if queries.may_sit(desk, kind, at).filter(pk__in=order).count() != len(order):
        raise rules.NotFound()
    rota = Rota.objects.create(
        desk=desk, days=days, starts=starts, ends=ends, turn=turn, seats=seats, since=since, kind=kind
    )
    RotaPlace.objects.bulk_create(RotaPlace(rota=rota, officer_id=pk, place=n) for n, pk in enumerate(order))
    note(desk, "rota", by, at, rota=rota.pk)
    return rota


@transaction.atomic
def end_rota(*, rota_id: int, by: Viewer, at: datetime | None = None) -> None:
    """Make no more shifts from the pattern; those that were made stay. Raises NotYours."""
    at = at or timezone.now()
    rota = Rota.objects.filter(pk=rota_id, ended_on=None).first()
    if rota is None:
        raise rules.NotYours()
    desk = kept_desk(rota.desk_id, by)
    rota.ended_on = timezone.localdate(at)
    rota.save(update_fields=["ended_on"])
    note(desk, "rota", by, at, rota=rota.pk)


@transaction.atomic
def make_shifts(*, desk_id: int, by: Viewer, first: date, days: int = 7, at: datetime | None = None) -> int:
    """Make the shifts of some days from the desk's patterns; return how many were made.

    What is there already stays, nobody gets two places at once, past hours are left out. Raises NotYours, BadInput.
    """
    at = at or timezone.now()
    desk = kept_desk(desk_id, by)
    today = timezone.localdate(at)
    if not 1 <= days <= 31 or not today - timedelta(days=31) <= first <= today + rules.FARTHEST_SHIFT:
        raise rules.BadInput(field="first")
    made: Counter[int] = Counter()
    clock = clock_for(desk.unit, at)
    seated = set(queries.may_sit(desk, Shift.Kind.ORDINARY, at).values_list("pk", flat=True))
    seated |= set(queries.may_sit(desk, Shift.Kind.LEADER, at).values_list("pk", flat=True))
    for rota in desk.rotas.filter(ended_on=None).prefetch_related("places"):
        for officer_id, start, end in turns(rota, clock, first, days):
            if end <= at or officer_id not in seated or _around(officer_id, start, end):
                continue
            Shift.objects.create(desk=desk, officer_id=officer_id, starts_at=start, ends_at=end, kind=rota.kind)
            made[officer_id] += 1
    if made:
        entry = note(desk, "made", by, at, first=first.isoformat(), days=days, shifts=made.total())
        for officer in Person.objects.filter(pk__in=made).order_by("pk"):
            _tell(officer, by, entry, "shifts_made", desk, count=made[officer.pk], first=first)
    return made.total()


def turns(rota: Rota, clock: WorkClock, first: date, days: int) -> Iterable[tuple[int, datetime, datetime]]:
    """Yield (officer, start, end) for each seat of the rota on its days; the working calendar says which these are."""
    order = [place.officer_id for place in rota.places.all()]
    last, day, count = first + timedelta(days=days), rota.since, 0
    while day < last and order:
        if rota.days == Rota.Days.ALL or clock.is_working_day(day) == (rota.days == Rota.Days.WORK):
            # By days: each day that the rota runs is the next turn. By weeks: each week since the first day.
            turn = count if rota.turn == Rota.Turn.DAY else (day - rota.since).days // 7
            count += 1
            if day >= first:
                start = datetime.combine(day, rota.starts, tzinfo=clock.zone)
                end = datetime.combine(day, rota.ends, tzinfo=clock.zone)
                end += timedelta(days=1) if end <= start else timedelta()
                for seat in range(rota.seats):
                    yield order[(turn * rota.seats + seat) % len(order)], start, end
        day += timedelta(days=1)


@transaction.atomic
def set_hours(
    *, desk_id: int, by: Viewer, hours: list[list[str]], off_hours: list[list[str]], at: datetime | None = None
) -> Desk:
    """Set when the desk is open on working days and on days off. Raises NotYours, BadInput."""
    desk = kept_desk(desk_id, by)
    desk.hours, desk.off_hours = _checked(hours), _checked(off_hours)
    desk.save(update_fields=["hours", "off_hours"])
    note(desk, "hours", by, at or timezone.now())
    return desk


def _checked(hours: list[list[str]]) -> list[list[str]]:
    try:
        slots_of(hours)
    except (ValueError, TypeError):
        raise rules.BadInput(_("Please write hours as 09:00-12:00 13:30-17:00, in order."), field="hours") from None
    return hours


@transaction.atomic
def set_day(
    *, desk_id: int, by: Viewer, day: date, hours: list[list[str]] | None, name: str = "", at: datetime | None = None
) -> None:
    """Give one date hours of its own (none: closed all day); `hours` None makes it an ordinary day again.

    Raises NotYours, BadInput.
    """
    at = at or timezone.now()
    desk = kept_desk(desk_id, by)
    if day < timezone.localdate(at):
        raise rules.BadInput(_("This day is over."), field="day")
    if hours is None:
        DeskDay.objects.filter(desk=desk, date=day).delete()
    else:
        told = {"hours": _checked(hours), "name": clean_text(name, most=80, field="name", newlines=False)}
        DeskDay.objects.update_or_create(desk=desk, date=day, defaults=told)
    note(desk, "day", by, at, day=day.isoformat())


@transaction.atomic
def set_officer(
    *, desk_id: int, by: Viewer, officer_id: int, languages: list[str], limit: int | None, at: datetime | None = None
) -> Duty:
    """Say what an officer of the desk speaks and how many talks they hold at once. Raises NotYours, BadInput."""
    at = at or timezone.now()
    desk = kept_desk(desk_id, by)
    officer: Person | None = queries.may_sit(desk, Shift.Kind.ORDINARY, at).filter(pk=officer_id).first()
    if officer is None:
        raise rules.NotFound()
    if limit is not None and not 1 <= limit <= 20:
        raise rules.BadInput(field="limit")
    duty = lock_duty(officer, at)
    duty.languages, duty.limit = rules.check_languages(languages), limit
    duty.save(update_fields=["languages", "limit"])
    note(desk, "officer", by, at, officer=officer.pk)
    return duty
