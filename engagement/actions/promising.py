"""The register of promises (挂账): a day is promised, the citizen sees it, and only evidence ends it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from accounts.viewers import Viewer

from .. import rules
from ..models import Attachment, Case, Promise, Task
from ..processes.engine import yellow_of
from ..queries.timeline import unit_data
from ..rules.files import check_all
from .files import keep, keeping_files
from .telling import tell_citizen
from .turns import Turn, turn


def make_promise(
    *, case_id: int, version: int | None, by: Viewer, words: str, due_at: datetime, at: datetime | None = None
) -> Promise:
    """Promise the citizen something for a day: until there is evidence the case counts as answered, not solved.

    Raises NotFound, NotYours, WrongStatus while another promise is open, Conflict, BadInput.
    """
    words = rules.clean_text(words, most=rules.WORDS, least=1, field="words")
    with turn(case_id=case_id, by=by, action="make_promise", version=version, at=at) as current:
        current.stays = True
        unit = current.case.unit
        if unit is None:
            raise rules.WrongStatus()
        due = rules.check_future(due_at, current.at, "due_at", 1830)
        made = Promise.objects.create(
            case=current.case, unit=unit, words=words, made_by=current.person, made_at=current.at, due_at=due,
            **_timer(current, due),
        )  # fmt: skip
        told = {"text": words, "promised_for": due.isoformat(), "unit": unit_data(unit)}
        entry = current.tell("promise.made", told)
        tell_citizen(current, entry, "promise.made", words=words, due=due)
    return made


def _timer(current: Turn, due: datetime) -> dict[str, datetime]:
    try:
        yellow = yellow_of(current.engine.clock, current.at, due, 80)
    except rules.BeyondCalendar:
        # Promised for a year whose calendar is not out: four fifths of the plain time.
        yellow = current.at + (due - current.at) * 0.8
    return {"yellow_at": yellow, "next_at": yellow}


def move_promise(*, case_id: int, by: Viewer, due_at: datetime, reason: str, at: datetime | None = None) -> Promise:
    """Promise another day, with the reason that the citizen reads; how often it moved is counted. Raises as above."""
    reason = rules.clean_text(reason, most=rules.REASON, least=1, field="reason")
    with turn(case_id=case_id, by=by, action="move_promise", at=at) as current:
        current.stays = True
        promise = open_promise(current.case)
        promise.due_at = rules.check_future(due_at, current.at, "due_at", 1830)
        timer = _timer(current, promise.due_at)
        promise.yellow_at, promise.next_at, promise.moved = timer["yellow_at"], timer["next_at"], promise.moved + 1
        promise.save()
        told = {"reason": reason, "promised_for": promise.due_at.isoformat(), "unit": unit_data(current.case.unit)}
        entry = current.tell("promise.moved", told)
        tell_citizen(current, entry, "promise.moved", reason=reason, due=promise.due_at)
    return promise


def keep_promise(
    *, case_id: int, by: Viewer, evidence: str, files: Iterable[Any] = (), at: datetime | None = None
) -> Promise:
    """Show that what was promised is done: the citizen reads the evidence, and rates from now on. Raises as above."""
    evidence = rules.clean_text(evidence, most=rules.TEXT, least=1, field="evidence")
    checked = check_all(files)
    with keeping_files(), turn(case_id=case_id, by=by, action="keep_promise", at=at) as current:
        current.stays = True
        promise = open_promise(current.case)
        kept = keep(current.case, checked, Attachment.Audience.PARTIES, current.person, current.at)
        promise.state, promise.evidence, promise.next_at = Promise.State.KEPT, evidence, None
        promise.ended_by, promise.ended_at = current.person, current.at
        promise.save()
        _wait_anew(current)
        told = {"text": evidence, "files": kept, "unit": unit_data(current.case.unit)}
        entry = current.tell("promise.kept", told)
        tell_citizen(current, entry, "promise.kept", words=evidence)
    return promise


def _wait_anew(current: Turn) -> None:
    """The time for rating begins when there is something to rate."""
    node, task = current.engine.node, current.task
    if node is None or task is None or not node.timeout or current.case.status != Case.Status.ANSWERED:
        return
    until = current.engine.timeout_of(node)
    Task.objects.filter(pk=task.pk).update(due_at=until, next_action_at=until)


def check_promise(case: Case, outcome: str) -> None:
    """Raises BadInput if a reply calls solved what is still promised: only evidence makes it so."""
    if outcome == Case.Outcome.SOLVED and Promise.objects.filter(case=case, state=Promise.State.OPEN).exists():
        said = _(
            "A promise is open, so it is not solved yet. Choose another outcome, or show that the promise is kept."
        )
        raise rules.BadInput(said, field="outcome", code="promise_open")


def open_promise(case: Case) -> Promise:
    """Return the case's open promise. Raises WrongStatus."""
    found = Promise.objects.filter(case=case, state=Promise.State.OPEN).first()
    if found is None:
        raise rules.WrongStatus()
    return found
