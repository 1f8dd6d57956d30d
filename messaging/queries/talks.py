"""One talk: who may see it, and who the citizen is."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime

from django.db.models import CharField, Q, QuerySet
from django.utils import timezone

from accounts.prepared import Given, Prepared
from accounts.viewers import Role, Viewer
from engagement.models import Case
from engagement.queries import visible_to as cases_visible_to

from .. import rules
from ..models import Guest, Seats, Talk, Watch

MOST_EARLIER = 5
# What every page about a talk shows along with it.
PARTS = ("desk__unit", "citizen", "officer", "case")


def visible_to(viewer: Viewer) -> QuerySet[Talk]:
    """Return the talks the viewer may read: their own, those they hold, and those they were let into."""
    mine = Q(pk__in=[])
    opened = [grant.removeprefix("talk-") for grant in viewer.grants if grant.startswith("talk-")]
    if opened:
        mine |= Q(number__in=opened)
    cases = [grant for grant in viewer.grants if grant.startswith("case-")]
    if cases:
        mine |= Q(opened_by__in=cases)
    if viewer.person is not None:
        mine |= Q(citizen=viewer.person) | Q(opened_by=viewer.key)
        if viewer.holds(*rules.SERVING):
            mine |= Q(officer=viewer.person)
        elif viewer.is_official:
            mine |= Q(officer=viewer.person, asked=True)
        if viewer.is_official:
            joined = Guest.objects.filter(person=viewer.person, left_at=None, joined_at__isnull=False)
            mine |= Q(status=Talk.Status.OPEN, pk__in=joined.values("talk_id"))
            mine |= Q(pk__in=watched_by(viewer).values("talk_id"))
    elif viewer.visitor:
        mine |= Q(opened_by=viewer.key)
    return Talk.objects.filter(mine).select_related(*PARTS)


def watched_by(viewer: Viewer, at: datetime | None = None) -> QuerySet[Watch]:
    """Return the viewer's open supervisions of talks; there is none for whoever is no supervisor there any more.

    The end of a talk ends those of it; one that was opened afterwards lasts a day.
    """
    within = viewer.scope(Role.SUPERVISOR)
    mine = Watch.objects.filter(supervisor=viewer.person, closed_at=None, talk__desk__unit_id__in=within)
    since = (at or timezone.now()) - rules.WATCHED_AFTERWARDS
    return mine.filter(Q(talk__status=Talk.Status.OPEN) | Q(talk__status=Talk.Status.ENDED, opened_at__gt=since))


def guest_of(talk: Talk | Seats, viewer: Viewer) -> Guest | None:
    """Return the viewer's place as a guest in the talk."""
    if viewer.person is None or not viewer.is_official:
        return None
    return Guest.objects.filter(talk_id=talk.pk, person=viewer.person, left_at=None).first()


def seat_of(talk: Talk | Seats, viewer: Viewer) -> str:
    """Return as what the viewer sits in the talk: citizen, officer, guest or watcher. Raises NotYours."""
    try:
        return rules.side_of(talk, viewer)
    except rules.NotYours:
        guest = guest_of(talk, viewer) if talk.status == Talk.Status.OPEN else None
    if guest is not None and guest.joined_at is not None:
        return rules.GUEST
    if watches(talk, viewer):
        return rules.WATCHER
    raise rules.NotYours()


def watches(talk: Talk | Seats, viewer: Viewer) -> bool:
    """Return whether the viewer has an open supervision of the talk."""
    return viewer.holds(Role.SUPERVISOR) and watched_by(viewer).filter(talk_id=talk.pk).exists()


FOUND: Prepared[Talk] = Prepared(
    lambda: Talk.objects.filter(number=Given("number", CharField())).select_related(*PARTS)
)


def talk_for(viewer: Viewer, number: str) -> Talk:
    """Return the talk with the number. Raises NotFound, also for those who may not see it.

    Who may is what `visible_to` says, decided on the talk in hand: that question takes longer to write than to answer.
    """
    talk = FOUND.first(number=number)
    if talk is None:
        raise rules.NotFound()
    seat_of(talk, viewer)
    return talk


def may_follow_talk(viewer: Viewer, key: str) -> bool:
    """Return whether the viewer may read the talk with the number `key` now."""
    with suppress(rules.NotFound):
        return bool(talk_for(viewer, key))
    return False


def may_follow_aside(viewer: Viewer, key: str) -> bool:
    """Return whether the viewer may read what officials say among themselves about the talk with that number."""
    with suppress(rules.NotFound):
        talk = talk_for(viewer, key)
        return not rules.is_opener(talk, viewer) and (rules.is_holder(talk, viewer) or watches(talk, viewer))
    return False


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
