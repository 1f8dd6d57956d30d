"""The roster: who may make and read it, a week of it, swaps, and the hand-over sheet."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import get_language

from accounts.models import Person
from accounts.queries import people_at
from accounts.viewers import Role, Viewer
from engagement.models import Case
from engagement.queries import visible_to as cases_visible_to
from engagement.rules import CLOSED
from engagement.working_time import clock_for

from .. import rules
from ..hours import Period, gaps, hours_of
from ..models import Desk, HandOver, Rota, Shift, Swap, Talk
from .desks import desks, desks_of

MOST_SHEETS, MOST_NUMBERS = 20, 200


@dataclass(frozen=True)
class RosterDay:
    """A day of the grid: what kind of day, its opening hours, its shifts, and hours when nobody is there."""

    date: date
    is_working: bool
    name: str
    open: list[Period]
    shifts: list[Shift]
    gaps: list[Period]
    is_today: bool = False


@dataclass(frozen=True)
class Sheet:
    """What a hand-over sheet shows: rows of the queue, of talks going on, and cases that the reader may open."""

    waiting: list[Talk] = field(default_factory=list)
    held: list[Talk] = field(default_factory=list)
    cases: list[tuple[Case, bool]] = field(default_factory=list)


def may_keep(viewer: Viewer, desk: Desk) -> bool:
    """Return whether the viewer makes the desk's roster: supervisors, leaders and administrators above its unit."""
    return viewer.person is not None and desk.unit_id in viewer.scope(*rules.KEEPERS)


def keepers_of(desk: Desk, at: datetime | None = None) -> list[Person]:
    """Return the supervisors of the desk's unit, the nearest ones: those told when nobody comes."""
    above = [int(pk) for pk in desk.unit.path.strip("/").split("/")]
    for unit_id in reversed(above):
        found = list(people_at([unit_id], Role.SUPERVISOR, at=at))
        if found:
            return found
    return []


def may_sit(desk: Desk, kind: str, at: datetime | None = None) -> QuerySet[Person]:
    """Return who may be rostered at the desk: duty officers of its unit, below and above; leaders on leader days."""
    role = Role.LEADER if kind == Shift.Kind.LEADER else Role.DUTY_OFFICER
    ids = [int(pk) for pk in desk.unit.path.strip("/").split("/")]
    return people_at([*ids, *_below(desk)], role, at=at)


def _below(desk: Desk) -> list[int]:
    from accounts.queries import units_below

    return units_below([desk.unit_id])


def roster_desks(viewer: Viewer) -> list[Desk]:
    """Return the desks whose roster the viewer may read: those they serve, are rostered at, or answer for."""
    if viewer.person is None or not viewer.is_official:
        return []
    served = [desk.pk for desk in desks_of(viewer)]
    mine = Shift.objects.filter(officer=viewer.person, ends_at__gt=timezone.now()).values("desk_id")
    own = Q(pk__in=served) | Q(pk__in=mine) | Q(unit_id__in=viewer.scope(*rules.KEEPERS))
    return list(desks().filter(own))


def roster_desk(viewer: Viewer, slug: str) -> Desk:
    """Return the desk if the viewer may read its roster. Raises NotFound."""
    found = next((desk for desk in roster_desks(viewer) if desk.slug == slug), None)
    if found is None:
        raise rules.NotFound()
    return found


def week_of(desk: Desk, monday: date, at: datetime | None = None) -> list[RosterDay]:
    """Return seven days of the desk's roster from `monday` on."""
    at = at or timezone.now()
    clock = clock_for(desk.unit, at)
    start = datetime(monday.year, monday.month, monday.day, tzinfo=clock.zone)
    by_day: defaultdict[date, list[Shift]] = defaultdict(list)
    shifts = Shift.objects.filter(desk=desk, starts_at__lt=start + timedelta(days=7), ends_at__gt=start)
    every = list(shifts.select_related("officer").order_by("starts_at", "officer__name"))
    for shift in every:
        by_day[max(shift.starts_at.astimezone(clock.zone).date(), monday)].append(shift)
    hours = hours_of([desk], monday).get(desk.pk)
    names = dict(desk.days.filter(date__gte=monday, date__lt=monday + timedelta(days=7)).values_list("date", "name"))
    language = get_language() or ""
    week = []
    for number in range(7):
        day = monday + timedelta(days=number)
        open_at = hours.periods(day, 1) if hours else []
        missing = gaps(open_at, [(one.starts_at, one.ends_at) for one in every])
        today = day == at.astimezone(clock.zone).date()
        work = clock.is_working_day(day)
        name = names.get(day) or clock.day_name(day, language)
        week.append(RosterDay(day, work, name, open_at, by_day[day], missing, today))
    return week


