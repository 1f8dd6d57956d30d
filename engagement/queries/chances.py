"""Which acts around the graph a viewer may do now; asked by `Standing`, together with the steps of the process."""

from __future__ import annotations

from typing import TYPE_CHECKING

from accounts.models import Role
from journal.models import Entry

from ..models import Case, Extension, Order, Pause
from ..processes.definition import CITIZEN
from ..processes.engine import serves
from ..rules import CLOSED, acts

if TYPE_CHECKING:
    from .allowed import Standing

WORKERS = (Role.HANDLER, Role.REVIEWER)


def office_acts(standing: Standing) -> list[str]:
    """Return the acts of an official who may read the case."""
    case = standing.case
    found = _orders(standing)
    node = standing.engine.node
    if node is not None and case.status not in CLOSED and node.role != CITIZEN:
        found += _more_time(standing)
    return found


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
    order = Order.objects.filter(case=case, state__in=(Order.State.ISSUED, Order.State.ANSWERED)).first()
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
    asked = Extension.objects.filter(case=case, state=Extension.State.ASKED).first()
    me = standing.viewer.person.pk if standing.viewer.person else None
    found = []
    if asked is not None and asked.asked_by_id != me and (standing.reviews or supervises(standing)):
        found += ["approve_extension", "refuse_extension"]
    at_work = standing.doer and holds(standing) and case.signed_at is not None
    if asked is None and at_work and case.extended_days < norms["extension_days"]:
        found.append("ask_extension")
    paused = Pause.objects.filter(case=case, ended_at__isnull=True).exists()
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
