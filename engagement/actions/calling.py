"""Callbacks (回访): who is called, and what came of it, as a code and never as a guess."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from accounts.models import Role
from accounts.queries import open_posts
from accounts.viewers import Viewer

from .. import rules
from ..models import Callback, Case
from ..queries.calling import callbacks_of
from ..queries.sealed import open_contact
from ..rules import acts
from .turns import Turn, clock_turn, locked


def plan_callback(current: Turn) -> None:
    """Plan a call after the answer, where the citizen left a number and somebody calls; no report is ever called."""
    case = current.case
    # The number decides, so that nobody chooses whom to call: it is random.
    drawn = rules.SIGNS.index(case.number[-1]) * 32 + rules.SIGNS.index(case.number[-2])
    if case.confidential or drawn * 100 >= settings.CALLBACK_PERCENT * 1024 or not open_contact(case)["phone"]:
        return
    unit_id = _calling_unit(case, current.at)
    if unit_id is None:
        return
    at = current.at + acts.CALLBACK_AGAIN
    Callback.objects.get_or_create(
        case=case, round=case.round, defaults={"unit_id": unit_id, "planned_at": at, "next_try_at": at}
    )


def _calling_unit(case: Case, at: datetime) -> int | None:
    """The nearest office upwards where somebody calls; else the city's one, such as its hotline."""
    posts = open_posts(at).filter(role=Role.CALLBACK_OFFICER).order_by("unit__path")
    callers = list(posts.values_list("unit_id", flat=True))
    above = [int(part) for part in reversed(case.unit.path.split("/")) if part] if case.unit else []
    return next((unit_id for unit_id in [*above, *callers] if unit_id in callers), None)


@transaction.atomic
def record_callback(
    *,
    callback_id: int,
    by: Viewer,
    result: str,
    score: int | None = None,
    words: str = "",
    at: datetime | None = None,
) -> Callback:
    """Write down what came of a call; "not solved" opens another round, "not reached" is tried again, at most thrice.

    Raises NotFound, WrongStatus when a colleague has reached them already, BadInput.
    """
    moment = at or timezone.now()
    words = rules.clean_text(words or "", most=rules.WORDS, field="words")
    rules.check_choice(result, Callback.Result.values, "result")
    if score is not None:
        rules.check_whole(score, 1, 5, "score")
    found = callbacks_of(by).filter(pk=callback_id).values_list("case_id", flat=True).first()
    if found is None:
        raise rules.NotFound()
    case = locked(found)
    call = Callback.objects.get(pk=callback_id)
    if call.done_at is not None or call.round != case.round:
        raise rules.WrongStatus()
    _count(call, result, score if result in acts.REACHED else None, words, by, moment)
    with clock_turn(case, moment) as current:
        current.by, current.stays = by, True
        _record(current, call)
    return call


def _count(call: Callback, result: str, score: int | None, words: str, by: Viewer, at: datetime) -> None:
    call.tries += 1
    call.result, call.score, call.words, call.by = result, score, words, by.person
    if result in acts.REACHED or call.tries >= acts.CALLBACK_TRIES:
        call.done_at, call.next_try_at = at, None
    else:
        call.next_try_at = at + acts.CALLBACK_AGAIN
    call.save()


def _record(current: Turn, call: Callback) -> None:
    from .reviewing import handle_anew

    case = current.case
    reached = call.result in acts.REACHED
    if reached:
        current.tell("case.called_back", {"result": call.result, "score": call.score})
    if call.result == Callback.Result.UNSOLVED and current.engine.may_act("reopen") and _has_rounds(current, case):
        current.stays = False
        handle_anew(current, "callback", call.words)
    current.note("callback.tried", {"result": call.result, "tries": call.tries, "words": call.words})


def _has_rounds(current: Turn, case: Case) -> bool:
    return case.round < current.engine.definition.norms["most_rounds"]
