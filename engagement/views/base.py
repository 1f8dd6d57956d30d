"""What the pages of letters and cases share."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse

from accounts.viewers import Viewer


def viewer_of(request: HttpRequest) -> Viewer:
    """Return who is asking."""
    viewer: Viewer = request.viewer  # type: ignore[attr-defined]
    return viewer


def private(answer: HttpResponse) -> HttpResponse:
    """Mark a page that no cache may keep: it is one reader's own."""
    answer["Cache-Control"] = "no-store, private"
    return answer
