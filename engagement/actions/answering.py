"""The reply's way out: submitted, reviewed, signed, sent; or sent back to be worked over."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

from accounts.viewers import Viewer

from .. import rules
from ..models import Case, Reply
from ..queries.timeline import office_data, unit_data
from .calling import plan_callback
from .handling import begin_work, reply_under_way, write_reply
from .joining import mark_answers_due
from .points import check_points, points_told
from .promising import check_promise
from .telling import tell_citizen, tell_doers
from .turns import Turn, turn

# What signing and sending change in a reply.
SENDING = ("state", "text", "reviewed_by", "signed_by", "sent_at")


def submit_reply(
    *, case_id: int, version: int | None, by: Viewer, text: str, outcome: str, at: datetime | None = None
) -> Case:
    """Send the drafted reply to review, or to the citizen where the process has nobody look at it.

    Raises NotFound, NotYours, WrongStatus, Conflict, BadInput.
    """
    text = rules.clean_text(text, most=rules.REPLY, least=1)
    rules.check_choice(outcome, Case.Outcome.values, "outcome")
    with turn(case_id=case_id, by=by, action="submit_reply", version=version, at=at) as current:
        check_points(current.case)
        check_promise(current.case, outcome)
        begin_work(current)
        reply, _is_new = write_reply(current, text, outcome, Reply.State.IN_REVIEW)
        current.take("submit", outcome=outcome)
        current.note("reply.submitted", {"reply": reply.pk, "text": text, "outcome": outcome})
        if current.case.status == Case.Status.ANSWERED:
            send_reply(current, reply)
        else:
            current.tell("case.prepared", {"unit": unit_data(current.case.unit)})
    return current.case


def approve_reply(*, case_id: int, version: int | None, by: Viewer, at: datetime | None = None) -> Case:
    """Approve the reply: it goes to another reviewer or the leader, or to the citizen where the process ends so.

    Nobody approves a reply of their own. Raises as submit_reply.
    """
    with turn(case_id=case_id, by=by, action="approve_reply", version=version, at=at) as current:
        reply = _under_way(current, Reply.State.IN_REVIEW)
        if current.person is None or reply.drafted_by_id == current.person.pk:
            raise rules.WrongStatus(_("A reply is reviewed by somebody else than its writer."), code="four_eyes")
        if reply.reviewed_by_id == current.person.pk:
            raise rules.WrongStatus(_("You have approved it already. Somebody else looks next."), code="four_eyes")
        reply.reviewed_by = current.person
        current.take("approve")
        if current.case.status == Case.Status.ANSWERED:
            send_reply(current, reply, "reply.approved")
        else:
            node = current.engine.node
            to_sign = node is not None and "sign_off" in node.actions
            reply.state = Reply.State.TO_SIGN if to_sign else Reply.State.IN_REVIEW
            reply.save(update_fields=["reviewed_by", "state"])
            entry = current.note("reply.approved", {"reply": reply.pk})
            if to_sign:
                tell_doers(current, entry, "reply.to_sign", due=current.case.due_at)
    return current.case


def sign_reply(
    *, case_id: int, version: int | None, by: Viewer, text: str | None = None, at: datetime | None = None
) -> Case:
    """Sign the reply as the leader, or by delegate, and send it; `text` is what the leader made of it."""
    changed = rules.clean_text(text, most=rules.REPLY, least=1) if text is not None else None
    with turn(case_id=case_id, by=by, action="sign_reply", version=version, at=at) as current:
        reply = _under_way(current, Reply.State.TO_SIGN)
        reply.text = changed or reply.text
        reply.signed_by = current.person
        current.take("sign_off")
        send_reply(current, reply, "reply.signed")
    return current.case


def send_back(*, case_id: int, version: int | None, by: Viewer, reason: str, at: datetime | None = None) -> Case:
    """Send the reply back to be worked over, with a reason for the handler. Raises as submit_reply."""
    reason = rules.clean_text(reason, most=rules.REASON, least=1, field="reason")
    with turn(case_id=case_id, by=by, action="send_back", version=version, at=at) as current:
        reply = _under_way(current, Reply.State.IN_REVIEW, Reply.State.TO_SIGN)
        reply.state = Reply.State.SENT_BACK
        reply.save(update_fields=["state"])
        current.take("send_back")
        current.tell("case.reworked", {"unit": unit_data(current.case.unit)})
        entry = current.note("reply.sent_back", {"reply": reply.pk, "reason": reason})
        tell_doers(current, entry, "reply.sent_back", reason=reason, sender=str(current.person))
    return current.case


def _under_way(current: Turn, *states: str) -> Reply:
    found = reply_under_way(current.case, *states)
    if found is None:
        raise rules.WrongStatus()
    return found


def send_reply(current: Turn, reply: Reply, how: str = "") -> None:
    """Let the reply out to the citizen: the only place where its text enters the citizen's stream.

    `how` is the kind of the entry for the office; "" where what was done says so already.
    """
    case = current.case
    reply.state, reply.sent_at = Reply.State.SENT, current.at
    reply.save(update_fields=SENDING if reply.pk else None)
    case.answered_at, case.outcome = current.at, reply.outcome
    case.first_response_at = case.first_response_at or current.at
    signed = office_data(case.mailbox if reply.signed_by_id else None)
    due = case.due_at.isoformat() if case.due_at else None
    told = {"text": reply.text, "outcome": reply.outcome, "unit": unit_data(case.unit), "signed": signed, "due_at": due}
    points = points_told(case)
    entry = current.tell("case.answered", told | ({"points": points} if points else {}))
    mark_answers_due(current)
    plan_callback(current)
    if how:
        current.note(how, {"reply": reply.pk})
    for path in settings.ANSWER_READERS:
        import_string(path)(stream=case.stream_name, text=reply.text, by=current.person, at=current.at)
    tell_citizen(current, entry, "case.answered", reply=reply.text)
