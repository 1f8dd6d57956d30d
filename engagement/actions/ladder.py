"""The ladder of escalation: rows of a table that the timers climb, each exactly once, the highest only after a stop."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import Person, Role, Unit
from accounts.queries import people_at
from accounts.viewers import Viewer

from .. import rules
from ..models import Case, Rung, Task
from ..processes.engine import people_for, yellow_of
from ..queries.hours import may_edit_ladder
from .telling import known
from .turns import Turn

# What a new house starts with: remind, tell, urge, escalate to the unit above (domain: the four rungs).
SHIPPED: tuple[tuple[int, str, str, str, int, list[str], list[str], str], ...] = (
    (1, "提醒", "Remind", Rung.After.USED, 80, ["doer"], [], Rung.Does.TELL),
    (2, "到期", "Overdue", Rung.After.USED, 100, ["doer"], [], Rung.Does.TELL),
    (3, "催办", "Urge", Rung.After.LATE, 7, ["doer", "reviewer"], ["email"], Rung.Does.URGE),
    (4, "报督办员", "To the supervisors", Rung.After.LATE, 14, ["supervisor"], ["email"], Rung.Does.TELL),
    (5, "报上级单位", "To the unit above", Rung.After.LATE, 35, ["above", "leader"], ["email"], Rung.Does.TELL),
)
WHO = ("doer", "reviewer", "supervisor", "leader", "above")
CHANNELS = ("email", "sms")


def load_ladder() -> int:
    """Write the ladder that comes with the software into a house that has none; return how many rungs there are."""
    if not Rung.objects.exists():
        Rung.objects.bulk_create(
            Rung(
                level=level,
                name=name,
                name_en=english,
                after=after,
                amount=amount,
                tells=tells,
                channels=how,
                does=does,
            )
            for level, name, english, after, amount, tells, how, does in SHIPPED
        )
    return Rung.objects.count()


def rungs() -> list[Rung]:
    """Return the rungs in force, lowest first; without a table, yellow and red as the lights turn."""
    found = list(Rung.objects.filter(active=True).order_by("level"))
    return found or [
        Rung(level=1, after=Rung.After.USED, amount=80, tells=["doer"]),
        Rung(level=2, after=Rung.After.USED, amount=100, tells=["doer"]),
    ]


def moment_of(rung: Rung, task: Task, current: Turn) -> datetime | None:
    """Return when the rung is reached; the clock's working time decides, and beyond its table nothing is guessed."""
    if task.due_at is None:
        return None
    try:
        if rung.after == Rung.After.LATE:
            return current.engine.clock.due_in_minutes(task.due_at, rung.amount * 60)
        if rung.amount >= 100:
            return task.due_at
        if task.yellow_at is not None and rung.amount == current.engine.definition.norms["yellow_percent"]:
            return task.yellow_at
        return yellow_of(current.engine.clock, task.created_at, task.due_at, rung.amount)
    except rules.BeyondCalendar:
        return None


def climb(current: Turn, task: Task) -> None:
    """Fire the highest rung that is reached by now and set the timer to the next one."""
    at, ladder = current.at, [(moment_of(rung, task, current), rung) for rung in rungs()]
    timed = sorted(
        ((moment, rung.level, rung) for moment, rung in ladder if moment is not None), key=lambda each: each[:2]
    )
    done = int(task.next_action.partition("-")[2] or 0)
    reached = [each for each in timed if each[0] <= at and each[1] > done]
    later = [each for each in timed if each[0] > at]
    level = max((each[1] for each in reached), default=done)
    # "rung-3" means that the third has fired; what comes next is found anew, by the table as it is by then.
    following = min((each[0] for each in later if each[1] > level), default=None)
    Task.objects.filter(pk=task.pk).update(next_action=f"rung-{level}" if following else "", next_action_at=following)
    current.stays = True
    if reached:
        _fire(current, task, max(reached, key=lambda each: each[1])[2])


def _fire(current: Turn, task: Task, rung: Rung) -> None:
    light = "red" if task.due_at is not None and current.at >= task.due_at else "yellow"
    due = task.due_at.isoformat() if task.due_at else None
    entry = current.note("light.turned", {"light": light, "node": task.node, "due_at": due, "level": rung.level})
    if rung.does == Rung.Does.URGE:
        entry = current.note("unit.urged", {"words": "", "level": rung.level})
    elif rung.does == Rung.Does.ORDER:
        _order(current, rung)
    _tell(current, entry, f"light.{light}", people_of(rung, task, current), rung, due=task.due_at)


def _order(current: Turn, rung: Rung) -> None:
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
    after: str,
    amount: int,
    tells: list[str],
    channels: list[str],
    does: str,
    active: bool = True,
) -> Rung:
    """Write one row of the ladder; timers follow it from their next step on. Raises NotFound, BadInput."""
    if not may_edit_ladder(by):
        raise rules.NotFound()
    rules.check_whole(level, 1, 20, "level")
    rules.check_choice(after, Rung.After.values, "after")
    rules.check_whole(amount, 1, 100 if after == Rung.After.USED else 2000, "amount")
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
            "name": words, "name_en": words if words.isascii() else "", "after": after, "amount": amount,
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
