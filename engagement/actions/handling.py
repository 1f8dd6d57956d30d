"""Working on a case inside the house: notes, comments, drafts, reminders."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db.models import SmallIntegerField

from accounts.prepared import Given, Prepared, one_of
from accounts.viewers import Viewer

from .. import rules
from ..models import Attachment, Case, Reply
from ..queries.timeline import unit_data
from ..rules.files import check_all
from .files import keep, keeping_files
from .telling import tell_holder
from .turns import Turn, turn


def add_note(*, case_id: int, by: Viewer, text: str, files: Iterable[Any] = (), at: datetime | None = None) -> Case:
    """Add an internal note, with files for the office only; no citizen ever sees it. Raises NotYours, BadInput."""
    text = rules.clean_text(text, most=rules.TEXT, least=1)
    checked = check_all(files)
    with keeping_files(), turn(case_id=case_id, by=by, action="add_note", at=at) as current:
        current.stays = True
        begin_work(current)
        kept = keep(current.case, checked, Attachment.Audience.OFFICE, current.person, current.at)
        current.note("note.added", {"text": text, "files": kept})
    return current.case


def comment_case(*, case_id: int, by: Viewer, text: str, at: datetime | None = None) -> Case:
    """Say something to the office as the leader whose mailbox it is; the handler is told. Raises NotYours, BadInput."""
    text = rules.clean_text(text, most=rules.WORDS, least=1)
    with turn(case_id=case_id, by=by, action="comment_case", at=at) as current:
        current.stays = True
        entry = current.note("comment.added", {"text": text})
        tell_holder(current, entry, "case.commented", words=text, sender=str(current.person))
    return current.case


def save_draft(*, case_id: int, by: Viewer, text: str, outcome: str = "", at: datetime | None = None) -> Reply:
    """Keep a reply that is being written; nobody outside the office sees it. Raises NotYours, WrongStatus, BadInput."""
    text = rules.clean_text(text, most=rules.REPLY)
    if outcome:
        rules.check_choice(outcome, Case.Outcome.values, "outcome")
    with turn(case_id=case_id, by=by, action="save_draft", at=at) as current:
        # Autosaving is no step: what a colleague's page shows stays valid.
        current.stays = True
        begin_work(current)
        reply, is_new = write_reply(current, text, outcome)
        if is_new:
            current.note("draft.started", {"reply": reply.pk})
    return reply


UNDER_WAY: Prepared[Reply] = Prepared(
    lambda: Reply.objects.filter(
        one_of("state", "states"), case=Given("case"), round=Given("round", SmallIntegerField())
    ).order_by("-pk")[:1]
)


def reply_under_way(case: Case, *states: str) -> Reply | None:
    """Return the newest reply of this round that is in one of the states."""
    return UNDER_WAY.first(case=case.pk, round=case.round, states=states)


def write_reply(current: Turn, text: str, outcome: str, state: str = "") -> tuple[Reply, bool]:
    """Put the text into the reply that is being written in this round, or begin one; a new `state` if one is given."""
    case = current.case
    reply = reply_under_way(case, Reply.State.DRAFT, Reply.State.SENT_BACK)
    is_new = reply is None
    reply = reply or Reply(case=case, round=case.round)
    reply.text, reply.outcome, reply.state = text, outcome or reply.outcome, state or reply.state
    # What is written anew is looked at anew.
    reply.unit, reply.drafted_by, reply.reviewed_by, reply.saved_at = case.unit, current.person, None, current.at
    reply.save()
    return reply, is_new


def begin_work(current: Turn) -> None:
    """The first work of the handler on a case that was signed for turns it into one in progress."""
    case, node = current.case, current.engine.node
    if node is None or "submit" not in node.actions or case.status != Case.Status.SIGNED_FOR:
        return
    if case.handler_id != (current.person.pk if current.person else None):
        return
    case.status = Case.Status.IN_PROGRESS
    current.tell("case.started", {"unit": unit_data(case.unit)})
