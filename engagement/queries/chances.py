"""Which acts around the graph a viewer may do now; asked by `Standing`, together with the steps of the process."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.conf import settings

from accounts.models import Role
from journal.models import Entry

from ..models import Case, Order
from ..processes.definition import CITIZEN
from ..processes.engine import Engine, serves
from ..rules import CLOSED, acts

if TYPE_CHECKING:
    from .allowed import Standing

WORKERS = (Role.HANDLER, Role.REVIEWER)
# What is a supervisor's to do: at the wrong moment they hear that it is the wrong moment.
SUPERVISION = frozenset({"issue_order", "accept_order", "renew_order", "withdraw_order", "urge_case"})


def office_acts(standing: Standing) -> list[str]:
    """Return the acts of an official who may read the case."""
    case = standing.case
    found = _orders(standing)
    node = standing.engine.node
    if node is not None and case.status not in CLOSED and node.role != CITIZEN:
        found += _more_time(standing)
        found += _shaping(standing)
    found += _promises(standing)
    if decides_review(standing):
        found.append("decide_review")
    return found


def citizens_acts(standing: Standing) -> list[str]:
    """Return the acts of the citizen themselves: asking for another look within the time for reopening."""
    case = standing.case
    since = case.concluded_at or case.answered_at
    days = standing.engine.definition.norms["reopen_days"]
    in_time = case.answered_at is not None and since is not None and standing.at <= since + timedelta(days=days)
    looked_at = case.status in (Case.Status.ANSWERED, Case.Status.CONCLUDED)
    reopens = case.round < standing.engine.definition.norms["most_rounds"]
    return ["ask_review"] if in_time and looked_at and reopens and standing.around.may_ask_review(case.round) else []


def may_return(standing: Standing) -> bool:
    """Return whether the unit may still give the case back: in the time for it, and not after a binding decision."""
    case = standing.case
    until = return_until(case, standing.engine)
    if until is not None and standing.at > until:
        return False
    if not case.returns:
        return True
    last = standing.around.decided
    return last is None or not last.binding or last.decided_unit_id != case.unit_id


def return_until(case: Case, engine: Engine) -> datetime | None:
    """Return until when the unit may give the case back, by RETURN_DAYS working days from its dispatch."""
    return engine.clock.due_in_days(case.dispatched_at, settings.RETURN_DAYS) if case.dispatched_at else None


def decides_review(standing: Standing) -> bool:
    """Return whether the viewer stands on the rung that was asked for, and had no hand in the reply."""
    review, person = standing.around.review, standing.viewer.person
    if review is None or person is None or person.pk in standing.around.writers:
        return False
    if review.level == 1:
        return standing.reviews or supervises(standing)
    return standing.leads or supervises(standing)


def _shaping(standing: Standing) -> list[str]:
    """Arbitrating, splitting, merging, itemising: what changes the shape of the work."""
    case, node = standing.case, standing.engine.node
    found = []
    in_scope = standing.engine.task is not None and standing.engine.task.unit_id in standing.viewer.scope(
        Role.SUPERVISOR
    )
    if node is not None and "dispatch" in node.actions and case.status == Case.Status.RETURNED and in_scope:
        found.append("dispatch_case")
    sends = standing.doer and node is not None and "dispatch" in node.actions
    at_work = standing.doer and holds(standing) and case.signed_at is not None
    if (sends or at_work) and not case.confidential:
        found += ["split_case", "merge_case"]
    if at_work and node is not None and "submit" in node.actions:
        found.append("itemise_case")
        if standing.around.points:
            found.append("answer_points")
    return found


def _promises(standing: Standing) -> list[str]:
    case = standing.case
    if not holds(standing) or case.confidential:
        return []
    if standing.around.promise:
        return ["keep_promise", "move_promise"]
    answered = case.status == Case.Status.ANSWERED
    at_work = standing.doer and case.signed_at is not None
    return ["make_promise"] if answered or at_work else []


def supervises(standing: Standing) -> bool:
    """Return whether the viewer supervises the unit that has the case; nobody supervises a report of wrongdoing."""
    case = standing.case
    return not case.confidential and case.unit_id in standing.viewer.scope(Role.SUPERVISOR)


def holds(standing: Standing) -> bool:
    """Return whether the viewer handles or reviews at the unit that has the case."""
    return serves(standing.viewer.posts, standing.case.unit_id, WORKERS)


def _orders(standing: Standing) -> list[str]:
    case, found = standing.case, []
    above = supervises(standing)
    if not case.supervised:
        is_open = standing.engine.node is not None and case.status not in (*CLOSED, Case.Status.ANSWERED)
        return ["issue_order"] if above and is_open else []
    order = standing.around.order
    if order is None:
        return []
    if order.state == Order.State.ISSUED and order.unit_id == case.unit_id and holds(standing):
        found.append("answer_order")
    if above:
        found += ["withdraw_order"] if order.state == Order.State.ISSUED else ["accept_order", "renew_order"]
    return found


def _more_time(standing: Standing) -> list[str]:
    """Asking, deciding and pausing: whoever does the step asks, a reviewer or supervisor who did not ask decides."""
    case, norms = standing.case, standing.engine.definition.norms
    asked = standing.around.extension
    me = standing.viewer.person.pk if standing.viewer.person else None
    found = []
    if asked is not None and asked.asked_by_id != me and (standing.reviews or supervises(standing)):
        found += ["approve_extension", "refuse_extension"]
    at_work = standing.doer and holds(standing) and case.signed_at is not None
    if asked is None and at_work and case.extended_days < norms["extension_days"]:
        found.append("ask_extension")
    paused = standing.around.pause is not None
    if paused and (at_work or standing.reviews):
        found.append("resume_case")
    if not paused and case.due_at is not None and at_work:
        found.append("pause_case")
    return found


def urged_inside(standing: Standing) -> bool:
    """Return whether this supervisor urged so lately that pressing again would only annoy."""
    since = standing.at - acts.URGE_AGAIN
    entries = Entry.objects.filter(stream__name=standing.case.file_stream_name, kind="unit.urged", at__gt=since)
    return standing.viewer.person is not None and entries.filter(by=standing.viewer.person).exists()
