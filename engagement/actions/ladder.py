"""The ladder of escalation: rows of a table that late tasks climb, each exactly once, the highest only after a stop."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import Person, Role, Unit
from accounts.queries import people_at
from accounts.viewers import Viewer
from journal.models import Entry

from .. import rules
from ..models import Case, Rung, Task
from ..processes.engine import people_for
from ..queries.hours import may_edit_ladder
from .telling import known, tell_people
from .turns import Turn

# What a new house starts with, above the lights that remind: urge, supervise, escalate to the unit above.
SHIPPED: tuple[tuple[int, str, str, int, list[str], list[str], str], ...] = (
    (1, "催办", "Urge", 7, ["doer", "reviewer"], ["email"], Rung.Does.URGE),
    (2, "报督办员", "To the supervisors", 14, ["supervisor"], ["email"], Rung.Does.TELL),
    (3, "报上级单位", "To the unit above", 35, ["above", "leader"], ["email"], Rung.Does.TELL),
)
WHO = ("doer", "reviewer", "supervisor", "leader", "above")
CHANNELS = ("email", "sms")


def load_ladder() -> int:
    """Write the ladder that comes with the software into a house that has none; return how many rungs there are."""
    if not Rung.objects.exists():
        Rung.objects.bulk_create(
            Rung(level=level, name=name, name_en=english, hours=hours, tells=tells, channels=how, does=does)
            for level, name, english, hours, tells, how, does in SHIPPED
        )
    return Rung.objects.count()


def first_rung() -> timedelta | None:
    """Return the least wall time past the due time in which a rung can be reached; None without a ladder."""
    hours = Rung.objects.filter(active=True).order_by("hours").values_list("hours", flat=True).first()
    return None if hours is None else timedelta(hours=hours)


def climb(current: Turn, task: Task) -> bool:
    """Fire the highest rung that is reached by now and has not fired, and set the timer to the next one.

    A task that comes here before its lights have turned tells the highest thing only: a rung, or red.
    """
    at, ladder = current.at, Rung.objects.filter(active=True).order_by("hours", "level")
    timed = [(moment, rung) for rung in ladder if (moment := _moment(rung, task, current)) is not None]
    done = int(task.next_action.partition("-")[2] or 0) if task.next_action.startswith("rung") else 0
    reached = [rung for moment, rung in timed if moment <= at and rung.level > done]
    level = max((rung.level for rung in reached), default=done)
    following = min((moment for moment, rung in timed if moment > at and rung.level > level), default=None)
    unlit = task.next_action in ("yellow", "red")
    # "rung-3" means that the third has fired; what comes next is found anew, by the table as it is by then.
    Task.objects.filter(pk=task.pk).update(next_action=f"rung-{level}" if following else "", next_action_at=following)
    current.stays = True
    if reached:
        _fire(current, task, max(reached, key=lambda rung: rung.level))
    elif unlit:
        _light(current, task)
    return bool(reached) or unlit


def _moment(rung: Rung, task: Task, current: Turn) -> datetime | None:
    """When the rung is reached by the unit's working time; beyond its calendar's table nothing is guessed."""
    try:
        return current.engine.clock.due_in_minutes(task.due_at, rung.hours * 60) if task.due_at else None
    except rules.BeyondCalendar:
        return None


def _light(current: Turn, task: Task, level: int = 0) -> Entry:
    due = task.due_at.isoformat() if task.due_at else None
    told = {"light": "red", "node": task.node, "due_at": due}
    entry = current.note("light.turned", told | ({"level": level} if level else {}))
    if not level:
        tell_people(current, entry, "light.red", people_for(task, current.at), due=task.due_at)
    return entry


def _fire(current: Turn, task: Task, rung: Rung) -> None:
    entry = _light(current, task, rung.level)
    if rung.does == Rung.Does.URGE:
        entry = current.note("unit.urged", {"words": "", "level": rung.level})
    elif rung.does == Rung.Does.ORDER:
        _order(current)
    _tell(current, entry, "light.red", people_of(rung, task, current), rung, due=task.due_at)


def _order(current: Turn) -> None:
    """An order by the clock is issued in the name of the nearest supervisor; where there is none, nothing is issued."""
    from .supervision import order_by_clock

    supervisors = _above(current.case, current.at)
    if supervisors and current.case.unit is not None and not current.case.supervised:
        order_by_clock(current, supervisors[0], _("The time limit has passed: say what is being done about it."))


def people_of(rung: Rung, task: Task, current: Turn) -> list[Person]:
    """Return whom the rung tells; of a report of wrongdoing nobody hears but those who work on it."""
    case, at = current.case, current.at
    if case.confidential:
        return people_for(task, at)
    found: dict[int, Person] = {}
    units = [unit for unit in (task.unit_id, case.unit_id) if unit]
    for who in rung.tells:
        people: list[Person] = []
        if who == "doer":
            people = people_for(task, at)
        elif who == "reviewer":
            people = list(people_at(units, Role.REVIEWER, at=at))
        elif who == "supervisor":
            people = _above(case, at, task.unit)
        elif who == "leader" and case.mailbox is not None:
            people = [case.mailbox.leader]
        elif who == "above":
            people = _unit_above(case.unit or task.unit, at)
        found |= {person.pk: person for person in people if person.pk != case.citizen_id}
    return sorted(found.values(), key=lambda person: person.pk)


def _above(case: Case, at: datetime, unit: Unit | None = None) -> list[Person]:
    """The supervisors of the nearest unit from the case's own upwards that has any."""
    start = case.unit or unit
    for unit_id in [int(part) for part in reversed(start.path.split("/")) if part] if start else []:
        people = list(people_at([unit_id], Role.SUPERVISOR, at=at))
        if people:
            return people
    return []