def rotas_of(desk: Desk) -> list[Rota]:
    """Return the desk's patterns in force with their officers in order."""
    return list(desk.rotas.filter(ended_on=None).prefetch_related("places__officer"))


def swaps_for(viewer: Viewer) -> list[Swap]:
    """Return what colleagues ask of the viewer."""
    if viewer.person is None:
        return []
    asked = Swap.objects.filter(asked_of=viewer.person, state=Swap.State.ASKED)
    return list(asked.select_related("shift__desk", "other__desk", "asked_by").order_by("shift__starts_at"))


def swaps_asked(viewer: Viewer, desk: Desk) -> dict[int, Swap]:
    """Return by shift what the viewer asks of colleagues at the desk."""
    asked = Swap.objects.filter(asked_by=viewer.person, state=Swap.State.ASKED, shift__desk=desk)
    return {swap.shift_id: swap for swap in asked.select_related("asked_of")}


def exchangeable(desk: Desk, viewer: Viewer, at: datetime) -> list[Shift]:
    """Return the colleagues' shifts of the next four weeks at the desk, which one may ask for in exchange."""
    ahead = Shift.objects.filter(desk=desk, starts_at__gt=at, starts_at__lt=at + timedelta(days=28))
    # A leader sits there in person: nobody takes such a day in exchange.
    ahead = ahead.exclude(kind=Shift.Kind.LEADER)
    return list(ahead.exclude(officer=viewer.person).select_related("officer").order_by("starts_at")[:100])


def shift_of(viewer: Viewer, shift_id: int) -> Shift:
    """Return the viewer's own shift. Raises NotFound."""
    shifts = Shift.objects.filter(pk=shift_id, officer=viewer.person) if viewer.person else Shift.objects.none()
    found = shifts.select_related("desk__unit", "officer").first()
    if found is None:
        raise rules.NotFound()
    return found


def current_shift(viewer: Viewer, at: datetime | None = None, desk: Desk | None = None) -> Shift | None:
    """Return the shift that the viewer has now or had within the last hour; of several first that of the `desk`."""
    at = at or timezone.now()
    if viewer.person is None:
        return None
    near = Shift.objects.filter(officer=viewer.person, starts_at__lte=at, ends_at__gt=at - timedelta(hours=1))
    shifts = list(near.select_related("desk", "hand_over").order_by("-ends_at"))
    return min(shifts, key=lambda one: desk is not None and one.desk_id != desk.pk, default=None)


def open_things(shift: Shift) -> dict[str, Any]:
    """Return the numbers of what is open at the shift's desk: talks waiting, talks the officer holds, cases made."""
    waiting = Talk.objects.filter(desk=shift.desk_id, status=Talk.Status.WAITING).order_by("requested_at")
    held = Talk.objects.filter(officer=shift.officer_id, status=Talk.Status.OPEN).order_by("taken_at")
    became = Talk.objects.filter(desk=shift.desk_id, case__isnull=False, requested_at__gte=shift.starts_at)
    became = became.exclude(case__status__in=CLOSED).order_by("requested_at")
    return {
        "waiting": list(waiting.values_list("number", flat=True)[:MOST_NUMBERS]),
        "held": list(held.values_list("number", flat=True)[:MOST_NUMBERS]),
        "cases": list(dict.fromkeys(became.values_list("case__number", flat=True)[:MOST_NUMBERS])),
    }


def sheet_of(things: dict[str, Any], viewer: Viewer) -> Sheet:
    """Return the rows that the numbers of a sheet stand for, as they are now; cases with whether they may be opened."""
    talks = {
        talk.number: talk
        for talk in Talk.objects.filter(
            number__in=[*things.get("waiting", []), *things.get("held", [])]
        ).select_related("desk", "citizen", "officer")
    }
    cases = {case.number: case for case in Case.objects.filter(number__in=things.get("cases", []))}
    readable = set(cases_visible_to(viewer).filter(number__in=cases).values_list("number", flat=True))
    return Sheet(
        waiting=[talks[number] for number in things.get("waiting", []) if number in talks],
        held=[talks[number] for number in things.get("held", []) if number in talks],
        cases=[(cases[one], one in readable) for one in things.get("cases", []) if one in cases],
    )


def sheets_of(desk: Desk) -> list[HandOver]:
    """Return the desk's latest hand-over sheets, newest first."""
    return list(desk.hand_overs.select_related("by", "taken_by", "shift").order_by("-at")[:MOST_SHEETS])


def sheet_for(viewer: Viewer, sheet_id: int) -> HandOver:
    """Return the sheet if the viewer may read its desk's roster. Raises NotFound."""
    mine = [desk.pk for desk in roster_desks(viewer)]
    found = HandOver.objects.filter(pk=sheet_id, desk_id__in=mine).select_related("desk", "by", "taken_by", "shift")
    sheet = found.first()
    if sheet is None:
        raise rules.NotFound()
    return sheet
