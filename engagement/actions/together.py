"""One answer to many cases: each gets its own reply by its own rules, and the press says what became of each."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.viewers import Viewer

from .. import rules
from ..models import Case, Reply
from ..queries.canned import filled_text
from ..queries.rights import office_cases
from ..rules import acts
from ..rules.canned import left_open
from .answering import submit_reply
from .handling import reply_under_way, save_draft
from .supervision import Many
from .turns import locked


def answer_cases(
    *, by: Viewer, numbers: list[str], text: str, outcome: str = "", send: bool = False, at: datetime | None = None
) -> Many:
    """Write the same reply for several cases, as drafts or to be reviewed at once (`send`).

    The variables of prepared answers are filled in for each. A case that is not the viewer's to answer any more, or
    whose reply somebody has begun, is refused with the reason and does not stop the others. Raises BadInput,
    NotFound when the viewer has none of the cases.
    """
    text = rules.clean_text(text, most=rules.REPLY, least=1, field="text")
    if send or outcome:
        rules.check_choice(outcome, Case.Outcome.values, "outcome")
    chosen, many = acts.check_ids(numbers), Many()
    found = {case.number: case for case in office_cases(by).filter(number__in=chosen)}
    if not found:
        raise rules.NotFound()
    for number in chosen:
        try:
            if number not in found:
                # The same words whether it went to another desk or never was.
                raise rules.WrongStatus(_("This case is not at your desk."), code="gone")
            _answer(found[number], by, text, outcome, send, at)
        except rules.RuleBroken as broken:
            many.refused.append((number, str(broken)))
        else:
            many.done.append(number)
    return many


@transaction.atomic
def _answer(case: Case, by: Viewer, text: str, outcome: str, send: bool, at: datetime | None) -> None:
    # Looked at under the lock: a colleague's words must not be swept away by a press meant for many.
    begun = reply_under_way(locked(case.pk), Reply.State.DRAFT, Reply.State.SENT_BACK)
    if begun is not None and begun.text.strip():
        raise rules.WrongStatus(_("A reply has been begun here already."), code="begun")
    words = filled_text(by, case, text)
    if not send:
        save_draft(case_id=case.pk, by=by, text=words, outcome=outcome, at=at)
        return
    open_words = left_open(words)
    if open_words:
        told = _("Nothing can be filled in for {%(name)s}.") % {"name": open_words[0]}
        raise rules.WrongStatus(told, code="bad_variable")
    submit_reply(case_id=case.pk, version=None, by=by, text=words, outcome=outcome, at=at)
