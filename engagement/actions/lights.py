"""Turning many lights at once: what is due at one moment is due for thousands, above all after a stop."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple

from django.conf import settings
from django.db import connection, transaction
from django.db.models import BooleanField, CharField, DateTimeField, ExpressionWrapper, F, Q, QuerySet, Value, When
from django.db.models import Case as Choice

from accounts.models import Person, Unit
from accounts.prepared import Given, Prepared, one_of
from accounts.queries import open_posts
from journal.history import Past, append_many
from notices.actions.many import Telling, notify_many

from ..models import Process, Task
from ..processes.engine import definition_of
from ..queries.among import among
from .ladder import first_rung
from .turns import ring_lists

# So many cases one person is told of one by one; of more at the same moment by their number only.
FEW = 3
# So many people are told of a task that nobody has claimed.
MOST_PEOPLE = 20
LIGHTS = ("yellow", "red")
COLUMNS = (
    "pk", "case_id", "node", "next_action", "unit_id", "assignee_id", "due_at", "case__number", "case__title",
    "case__status", "case__version", "case__process_id", "case__citizen_id", "case__unit_id", "case__mailbox_id",
    "case__confidential",
)  # fmt: skip


class Due(NamedTuple):
    """A task whose light turns, with what is said of its case."""

    light: str
    pk: int
    case_id: int
    node: str
    next_action: str
    unit_id: int | None
    assignee_id: int | None
    due_at: datetime | None
    number: str
    title: str
    status: str
    version: int
    process_id: int
    citizen_id: int | None
    held_by: int | None
    mailbox_id: int | None
    confidential: bool


@transaction.atomic
def turn_lights(tasks: Mapping[int, int], at: datetime) -> int:
    """Turn what is due among the tasks (id → id of the case) to yellow, or to red at once; return how many.

    The cases are locked, as every step does, and the tasks with them, so each light turns once whatever number of
    workers runs. Cases that somebody is busy with are left for the next call.
    """
    due = [each for each in take(tasks, at) if each.next_action in LIGHTS]
    if due:
        climbs = first_rung()
        # Red is the last thing that happens by itself, unless the house keeps a ladder: then its rungs come after it.
        after = Value(None) if climbs is None else ExpressionWrapper(F("due_at") + Value(climbs), DateTimeField())
        Task.objects.filter(among(Task, (each.pk for each in due))).update(
            next_action=Choice(
                When(due_at__lte=at, then=Value("" if climbs is None else "rung-0")), default=Value("red")
            ),
            next_action_at=Choice(When(due_at__lte=at, then=after), default=F("due_at")),
        )
        _record(due, at)
    return len(due)


def _taken() -> QuerySet[Task, tuple[Any, ...]]:
    skips = connection.features.has_select_for_update_skip_locked
    due_now = Q(status=Task.Status.OPEN, next_action_at__lte=Given("at", DateTimeField()))
    # By their ids and nothing else: told what is due as well, PostgreSQL walks over all that is due for each batch.
    wanted = Task.objects.select_for_update(skip_locked=skips, no_key=True).filter(one_of("pk", "tasks"))
    red = When(due_at__lte=Given("at", DateTimeField()), then=Value("red"))
    light = Choice(red, default=Value("yellow"), output_field=CharField())
    return wanted.order_by("pk").values_list(ExpressionWrapper(due_now, BooleanField()), light, *COLUMNS)


TAKEN: Prepared[tuple[Any, ...]] = Prepared(_taken)


def take(tasks: Mapping[int, int], at: datetime) -> list[Due]:
    """Lock the tasks with their cases as far as nobody is busy with them; return which of them are due."""
    due = [Due(*row[1:]) for row in TAKEN.all(tasks=tasks, at=at) if row[0]]
    return sorted(due, key=lambda each: (each.due_at or at, each.pk))


def _record(due: Sequence[Due], at: datetime) -> None:
    people = doers(due, at)
    places = append_many([Past(f"file-{each.number}", "light.turned", at, said(each)) for each in due])
    persons = {person.pk: person for several in people.values() for person in several}
    turned: dict[tuple[int, str], list[tuple[Due, int]]] = defaultdict(list)
    channels = ("email",) if settings.MAIL_TO_OFFICIALS else ()
    for each, place in zip(due, places, strict=True):
        for person in people[each.pk]:
            turned[person.pk, each.light].append((each, place.pk))
    told = {Audience(persons[pk], light, channels): several for (pk, light), several in turned.items()}
    notify_many(list(tellings(told)), at=at)
    ring_for(due)


def ring_for(due: Sequence[Due]) -> None:
    """Tell the to-do lists of the tasks and the boards of their cases that their lights have moved."""
    lists = {f"todo-unit-{each.unit_id}" for each in due if each.unit_id}
    lists |= {f"todo-person-{each.assignee_id}" for each in due if each.assignee_id}
    shown = [each for each in due if not each.confidential]
    boards = {f"board-mailbox-{each.mailbox_id}" for each in shown if each.mailbox_id}
    paths = Unit.objects.filter(pk__in={each.held_by for each in shown if each.held_by}).values_list("path", flat=True)
    boards |= {f"board-unit-{part}" for path in paths for part in path.split("/") if part}
    ring_lists(lists | boards)


def said(each: Due) -> dict[str, object]:
    """Return what the entry of a light says."""
    due = each.due_at.isoformat() if each.due_at else None
    return {"light": each.light, "node": each.node, "due_at": due, "status": each.status, "version": each.version}


def doers(due: Sequence[Due], at: datetime) -> dict[int, list[Person]]:
    """Return for each task who is to do it: its assignee, or those who may, in a few questions for all tasks."""
    # Definitions are known by their checksum; they are long, and read from the row only when one is new.
    processes = Process.objects.only("checksum").in_bulk({each.process_id for each in due})
    posts: dict[tuple[int, str], list[int]] = defaultdict(list)
    serving = open_posts(at).filter(unit_id__in={each.unit_id for each in due if each.unit_id})
    for unit_id, role, person_id in serving.values_list("unit_id", "role", "person_id"):
        posts[unit_id, role].append(person_id)

    # The same for all tasks of one desk at one step.
    @cache
    def at_desk(unit_id: int | None, process_id: int, node: str) -> list[int]:
        roles = definition_of(processes[process_id]).nodes[node].roles
        return sorted({pk for role in roles for pk in posts.get((unit_id or 0, role), ())})

    ids = {each.pk: _doers(each, at_desk) for each in due}
    persons = Person.objects.in_bulk({pk for several in ids.values() for pk in several})
    return {task: [persons[pk] for pk in several if pk in persons] for task, several in ids.items()}


def _doers(each: Due, at_desk: Callable[[int | None, int, str], list[int]]) -> list[int]:
    if each.assignee_id:
        return [each.assignee_id]
    serving = at_desk(each.unit_id, each.process_id, each.node)
    return [pk for pk in serving if pk != each.citizen_id][:MOST_PEOPLE]


class Audience(NamedTuple):
    """Who is told of what by which channels, and where the list of many cases is."""

    person: Person
    light: str
    channels: tuple[str, ...]
    many: str = "/work/?tab=units&light="


def tellings(turned: Mapping[Audience, Sequence[tuple[Due, int]]]) -> Iterable[Telling]:
    """Return what is told to whom of the tasks and their entries: case by case, or one notice for many cases."""
    due = {each.pk: each for several in turned.values() for each, _entry in several}
    held = {each.held_by for each in due.values() if each.held_by} if len(due) <= FEW else set()
    units = Unit.objects.in_bulk(held)
    for (person, light, channels, url), several in turned.items():
        if len(several) > FEW:
            many = {"count": len(several)}
            url += light if url.endswith("=") else ""
            yield Telling(person, several[-1][1], f"office.lights.{light}", url, many, channels)
            continue
        for each, entry in several:
            one = {
                "number": each.number, "title": each.title, "due": each.due_at, "unit": units.get(each.held_by or 0),
            }  # fmt: skip
            yield Telling(person, entry, f"office.light.{light}", f"/work/{each.number}/", one, channels)
