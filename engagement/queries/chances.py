"""Which acts around the graph a viewer may do now; asked by `Standing`, together with the steps of the process."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings

from accounts.models import Role
from journal.models import Entry

from ..models import Case, Order
from ..processes.definition import CITIZEN
from ..processes.engine import Engine, serves
from ..rules import CLOSED, acts
from .relation import Relation

WORKERS = (Role.HANDLER, Role.REVIEWER)
# What is a supervisor's to do: at the wrong moment they hear that it is the wrong moment.
SUPERVISION = frozenset({"issue_order", "accept_order", "renew_order", "withdraw_order", "urge_case"})


def office_acts(relation: Relation) -> list[str]:
    """Return the acts of an official who may read the case."""
    case = relation.case
    found = _orders(relation)
    node = relation.engine.node
    if node is not None and case.status not in CLOSED and node.role != CITIZEN:
        found += _more_time(relation)
        found += _shaping(relation)
    found += _promises(relation)
    if decides_review(relation):
        found.append("decide_review")
    return found


def citizens_acts(relation: Relation) -> list[str]:
    """Return the acts of the citizen themselves: asking for another look within the time for reopening."""
    case = relation.case
    since = case.concluded_at or case.answered_at
    days = relation.engine.definition.norms["reopen_days"]
    in_time = case.answered_at is not None and since is not None and relation.at <= since + timedelta(days=days)
    looked_at = case.status in (Case.Status.ANSWERED, Case.Status.CONCLUDED)
    reopens = case.round < relation.engine.definition.norms["most_rounds"]
    return ["ask_review"] if in_time and looked_at and reopens and relation.around.may_ask_review(case.round) else []


def may_return(relation: Relation) -> bool:
    """Return whether the unit may still give the case back: in the time for it, and not after a binding decision."""
    case = relation.case
    until = return_until(case, relation.engine)
    if until is not None and relation.at > until:
        return False
    if not case.returns:
        return True
    last = relation.around.decided
    return last is None or not last.binding or last.decided_unit_id != case.unit_id


def return_until(case: Case, engine: Engine) -> datetime | None:
    """Return until when the unit may give the case back, by RETURN_DAYS working days from its dispatch."""
    return engine.clock.due_in_days(case.dispatched_at, settings.RETURN_DAYS) if case.dispatched_at else None


def decides_review(relation: Relation) -> bool:
    """Return whether the viewer stands on the rung that was asked for, and had no hand in the reply."""
    review, person = relation.around.review, relation.viewer.person
    if review is None or person is None or person.pk in relation.around.writers:
        return False
    if review.level == 1:
        return relation.reviews or supervises(relation)
    return relation.leads or supervises(relation)


def _shaping(relation: Relation) -> list[str]:
    """Arbitrating, splitting, merging, itemising: what changes the shape of the work."""
    case, node = relation.case, relation.engine.node
    found = []
    in_scope = relation.engine.task is not None and relation.engine.task.unit_id in relation.viewer.scope(
        Role.SUPERVISOR
    )
    if node is not None and "dispatch" in node.actions and case.status == Case.Status.RETURNED and in_scope:
        found.append("dispatch_case")
    sends = relation.doer and node is not None and "dispatch" in node.actions
    at_work = relation.doer and holds(relation) and case.signed_at is not None
    if (sends or at_work) and not case.confidential:
        found += ["split_case", "merge_case"]
    if at_work and node is not None and "submit" in node.actions:
        found.append("itemise_case")
        if relation.around.points:
            found.append("answer_points")
    return found


def _promises(relation: Relation) -> list[str]:
    case = relation.case
    if not holds(relation) or case.confidential:
        return []
    if relation.around.promise:
        return ["keep_promise", "move_promise"]
    answered = case.status == Case.Status.ANSWERED
    at_work = relation.doer and case.signed_at is not None
    return ["make_promise"] if answered or at_work else []


def supervises(relation: Relation) -> bool:
    """Return whether the viewer supervises the unit that has the case; nobody supervises a report of wrongdoing."""
    case = relation.case
    return not case.confidential and case.unit_id in relation.viewer.scope(Role.SUPERVISOR)


def holds(relation: Relation) -> bool:
    """Return whether the viewer handles or reviews at the unit that has the case."""
    return serves(relation.viewer.posts, relation.case.unit_id, WORKERS)


def _orders(relation: Relation) -> list[str]:
    case, found = relation.case, []
    above = supervises(relation)
    if not case.supervised:
        is_open = relation.engine.node is not None and case.status not in (*CLOSED, Case.Status.ANSWERED)
        return ["issue_order"] if above and is_open else []
    order = relation.around.order
    if order is None:
        return []
    if order.state == Order.State.ISSUED and order.unit_id == case.unit_id and holds(relation):
        found.append("answer_order")
    if above:
        found += ["withdraw_order"] if order.state == Order.State.ISSUED else ["accept_order", "renew_order"]
    return found


def _more_time(relation: Relation) -> list[str]:
    """Asking, deciding and pausing: whoever does the step asks, a reviewer or supervisor who did not ask decides."""
    case, norms = relation.case, relation.engine.definition.norms
    asked = relation.around.extension
    me = relation.viewer.person.pk if relation.viewer.person else None
    found = []
    if asked is not None and asked.asked_by_id != me and (relation.reviews or supervises(relation)):
        found += ["approve_extension", "refuse_extension"]
    at_work = relation.doer and holds(relation) and case.signed_at is not None
    if asked is None and at_work and case.extended_days < norms["extension_days"]:
        found.append("ask_extension")
    paused = relation.around.pause is not None
    if paused and (at_work or relation.reviews):
        found.append("resume_case")
    if not paused and case.due_at is not None and at_work:
        found.append("pause_case")
    return found


def urged_inside(relation: Relation) -> bool:
    """Return whether this supervisor urged so lately that pressing again would only annoy."""
    since = relation.at - acts.URGE_AGAIN
    entries = Entry.objects.filter(stream__name=relation.case.file_stream_name, kind="unit.urged", at__gt=since)
    return relation.viewer.person is not None and entries.filter(by=relation.viewer.person).exists()
