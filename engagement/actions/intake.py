"""Taking cases up: accepting, refusing, asking the citizen, dispatching, returning and handing over."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from accounts.models import Person, Role, Unit
from accounts.queries import people_at
from accounts.viewers import Viewer

from .. import rules
from ..models import Case, Category, Task
from ..processes.offices import units_by_id
from ..queries.routing import propose
from ..queries.timeline import unit_data
from .returning import check_ground, decide_return, named_as, open_return, tell_ping_pong
from .routing import keep_routed, note_return
from .telling import tell_citizen, tell_doers, tell_people
from .turns import Turn, put_due, turn

MOST_ASSISTING = 20


def accept_case(
    *, case_id: int, version: int | None, by: Viewer, category: Category | None = None, at: datetime | None = None
) -> Case:
    """Take the case up; `category` corrects the citizen's choice. Raises NotFound, NotYours, WrongStatus, Conflict."""
    with turn(case_id=case_id, by=by, action="accept_case", version=version, at=at) as current:
        current.take("accept")
        current.case.accepted_at = current.at
        current.case.category = category or current.case.category
        entry = current.tell("case.accepted")
        tell_citizen(current, entry, "case.accepted", due=current.case.promised_at)
        _send_by_rule(current)
    return current.case


def _send_by_rule(current: Turn) -> None:
    """Where a rule says so, dispatch without waiting for a dispatcher."""
    node = current.engine.node
    chosen = propose(current.case) if node is not None and "dispatch" in node.actions else None
    if node is None or chosen is None or not chosen.automatic:
        return
    joint = current.engine.definition.joint_ways(node.code)
    assisting = [unit.pk for unit in chosen.assisting] if joint else []
    send_to(current, desks_for(current, chosen.unit.pk, assisting), None)
    current.note("dispatch.routed", {"rule": chosen.name, "unit": unit_data(chosen.unit)})
    keep_routed(current, chosen.unit, chosen, automatic=True)


def refuse_case(
    *, case_id: int, version: int | None, by: Viewer, ground: str, route: str = "", at: datetime | None = None
) -> Case:
    """Refuse the case: on what `ground`, and by which `route` the citizen gets on. Raises as accept_case, BadInput."""
    ground = rules.clean_text(ground, most=rules.WORDS, least=1, field="ground")
    route = rules.clean_text(route, most=rules.WORDS, field="route")
    with turn(case_id=case_id, by=by, action="refuse_case", version=version, at=at) as current:
        current.take("refuse")
        current.case.first_response_at = current.case.first_response_at or current.at
        entry = current.tell("case.refused", {"ground": ground, "route": route})
        tell_citizen(current, entry, "case.refused", ground=ground, route=route)
    return current.case


def ask_citizen(*, case_id: int, version: int | None, by: Viewer, question: str, at: datetime | None = None) -> Case:
    """Ask the citizen for something that is missing; until the answer the unit's clock stands still."""
    question = rules.clean_text(question, most=rules.WORDS, least=1, field="question")
    with turn(case_id=case_id, by=by, action="ask_citizen", version=version, at=at) as current:
        unit = current.task.unit if current.task else None
        current.take("ask")
        current.case.first_response_at = current.case.first_response_at or current.at
        entry = current.tell("case.asked", {"question": question, "unit": unit_data(unit)})
        tell_citizen(current, entry, "case.asked", question=question)
    return current.case


def dispatch_case(
    *,
    case_id: int,
    version: int | None,
    by: Viewer,
    unit_id: int,
    assisting: Sequence[int] = (),
    due_at: datetime | None = None,
    note: str = "",
    at: datetime | None = None,
) -> Case:
    """Send the case to a unit, with a due time if it is not the usual one and words that stay inside.

    With `assisting` units it is handled jointly: the unit leads, the others send their part. Raises as accept_case;
    BadInput for a unit where nobody handles cases, a process without such a step or a due time in the past.
    """
    note = rules.clean_text(note or "", most=rules.WORDS, field="note")
    with turn(case_id=case_id, by=by, action="dispatch_case", version=version, at=at) as current:
        desks = desks_for(current, unit_id, assisting)
        unit = desks[0]
        if due_at is not None:
            rules.check_future(due_at, current.at, "due_at")
        chosen = propose(current.case)
        # Who sends it back to the very unit that returned it rules on the matter, and says why.
        decided = decide_return(current, unit, note)
        send_to(current, desks, due_at, "" if decided else note)
        if decided:
            current.note("return.decided", decided | {"text": note})
        keep_routed(current, unit, chosen)
    return current.case


def desks_for(current: Turn, unit_id: Any, assisting: Sequence[Any] = ()) -> list[Unit]:
    """Return the unit and those that assist it, each once. Raises BadInput where nobody handles cases."""
    wanted = [unit_id, *(each for each in dict.fromkeys(assisting) if each != unit_id)]
    node = current.engine.node
    if wanted[1:] and not (node and current.engine.definition.joint_ways(node.code)):
        said = _("This case's process has no step for several units.")
        raise rules.BadInput(said, field="assisting", code="no_joint_step")
    if len(wanted) > MOST_ASSISTING + 1:
        said = _("At most %(n)d units can assist.") % {"n": MOST_ASSISTING}
        raise rules.BadInput(said, field="assisting", code="too_many")
    known = units_by_id([each for each in wanted if type(each) is int], current.at)
    for each in wanted:
        field = "unit_id" if each == unit_id else "assisting"
        unit = known.get(each) if type(each) is int else None
        if unit is None:
            raise rules.BadInput(_("There is no such unit."), field=field, code="no_unit")
        if not unit.handles:  # type: ignore[attr-defined]
            said = _("Nobody handles cases at %(unit)s.") % {"unit": unit.label}
            raise rules.BadInput(said, field=field, code="no_handler")
    return [known[each] for each in wanted]


