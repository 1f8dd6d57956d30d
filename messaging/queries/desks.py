"""Desks: who serves them, who is there now, and what a citizen may be told about the wait."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from math import ceil
from statistics import median
from typing import Any

from django.db.models import (
    BooleanField,
    Case,
    Count,
    DateTimeField,
    ExpressionWrapper,
    F,
    IntegerField,
    Max,
    Min,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.db.models.functions import Coalesce, Least
from django.utils import timezone

from accounts.models import Person
from accounts.prepared import Given, Prepared, one_of
from accounts.queries import open_posts
from accounts.viewers import Role, Viewer

from .. import rules
from ..hours import AHEAD, Period, hours_of
from ..models import Desk, Duty, Shift, Talk

# The wait is told from the last talks taken at the desk within these hours, and only from so many of them.
WAIT_WINDOW = timedelta(hours=4)
WAIT_TALKS, LEAST_TALKS = 20, 3
MOST_RECENT = 500
LEADER_STAYS = timedelta(hours=2)


@dataclass(frozen=True)
class DeskState:
    """What is true of a desk now.

    `open`: somebody is rostered, and the desk's hours, if it has any, say so. `officers`: the ids of rostered officers
    whose page was heard of in the last 45 s, none outside the hours; one may be at several desks. `waiting`: talks in
    the queue. `wait_seconds`: the median wait of recent talks, None while there are too few for a figure. `opens_at`:
    when somebody is there next within the hours, None while the desk is open or nothing is planned. `closes_at`: when
    the hours end, None without hours. `day_name`: the holiday or special day for which the desk is closed, if any.
    `free`: how many talks more those on duty may hold now. `pace_seconds`: after how many seconds one of their talks
    ends when they hold as many as they may, by the median length of recent talks; None without a figure.
    """

    open: bool
    officers: frozenset[int]
    waiting: int
    wait_seconds: int | None
    opens_at: datetime | None
    closes_at: datetime | None = None
    day_name: str = ""
    free: int = 0
    pace_seconds: float | None = None

    @property
    def on_duty(self) -> int:
        """How many officers are there."""
        return len(self.officers)

    @property
    def wait_minutes(self) -> int | None:
        """The wait of somebody who comes now, in whole minutes, rounded up; None without a figure."""
        return self.wait_at(self.waiting + 1)

    def wait_at(self, place: int) -> int | None:
        """Return the wait in minutes, rounded up, at this place in the queue (1: next); None without a figure.

        While an officer is free for it: what talks waited lately. Else as many talks must end first as are before it.
        """
        ahead = place - self.free
        if ahead <= 0:
            seconds: float | None = self.wait_seconds
        else:
            seconds = None if self.pace_seconds is None else ahead * self.pace_seconds
        return None if seconds is None else max(1, ceil(seconds / 60))


def desks() -> QuerySet[Desk]:
    """Return the desks in use."""
    return Desk.objects.filter(active=True).select_related("unit")


def desk_state(desk: Desk, at: datetime | None = None) -> DeskState:
    """Return what is true of the desk at the moment `at`, now unless given."""
    return desk_states([desk], at)[desk.pk]


def desk_states(some: Iterable[Desk], at: datetime | None = None) -> dict[int, DeskState]:
    """Return the state of each desk by its id, with as many queries for fifty desks as for one."""
    at = at or timezone.now()
    some = list(some)
    if not some:
        return {}
    ids = [desk.pk for desk in some]
    staff = _staff(ids, at)
    talks = Talk.objects.filter(desk_id__in=ids, status=Talk.Status.WAITING).values_list("desk_id")
    waiting = dict(talks.annotate(count=Count("pk")))
    recent = _recent(ids, at)
    shifts = Shift.objects.filter(desk_id__in=set(ids) - staff.keys(), starts_at__gt=at).values_list("desk_id")
    opens = dict(shifts.annotate(first=Min("starts_at")))
    found = {
        pk: DeskState(
            open=pk in staff,
            officers=frozenset(staff.get(pk, NOBODY).officers),
            waiting=waiting.get(pk, 0),
            wait_seconds=_median(recent[pk].waits),
            opens_at=opens.get(pk),
            free=staff.get(pk, NOBODY).free,
            pace_seconds=recent[pk].pace(staff.get(pk, NOBODY).seats),
        )
        for pk in ids
    }
    return found | _within_hours(some, found, at)


def _within_hours(some: list[Desk], found: dict[int, DeskState], at: datetime) -> dict[int, DeskState]:
    """Return the states of the desks that have hours, with these taken into account."""
    hours = hours_of(some, timezone.localdate(at) - timedelta(days=1))
    if not hours:
        return {}
    ahead: defaultdict[int, list[Period]] = defaultdict(list)
    shifts = Shift.objects.filter(desk_id__in=hours, ends_at__gt=at, starts_at__lt=at + timedelta(days=AHEAD))
    for desk_id, start, end in shifts.values_list("desk_id", "starts_at", "ends_at"):
        ahead[desk_id].append((start, end))
    states = {}
    for pk, its in hours.items():
        period, state = its.period_at(at), found[pk]
        is_open = state.open and period is not None
        states[pk] = replace(
            state,
            open=is_open,
            officers=state.officers if period else frozenset(),
            opens_at=None if is_open else its.next_open(at, ahead[pk]),
            closes_at=period[1] if is_open and period else None,
            day_name="" if is_open else its.day_name(at),
        )
    return states


@dataclass
class _Staff:
    """Who is at a desk: the officers whose page is there, and of those on duty how many talks they may hold."""

    officers: set[int] = field(default_factory=set)
    seats: int = 0
    # Of the seats, those without a talk.
    free: int = 0


NOBODY = _Staff()


def _staff(ids: list[int], at: datetime) -> dict[int, _Staff]:
    """Return by desk who is there, for the desks that have a shift now."""
    found: defaultdict[int, _Staff] = defaultdict(_Staff)
    moments = {"at": at, "present": at - rules.PRESENT, "stayed": at - LEADER_STAYS}
    for desk_id, officer_id, here, seats, held in STAFF.all(desks=ids, **moments):
        staff = found[desk_id]
        if here:
            staff.officers.add(officer_id)
            staff.seats += seats
            staff.free += max(0, seats - held)
    return dict(found)


def _staffed() -> QuerySet[Shift, tuple[int, int, bool, int, int]]:
    at, present, stayed = (Given(name, DateTimeField()) for name in ("at", "present", "stayed"))
    there = Q(officer__duty__seen_at__gt=present) & ~Q(officer__duty__state=Duty.State.AWAY)
    here = ExpressionWrapper(there & Q(officer__in=duty_officers(at, stayed)), BooleanField())
    most = Least("desk__limit", Coalesce("officer__duty__limit", "desk__limit"))
    seats = Case(When(officer__duty__state=Duty.State.ON, then=most), default=0, output_field=IntegerField())
    open_now = Talk.objects.filter(officer=OuterRef("officer"), status=Talk.Status.OPEN).order_by().values("officer")
    held = Coalesce(Subquery(open_now.values(count=Count("pk"))), 0)
    shifts = _shifts_at(at).filter(one_of("desk_id", "desks")).annotate(here=here, seats=seats, held=held)
    return shifts.values_list("desk_id", "officer_id", "here", "seats", "held")


# The shifts at a moment, each with whether its officer may serve and has a page that was heard of, and their talks.
STAFF: Prepared[tuple[int, int, bool, int, int]] = Prepared(_staffed)


@dataclass
class _Recent:
    """The latest talks of a desk: how many seconds each waited, and how many those that are over took."""

    waits: list[float] = field(default_factory=list)
    lengths: list[float] = field(default_factory=list)

    def pace(self, seats: int) -> float | None:
        """Return after how many seconds one of so many talks ends, None without a figure."""
        length = _median(self.lengths)
        return length / seats if length is not None and seats else None


def _median(seconds: list[float]) -> int | None:
    return round(median(seconds)) if len(seconds) >= LEAST_TALKS else None


def _recent(ids: list[int], at: datetime) -> defaultdict[int, _Recent]:
    """Return the waits and lengths of each desk's latest talks."""
    by_desk: defaultdict[int, _Recent] = defaultdict(_Recent)
    for desk_id, requested_at, taken_at, ended_at in RECENT.all(desks=ids, since=at - WAIT_WINDOW, at=at):
        recent = by_desk[desk_id]
        if taken_at and len(recent.waits) < WAIT_TALKS:
            recent.waits.append((taken_at - requested_at).total_seconds())
        if taken_at and ended_at and len(recent.lengths) < WAIT_TALKS:
            recent.lengths.append((ended_at - taken_at).total_seconds())
    return by_desk


