"""To whom a talk may be handed, who may be asked in, who supervises, and who is kept out."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from accounts.models import Person, Post, Unit
from accounts.queries import open_posts
from accounts.viewers import Role, Viewer
from journal.models import Entry

from .. import rules
from ..models import AbuseReport, Block, Desk, Duty, Guest, Shift, Talk, Watch
from .desks import DeskState, desk_states, desks

MOST_OFFERED = 60
MOST_SHOWN = 100
# What the way of a talk is made of.
WAY = ("talk.opened", "talk.taken", "talk.returned", "talk.transferred", "talk.invited", "talk.joined", "talk.left",
       "talk.watched", "talk.unwatched", "aside.handed_over")  # fmt: skip


@dataclass(frozen=True)
class Officer:
    """An officer who is there: how many talks they hold of how many they may, and what they speak."""

    person: Person
    state: str
    held: int
    limit: int
    languages: list[str]

    @property
    def is_free(self) -> bool:
        """Whether they would be given a talk now."""
        return self.state == Duty.State.ON and self.held < self.limit


@dataclass(frozen=True)
class Receivers:
    """To whom the talk may be handed now: officers below the limit, staffed desks, units with a staffed desk."""

    officers: list[Officer] = field(default_factory=list)
    desks: list[tuple[Desk, DeskState]] = field(default_factory=list)
    units: list[Unit] = field(default_factory=list)


def officers_at(some: list[Desk], at: datetime) -> dict[int, list[Officer]]:
    """Return by desk who is rostered there now and whose page is there, who holds the fewest first."""
    shifts = Shift.objects.filter(desk__in=some, starts_at__lte=at, ends_at__gt=at)
    there = shifts.filter(officer__duty__seen_at__gt=at - rules.PRESENT).select_related("officer__duty", "desk")
    found = [shift for shift in there if rules.is_present(shift.officer.duty, at)]
    open_now = Talk.objects.filter(status=Talk.Status.OPEN, officer__in=[shift.officer_id for shift in found])
    held = dict(open_now.values_list("officer_id").annotate(count=Count("pk")))
    by_desk: defaultdict[int, dict[int, Officer]] = defaultdict(dict)
    for shift in found:
        duty = shift.officer.duty
        by_desk[shift.desk_id][shift.officer_id] = Officer(
            person=shift.officer,
            state=duty.state,
            held=held.get(shift.officer_id, 0),
            limit=rules.limit_of(shift.desk, duty),
            languages=duty.languages or shift.desk.languages,
        )
    return {pk: sorted(rows.values(), key=lambda one: (one.held, one.person.pk)) for pk, rows in by_desk.items()}


def receivers(talk: Talk, at: datetime | None = None) -> Receivers:
    """Return to whom the officer may hand the talk now."""
    at = at or timezone.now()
    every = list(desks())
    states = desk_states(every, at)
    officers = {one.person.pk: one for rows in officers_at(every, at).values() for one in rows}
    officers.pop(talk.officer_id or 0, None)
    staffed = [(desk, states[desk.pk]) for desk in every if desk.pk != talk.desk_id and states[desk.pk].on_duty]
    units = {desk.unit_id: desk.unit for desk, _state in staffed if desk.unit_id != talk.desk.unit_id}
    return Receivers(
        officers=sorted((one for one in officers.values() if one.is_free), key=lambda one: one.held)[:MOST_OFFERED],
        desks=staffed[:MOST_OFFERED],
        units=sorted(units.values(), key=lambda unit: unit.path)[:MOST_OFFERED],
    )


def units_to_ask() -> list[Unit]:
    """Return the units with officials whom an officer may ask into a talk."""
    posts = open_posts().filter(role__in=rules.INVITED, unit__active=True)
    return list(Unit.objects.filter(pk__in=posts.values("unit_id")).order_by("path"))


def officials_to_ask(unit_id: int, talk: Talk) -> list[Post]:
    """Return the officials of the unit who may be asked into the talk, each once."""
    posts = open_posts().filter(unit_id=unit_id, role__in=rules.INVITED, unit__active=True)
    posts = posts.exclude(person_id__in=[pk for pk in (talk.officer_id, talk.citizen_id) if pk])
    return list({post.person_id: post for post in posts.select_related("person", "unit")}.values())[:MOST_OFFERED]


def guests_of(talk: Talk) -> list[Guest]:
    """Return who was asked into the talk and has not gone."""
    return list(talk.guests.filter(left_at=None).select_related("person", "unit").order_by("invited_at"))


def watches_of(talk: Talk) -> list[Watch]:
    """Return the open supervisions of the talk."""
    return list(talk.watches.filter(closed_at=None).select_related("supervisor").order_by("opened_at"))


def invitations_of(viewer: Viewer) -> list[Guest]:
    """Return the talks that the viewer was asked into and that are still going on."""
    if viewer.person is None or not viewer.is_official:
        return []
    asked = Guest.objects.filter(person=viewer.person, left_at=None, talk__status=Talk.Status.OPEN)
    return list(asked.select_related("talk__desk", "talk__officer", "unit", "invited_by").order_by("-invited_at")[:20])


def way_of(talk: Talk) -> list[Entry]:
    """Return how the talk went from hand to hand, for officials: who took it, who handed it on and in what words."""
    names = [talk.aside_name, talk.stream_name]
    entries = Entry.objects.filter(stream__name__in=names, kind__in=WAY).select_related("by")
    return list(entries.order_by("at", "pk")[:MOST_SHOWN])


def asides_of(talk: Talk) -> list[Entry]:
    """Return the latest hundred whispers and notes about the talk, in order; only for who may follow its stream."""
    kinds = ("aside.said", "aside.handed_over")
    entries = Entry.objects.filter(stream__name=talk.aside_name, kind__in=kinds).select_related("by")
    return list(reversed(entries.order_by("-seq")[:MOST_SHOWN]))


def block_of(viewer: Viewer, origin: str, at: datetime | None = None) -> Block | None:
    """Return the block that keeps the viewer from opening talks now, the longest one."""
    at = at or timezone.now()
    names = [viewer.key]
    if viewer.person is None and origin:
        names.append(f"origin-{origin}")
    blocks = Block.objects.filter(who__in=names, at__lte=at, until__gt=at, lifted_at=None)
    return blocks.order_by("-until").first()


def supervised_desks(viewer: Viewer) -> list[Desk]:
    """Return the desks of the units that the viewer supervises."""
    return list(desks().filter(unit_id__in=viewer.scope(Role.SUPERVISOR)))


def open_talks_at(some: list[Desk]) -> QuerySet[Talk]:
    """Return the talks going on at the desks: who talks to whom, never what is said."""
    talks = Talk.objects.filter(desk__in=some, status=Talk.Status.OPEN)
    return talks.select_related("desk", "officer", "citizen").order_by("taken_at")[:MOST_SHOWN]


def reports_for(viewer: Viewer) -> list[AbuseReport]:
    """Return the undecided reports of abuse at desks that the viewer supervises, the oldest first."""
    within = viewer.scope(Role.SUPERVISOR)
    waiting = AbuseReport.objects.filter(decision="", talk__desk__unit_id__in=within)
    return list(waiting.select_related("talk__desk", "talk__officer", "by").order_by("at")[:MOST_SHOWN])


def blocks_for(viewer: Viewer, at: datetime | None = None) -> list[Block]:
    """Return the blocks in force that were set at desks the viewer supervises, one row for each."""
    at = at or timezone.now()
    within = viewer.scope(Role.SUPERVISOR)
    running = Block.objects.filter(until__gt=at, lifted_at=None, talk__desk__unit_id__in=within)
    own = running.exclude(who__startswith="origin-").select_related("talk__desk", "talk__citizen", "by")
    return list(own.order_by("-at")[:MOST_SHOWN])


def alarms_for(viewer: Viewer, at: datetime | None = None) -> list[Shift]:
    """Return the shifts of the last hours to which nobody came or at whose end nobody relieved, newest first."""
    at = at or timezone.now()
    recent = Q(missed_at__gt=at - timedelta(hours=12)) | Q(unrelieved_at__gt=at - timedelta(hours=12))
    late = Shift.objects.filter(recent, ends_at__gt=at - timedelta(days=2))
    shifts = late.filter(desk__unit_id__in=viewer.scope(*rules.KEEPERS))
    found = shifts.select_related("desk", "officer__duty").order_by("-ends_at")[:MOST_SHOWN]
    # Who came late is there now: no reason to send anybody.
    return [one for one in found if one.unrelieved_at or not _came(one, at)]


def _came(shift: Shift, at: datetime) -> bool:
    return shift.ends_at <= at or rules.is_present(getattr(shift.officer, "duty", None), at)
