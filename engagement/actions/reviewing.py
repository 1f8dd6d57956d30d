"""The ladder of an internal review: the citizen asks for another person, and after that for the leader."""

from __future__ import annotations

from datetime import datetime

from accounts.models import Person, Role
from accounts.queries import people_at
from accounts.viewers import Viewer

from .. import rules
from ..models import Case, Review
from ..processes.engine import yellow_of
from ..queries.around import around
from ..rules import acts
from .citizen import again_told
from .telling import tell_citizen, tell_doers, tell_people
from .turns import Turn, turn


def ask_review(*, case_id: int, by: Viewer, reason: str, at: datetime | None = None) -> Review:
    """Ask, as the citizen, that somebody else looks at the reply: another person first, then the leader.

    Raises NotFound, WrongStatus while a request is being looked at or both rungs are used, BadInput.
    """
    reason = rules.clean_text(reason, most=rules.REASON, least=1, field="reason")
    with turn(case_id=case_id, by=by, action="ask_review", at=at) as current:
        current.stays = True
        case, clock = current.case, current.engine.clock
        level = len(around(case).reviews_of(case.round)) + 1
        due = clock.due_in_days(current.at, acts.REVIEW_DAYS)
        yellow = yellow_of(clock, current.at, due, 80)
        review = Review.objects.create(
            case=case, round=case.round, level=level, reason=reason, asked_at=current.at, due_at=due, yellow_at=yellow,
            next_at=yellow,
        )  # fmt: skip
        told = {"reason": reason, "level": level, "review_due": due.isoformat()}
        entry = current.tell("review.asked", told)
        tell_people(current, entry, "review.asked", reviewers_of(case, level, current.at), reason=reason, due=due)
    return review


def reviewers_of(case: Case, level: int, at: datetime) -> list[Person]:
    """Return whom to tell of a request: nobody who had a hand in the reply, for they may not decide it."""
    writers = around(case).writers
    if level == 1 and case.unit_id:
        others = people_at([case.unit_id], Role.REVIEWER, at=at).exclude(pk__in=writers)
        if others:
            return list(others)
    if level > 1 and case.mailbox is not None and case.mailbox.leader_id not in writers:
        return [case.mailbox.leader]
    above = [int(part) for part in case.unit.path.split("/") if part] if case.unit else []
    return list(people_at(above, Role.SUPERVISOR, at=at))


def decide_review(
    *,
    case_id: int,
    version: int | None,
    by: Viewer,
    decision: str,
    words: str,
    at: datetime | None = None,
) -> Case:
    """Decide the citizen's request: the reply stands, or the case is handled anew; the words go to the citizen.

    Raises NotFound, NotYours, WrongStatus, Conflict, BadInput.
    """
    words = rules.clean_text(words, most=rules.REASON, least=1, field="words")
    rules.check_choice(decision, [Review.State.UPHELD.value, Review.State.REDONE.value], "decision")
    with turn(case_id=case_id, by=by, action="decide_review", version=version, at=at) as current:
        review = around(current.case).review
        if review is None:
            raise rules.WrongStatus()
        review.state, review.words, review.next_at = decision, words, None
        review.decided_by, review.decided_at = current.person, current.at
        review.save()
        entry = current.tell("review.decided", {"text": words, "decision": decision, "level": review.level})
        tell_citizen(current, entry, "review.decided", words=words, stands=decision == Review.State.UPHELD)
        if decision == Review.State.REDONE:
            handle_anew(current, "review", words)
        else:
            current.stays = True
    return current.case


def handle_anew(current: Turn, cause: str, reason: str) -> None:
    """Open another round, as the citizen's own reopening does."""
    case, unrated = current.case, current.case.status == Case.Status.ANSWERED
    current.act("reopen")
    if not unrated:
        # The round was counted when it was concluded.
        current.finished_rounds.clear()
    if not case.confidential:
        case.unit = None
    case.handler = case.signed_at = None
    entry = current.tell("case.reopened", again_told(current, cause, reason))
    tell_doers(current, entry, "case.reopened", reason=reason)
