"""One search over every room."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

import forums.queries
import search.queries
from accounts.rules import BadInput, clean_text
from accounts.viewers import Viewer

# room of search.Document → words of the filter
ROOMS = {
    "case": _("Letters and answers"), "topic": _("Forum"), "blog": _("Blogs"), "interview": _("Interviews"),
    "article": _("Handbook"),
}  # fmt: skip
# value of the filter → (words, days)
TIMES = {"week": (_("Past week"), 7), "month": (_("Past month"), 31), "year": (_("Past year"), 366)}
MOST_WORDS = 100
PAGE = 20


@require_safe
def search_page(request: HttpRequest) -> HttpResponse:
    """Show what holds the words; one more hit is asked for than shown, to know whether there is a next page."""
    viewer: Viewer = request.viewer  # type: ignore[attr-defined]
    words, error = _words(request.GET.get("q", ""))
    room = _chosen(request, "room", settings.SEARCH_ROOMS)
    time, language = _chosen(request, "time", TIMES), _chosen(request, "language", dict(settings.LANGUAGES))
    hits, parts = search.queries.find_apart(
        words, audiences=audiences(viewer), room=room or None, language=language, limit=PAGE + 1,
        since=timezone.now() - timedelta(days=TIMES[time][1]) if time else None, after=request.GET.get("after") or None,
    )  # fmt: skip
    context = {
        "words": words, "parts": parts, "error": error, "hits": hits[:PAGE],
        "room": room, "rooms": {key: label for key, label in ROOMS.items() if key in settings.SEARCH_ROOMS},
        "time": time, "times": {key: label for key, (label, _days) in TIMES.items()},
        "in_language": language, "languages": dict(settings.LANGUAGES),
        "next": hits[PAGE - 1].cursor if len(hits) > PAGE else hits.goes_on, "goes_on": hits.goes_on,
        "later": bool(request.GET.get("after")),
    }  # fmt: skip
    return render(request, "portal/search.html", context)


def audiences(viewer: Viewer) -> list[str]:
    """Return whose texts the viewer may find."""
    found = ["public", *forums.queries.inner_audiences(viewer)]
    if viewer.is_official:
        found.append("officials")
    return found


def _chosen(request: HttpRequest, name: str, choices: object) -> str:
    given = request.GET.get(name, "")
    return given if given in choices else ""  # type: ignore[operator]


def _words(given: str) -> tuple[str, str]:
    try:
        return clean_text(given, most=MOST_WORDS, field="q", newlines=False), ""
    except BadInput as bad:
        return "", str(bad)
