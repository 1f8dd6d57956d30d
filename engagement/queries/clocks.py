"""Due times, lights, both clocks and the step bar."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Unit

from ..models import Case, Category, Mailbox
from ..processes.definition import Definition, read, shipped
from ..processes.engine import definition_of, home_of, integrity_unit, newest, yellow_of
from ..rules import CLOSED
from ..working_time import WorkClock, clock_for
from .around import Around, around

GREEN, YELLOW, RED = "green", "yellow", "red"


@dataclass(frozen=True)
class PauseLine:
    """The unit's clock stood still; `ended_at` is None while it still does, minutes are working minutes."""

    cause: str
    label: str
    started_at: datetime
    ended_at: datetime | None
    minutes: int
    reason: str = ""
    until: datetime | None = None


@dataclass(frozen=True)
class Clocks:
    """Both clocks of a case at a moment.

    `citizen_seconds` is wall time since receipt, never paused, until the answer; `unit_minutes` working time since
    dispatching minus pauses (None before it). `light` is "green", "yellow", "red", "none" while the clock is paused
    and "" for a closed case.
    """

    citizen_seconds: int
    citizen_days: float
    unit_minutes: int | None
    unit_days: float | None
    promised: datetime | None
    due: datetime | None
    yellow: datetime | None
    light: str
    left_minutes: int | None
    provisional: bool
    pauses: list[PauseLine] = field(default_factory=list)
    # Whether the case ended without an answer of its own: refused, taken back, or answered within another one.
    over: bool = False

    @property
    def paused(self) -> bool:
        """Whether the unit's clock stands still."""
        return any(pause.ended_at is None for pause in self.pauses)


@dataclass(frozen=True)
class Step:
    """One step of the bar: `state` is "done", "now" or "next"; `at` is when it was reached."""

    code: str
    label: str
    state: str
    at: datetime | None = None


def light_of(due: datetime | None, yellow: datetime | None, at: datetime) -> str:
    """Return the light derived from the due time, so that a stopped worker cannot show green."""
    if due is None or at < (yellow or due):
        return GREEN
    return RED if at > due else YELLOW


def process_key(kind: str, mailbox: Mailbox | None, category: Category | None = None) -> str:
    """Return the key of the process that a case of the kind takes.

    An office's own process for the subject goes before the kind's; a report of wrongdoing and a letter to a leader
    have theirs whatever they are about.
    """
    if kind == Case.Kind.REPORT:
        return "report"
    if mailbox is not None:
        return "letter"
    own = _process_of(category)
    if own:
        return own
    if kind == Case.Kind.APPLICATION:
        return "approval"
    if kind == Case.Kind.SUGGESTION:
        return "suggestion"
    return "complaint" if kind in (Case.Kind.COMPLAINT, Case.Kind.HELP_REQUEST) else "enquiry"


def _process_of(category: Category | None) -> str:
    """Return the process of the category, or of the nearest one above it that has one; "" for none."""
    if category is None or category.process:
        return category.process if category else ""
    above = [each for each in (category.parent_id, category.root_id) if each and each != category.pk]
    found = Category.objects.filter(pk__in=above).exclude(process="").order_by("-level") if above else ()
    return next((each.process for each in found), "")


def rules_for(key: str) -> Definition:
    """Return the newest definition of the process, or the one that comes with the software."""
    process = newest(key)
    return definition_of(process) if process else read(shipped(key))


def promise(
    kind: str, mailbox: Mailbox | None = None, at: datetime | None = None, category: Category | None = None
) -> datetime:
    """Return by when an answer is due if a case of the kind is filed at the moment `at` (now unless given)."""
    return promises(mailbox, at, (kind,), category)[kind]


def promises(
    mailbox: Mailbox | None = None,
    at: datetime | None = None,
    kinds: Iterable[str] = tuple(Case.Kind.values),
    category: Category | None = None,
) -> dict[str, datetime]:
    """Return `promise` for each of the kinds, for a form on which the kind may still change."""
    at = at or timezone.now()
    keys = {kind: process_key(kind, mailbox, category) for kind in kinds}
    limits = {key: rules_for(key) for key in set(keys.values())}
    clocks = {key: clock_for(_home_of(key, mailbox), at) for key in limits}
    return {kind: clocks[key].due_in_days(at, limits[key].days_for(kind)) for kind, key in keys.items()}


def promises_by_subject(mailbox: Mailbox | None, at: datetime) -> dict[str, dict[str, datetime]]:
    """Return `promises` of each subject that has a process of its own, by its code; the kind alone decides the others.

    Empty for a letter to a leader, and no report of wrongdoing: both have their own process whatever they are about.
    """
    if mailbox is not None:
        return {}
    known = {each.pk: each for each in Category.objects.all()}
    subjects: dict[str, list[Category]] = {}
    for each in known.values():
        above = (each, known.get(each.parent_id or 0), known.get(each.root_id or 0))
        own = next((one.process for one in above if one is not None and one.process), "")
        if own and each.active:
            subjects.setdefault(own, []).append(each)
    kinds = [kind for kind in Case.Kind.values if kind != Case.Kind.REPORT]
    found: dict[str, dict[str, datetime]] = {}
    for alike in subjects.values():
        due = promises(None, at, kinds, alike[0])
        found |= {each.code: due for each in alike}
    return found


