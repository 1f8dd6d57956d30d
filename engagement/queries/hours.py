"""Calendars as officials read them: hours, special days of a year, and what is not official yet."""

from __future__ import annotations

from calendar import Calendar as Weeks
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Q
from django.utils import timezone

from accounts.models import Role, Unit
from accounts.viewers import Viewer

from .. import rules
from ..models import Calendar, CalendarDay, Case, Rung


@dataclass(frozen=True)
class Shown:
    """One day of the overview: `kind` is "work", "off", "half" or "emergency"; `special` when the table says so."""

    day: date
    kind: str
    special: bool
    name: str
    confirmed: bool


def may_edit(viewer: Viewer, calendar: Calendar) -> bool:
    """Return whether the viewer administers the unit of the calendar; the city's is the city's administrators'."""
    scope = viewer.scope(Role.ADMINISTRATOR)
    if calendar.unit_id is not None:
        return calendar.unit_id in scope
    return Unit.objects.filter(parent=None, pk__in=scope).exists()


def calendars() -> list[Calendar]:
    """Return every calendar, the city's first."""
    found = Calendar.objects.select_related("unit")
    return sorted(found, key=lambda each: (each.unit.path if each.unit else "", each.pk))


def calendar_for(calendar_id: int) -> Calendar:
    """Return the calendar. Raises NotFound."""
    found = Calendar.objects.select_related("unit").filter(pk=calendar_id).first()
    if found is None:
        raise rules.NotFound()
    return found


def year_of(calendar: Calendar, year: int) -> list[tuple[date, list[list[Shown | None]]]]:
    """Return for each month its first day and its weeks of days; None for the days of other months."""
    special = {day.date: day for day in CalendarDay.objects.filter(calendar=calendar, date__year=year)}
    months = []
    for month in range(1, 13):
        weeks = [
            [_shown(day, special.get(day)) if day.month == month else None for day in week]
            for week in Weeks().monthdatescalendar(year, month)
        ]
        months.append((date(year, month, 1), weeks))
    return months


def _shown(day: date, special: CalendarDay | None) -> Shown:
    if special is None:
        return Shown(day, "work" if day.weekday() < 5 else "off", False, "", True)
    return Shown(day, special.kind, True, special.label, special.confirmed)


def days_of(calendar: Calendar, year: int) -> list[CalendarDay]:
    """Return the special days of the year in order."""
    return list(CalendarDay.objects.filter(calendar=calendar, date__year=year).order_by("date"))


def is_year_provisional(calendar: Calendar, year: int) -> bool:
    """Return whether the official notice of the year is not in the table, so that its dates may still move."""
    days = CalendarDay.objects.filter(calendar=calendar, date__year=year)
    return not days.exists() or days.filter(confirmed=False).exists()


def still_to_recount(calendar: Calendar) -> int:
    """Return how many open cases wait for their due times to be worked out anew; 0 when all are done."""
    if calendar.counted in ("", calendar.revision):
        return 0
    found = Case.objects.filter(answered_at__isnull=True, concluded_at__isnull=True, pk__gt=calendar.counted_to)
    if calendar.unit is not None and calendar.unit.parent_id is not None:
        found = found.filter(unit__path__startswith=calendar.unit.path)
    return found.count()


def units_without_calendar(viewer: Viewer) -> list[Unit]:
    """Return the units of the viewer's administration that have no calendar of their own."""
    scope = viewer.scope(Role.ADMINISTRATOR)
    return list(Unit.objects.filter(Q(pk__in=scope), calendar__isnull=True, active=True).order_by("path"))


def this_year(at: datetime | None = None) -> int:
    """Return the year it is in the city."""
    return timezone.localtime(at or timezone.now()).year


def ladder() -> list[Rung]:
    """Return the rungs of the ladder of escalation, lowest first."""
    return list(Rung.objects.order_by("level"))


def may_edit_ladder(viewer: Viewer) -> bool:
    """Return whether the viewer administers the whole city."""
    return Unit.objects.filter(parent=None, pk__in=viewer.units(Role.ADMINISTRATOR)).exists()