def _unit_above(unit: Unit | None, at: datetime) -> list[Person]:
    if unit is None or unit.parent_id is None:
        return []
    return list(people_at([unit.parent_id], Role.SUPERVISOR, Role.LEADER, at=at))


def _tell(current: Turn, entry: Any, kind: str, people: list[Person], rung: Rung, **context: Any) -> None:
    """Tell each by the page and by the channels of the rung; officials' mail also follows the house's own switch."""
    from notices.actions import notify

    case = current.case
    channels = set(rung.channels) | ({"email"} if settings.MAIL_TO_OFFICIALS else set())
    if not settings.MAIL_TO_OFFICIALS:
        channels.discard("email")

    # These kinds have no text message of their own words: the mail's title says it all.
    def tell(person: Person) -> None:
        notify(
            entry=entry, kind=f"office.{kind}", person=person, channels=sorted(channels), context=known(case, context),
            url=f"/work/{case.number}/",
        )  # fmt: skip

    for person in people:
        current.later.append((person.pk, lambda person=person: tell(person)))  # type: ignore[misc]


@transaction.atomic
def save_rung(
    *,
    by: Viewer,
    level: int,
    name: str,
    hours: int,
    tells: list[str],
    channels: list[str],
    does: str,
    active: bool = True,
) -> Rung:
    """Write one row of the ladder; timers follow it from their next step on. Raises NotFound, BadInput."""
    if not may_edit_ladder(by):
        raise rules.NotFound()
    rules.check_whole(level, 1, 20, "level")
    rules.check_whole(hours, 1, 2000, "hours")
    rules.check_choice(does, Rung.Does.values, "does")
    for who in tells:
        rules.check_choice(who, list(WHO), "tells")
    for channel in channels:
        rules.check_choice(channel, list(CHANNELS), "channels")
    if not tells:
        raise rules.BadInput(_("Somebody must be told."), field="tells", code="too_short")
    words = rules.clean_text(name, most=80, least=1, field="name", newlines=False)
    rung, _new = Rung.objects.update_or_create(
        level=level,
        defaults={
            "name": words, "name_en": words if words.isascii() else "", "hours": hours,
            "tells": list(dict.fromkeys(tells)), "channels": list(dict.fromkeys(channels)), "does": does,
            "active": active,
        },
    )  # fmt: skip
    return rung


@transaction.atomic
def drop_rung(*, by: Viewer, level: int) -> None:
    """Take a row off the ladder. Raises NotFound."""
    if not may_edit_ladder(by) or not Rung.objects.filter(level=level).delete()[0]:
        raise rules.NotFound()
