"""One search over every room."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

import search.queries
from accounts.rules import BadInput, clean_text
from accounts.viewers import Viewer

# room of search.Document → words of the filter
ROOMS = {
    "case": _("Letters and answers"),
    "topic": _("Forum"),
    "article": _("Handbook"),
    "interview": _("Live interviews"),
}
MOST_WORDS = 100
PAGE = 20


@require_safe
def search_page(request: HttpRequest) -> HttpResponse:
    """Show what holds the words; one more hit is asked for than shown, to know whether there is a next page."""
    viewer: Viewer = request.viewer  # type: ignore[attr-defined]
    words, error = _words(request.GET.get("q", ""))
    room = request.GET.get("room", "")
    room = room if room in ROOMS else ""
    audiences = ["public", "officials"] if viewer.is_official else ["public"]
    hits = search.queries.find(
        words, audiences=audiences, room=room or None, limit=PAGE + 1, after=request.GET.get("after") or None
    )
    context = {
        "words": words, "error": error, "room": room, "rooms": ROOMS, "hits": hits[:PAGE],
        "next": hits[PAGE - 1].cursor if len(hits) > PAGE else "", "later": bool(request.GET.get("after")),
    }  # fmt: skip
    return render(request, "portal/search.html", context)


def _words(given: str) -> tuple[str, str]:
    try:
        return clean_text(given, most=MOST_WORDS, field="q", newlines=False), ""
    except BadInput as bad:
        return "", str(bad)
