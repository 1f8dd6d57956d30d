"""Filters for the pages of letters and cases: dates, days, sizes."""

from __future__ import annotations

from datetime import datetime

from django import template
from django.conf import settings
from django.template.defaultfilters import floatformat
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import get_language, gettext, ngettext

from accounts.wording import listed, named
from engagement.models import Case, Mailbox, Point
from engagement.queries import Clocks
from engagement.queries import pin_said as said_of_pin
from engagement.queries.timeline import Line, unit_label
from engagement.rules import grouped
from engagement.views.words import moment

register = template.Library()
register.filter("grouped", grouped)
register.filter("named", named)


@register.filter
def when(at: datetime | str | None) -> str:
    """Return "Fri 4 Dec 2026, 17:00"; entries hold their moments as text."""
    return moment(parse_datetime(at) if isinstance(at, str) else at)


@register.filter
def day(at: datetime | None) -> str:
    """Return "Fri 4 Dec 2026"."""
    return moment(at, clock=False)


@register.filter
def days_until(start: datetime, end: datetime) -> str:
    """Return how many days lie between the dates of `start` and `end`, as a reader counts them: "4 days"."""
    count = (timezone.localdate(end) - timezone.localdate(start)).days
    if not count:
        return gettext("less than 1 day")
    return ngettext("%(count)d day", "%(count)d days", count) % {"count": count}


@register.simple_tag
def map_settings() -> dict[str, str]:
    """Return where tiles below the city's own map come from and who is named for them; empty in most houses."""
    return {"tiles": settings.MAP_TILES, "credit": settings.MAP_CREDIT}


@register.simple_tag
def pin_said(latitude: float | None, longitude: float | None) -> str:
    """Return a pin in words: its area, or its coordinates where no area is known."""
    return said_of_pin(latitude, longitude)


@register.filter
def bytes_said(size: int) -> str:
    """Return "340 KB" or "2.1 MB"."""
    if size < 1024 * 1024:
        return gettext("%(size)d KB") % {"size": max(1, round(size / 1024))}
    return gettext("%(size).1f MB") % {"size": size / 1024 / 1024}


@register.filter
def last_answer(lines: list[Line]) -> int | None:
    """Return the number of the entry with the latest answer, None before the first."""
    return next((line.seq for line in reversed(lines) if line.kind == "case.answered"), None)


@register.filter
def initials(name: str) -> str:
    """Return what stands in place of a portrait: the first character of a Chinese name, else two initials."""
    parts = name.split()
    if len(parts) > 1:
        return (parts[0][:1] + parts[-1][:1]).upper()
    return name[:1]


@register.filter
def leader_name(mailbox: Mailbox) -> str:
    """Return the leader's name in the reader's language."""
    return _english(mailbox.name_en) or mailbox.leader.name or mailbox.leader.username


@register.filter
def office_held(mailbox: Mailbox) -> str:
    """Return the office the leader holds, in the reader's language."""
    return mailbox.office


@register.filter
def duties(mailbox: Mailbox) -> str:
    """Return what the leader is responsible for, in the reader's language."""
    return _english(mailbox.duties_en) or mailbox.duties


@register.filter
def seconds_said(seconds: int) -> str:
    """Return a length of wall time in the two largest units that say something: "3 days 4 hours"."""
    days, hours, minutes = seconds // 86400, seconds // 3600 % 24, seconds // 60 % 60
    parts = [
        ngettext("%(count)d day", "%(count)d days", days) % {"count": days} if days else "",
        ngettext("%(count)d hour", "%(count)d hours", hours) % {"count": hours} if hours else "",
        ngettext("%(count)d minute", "%(count)d minutes", minutes) % {"count": minutes} if not days else "",
    ]
    return " ".join(part for part in parts if part)


@register.filter
def working_said(clocks: Clocks) -> str:
    """Return the working time an office has used: "1.5 working days", below one day in hours and minutes."""
    if clocks.unit_days is not None and clocks.unit_days >= 1:
        days = round(clocks.unit_days, 1)
        return gettext("%(days)s working days") % {"days": floatformat(days, -1)}
    return seconds_said((clocks.unit_minutes or 0) * 60)


@register.filter
def outcome_said(outcome: str) -> str:
    """Return how a matter ended, in words."""
    return str(Case.Outcome(outcome).label) if outcome in Case.Outcome.values else ""


@register.filter
def point_said(state: str) -> str:
    """Return in words what became of a point of a letter."""
    return str(dict(Point.State.choices).get(state, ""))


@register.filter
def unit_said(unit: object) -> str:
    """Return the name of the unit in an entry's data, in the reader's language."""
    return unit_label(unit)


def _english(value: str) -> str:
    return value if (get_language() or "").startswith("en") else ""


@register.filter
def kinds_said(codes: list[str]) -> str:
    """Return kinds of cases by their names."""
    names = dict(Case.Kind.choices)
    return listed(names.get(code, code) for code in codes)


@register.filter
def channels_said(codes: list[str]) -> str:
    """Return channels by their names."""
    names = dict(Case.Channel.choices)
    return listed(names.get(code, code) for code in codes)


@register.filter
def lines_said(lines: str) -> str:
    """Return a list of lines in one, cut where it gets long."""
    parts = [line for line in lines.splitlines() if line]
    return listed(parts[:8]) + (" …" if len(parts) > 8 else "")
