"""One talk: who may see it, and who the citizen is."""

from __future__ import annotations

from django.db.models import Q, QuerySet

from accounts.viewers import Role, Viewer
from engagement.models import Case
from engagement.queries import visible_to as cases_visible_to

from .. import rules
from ..models import Talk

MOST_EARLIER = 5


def visible_to(viewer: Viewer) -> QuerySet[Talk]:
    """Return the talks the viewer may read: their own, and those they hold as the duty officer."""
    mine = Q(pk__in=[])
    opened = [grant.removeprefix("talk-") for grant in viewer.grants if grant.startswith("talk-")]
    if opened:
        mine |= Q(number__in=opened)
    cases = [grant for grant in viewer.grants if grant.startswith("case-")]
    if cases:
        mine |= Q(opened_by__in=cases)
    if viewer.person is not None:
        mine |= Q(citizen=viewer.person) | Q(opened_by=viewer.key)
        if viewer.holds(Role.DUTY_OFFICER):
            mine |= Q(officer=viewer.person)
        elif viewer.is_official:
            mine |= Q(officer=viewer.person, asked=True)
    elif viewer.visitor:
        mine |= Q(opened_by=viewer.key)
    return Talk.objects.filter(mine).select_related("desk__unit", "citizen", "officer", "case")


def talk_for(viewer: Viewer, number: str) -> Talk:
    """Return the talk with the number. Raises NotFound, also for those who may not see it."""
    talk = visible_to(viewer).filter(number=number).first()
    if talk is None:
        raise rules.NotFound()
    return talk


def may_follow_talk(viewer: Viewer, key: str) -> bool:
    """Return whether the viewer may read the talk with the number `key` now."""
    return visible_to(viewer).filter(number=key).exists()


def may_follow_notes(viewer: Viewer, key: str) -> bool:
    """Return whether the viewer may read the officers' notes beside the talk with the number `key` now."""
    talk = visible_to(viewer).filter(number=key).first()
    return talk is not None and rules.is_colleague(talk, viewer)


def earlier_talks(talk: Talk) -> list[Talk]:
    """Return the latest other talks of the same signed-in citizen, for the officer who holds this one."""
    if talk.citizen_id is None:
        return []
    others = Talk.objects.filter(citizen_id=talk.citizen_id).exclude(pk=talk.pk).select_related("desk", "case")
    return list(others.order_by("-requested_at")[:MOST_EARLIER])


def earlier_cases(talk: Talk, viewer: Viewer) -> list[Case]:
    """Return the latest cases of the same signed-in citizen that the viewer may read."""
    if talk.citizen_id is None:
        return []
    cases = cases_visible_to(viewer).filter(citizen_id=talk.citizen_id)
    return list(cases.order_by("-received_at")[:MOST_EARLIER])
