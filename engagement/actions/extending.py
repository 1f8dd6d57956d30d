"""More time: asked for by the unit, decided by somebody else, told to the citizen."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext as _

from accounts.models import Role
from accounts.queries import people_at
from accounts.viewers import Viewer

from .. import rules
from ..models import Case, Extension
from ..queries.timeline import unit_data
from ..rules import acts
from .intake import give_days
from .telling import tell_people
from .turns import Turn, turn


def ask_extension(
    *, case_id: int, version: int | None, by: Viewer, days: int, reason: str, at: datetime | None = None
) -> Extension:
    """Ask for more working days, at most what the norm leaves (15 in all by default).

    Raises NotFound, NotYours, WrongStatus while another request waits, Conflict, BadInput.
    """
    reason = rules.clean_text(reason, most=rules.REASON, least=1, field="reason")
    with turn(case_id=case_id, by=by, action="ask_extension", version=version, at=at) as current:
        assert current.person is not None
        case = current.case
        acts.check_days(days, days_left(current))
        asked = Extension.objects.create(
            case=case, round=case.round, days=days, reason=reason, asked_by=current.person, asked_at=current.at
        )
        entry = current.note("extension.asked", {"days": days, "reason": reason, "unit": unit_data(case.unit)})
        reviewers = people_at([case.unit_id] if case.unit_id else [], Role.REVIEWER, at=current.at)
        tell_people(current, entry, "extension.asked", reviewers, days=days, reason=reason)
    return asked


def days_left(current: Turn) -> int:
    """Return how many working days the norm leaves in this round."""
    return current.engine.definition.norms["extension_days"] - current.case.extended_days


def approve_extension(*, case_id: int, version: int | None, by: Viewer, at: datetime | None = None) -> Case:
    """Approve what the unit asked for: the new due time is in force and the citizen is told it with the reason.

    Raises as ask_extension; nobody approves what they asked for themselves.
    """
    with turn(case_id=case_id, by=by, action="approve_extension", version=version, at=at) as current:
        asked = _decided(current, Extension.State.APPROVED, "")
        acts.check_days(asked.days, days_left(current))
        give_days(current, asked.days, asked.reason)
        entry = current.note("extension.approved", {"days": asked.days})
        tell_people(current, entry, "extension.approved", [asked.asked_by], days=asked.days)
    return current.case


def refuse_extension(*, case_id: int, version: int | None, by: Viewer, reason: str, at: datetime | None = None) -> Case:
    """Refuse more time, with a reason for the unit; the due time stays. Raises as approve_extension."""
    reason = rules.clean_text(reason, most=rules.REASON, least=1, field="reason")
    with turn(case_id=case_id, by=by, action="refuse_extension", version=version, at=at) as current:
        asked = _decided(current, Extension.State.REFUSED, reason)
        entry = current.note("extension.refused", {"days": asked.days, "reason": reason})
        tell_people(current, entry, "extension.refused", [asked.asked_by], days=asked.days, reason=reason)
    return current.case


def _decided(current: Turn, state: Extension.State, words: str) -> Extension:
    asked = Extension.objects.filter(case=current.case, state=Extension.State.ASKED).select_related("asked_by").first()
    if asked is None:
        raise rules.WrongStatus()
    if current.person is None or asked.asked_by_id == current.person.pk:
        raise rules.WrongStatus(_("More time is approved by somebody else than who asked for it."), code="four_eyes")
    asked.state, asked.words = state, words
    asked.decided_by, asked.decided_at = current.person, current.at
    asked.save()
    return asked