# The talks that were taken at some desks within a time, the latest first.
RECENT: Prepared[tuple[int, datetime, datetime | None, datetime | None]] = Prepared(
    lambda: (
        Talk.objects.filter(
            one_of("desk_id", "desks"), taken_at__gt=Given("since", DateTimeField()),
            taken_at__lte=Given("at", DateTimeField()), asked=False,
        )
        .order_by("-taken_at")
        .values_list("desk_id", "requested_at", "taken_at", "ended_at")[:MOST_RECENT]
    )
)  # fmt: skip


def _shifts_at(at: datetime | Given) -> QuerySet[Shift]:
    return Shift.objects.filter(starts_at__lte=at, ends_at__gt=at, desk__active=True)


def duty_officers(at: datetime | Given, stayed: datetime | Given | None = None) -> QuerySet[Person]:
    """Return who may answer at desks: duty officers of any unit, and leaders on their leader day."""
    leaders = _leaders_at(at, stayed)
    posts = open_posts(at).filter(Q(role=Role.DUTY_OFFICER) | Q(role=Role.LEADER, person__in=leaders))
    return Person.objects.filter(is_active=True, pk__in=posts.values("person_id"))


def _leaders_at(at: datetime | Given, stayed: datetime | Given | None = None) -> QuerySet[Shift, Any]:
    # A leader who is in the middle of a talk when the hour is over may finish it.
    since = stayed or at - LEADER_STAYS
    days = Shift.objects.filter(kind=Shift.Kind.LEADER, starts_at__lte=at, ends_at__gt=since)
    return days.values("officer_id")


