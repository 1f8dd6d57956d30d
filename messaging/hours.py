"""When a desk is open: its own hours on working days and days off by the working calendar, and its special days."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from django.utils.translation import get_language

from engagement.working_time import Slots, WorkClock, clock_for, slots_of

from .models import Desk, DeskDay

# How far ahead the next opening is looked for: longer than any row of holidays.
AHEAD = 21

Period = tuple[datetime, datetime]


@dataclass(frozen=True)
class DeskHours:
    """The opening hours of one desk; without any it is open whenever somebody is rostered."""

    work: Slots
    off: Slots
    clock: WorkClock
    special: Mapping[date, Slots] = field(default_factory=dict)
    names: Mapping[date, str] = field(default_factory=dict)

    def periods(self, first: date, days: int) -> list[Period]:
        """Return from when until when the desk is open on these days, in order."""
        found = []
        for number in range(days):
            day = first + timedelta(days=number)
            midnight = datetime(day.year, day.month, day.day, tzinfo=self.clock.zone)
            for start, end in self._slots_on(day):
                found.append((_minutes_after(midnight, start), _minutes_after(midnight, end)))
        return found

    def _slots_on(self, day: date) -> Slots:
        return self.special.get(day, self.work if self.clock.is_working_day(day) else self.off)

    def day_name(self, moment: datetime) -> str:
        """Return what the day is called, in the reader's language, if for that it has other hours than usual."""
        day = moment.astimezone(self.clock.zone).date()
        if day in self.special:
            return self.names[day]
        return "" if self.clock.is_working_day(day) else self.clock.day_name(day, get_language() or "")

    def period_at(self, moment: datetime) -> Period | None:
        """Return the period in which the moment lies; None while the desk is closed."""
        day = moment.astimezone(self.clock.zone).date()
        return next(((start, end) for start, end in self.periods(day, 1) if start <= moment < end), None)

    def next_open(self, moment: datetime, shifts: Iterable[Period]) -> datetime | None:
        """Return when the desk opens next: within its hours and, where shifts are planned at all, with somebody there.

        While no shift is planned the posted hours are the best that is known.
        """
        day = moment.astimezone(self.clock.zone).date()
        ahead = [(start, end) for start, end in self.periods(day, AHEAD) if end > moment]
        planned = [(max(start, moment), end) for start, end in shifts if end > moment]
        if not planned:
            return next((start for start, _end in ahead if start > moment), None)
        both = [max(start, begins) for start, end in ahead for begins, ends in planned if start < ends and begins < end]
        return min((start for start in both if start >= moment), default=None)


def _minutes_after(midnight: datetime, minutes: int) -> datetime:
    # By the clock on the wall, also on days that have 23 or 25 hours.
    return (midnight.replace(tzinfo=None) + timedelta(minutes=minutes)).replace(tzinfo=midnight.tzinfo)


def hours_of(desks: Iterable[Desk], first: date) -> dict[int, DeskHours]:
    """Return the hours of those desks that have any, by desk id; special days from `first` on."""
    some = [desk for desk in desks if desk.hours or desk.off_hours]
    if not some:
        return {}
    special: dict[int, dict[date, Slots]] = {desk.pk: {} for desk in some}
    names: dict[int, dict[date, str]] = {desk.pk: {} for desk in some}
    for day in DeskDay.objects.filter(desk__in=some, date__gte=first):
        special[day.desk_id][day.date], names[day.desk_id][day.date] = slots_of(day.hours), day.name
    clocks = {unit.pk: clock_for(unit) for unit in {desk.unit for desk in some}}
    return {
        desk.pk: DeskHours(
            slots_of(desk.hours), slots_of(desk.off_hours), clocks[desk.unit_id], special[desk.pk], names[desk.pk]
        )
        for desk in some
    }  # fmt: skip


def gaps(open_at: Iterable[Period], shifts: Iterable[Period]) -> list[Period]:
    """Return the parts of the opening hours during which no shift runs."""
    covered = sorted(shifts)
    found = []
    for start, end in open_at:
        moment = start
        for begins, ends in covered:
            if ends <= moment or begins >= end:
                continue
            if begins > moment:
                found.append((moment, begins))
            moment = max(moment, ends)
        if moment < end:
            found.append((moment, end))
    return found
