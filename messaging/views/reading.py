"""What waits to be read: asked by every page that shows it."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from django.views.decorators.http import require_GET

from .. import actions, queries
from .base import viewer_of


@require_GET
def unread(request: HttpRequest) -> HttpResponse:
    """Return how much there is to read, where, and which streams to follow for news; it also says: here I am."""
    viewer = viewer_of(request)
    waiting = queries.unread_of(viewer)
    actions.note_here(queries.readers_of(viewer))
    name = "messaging:duty-talk" if waiting.officer and queries.desks_of(viewer) else "messaging:talk"
    url = reverse(name, args=[waiting.talk]) if waiting.talk else ""
    answer = JsonResponse({"unread": waiting.count, "url": url, "streams": waiting.streams, "key": viewer.key})
    answer["Cache-Control"] = "no-store, private"
    return answer
