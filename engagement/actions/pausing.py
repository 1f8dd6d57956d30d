"""The unit's clock stands still for a cause that is not the citizen's, until a day, and both sides see it."""

from __future__ import annotations

from datetime import datetime

from accounts.viewers import Viewer

from .. import rules
from ..models import Case, Pause, Task
from ..rules import acts
from .telling import tell_citizen
from .turns import end_pause, turn


def pause_case(
    *,
    case_id: int,
    version: int | None,
    by: Viewer,
    cause: str,
    until: datetime,
    reason: str,
    at: datetime | None = None,
) -> Case:
    """Stop the unit's clock until `until` at the latest; any step of work lets it run again at once.

    The due time moves as if the pause lasted to its end, so that every light stays right; it is worked out anew when
    it ends sooner. Raises NotFound, NotYours, WrongStatus while another pause lasts, Conflict, BadInput.
    """
    rules.check_choice(cause, list(acts.PAUSES), "cause")
    reason = rules.clean_text(reason, most=300, least=1, field="reason")
    with turn(case_id=case_id, by=by, action="pause_case", version=version, at=at) as current:
        case, engine = current.case, current.engine
        until = acts.check_until(until, current.at)
        before = case.due_at
        if before is None or current.task is None:
            raise rules.WrongStatus()
        Pause.objects.create(
            case=case, task=current.task, cause=cause, reason=reason, by=current.person, started_at=current.at,
            until=until, due_before=before,
        )  # fmt: skip
        engine.set_due(engine.clock.due_in_minutes(before, engine.clock.minutes_between(current.at, until)))
        tasks = [task.pk for task in current.engine.tasks]
        Task.objects.filter(pk__in=tasks).update(next_action="resume", next_action_at=until)
        due = case.due_at.isoformat() if case.due_at else None
        told = {"cause": cause, "reason": reason, "until": until.isoformat(), "due_at": due}
        entry = current.tell("case.paused", told)
        tell_citizen(current, entry, "case.paused", reason=reason, until=until, due=case.due_at)
    return current.case


def resume_case(*, case_id: int, version: int | None, by: Viewer, at: datetime | None = None) -> Case:
    """Let the unit's clock run again before the planned end. Raises NotFound, NotYours, WrongStatus, Conflict."""
    with turn(case_id=case_id, by=by, action="resume_case", version=version, at=at) as current:
        end_pause(current)
    return current.case