def _home_of(key: str, mailbox: Mailbox | None) -> Unit | None:
    """Return whose calendar counts until the unit in charge is known."""
    if key == "report":
        return integrity_unit()
    return mailbox.unit if mailbox else None


def is_provisional(moment: datetime, mailbox: Mailbox | None = None) -> bool:
    """Return whether the days off of that year are not official yet, so that a promised date may still move."""
    return clock_for(mailbox.unit if mailbox else None, moment).is_provisional(moment)


def clocks_of(
    case: Case, at: datetime | None = None, clock: WorkClock | None = None, known: Around | None = None
) -> Clocks:
    """Return both clocks of the case at the moment `at` (now unless given).

    Who has them already gives the clock of the case's unit and what is `known` to stand around the case.
    """
    at = at or timezone.now()
    clock = clock or clock_for(case.unit or home_of(case), at)
    end = case.answered_at or case.concluded_at or at
    pauses = [
        PauseLine(
            pause.cause,
            str(pause.get_cause_display()),
            pause.started_at,
            pause.ended_at,
            clock.minutes_between(pause.started_at, pause.ended_at or at),
            pause.reason,
            pause.until,
        )
        for pause in (known or around(case)).pauses
    ]
    used = None
    if case.dispatched_at is not None:
        stood = sum(_overlap(clock, pause, case.dispatched_at, end) for pause in pauses)
        used = max(0, clock.minutes_between(case.dispatched_at, end) - stood)
    citizen = max(0, int((end - case.received_at).total_seconds()))
    yellow = _yellow(case, clock)
    return Clocks(
        citizen_seconds=citizen,
        citizen_days=citizen / 86400,
        unit_minutes=used,
        unit_days=None if used is None else used / clock.minutes_a_day,
        promised=case.promised_at,
        due=case.due_at,
        yellow=yellow,
        light=_light(case, yellow, at, pauses),
        left_minutes=clock.minutes_between(at, case.due_at) if case.due_at and not case.answered_at else None,
        provisional=bool(case.due_at and clock.is_provisional(case.due_at)),
        pauses=pauses,
        over=case.status in (Case.Status.NOT_ACCEPTED, Case.Status.WITHDRAWN, Case.Status.TERMINATED)
        or (bool(case.answered_at) and not case.dispatched_at),
    )


def _overlap(clock: WorkClock, pause: PauseLine, start: datetime, end: datetime) -> int:
    first, last = max(pause.started_at, start), min(pause.ended_at or end, end)
    return clock.minutes_between(first, last) if first < last else 0


def _yellow(case: Case, clock: WorkClock) -> datetime | None:
    if case.due_at is None:
        return None
    percent = definition_of(case.process).norms["yellow_percent"]
    return yellow_of(clock, case.dispatched_at or case.received_at, case.due_at, percent)


def _light(case: Case, yellow: datetime | None, at: datetime, pauses: list[PauseLine]) -> str:
    if case.status in CLOSED:
        return ""
    if any(pause.ended_at is None for pause in pauses):
        return "none"
    return light_of(case.due_at, yellow, case.answered_at or at)


def steps_of(case: Case) -> list[Step]:
    """Return the step bar: what is done with its time, what is going on, what is still to come."""
    if case.status == Case.Status.NOT_ACCEPTED:
        return [_step("received", "done", case.received_at), _step("not_accepted", "now", case.concluded_at)]
    if case.status == Case.Status.WITHDRAWN:
        return [_step("received", "done", case.received_at), _step("withdrawn", "now", case.concluded_at)]
    nodes = definition_of(case.process).nodes
    codes = [code for code in ORDER if code not in ("accepted", "dispatched") or "dispatch" in nodes]
    now = codes.index(_stage(case)) if _stage(case) in codes else 0
    if case.status == Case.Status.CONCLUDED:
        now = len(codes)
    at = {
        "received": case.received_at,
        "accepted": case.accepted_at,
        "dispatched": case.dispatched_at,
        "in_progress": case.signed_at,
        "answered": case.answered_at,
        "concluded": case.concluded_at,
    }
    steps = []
    for number, code in enumerate(codes):
        state = "done" if number < now else "now" if number == now else "next"
        steps.append(_step(code, state, at.get(code) if state != "next" else None))
    return steps


ORDER = ("received", "accepted", "dispatched", "in_progress", "in_review", "answered", "concluded")


def _stage(case: Case) -> str:
    """Return the step of the bar that is going on; a question to the citizen is asked within another step.

    A case that goes on in another one stays where it was until the answer comes.
    """
    if case.status in (Case.Status.CLARIFY, Case.Status.MERGED):
        return "in_progress" if case.signed_at else "accepted" if case.accepted_at else "received"
    within = {"returned": "accepted", "signed_for": "in_progress", "archived": "concluded"}
    return within.get(case.status, case.status)


def _step(code: str, state: str, at: datetime | None) -> Step:
    labels = {
        "received": _("Received"),
        "accepted": _("Accepted"),
        "dispatched": _("Sent to the office in charge"),
        "in_progress": _("Being worked on"),
        "in_review": _("Reply being checked"),
        "answered": _("Answered"),
        "concluded": _("Concluded"),
        "not_accepted": _("Not accepted"),
        "withdrawn": _("Taken back"),
    }
    return Step(code, labels[code], state, at)
