"""Calendars of working days: seeded from the official notices as the `holidays` package knows them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

import holidays
from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import Unit

from .. import rules
from ..models import Calendar, CalendarDay
from ..models.calendars import new_revision
from ..working_time import STANDARD_WEEK, slots_of

SOURCE = "holidays"


@transaction.atomic
def seed_calendar(
    key: str,
    years: Iterable[int],
    *,
    name: str = "",
    name_en: str = "",
    unit: Unit | None = None,
    sessions: list[list[str]] | None = None,
    country: str = "CN",
) -> Calendar:
    """Write the holidays and make-up working days (调休) of the years; days entered by hand stay.

    The package silently lacks make-up days for years whose State Council notice is not out: a year without any is
    written as unconfirmed, and its dates show as provisional. Raises BadInput for hours or years that cannot be.
    """
    try:
        slots_of(sessions or STANDARD_WEEK)
    except (TypeError, ValueError):
        raise rules.BadInput(_("These are no hours of a working day."), field="sessions") from None
    given = {"name": name, "name_en": name_en, "unit": unit, "sessions": sessions}
    calendar, _is_new = Calendar.objects.get_or_create(
        key=key,
        defaults={
            "name": name or "工作日历", "name_en": name_en or "Working days", "unit": unit,
            "sessions": sessions or STANDARD_WEEK, "timezone": settings.TIME_ZONE,
        },
    )  # fmt: skip
    for field, value in given.items():
        if value:
            setattr(calendar, field, value)
    by_hand = set(calendar.days.exclude(source=SOURCE).values_list("date", flat=True))
    days = [day for year in sorted(set(years)) for day in _special_days(calendar, year, country)]
    calendar.days.filter(source=SOURCE, date__year__in={day.date.year for day in days}).delete()
    CalendarDay.objects.bulk_create([day for day in days if day.date not in by_hand])
    calendar.save()
    renew_calendar(calendar=calendar)
    return Calendar.objects.get(pk=calendar.pk)


def _special_days(calendar: Calendar, year: int, country: str) -> list[CalendarDay]:
    """Return every day of the year that is not what its weekday says.

    `day in holidays` would miss the make-up Saturdays and Sundays; `is_working_day` knows them.
    """
    chinese = country == "CN"
    table = holidays.country_holidays(country, years=year, language="zh_CN" if chinese else None)
    english = holidays.country_holidays(country, years=year, language="en_US") if chinese else table
    confirmed = not chinese or any(day.year == year for day in table.weekend_workdays)
    found = []
    day = date(year, 1, 1)
    while day.year == year:
        works, usual = table.is_working_day(day), day.weekday() < 5
        if works != usual:
            found.append(
                CalendarDay(
                    calendar=calendar,
                    date=day,
                    kind=CalendarDay.Kind.WORK if works else CalendarDay.Kind.OFF,
                    name=(table.get(day) or ("调休上班" if works else ""))[:80],
                    name_en=(english.get(day) or ("Make-up working day" if works else ""))[:80],
                    source=SOURCE,
                    confirmed=confirmed,
                )
            )
        day += timedelta(days=1)
    return found


def renew_calendar(*, calendar: Calendar) -> None:
    """Let every clock made from the calendar be built anew, and the due times of its open cases be worked out anew.

    Called after its days were changed by hand.
    """
    kept = Calendar.objects.select_for_update().get(pk=calendar.pk)
    kept.counted, kept.revision, kept.counted_to = kept.counted or kept.revision, new_revision(), 0
    kept.save(update_fields=["counted", "revision", "counted_to"])
