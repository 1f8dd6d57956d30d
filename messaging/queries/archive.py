"""Past talks: an officer finds again what they answered; who supervises sees only talks under an open supervision."""

from __future__ import annotations

from django.db.models import Q

from accounts.viewers import Role, Viewer
from search.queries import find_apart

from .. import rules
from ..models import Talk
from .talks import visible_to

PAGE = 30
# How many finds of the index are looked at.
MOST_FOUND = 100
ROOM = "talk"


def audience_of(officer_id: int) -> str:
    """Return the audience under which the talks of one officer are found: nobody else looks there."""
    return f"officer-{officer_id}"


def past_at(viewer: Viewer, words: str = "", before: int | None = None) -> list[Talk]:
    """Return ended talks of the desks that the viewer supervises, newest first, one more than a page if there are more.

    `words` are looked for in names and subjects, never in what was said; reports of wrongdoing are not among them.
    """
    within = viewer.scope(Role.SUPERVISOR)
    ended = Talk.objects.filter(status=Talk.Status.ENDED, desk__unit_id__in=within).exclude(case__confidential=True)
    if words.strip():
        asked = words.strip()
        named = Q(officer__name__icontains=asked) | Q(citizen__name__icontains=asked)
        ended = ended.filter(named | Q(name__icontains=asked) | Q(subject__icontains=asked) | Q(case__number=asked))
    if before is not None:
        ended = ended.filter(pk__lt=before)
    return list(ended.select_related("desk", "citizen", "officer", "case").order_by("-pk")[: PAGE + 1])


def watchable(viewer: Viewer, number: str) -> Talk:
    """Return the talk that goes on or is over at a desk that the viewer supervises. Raises NotFound."""
    within = viewer.scope(Role.SUPERVISOR)
    found = Talk.objects.filter(number=number, desk__unit_id__in=within, status__in=rules.POSSIBLE["watch"])
    talk = found.exclude(case__confidential=True).first()
    if talk is None:
        raise rules.NotFound()
    return talk


def past_talks(viewer: Viewer, words: str = "", before: int | None = None) -> list[Talk]:
    """Return ended talks that the viewer held as an officer, newest first, one more than a page when there are more.

    With `words`, those in which all of them were said; `before` is the id of the last talk of the page before.
    """
    if viewer.person is None:
        return []
    mine = visible_to(viewer).filter(officer=viewer.person, status=Talk.Status.ENDED)
    if words.strip():
        hits, _parts = find_apart(words, audiences=(audience_of(viewer.person.pk),), room=ROOM, limit=MOST_FOUND)
        mine = mine.filter(number__in=[hit.document.ref for hit in hits])
    if before is not None:
        mine = mine.filter(pk__lt=before)
    return list(mine.order_by("-pk")[: PAGE + 1])
