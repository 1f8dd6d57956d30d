"""The calls that wait for a callback officer, with no more of a case than the call needs."""

from __future__ import annotations

from datetime import datetime

from django.db.models import QuerySet
from django.utils import timezone

from accounts.models import Role
from accounts.viewers import Viewer

from ..models import Callback, Case, Reply
from .sealed import open_contact

PAGE = 20


def callbacks_of(viewer: Viewer) -> QuerySet[Callback]:
    """Return the calls of the viewer's offices; never about a report or a case of their own."""
    units = viewer.units(Role.CALLBACK_OFFICER)
    found = Callback.objects.filter(unit_id__in=units, case__confidential=False)
    return found.exclude(case__citizen=viewer.person, case__citizen__isnull=False)


def callbacks_due(viewer: Viewer, at: datetime | None = None) -> tuple[list[Callback], int]:
    """Return the next calls and how many wait in all; a case that has been reopened meanwhile is left out."""
    moment = at or timezone.now()
    still = (Case.Status.ANSWERED, Case.Status.CONCLUDED)
    due = callbacks_of(viewer).filter(done_at__isnull=True, next_try_at__lte=moment, case__status__in=still)
    due = due.select_related("case", "case__unit", "case__contact").order_by("next_try_at")
    return list(due[:PAGE]), due.count()


def number_to_call(call: Callback) -> tuple[str, str]:
    """Return name and telephone number of the citizen."""
    contact = open_contact(call.case)
    return contact["name"], contact["phone"]


def reply_told(call: Callback) -> str:
    """Return the reply that the citizen got in that round."""
    sent = Reply.objects.filter(case=call.case, round=call.round, state=Reply.State.SENT).order_by("-pk").first()
    return sent.text if sent else ""
