"""Whether an official can ask the citizen of a case right now, and where."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import CharField, DateTimeField
from django.urls import reverse
from django.utils import timezone

from accounts.prepared import Given, Prepared
from accounts.viewers import Role, Viewer
from engagement.models import Case
from engagement.queries import reads_file
from engagement.rules import CLOSED

from ..models import Desk, Here, Talk

# Who may ask: those who work on cases, not those who only watch.
ASKERS = (
    Role.HANDLER,
    Role.REVIEWER,
    Role.INTAKE_OFFICER,
    Role.DISPATCHER,
    Role.SECRETARY,
    Role.DUTY_OFFICER,
)
# A page that is open is heard of every 25 s; three silences mean that it is gone.
HERE = timedelta(seconds=75)


@dataclass(frozen=True)
class Way:
    """Where a talk about the case begins, whether the citizen has a page open now, and the viewer's last talk."""

    url: str
    here: bool
    last: str = ""


def way_to_ask(case: Case, viewer: Viewer, at: datetime | None = None) -> Way | None:
    """Return how to ask the citizen of the case now; None for those who may not, and for reports of wrongdoing."""
    if not may_ask(case, viewer):
        return None
    own = ASKED.first(case=case.pk, officer=viewer.person.pk if viewer.person else 0)
    last = reverse("messaging:talk", args=[own[0]]) if own else ""
    return Way(reverse("messaging:ask", args=[case.number]), is_citizen_here(case, at or timezone.now()), last)


# The officer's own talks about the case, the latest first.
ASKED: Prepared[tuple[str]] = Prepared(
    lambda: (
        Talk.objects.filter(case=Given("case"), asked=True, officer=Given("officer"))
        .order_by("-requested_at")
        .values_list("number")[:1]
    )
)


def call_of(case: Case) -> str:
    """Return where an official waits for the citizen of the case now; "" where nobody does."""
    waiting = Talk.objects.filter(case=case, asked=True, status=Talk.Status.OPEN).order_by("-requested_at").first()
    return reverse("messaging:talk", args=[waiting.number]) if waiting else ""


def may_ask(case: Case, viewer: Viewer) -> bool:
    """Return whether the viewer may open a conversation with the citizen of the case."""
    if viewer.person is None or not viewer.holds(*ASKERS) or case.confidential or case.status in CLOSED:
        return False
    return case.citizen_id != viewer.person.pk and reads_file(viewer, case)


def reader_of(case: Case) -> str:
    """Return under which name the citizen of the case is heard of: the person, or who holds the access code."""
    return f"person-{case.citizen_id}" if case.citizen_id else case.stream_name


def is_citizen_here(case: Case, at: datetime) -> bool:
    """Return whether the citizen of the case has a page open."""
    return SEEN.first(reader=reader_of(case), since=at - HERE) is not None


SEEN: Prepared[tuple[int]] = Prepared(
    lambda: Here.objects.filter(
        reader=Given("reader", CharField()), seen_at__gt=Given("since", DateTimeField())
    ).values_list("pk")[:1]
)


def desk_for(case: Case, viewer: Viewer) -> Desk | None:
    """Return the desk under whose name the official asks: of the case's unit, of their own, else any."""
    desks = list(Desk.objects.filter(active=True).select_related("unit").order_by("pk"))
    near = [case.unit_id, *sorted(viewer.units())]
    return min(desks, key=lambda desk: near.index(desk.unit_id) if desk.unit_id in near else len(near), default=None)


def readers_of(viewer: Viewer) -> list[str]:
    """Return the names under which the viewer's open page is noted: the person, and the cases opened with a code."""
    own = [viewer.key] if viewer.person is not None else []
    return [*own, *sorted(grant for grant in viewer.grants if grant.startswith("case-"))]
