"""Past talks: an officer finds again what they answered; who supervises sees only talks under an open supervision."""

from __future__ import annotations

from accounts.viewers import Viewer
from search.queries import find

from ..models import Talk
from .talks import visible_to

PAGE = 30
# How many finds of the index are looked at.
MOST_FOUND = 100
ROOM = "talk"


def audience_of(officer_id: int) -> str:
    """Return the audience under which the talks of one officer are found: nobody else looks there."""
    return f"officer-{officer_id}"


def past_talks(viewer: Viewer, words: str = "", before: int | None = None) -> list[Talk]:
    """Return ended talks that the viewer held as an officer, newest first, one more than a page when there are more.

    With `words`, those in which all of them were said; `before` is the id of the last talk of the page before.
    """
    if viewer.person is None:
        return []
    mine = visible_to(viewer).filter(officer=viewer.person, status=Talk.Status.ENDED)
    if words.strip():
        hits = find(words, audiences=(audience_of(viewer.person.pk),), room=ROOM, limit=MOST_FOUND)
        mine = mine.filter(number__in=[hit.document.ref for hit in hits])
    if before is not None:
        mine = mine.filter(pk__lt=before)
    return list(mine.order_by("-pk")[: PAGE + 1])