def send_to(current: Turn, desks: Sequence[Unit], due_at: datetime | None, note: str = "") -> None:
    """Send the case to the first of the desks, which the others assist. Raises WrongStatus."""
    case, (unit, *others) = current.case, desks
    case.unit, case.handler = unit, None
    case.due_at = due_at or _due(current)
    current.engine.units = list(desks)
    current.take("dispatch", unit=unit.pk, assisting=len(others))
    case.dispatched_at, case.signed_at = current.at, None
    case.hops += 1
    told: dict[str, Any] = {
        "unit": unit_data(unit), "due_at": case.due_at.isoformat(), "by_hand": due_at is not None,
    }  # fmt: skip
    if others:
        told["assisting"] = [unit_data(each) for each in others]
    entry = current.tell("case.dispatched", told)
    if note:
        current.note("dispatch.noted", {"text": note, "unit": unit_data(unit)})
    tell_citizen(current, entry, "case.dispatched", due=case.due_at)


def _due(current: Turn) -> datetime:
    """The promised time; but whoever gets the case late has one working day at least."""
    least = current.engine.clock.due_in_days(current.at, 1)
    return max(current.case.due_at or least, least)


def sign_for_case(*, case_id: int, version: int | None, by: Viewer, at: datetime | None = None) -> Case:
    """Confirm that the unit has the case, or its part of it; from now on it is the signer's to handle."""
    with turn(case_id=case_id, by=by, action="sign_for_case", version=version, at=at) as current:
        case, task = current.case, current.task
        if task is not None and task.part == Task.Role.ASSIST:
            current.take("sign")
            current.note("part.signed_for", {"unit": unit_data(task.unit)})
            return case
        case.handler, case.signed_at = current.person, current.at
        # A report is taken up by whoever signs for it: nobody else reads it before.
        case.accepted_at = case.accepted_at or current.at
        current.take("sign")
        current.tell("case.signed_for", {"unit": unit_data(case.unit)})
    return current.case


def return_case(
    *,
    case_id: int,
    version: int | None,
    by: Viewer,
    reason: str,
    proposed_unit_id: int | None = None,
    ground: str = "",
    at: datetime | None = None,
) -> Case:
    """Give the case back because another unit is competent; the reason stays inside the house.

    `ground` is the code of a row of the table of grounds, "" only where a house keeps no such table. Raises as
    accept_case, and WrongStatus when the time for it is over or a binding decision was made.
    """
    reason = rules.clean_text(reason, most=rules.REASON, least=1, field="reason")
    with turn(case_id=case_id, by=by, action="return_case", version=version, at=at) as current:
        case, unit = current.case, current.case.unit
        proposed = _unit(proposed_unit_id) if proposed_unit_id is not None else None
        named = check_ground(ground)
        current.take("return")
        case.unit = case.handler = case.signed_at = None
        case.returns += 1
        note_return(case)
        current.tell("case.returned", {"unit": unit_data(unit)})
        open_return(current, unit, named, proposed)
        why = {
            "reason": reason,
            "unit": unit_data(unit),
            "proposed_unit": unit_data(proposed),
            "ground": named_as(named),
        }
        entry = current.note("return.reasoned", why)
        tell_doers(current, entry, "case.returned", reason=reason, proposed=proposed, from_unit=unit)
        tell_ping_pong(current, entry, unit)
    return current.case


def transfer_case(*, case_id: int, version: int | None, by: Viewer, person_id: int, at: datetime | None = None) -> Case:
    """Give the case to a colleague of the same unit. Raises BadInput for somebody who does not handle cases there."""
    with turn(case_id=case_id, by=by, action="transfer_case", version=version, at=at) as current:
        before, task = current.case.handler, current.task
        colleagues = people_at([task.unit_id] if task and task.unit_id else [], Role.HANDLER, at=current.at)
        person: Person | None = colleagues.filter(pk=person_id).exclude(pk=current.case.citizen_id or 0).first()
        if person is None:
            raise rules.BadInput(
                _("This person does not handle cases at the unit."), field="person_id", code="not_there"
            )
        current.engine.reassign(person)
        entry = current.note("task.transferred", {"from": str(before or ""), "to": str(person)})
        tell_people(current, entry, "case.transferred", [person], sender=str(current.person))
    return current.case


def extend_case(
    *, case_id: int, version: int | None, by: Viewer, days: int, reason: str, at: datetime | None = None
) -> Case:
    """Give the unit more working days, within the norm and with a reason that the citizen reads."""
    reason = rules.clean_text(reason, most=rules.REASON, least=1, field="reason")
    with turn(case_id=case_id, by=by, action="extend_case", version=version, at=at) as current:
        most = current.engine.definition.norms["extension_days"] - current.case.extended_days
        rules.check_whole(days, 1, most, "days")
        give_days(current, days, reason)
    return current.case


def give_days(current: Turn, days: int, reason: str) -> None:
    """Put the later due time into force and tell the citizen why."""
    case, engine = current.case, current.engine
    pause = engine.pause
    before = (pause.due_before if pause else None) or case.due_at or current.at
    case.extended_days += days
    case.promised_at = due = put_due(current, engine.clock.due_in_days(max(before, current.at), days))
    entry = current.tell("case.extended", {"due_at": due.isoformat(), "days": days, "reason": reason})
    tell_citizen(current, entry, "case.extended", due=due, reason=reason)


def _unit(unit_id: Any, field: str = "unit_id") -> Unit:
    found = Unit.objects.filter(pk=unit_id, active=True).first() if type(unit_id) is int else None
    if found is None:
        raise rules.BadInput(_("There is no such unit."), field=field, code="no_unit")
    return found
