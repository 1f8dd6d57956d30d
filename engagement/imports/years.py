"""The calendar must reach back as far as the letters, or their working days could not be counted."""

from __future__ import annotations

from collections.abc import Iterable

from django.conf import settings
from django.utils import timezone

from ..actions import seed_calendar
from ..models import Calendar, CalendarDay
from ..working_time import FIRST_YEAR
from .incoming import Incoming


class Years:
    """Which years the city's calendar knows; asked once, kept for a run."""

    def __init__(self) -> None:
        calendar = Calendar.objects.order_by("unit__path", "pk").first()
        self._key = calendar.key if calendar else "city"
        self._known = {day.year for day in CalendarDay.objects.filter(calendar__key=self._key).dates("date", "year")}

    def reach(self, batch: Iterable[Incoming]) -> bool:
        """Seed the years from each receipt to its answer that are missing; return whether any was.

        Days entered by hand stay. A house that has no calendar yet gets the city's.
        """
        wanted = {year for row in batch if row.answered_at for year in _years(row)}
        missing = {year for year in wanted - self._known if year >= FIRST_YEAR}
        if missing and settings.TIME_ZONE == "Asia/Shanghai":
            seed_calendar(self._key, sorted(missing))
            self._known |= missing
            return True
        return False


def _years(row: Incoming) -> range:
    last = row.answered_at or row.received_at
    return range(timezone.localtime(row.received_at).year, timezone.localtime(last).year + 1)