def is_serving(viewer: Viewer, at: datetime | None = None) -> bool:
    """Return whether the viewer answers at desks: as a duty officer, or as a leader on a leader day."""
    if viewer.person is None or not viewer.holds(*rules.SERVING):
        return False
    if viewer.holds(Role.DUTY_OFFICER):
        return True
    return _leaders_at(at or timezone.now()).filter(officer=viewer.person).exists()


def staffed_desks(at: datetime) -> list[int]:
    """Return the ids of desks where a rostered officer is there, on duty or busy."""
    staff = _staff(list(desks().values_list("pk", flat=True)), at)
    return [pk for pk, here in staff.items() if here.officers]


def free_officers(desk: Desk, at: datetime) -> list[Person]:
    """Return who may be given a talk of the desk now: on shift, on duty, there, and below the limit.

    Fair: who holds the fewest comes first, and of these who has been without a new one the longest.
    """
    held = Count("talks_held", filter=Q(talks_held__status=Talk.Status.OPEN))
    limit = Value(desk.limit, IntegerField())
    most = Least(limit, Coalesce("duty__limit", limit, output_field=IntegerField()), output_field=IntegerField())
    free = _ready(desk, at).select_related("duty").annotate(held=held, last=Max("talks_held__taken_at"), most=most)
    return list(free.filter(held__lt=F("most")).order_by("held", F("last").asc(nulls_first=True), "pk"))


def _ready(desk: Desk, at: datetime) -> QuerySet[Person]:
    on_shift = _shifts_at(at).filter(desk=desk).values("officer_id")
    here = {"duty__state": Duty.State.ON, "duty__seen_at__gt": at - rules.PRESENT}
    return duty_officers(at).filter(pk__in=on_shift, **here)


def unspoken(desk: Desk, at: datetime) -> set[str]:
    """Return the languages of the desk's waiting talks that nobody on duty there speaks: anybody may answer them."""
    spoken = list(_ready(desk, at).values_list("duty__languages", flat=True))
    asked = Talk.objects.filter(desk=desk, status=Talk.Status.WAITING).values_list("language", flat=True).distinct()
    return {one for one in asked if not any(rules.speaks(languages, one) for languages in spoken)}


def desks_of(viewer: Viewer, at: datetime | None = None) -> list[Desk]:
    """Return the desks that the viewer serves: of the units where they are duty officer, and of their shift now."""
    if viewer.person is None or not is_serving(viewer, at):
        return []
    now_at = _shifts_at(at or timezone.now()).filter(officer=viewer.person).values("desk_id")
    mine = Q(unit_id__in=viewer.units(Role.DUTY_OFFICER)) | Q(pk__in=now_at)
    return list(desks().filter(mine))


def serves(viewer: Viewer, desk: Desk, at: datetime | None = None) -> bool:
    """Return whether the viewer may take talks of the desk."""
    if viewer.person is None or not is_serving(viewer, at):
        return False
    if desk.unit_id in viewer.units(Role.DUTY_OFFICER):
        return True
    return _shifts_at(at or timezone.now()).filter(desk=desk, officer=viewer.person).exists()


def may_follow_desk(viewer: Viewer, key: str) -> bool:
    """Return whether the viewer may follow the queue of the desk with the id `key`."""
    desk = desks().filter(pk=int(key)).first() if key.isascii() and key.isdigit() and len(key) < 10 else None
    if desk is None:
        return False
    return desk.unit_id in viewer.scope(Role.SUPERVISOR) or serves(viewer, desk)


def duty_of(viewer: Viewer) -> Duty | None:
    """Return what the officer said of themselves last."""
    return Duty.objects.filter(officer=viewer.person).first() if viewer.person else None
