"""What the pages of letters and cases share."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse

from accounts.addresses import address_of
from accounts.viewers import Viewer


def viewer_of(request: HttpRequest) -> Viewer:
    """Return who is asking."""
    viewer: Viewer = request.viewer  # type: ignore[attr-defined]
    return viewer


def device_of(request: HttpRequest) -> str:
    """Return what tells one device from another without a cookie; only a keyed digest of it is ever kept."""
    return f"{address_of(request)} {request.headers.get('User-Agent', '')[:300]}"


def private(answer: HttpResponse) -> HttpResponse:
    """Mark a page that no cache may keep: it is one reader's own."""
    answer["Cache-Control"] = "no-store, private"
    return answer
