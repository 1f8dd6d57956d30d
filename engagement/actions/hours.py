"""Working hours kept by hand: a calendar's sessions, its special days one by one or as a table."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable
from datetime import date
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accounts.models import Role, Unit
from accounts.viewers import Viewer

from .. import rules
from ..models import Calendar, CalendarDay
from ..queries.hours import may_edit
from ..working_time import FIRST_YEAR, slots_of
from .calendars import renew_calendar

ROWS = 800
BYTES = 200_000
LAST_YEAR = 2100
BY_HAND, BY_FILE = "by hand", "file"
# What offices write into their tables.
KINDS = {
    "work": "work", "工作日": "work", "上班": "work", "调休上班": "work",
    "off": "off", "休息": "off", "放假": "off", "节假日": "off",
    "half": "half", "半天": "half",
    "emergency": "emergency", "应急": "emergency", "应急停工": "emergency",
}  # fmt: skip
YES = frozenset({"", "1", "yes", "true", "y", "是", "已确认"})


def read_hours(text: str) -> list[list[str]]:
    """Return "09:00-12:00, 13:00-17:00" as sessions. Raises BadInput for what is no hours."""
    found = re.findall(r"(\d{1,2}:\d{2})\s*[-–—~至]\s*(\d{1,2}:\d{2})", text.replace("：", ":"))
    rest = re.sub(r"(\d{1,2}:\d{2})\s*[-–—~至]\s*(\d{1,2}:\d{2})", "", text.replace("：", ":"))
    sessions = [[start.zfill(5), end.zfill(5)] for start, end in found]
    try:
        slots_of(sessions)
    except (TypeError, ValueError):
        sessions = []
    if (text.strip() and not sessions) or re.sub(r"[\s,;，；、]", "", rest):
        raise rules.BadInput(_("Hours look like this: 09:00-12:00, 13:00-17:00."), field="hours", code="bad_hours")
    return sessions


@transaction.atomic
def new_calendar(*, by: Viewer, unit_id: int) -> Calendar:
    """Give a unit a calendar of its own, which begins as the one it had so far. Raises NotFound, BadInput."""
    unit = Unit.objects.filter(pk=unit_id, active=True).first()
    if unit is None or unit.pk not in by.scope(Role.ADMINISTRATOR):
        raise rules.NotFound()
    above = [int(part) for part in unit.path.split("/") if part]
    candidates = Calendar.objects.filter(unit__in=above) | Calendar.objects.filter(unit=None)
    usual = max(candidates, key=lambda each: len(each.unit.path) if each.unit else 0, default=None)
    try:
        with transaction.atomic():
            made = Calendar.objects.create(
                key=f"unit-{unit.pk}", unit=unit, name=unit.name, name_en=unit.name_en,
                sessions=usual.sessions if usual else [["09:00", "12:00"], ["13:00", "17:00"]],
                **({"timezone": usual.timezone} if usual else {}),
            )  # fmt: skip
    except IntegrityError:
        raise rules.BadInput(_("This unit has a calendar already."), field="unit_id", code="has_one") from None
    days = list(usual.days.all()) if usual else []
    for day in days:
        day.pk, day.calendar = None, made
    CalendarDay.objects.bulk_create(days)
    return made


@transaction.atomic
def save_hours(*, by: Viewer, calendar_id: int, hours: str) -> Calendar:
    """Set the hours of a working day; open cases get their due times anew. Raises NotFound, BadInput."""
    calendar, sessions = _editable(by, calendar_id), read_hours(hours)
    if not sessions:
        raise rules.BadInput(_("A working day has hours."), field="hours", code="too_short")
    calendar.sessions = sessions
    calendar.save(update_fields=["sessions"])
    renew_calendar(calendar=calendar)
    return calendar


@transaction.atomic
def set_day(
    *,
    by: Viewer,
    calendar_id: int,
    day: date,
    kind: str,
    hours: str = "",
    name: str = "",
    confirmed: bool = True,
) -> CalendarDay:
    """Say what a day is that is not what its weekday says; a day that is there already is replaced.

    Raises NotFound, BadInput.
    """
    calendar = _editable(by, calendar_id)
    made = _day(calendar, day, kind, hours, name, confirmed, BY_HAND)
    CalendarDay.objects.filter(calendar=calendar, date=day).delete()
    made.save()
    renew_calendar(calendar=calendar)
    return made


@transaction.atomic
def drop_day(*, by: Viewer, calendar_id: int, day: date) -> None:
    """Let a day be what its weekday says. Raises NotFound for a day that is not in the table."""
    calendar = _editable(by, calendar_id)
    if not CalendarDay.objects.filter(calendar=calendar, date=day).delete()[0]:
        raise rules.NotFound()
    renew_calendar(calendar=calendar)


@transaction.atomic
def import_days(*, by: Viewer, calendar_id: int, table: bytes) -> int:
    """Take over a CSV of date, kind, hours, name, confirmed; all of it or nothing. Returns how many days.

    Raises NotFound, BadInput naming the line that cannot be read.
    """
    calendar = _editable(by, calendar_id)
    days = {day.date: day for day in _rows(calendar, table)}
    CalendarDay.objects.filter(calendar=calendar, date__in=list(days)).delete()
    CalendarDay.objects.bulk_create(days.values())
    renew_calendar(calendar=calendar)
    return len(days)


def _rows(calendar: Calendar, table: bytes) -> Iterable[CalendarDay]:
    if len(table) > BYTES:
        raise rules.BadInput(_("This table is too large."), field="table", code="too_large")
    try:
        text = table.decode("utf-8-sig")
    except UnicodeDecodeError:
        # What a Chinese Excel writes.
        text = table.decode("gb18030", errors="replace")
    read = enumerate(csv.reader(io.StringIO(text.replace("\0", ""))), 1)
    lines = [(number, line) for number, line in read if any(cell.strip() for cell in line)]
    if lines and not re.match(r"\d{4}", lines[0][1][0].strip()):
        lines = lines[1:]
    if not 1 <= len(lines) <= ROWS:
        raise rules.BadInput(_("From one to %(most)d days, please.") % {"most": ROWS}, field="table", code="too_many")
    for number, line in lines:
        day, kind, hours, name, confirmed = ([cell.strip() for cell in line] + [""] * 5)[:5]
        try:
            when = date.fromisoformat(day.replace("/", "-"))
            yield _day(calendar, when, KINDS.get(kind.lower(), kind), hours, name, confirmed.lower() in YES, BY_FILE)
        except (ValueError, rules.BadInput) as broken:
            said = {"number": number, "why": str(broken) if isinstance(broken, rules.BadInput) else day}
            raise rules.BadInput(
                _("Line %(number)d cannot be read: %(why)s") % said, field="table", code="bad_line"
            ) from None


def _day(calendar: Calendar, day: Any, kind: str, hours: str, name: str, confirmed: bool, source: str) -> CalendarDay:
    if not isinstance(day, date) or not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise rules.BadInput(_("Please give a day."), field="day", code="not_a_day")
    rules.check_choice(kind, CalendarDay.Kind.values, "kind")
    return CalendarDay(
        calendar=calendar, date=day, kind=kind, sessions=read_hours(hours), confirmed=confirmed, source=source,
        name=rules.clean_text(name, most=80, field="name", newlines=False),
    )  # fmt: skip


def _editable(by: Viewer, calendar_id: int) -> Calendar:
    calendar = Calendar.objects.select_for_update(of=("self",)).select_related("unit").filter(pk=calendar_id).first()
    if calendar is None or not may_edit(by, calendar):
        raise rules.NotFound()
    return calendar
