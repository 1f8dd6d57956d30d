"""Desks: who serves them, who is there now, and what a citizen may be told about the wait."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median

from django.db.models import Count, F, Max, Min, Q, QuerySet
from django.utils import timezone

from accounts.models import Person
from accounts.queries import open_posts
from accounts.viewers import Role, Viewer

from .. import rules
from ..models import Desk, Duty, Shift, Talk

# The wait is told from the last talks taken at the desk within these hours, and only from so many of them.
WAIT_WINDOW = timedelta(hours=4)
WAIT_TALKS, LEAST_TALKS = 20, 3
MOST_RECENT = 500


@dataclass(frozen=True)
class DeskState:
    """What is true of a desk now.

    `open`: somebody is rostered. `on_duty`: rostered officers whose page was heard of in the last 45 s. `waiting`:
    talks in the queue. `wait_seconds`: the median wait of recent talks, None while there are too few for a figure.
    `opens_at`: when the next shift begins, None while one runs or none is planned.
    """

    open: bool
    on_duty: int
    waiting: int
    wait_seconds: int | None
    opens_at: datetime | None

    @property
    def wait_minutes(self) -> int | None:
        """The wait in whole minutes, rounded up; None without a figure."""
        return None if self.wait_seconds is None else max(1, -(-self.wait_seconds // 60))


def desks() -> QuerySet[Desk]:
    """Return the desks in use."""
    return Desk.objects.filter(active=True).select_related("unit")


def desk_state(desk: Desk, at: datetime | None = None) -> DeskState:
    """Return what is true of the desk at the moment `at`, now unless given."""
    return desk_states([desk], at)[desk.pk]


def desk_states(some: Iterable[Desk], at: datetime | None = None) -> dict[int, DeskState]:
    """Return the state of each desk by its id, with as many queries for fifty desks as for one."""
    at = at or timezone.now()
    ids = [desk.pk for desk in some]
    rostered, present = _staff(ids, at)
    talks = Talk.objects.filter(desk_id__in=ids, status=Talk.Status.WAITING).values_list("desk_id")
    waiting = dict(talks.annotate(count=Count("pk")))
    waits = _waits(ids, at)
    shifts = Shift.objects.filter(desk_id__in=ids, starts_at__gt=at).values_list("desk_id")
    opens = dict(shifts.annotate(first=Min("starts_at")))
    return {
        pk: DeskState(
            open=pk in rostered,
            on_duty=len(present[pk]),
            waiting=waiting.get(pk, 0),
            wait_seconds=waits.get(pk),
            opens_at=None if pk in rostered else opens.get(pk),
        )
        for pk in ids
    }


def _staff(ids: list[int], at: datetime) -> tuple[set[int], defaultdict[int, set[int]]]:
    """Return the desks with a shift now, and by desk the officers on shift whose page is there."""
    rostered: set[int] = set()
    present: defaultdict[int, set[int]] = defaultdict(set)
    shifts = _shifts_at(at).filter(desk_id__in=ids)
    there = Q(officer__duty__seen_at__gt=at - rules.PRESENT) & ~Q(officer__duty__state=Duty.State.AWAY)
    here = set(shifts.filter(there, officer__in=duty_officers(at)).values_list("pk", flat=True))
    for pk, desk_id, officer_id in shifts.values_list("pk", "desk_id", "officer_id"):
        rostered.add(desk_id)
        if pk in here:
            present[desk_id].add(officer_id)
    return rostered, present


def _waits(ids: list[int], at: datetime) -> dict[int, int]:
    """Return the median wait in seconds of each desk's recent talks, where there are enough of them."""
    recent = Talk.objects.filter(desk_id__in=ids, taken_at__gt=at - WAIT_WINDOW, taken_at__lte=at, asked=False)
    by_desk: defaultdict[int, list[float]] = defaultdict(list)
    rows = recent.order_by("-taken_at").values_list("desk_id", "requested_at", "taken_at")[:MOST_RECENT]
    for desk_id, requested_at, taken_at in rows:
        if taken_at and len(by_desk[desk_id]) < WAIT_TALKS:
            by_desk[desk_id].append((taken_at - requested_at).total_seconds())
    return {pk: round(median(waits)) for pk, waits in by_desk.items() if len(waits) >= LEAST_TALKS}


def _shifts_at(at: datetime) -> QuerySet[Shift]:
    return Shift.objects.filter(starts_at__lte=at, ends_at__gt=at, desk__active=True)


def duty_officers(at: datetime | None = None) -> QuerySet[Person]:
    """Return the persons who hold a post as duty officer, at any unit."""
    posts = open_posts(at).filter(role=Role.DUTY_OFFICER)
    return Person.objects.filter(is_active=True, pk__in=posts.values("person_id"))


def staffed_desks(at: datetime) -> list[int]:
    """Return the ids of desks where a rostered officer is there, on duty or busy."""
    _rostered, present = _staff(list(desks().values_list("pk", flat=True)), at)
    return [pk for pk, officers in present.items() if officers]


def free_officers(desk: Desk, at: datetime) -> list[Person]:
    """Return who may be given a talk of the desk now: on shift, on duty, there, and below the limit.

    Fair: who holds the fewest comes first, and of these who has been without a new one the longest.
    """
    on_shift = _shifts_at(at).filter(desk=desk).values("officer_id")
    held = Count("talks_held", filter=Q(talks_held__status=Talk.Status.OPEN))
    free = duty_officers(at).filter(pk__in=on_shift, duty__state=Duty.State.ON, duty__seen_at__gt=at - rules.PRESENT)
    free = free.annotate(held=held, last=Max("talks_held__taken_at")).filter(held__lt=desk.limit)
    return list(free.order_by("held", F("last").asc(nulls_first=True), "pk"))


def desks_of(viewer: Viewer, at: datetime | None = None) -> list[Desk]:
    """Return the desks that the viewer serves: of the units where they are duty officer, and of their shift now."""
    if viewer.person is None or not viewer.holds(Role.DUTY_OFFICER):
        return []
    now_at = _shifts_at(at or timezone.now()).filter(officer=viewer.person).values("desk_id")
    mine = Q(unit_id__in=viewer.units(Role.DUTY_OFFICER)) | Q(pk__in=now_at)
    return list(desks().filter(mine))


def serves(viewer: Viewer, desk: Desk, at: datetime | None = None) -> bool:
    """Return whether the viewer may take talks of the desk."""
    if viewer.person is None or not viewer.holds(Role.DUTY_OFFICER):
        return False
    if desk.unit_id in viewer.units(Role.DUTY_OFFICER):
        return True
    return _shifts_at(at or timezone.now()).filter(desk=desk, officer=viewer.person).exists()


def may_follow_desk(viewer: Viewer, key: str) -> bool:
    """Return whether the viewer may follow the queue of the desk with the id `key`."""
    desk = desks().filter(pk=int(key)).first() if key.isascii() and key.isdigit() and len(key) < 10 else None
    return desk is not None and serves(viewer, desk)


def duty_of(viewer: Viewer) -> Duty | None:
    """Return what the officer said of themselves last."""
    return Duty.objects.filter(officer=viewer.person).first() if viewer.person else None
