"""What citizens do with their cases: add, answer, remind, rate, reopen, withdraw."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from accounts.viewers import Viewer
from journal.actions import digest_of
from journal.queries import entry_of_key
from journal.rules import check_client_key

from .. import rules
from ..models import Attachment, Case
from ..queries.rights import is_party
from ..rules.files import check_all
from .files import keep, keeping_files
from .telling import tell_citizen, tell_doers, tell_holder
from .turns import Turn, turn


def add_to_case(
    *,
    case_id: int,
    by: Viewer,
    text: str = "",
    files: Iterable[Any] = (),
    client_key: str = "",
    at: datetime | None = None,
) -> Case:
    """Add words or files to one's own case; the office is told.

    The same `client_key` with the same words and files again adds nothing. Raises NotFound, WrongStatus, BadInput, and
    Conflict for the same key with something else.
    """
    text, checked = _words(text, files)
    key = check_client_key(client_key) if client_key else ""
    digest = digest_of([text, *(hashlib.sha256(each.content).hexdigest() for each in checked)]) if key else ""
    with keeping_files(), turn(case_id=case_id, by=by, action="add_to_case", at=at) as current:
        # Under the lock of the case: of two presses of one button, the second finds what the first has said.
        said = entry_of_key(current.case.stream_name, by.key, key)
        if said is not None:
            if said.digest != digest:
                raise rules.Conflict(_("This form was already sent with other words."))
            current.stays = True
            return current.case
        kept = keep(current.case, checked, Attachment.Audience.PARTIES, current.person, current.at)
        # The office may be in the middle of a step: an addition does not make its page out of date.
        current.stays = True
        entry = current.tell("case.added", {"text": text, "files": kept}, key=key, digest=digest)
        tell_holder(current, entry, "case.added")
    return current.case


def answer_question(
    *, case_id: int, by: Viewer, text: str = "", files: Iterable[Any] = (), at: datetime | None = None
) -> Case:
    """Answer the office's question; the unit's clock runs again. Raises NotFound, WrongStatus, BadInput."""
    text, checked = _words(text, files)
    with keeping_files(), turn(case_id=case_id, by=by, action="answer_question", at=at) as current:
        kept = keep(current.case, checked, Attachment.Audience.PARTIES, current.person, current.at)
        current.take("answer")
        entry = current.tell("case.clarified", {"text": text, "files": kept, "due_at": _due(current)})
        tell_doers(current, entry, "case.clarified")
    return current.case


def urge_case(*, case_id: int, by: Viewer, words: str = "", at: datetime | None = None) -> Case:
    """Remind the office: the citizen at most once a day, a supervisor whenever it is needed and only inside.

    Raises NotFound, NotYours, WrongStatus, BadInput.
    """
    words = rules.clean_text(words or "", most=500, field="words")
    with turn(case_id=case_id, by=by, action="urge_case", at=at) as current:
        current.stays = True
        if is_party(by, current.case):
            entry = current.tell("case.urged", {"words": words})
        else:
            entry = current.note("unit.urged", {"words": words})
        tell_holder(current, entry, "case.urged", words=words, by_citizen=is_party(by, current.case))
    return current.case


def rate_case(
    *, case_id: int, by: Viewer, score: int, words: str = "", outcome: str = "", at: datetime | None = None
) -> Case:
    """Rate the reply from 5 (very satisfied) to 1; 2 and 1 open another round. Raises NotFound, WrongStatus, BadInput.

    `outcome` is the citizen's own view of whether it is solved.
    """
    rules.check_whole(score, 1, 5, "score")
    words = rules.clean_text(words or "", most=rules.WORDS, field="words")
    if outcome:
        rules.check_choice(outcome, Case.Outcome.values, "outcome")
    with turn(case_id=case_id, by=by, action="rate_case", at=at) as current:
        case = current.case
        current.take("rate", score=score)
        again = case.status != Case.Status.CONCLUDED
        case.satisfaction = None if again else score
        current.tell("case.rated", {"score": score, "words": words, "outcome": outcome})
        if again:
            entry = current.tell("case.reopened", again_told(current, "rating", ""))
            tell_doers(current, entry, "case.reopened", reason=words)
            tell_citizen(current, entry, "case.reopened", due=case.promised_at)
        else:
            case.concluded_at = current.at
            current.tell("case.concluded", {"cause": "rated"})
    return current.case


def reopen_case(
    *, case_id: int, by: Viewer, reason: str, version: int | None = None, at: datetime | None = None
) -> Case:
    """Ask for another round because it is not solved. Raises NotFound, WrongStatus, Conflict, BadInput."""
    reason = rules.clean_text(reason, most=rules.REASON, least=1, field="reason")
    with turn(case_id=case_id, by=by, action="reopen_case", version=version, at=at) as current:
        case, unrated = current.case, current.case.status == Case.Status.ANSWERED
        current.act("reopen")
        if not unrated:
            # The round was counted when it was concluded.
            current.finished_rounds.clear()
        if not case.confidential:
            case.unit = None
        case.handler = case.signed_at = None
        entry = current.tell("case.reopened", again_told(current, "citizen", reason))
        tell_doers(current, entry, "case.reopened", reason=reason)
        tell_citizen(current, entry, "case.reopened", due=case.promised_at)
    return current.case


def withdraw_case(
    *, case_id: int, by: Viewer, reason: str = "", version: int | None = None, at: datetime | None = None
) -> Case:
    """Take one's case back. Raises NotFound, WrongStatus, Conflict, BadInput."""
    reason = rules.clean_text(reason or "", most=rules.REASON, field="reason")
    from .joining import hand_on_lead

    with turn(case_id=case_id, by=by, action="withdraw_case", version=version, at=at) as current:
        task = current.task
        current.act("withdraw")
        current.case.concluded_at = current.at
        if current.case.joined:
            hand_on_lead(current)
        entry = current.tell("case.withdrawn", {"reason": reason})
        if task is not None and current.case.handler is not None:
            tell_holder(current, entry, "case.withdrawn", reason=reason)
    return current.case


def _words(text: str, files: Iterable[Any]) -> tuple[str, list[Any]]:
    text, checked = rules.clean_text(text or "", most=rules.TEXT), check_all(files)
    if not text and not checked:
        raise rules.BadInput(_("Please write something or choose a file."), field="text", code="too_short")
    return text, checked


def _due(current: Turn) -> str | None:
    return current.case.due_at.isoformat() if current.case.due_at else None


def again_told(current: Turn, cause: str, reason: str) -> dict[str, Any]:
    """Return what the entry of another round says."""
    case = current.case
    promised = case.promised_at.isoformat() if case.promised_at else None
    return {"reason": reason, "cause": cause, "round": case.round, "promised_at": promised}
