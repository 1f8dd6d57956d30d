"""The state of a case in the citizen's words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from django.utils import formats, timezone
from django.utils.translation import gettext as _

from engagement import queries
from engagement.models import Case

REOPEN_DAYS = 30


def moment(at: datetime | None, clock: bool = True) -> str:
    """Return a day and time as people write it: "Fri 4 Dec 2026, 17:00", "2026年12月4日 周五 17:00"."""
    if at is None:
        return ""
    # Translators: how a day with its time is written, in the letters of Django's date filter.
    pattern = _("D j M Y, H:i") if clock else _("D j M Y")
    return str(formats.date_format(timezone.localtime(at), pattern))


def sentence_of(case: Case, at: datetime | None = None, facts: Mapping[str, Any] | None = None) -> str:
    """Return one sentence that says where the case stands and what comes next.

    `facts` are the data of the latest entry of the kind that led here: the ground and route of a refusal.
    """
    status = Case.Status
    speak = {
        status.RECEIVED: lambda: _("We have it and are deciding who handles it."),
        status.ACCEPTED: lambda: _with(case),
        status.DISPATCHED: lambda: _with(case),
        status.RETURNED: lambda: _("Accepted. We are deciding anew which office handles it."),
        status.SIGNED_FOR: lambda: _working(case, at or timezone.now()),
        status.IN_PROGRESS: lambda: _working(case, at or timezone.now()),
        status.IN_REVIEW: lambda: _working(case, at or timezone.now()),
        status.CLARIFY: lambda: _("We need something more from you; the office's clock is paused."),
        status.ANSWERED: lambda: _answered(case),
        status.CONCLUDED: lambda: _concluded(case, at or timezone.now()),
        status.ARCHIVED: lambda: _("Concluded and filed away."),
        status.NOT_ACCEPTED: lambda: _refused(facts or {}),
        status.WITHDRAWN: lambda: _("You have taken it back; nobody works on it any more."),
        status.TERMINATED: lambda: _("It was ended by the rules of the procedure."),
        status.MERGED: lambda: _merged(case, at or timezone.now()),
    }
    return str(speak[status(case.status)]())


def facts_of(case: Case, lines: Iterable[Any]) -> dict[str, Any]:
    """Return the data of the latest entry that explains the state the case is in."""
    found: dict[str, Any] = {}
    for line in lines:
        if case.status == Case.Status.NOT_ACCEPTED and line.kind == "case.refused":
            found = dict(line.data)
    return found


def _unit(case: Case) -> str:
    return case.unit.label if case.unit else _("the office in charge")


def _with(case: Case) -> str:
    if case.unit is None:
        return _("Accepted. It is on its way to the office in charge.")
    return _("Accepted. %(unit)s has it.") % {"unit": _unit(case)}


def _working(case: Case, at: datetime) -> str:
    due = case.promised_at or case.due_at
    said = {"unit": _unit(case), "due": moment(due)}
    if due is None:
        return _("%(unit)s is working on it.") % said
    if due < at:
        return _("%(unit)s is working on it. The answer was due by %(due)s and is late.") % said
    return _("%(unit)s is working on it. The answer is due by %(due)s.") % said


def _concluded(case: Case, at: datetime) -> str:
    until = (case.concluded_at or at) + timedelta(days=REOPEN_DAYS)
    if until < at:
        return _("Concluded.")
    return _("Concluded. If it isn't solved you can reopen it until %(until)s.") % {"until": moment(until, clock=False)}


def _answered(case: Case) -> str:
    promise = queries.promise_of(case)
    if promise is None:
        return _("Answered – please tell us whether it helped.")
    return _("Answered, not solved yet: promised for %(day)s.") % {"day": moment(promise.due_at, clock=False)}


def _merged(case: Case, at: datetime) -> str:
    tie = queries.tie_of(case)
    if tie is None:
        return _("It was joined with another case about the same matter.")
    lead = tie.lead
    said = {"unit": _unit(lead), "due": moment(lead.promised_at or lead.due_at), "n": lead.joined}
    if lead.answered_at is not None:
        return _("It was joined with others about the same matter. The common answer is on its way to you.")
    return _("It was joined with %(n)d others about the same matter. %(unit)s answers all of you, by %(due)s.") % said


def _refused(facts: Mapping[str, Any]) -> str:
    ground, route = str(facts.get("ground", "")), str(facts.get("route", ""))
    if not ground:
        return _("We can't take this. The reason and where to go are given below.")
    if not route:
        return _("We can't take this: %(ground)s.") % {"ground": ground.rstrip(".。")}
    return _("We can't take this: %(ground)s. Where to go: %(route)s.") % {
        "ground": ground.rstrip(".。"),
        "route": route.rstrip(".。"),
    }
