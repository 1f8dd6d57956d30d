"""Steps that only some processes know: an office's own actions, an answer at once, what is missing told once."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext as _

from accounts.viewers import Viewer

from .. import rules
from ..models import Case, Reply
from ..processes.definition import Act, FormField, Node
from ..queries.allowed import OWN
from ..queries.timeline import unit_data
from .answering import send_reply
from .telling import tell_citizen, tell_doers
from .turns import Turn, turn

LINE = 200


def take_step(
    *,
    case_id: int,
    version: int | None,
    by: Viewer,
    code: str,
    text: str = "",
    given: Mapping[str, Any] | None = None,
    at: datetime | None = None,
) -> Case:
    """Do an action of the process's own, such as sending an opinion or consenting; its words stay inside the house.

    `given` holds what was entered into the action's form fields, by their codes. Raises NotFound, NotYours,
    WrongStatus, Conflict, BadInput.
    """
    text = rules.clean_text(text or "", most=rules.TEXT, field="text")
    with turn(case_id=case_id, by=by, action=f"{OWN}{code}", version=version, at=at) as current:
        node, task = current.engine.node, current.task
        if node is None or task is None:
            raise rules.WrongStatus()
        act, before = node.actions[code], (current.case.status, task.pk)
        if {"text", "reason"} & {*act.require} and not text:
            raise rules.BadInput(_("Please write a few words."), field="text", code="too_short")
        fields = check_given(act, given or {})
        task.data["given"] = fields
        unit = task.unit
        way = current.take(code, **fields)
        if not way.stays and before[0] != current.case.status:
            current.tell("case.moved")
        told = {"text": text, "unit": unit_data(unit), "given": said(act, fields), **named(node, act)}
        entry = current.note("step.taken", told)
        if not way.stays:
            tell_doers(current, entry, "step.taken", act=act.name, act_en=act.name_en, words=text)
    return current.case


def check_given(act: Act, given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the checked values of the action's form fields. Raises BadInput naming the field."""
    return {each.code: value for each in act.fields if (value := _checked(each, given.get(each.code))) is not None}


def _checked(field: FormField, value: Any) -> Any:
    if field.kind == "yes":
        return bool(value)
    if value in (None, ""):
        if field.required:
            raise rules.BadInput(_("Please fill this in."), field=field.code, code="required")
        return None
    if field.kind == "number":
        return rules.check_whole(value, -1_000_000_000, 1_000_000_000, field.code)
    if field.kind == "date":
        if not isinstance(value, date):
            raise rules.BadInput(_("Please give a date."), field=field.code, code="not_a_date")
        return value.isoformat()
    most = LINE if field.kind == "line" else rules.WORDS
    return rules.clean_text(value, most=most, field=field.code, newlines=field.kind == "text")


def said(act: Act, given: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the fields with their labels, as an entry keeps them."""
    return [
        {"label": each.label, "label_en": each.label_en, "value": given[each.code]}
        for each in act.fields
        if each.code in given
    ]


def named(node: Node, act: Act) -> dict[str, str]:
    """Return what an entry says of the step and the action, in both languages: versions may go, entries stay."""
    return {
        "step": node.name, "step_en": node.name_en, "act": act.name or act.code, "act_en": act.name_en or act.code,
    }  # fmt: skip


def answer_at_once(
    *, case_id: int, version: int | None, by: Viewer, text: str, outcome: str = "explained", at: datetime | None = None
) -> Case:
    """Answer an enquiry where it comes in, without sending it to a unit. Raises as take_step."""
    text = rules.clean_text(text, most=rules.REPLY, least=1)
    rules.check_choice(outcome, Case.Outcome.values, "outcome")
    with turn(case_id=case_id, by=by, action="answer_at_once", version=version, at=at) as current:
        case = current.case
        unit = current.task.unit if current.task else None
        case.accepted_at = case.accepted_at or current.at
        case.unit = unit
        reply = Reply(
            case=case, round=case.round, text=text, outcome=outcome, unit=unit, drafted_by=current.person,
            saved_at=current.at,
        )  # fmt: skip
        current.take("reply_now", outcome=outcome)
        send_reply(current, reply, "reply.at_once")
    return current.case


def tell_missing(
    *, case_id: int, version: int | None, by: Viewer, items: str, at: datetime | None = None
) -> Case:
    """Tell the applicant everything that is missing, at one time and only once; the clock pauses until it is there.

    `items` is one thing a line. Raises as take_step.
    """
    items = rules.clean_text(items, most=rules.WORDS, least=1, field="items")
    lines = "\n".join(f"{number}. {line.strip()}" for number, line in enumerate(_lines(items), 1))
    with turn(case_id=case_id, by=by, action="tell_missing", version=version, at=at) as current:
        unit = current.task.unit if current.task else None
        current.take("tell_missing")
        current.case.first_response_at = current.case.first_response_at or current.at
        entry = current.tell("case.asked", {"question": lines, "unit": unit_data(unit), "once": True})
        tell_citizen(current, entry, "case.asked", question=lines)
    return current.case


def _lines(items: str) -> list[str]:
    return [line for line in items.split("\n") if line.strip()]


def lapse(current: Turn, code: str) -> None:
    """The time of an office's step is over: the clock takes the way that the process names."""
    node, task = current.engine.node, current.task
    if node is None or task is None:
        return
    act, before, unit = node.actions[code], current.case.status, task.unit
    way = current.take(code)
    if not way.stays and before != current.case.status:
        current.tell("case.moved")
    entry = current.note("step.lapsed", {"unit": unit_data(unit), **named(node, act)})
    tell_doers(current, entry, "step.taken", act=act.name or act.code, act_en=act.name_en or act.code, words="")
