"""Working time: sums over a table of days, so that every duration and due time is looked up, never walked."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from itertools import accumulate
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Q
from django.utils import timezone

from accounts.models import Unit
from accounts.prepared import Prepared, one_of

from .models import Calendar, CalendarDay
from .rules import BeyondCalendar

FIRST_YEAR = 2010
STANDARD_WEEK: list[list[str]] = [["09:00", "12:00"], ["13:00", "17:00"]]
MINUTES = 24 * 60

# Slots of one day: (from, until) in minutes after midnight, in order.
Slots = tuple[tuple[int, int], ...]


def slots_of(sessions: Iterable[Sequence[str]]) -> Slots:
    """Return [["09:00", "12:00"], …] as minutes after midnight.

    Raises ValueError for a time that is none, a session that ends before it starts, or sessions out of order.
    """
    slots = tuple((_minute(start), _minute(end)) for start, end in sessions)
    edges = [edge for slot in slots for edge in slot]
    if any(late <= early for early, late in zip(edges[::2], edges[1::2], strict=True)) or edges != sorted(edges):
        raise ValueError("sessions must follow one another")
    return slots


def _minute(text: str) -> int:
    if text == "24:00":
        return MINUTES
    moment = time.fromisoformat(text)
    return moment.hour * 60 + moment.minute


class WorkClock:
    """Working time by one calendar, from the start of `first_year` to the end of `last_year`.

    Whole minutes of local time count, seconds do not. Outside its years it raises BeyondCalendar.
    """

    def __init__(
        self,
        *,
        zone: str,
        sessions: Iterable[Sequence[str]],
        special: Mapping[date, Slots],
        first_year: int,
        last_year: int,
        provisional: Iterable[int] = (),
        names: Mapping[date, tuple[str, str]] | None = None,
        key: str = "",
    ) -> None:
        self.key = key
        self.zone = ZoneInfo(zone)
        self.provisional_years = frozenset(provisional)
        self._names = names or {}
        self._first = date(first_year, 1, 1)
        self._days = (date(last_year, 12, 31) - self._first).days + 1
        usual = slots_of(sessions)
        self.minutes_a_day = sum(end - start for start, end in usual) or 1
        self._slots = [self._slots_on(number, usual, special) for number in range(self._days)]
        # _before[d]: working minutes before day d. _workdays: the numbers of the working days, in order;
        # _count[d]: how many of them lie before day d.
        self._before = [0, *accumulate(sum(end - start for start, end in slots) for slots in self._slots)]
        self._workdays = [number for number, slots in enumerate(self._slots) if slots]
        self._count = [0, *accumulate(1 if slots else 0 for slots in self._slots)]

    def _slots_on(self, number: int, usual: Slots, special: Mapping[date, Slots]) -> Slots:
        day = self._first + timedelta(days=number)
        return special.get(day, usual if day.weekday() < 5 else ())

    def is_working_day(self, day: date) -> bool:
        """Return whether anybody works on the day."""
        return bool(self._slots[self._number(day)])

    def day_name(self, day: date, language: str) -> str:
        """Return what the day is called in the table, in English if asked and known; "" for one without a name."""
        name, english = self._names.get(day, ("", ""))
        return (language.startswith("en") and english) or name

    def is_provisional(self, moment: datetime) -> bool:
        """Return whether the official notice for the year of the moment is not out, so that dates may still move."""
        return moment.astimezone(self.zone).year in self.provisional_years

    def is_open(self, moment: datetime) -> bool:
        """Return whether the moment lies in a session."""
        number, minute = self._place(moment)
        return any(start <= minute < end for start, end in self._slots[number])

    def minutes_between(self, start: datetime, end: datetime) -> int:
        """Return the working minutes from `start` to `end`; negative when `end` is the earlier one."""
        return self._elapsed(end) - self._elapsed(start)

    def due_in_days(self, start: datetime, days: int) -> datetime:
        """Return the end of the last slot of the `days`-th working day after the day of receipt.

        The day of receipt is not counted; what arrives on a day off or after the last slot counts as received on
        the next working day.
        """
        number, minute = self._place(start)
        slots = self._slots[number]
        begun = minute + 1 if start.second or start.microsecond else minute
        received = self._count[number] if slots and begun <= slots[-1][1] else self._count[number + 1]
        if received + days >= len(self._workdays):
            raise BeyondCalendar()
        due = self._workdays[received + days]
        return self._moment(due, self._slots[due][-1][1])

    def due_in_minutes(self, start: datetime, minutes: int) -> datetime:
        """Return the first moment by which so many working minutes have passed since `start`."""
        if minutes <= 0:
            return start
        target = self._elapsed(start) + minutes
        if target > self._before[-1]:
            raise BeyondCalendar()
        number = bisect_left(self._before, target) - 1
        left = target - self._before[number]
        for opens, closes in self._slots[number]:
            if left <= closes - opens:
                return self._moment(number, opens + left)
            left -= closes - opens
        raise AssertionError("the sums and the slots of a day differ")

    def _elapsed(self, moment: datetime) -> int:
        """Return the working minutes from the beginning of the table to the moment."""
        number, minute = self._place(moment)
        return self._before[number] + sum(
            min(minute, closes) - opens for opens, closes in self._slots[number] if minute > opens
        )

    def _place(self, moment: datetime) -> tuple[int, int]:
        local = moment.astimezone(self.zone)
        return self._number(local.date()), local.hour * 60 + local.minute

    def _number(self, day: date) -> int:
        number = (day - self._first).days
        if not 0 <= number < self._days:
            raise BeyondCalendar()
        return number

    def _moment(self, number: int, minute: int) -> datetime:
        day = self._first + timedelta(days=number + minute // MINUTES)
        local = datetime.combine(day, time(minute % MINUTES // 60, minute % 60), self.zone)
        return local.astimezone(timezone.get_default_timezone())


# The calendars of some units, and the city's.
CALENDARS: Prepared[Calendar] = Prepared(
    lambda: (
        Calendar.objects.filter(Q(one_of("unit_id", "above")) | Q(unit=None) | Q(unit__parent=None))
        .select_related("unit")
        .only("revision", "unit__path")
    )
)


def clock_for(unit: Unit | None = None, at: datetime | None = None) -> WorkClock:
    """Return the clock of the unit's own calendar, of the nearest one above it, or of the city.

    Without any calendar it is the standard week in the city's time zone, provisional in every year. The table ends
    with the year after `at` (now unless given). One query; the tables themselves are kept.
    """
    return _nearest(CALENDARS.all(above=_above(unit)), at)


def clocks_for(units: Iterable[Unit], at: datetime | None = None) -> dict[int, WorkClock]:
    """Return `clock_for` of each of the units by their ids, in one query for all of them."""
    calendars = list(Calendar.objects.select_related("unit"))
    found = {}
    for unit in units:
        above = {*_above(unit), None}
        found[unit.pk] = _nearest(
            (each for each in calendars if each.unit_id in above or (each.unit and each.unit.parent_id is None)), at
        )
    return found


def _above(unit: Unit | None) -> list[int]:
    return [int(part) for part in unit.path.split("/") if part] if unit else []


def _nearest(calendars: Iterable[Calendar], at: datetime | None) -> WorkClock:
    calendar = max(calendars, key=lambda each: (len(each.unit.path) if each.unit else 0, -each.pk), default=None)
    last_year = max((at or timezone.now()).year, timezone.now().year) + 1
    if calendar is None:
        return _standard(last_year)
    return _clock(calendar.revision, calendar.pk, last_year)


@lru_cache(maxsize=4)
def _standard(last_year: int) -> WorkClock:
    years = range(FIRST_YEAR, last_year + 1)
    return WorkClock(
        zone=settings.TIME_ZONE,
        sessions=STANDARD_WEEK,
        special={},
        first_year=FIRST_YEAR,
        last_year=last_year,
        provisional=years,
    )


@lru_cache(maxsize=64)
def _clock(revision: str, calendar_id: int, last_year: int) -> WorkClock:
    """Build the clock of one state of a calendar; the revision is part of the key, so a change is never missed."""
    calendar = Calendar.objects.get(pk=calendar_id)
    days = list(CalendarDay.objects.filter(calendar_id=calendar_id, date__year__gte=FIRST_YEAR))
    sessions = calendar.sessions or STANDARD_WEEK
    usual = slots_of(sessions)
    known = {day.date.year for day in days} - {day.date.year for day in days if not day.confirmed}
    return WorkClock(
        key=calendar.key,
        zone=calendar.timezone,
        sessions=sessions,
        special={day.date: _slots_on(day, usual) for day in days},
        first_year=FIRST_YEAR,
        last_year=last_year,
        provisional=set(range(FIRST_YEAR, last_year + 1)) - known,
        names={day.date: (day.name, day.name_en) for day in days if day.name},
    )


def _slots_on(day: CalendarDay, usual: Slots) -> Slots:
    if day.kind == CalendarDay.Kind.OFF:
        return ()
    if day.sessions:
        return slots_of(day.sessions)
    # On an emergency day the office is shut unless hours are given.
    if day.kind == CalendarDay.Kind.EMERGENCY:
        return ()
    return usual[:1] if day.kind == CalendarDay.Kind.HALF else usual
