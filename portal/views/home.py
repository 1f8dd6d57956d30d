"""The front page, "my matters" and what this service promises."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.viewers import Viewer
from engagement.views.mine import my_cases

from .. import queries


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Show the four doors, what was answered lately and how well the city answers."""
    viewer: Viewer = request.viewer  # type: ignore[attr-defined]
    return render(request, "portal/home.html", {"front": queries.front(viewer), "title_is_whole": True})


@require_safe
def mine(request: HttpRequest) -> HttpResponse:
    """Show the reader's cases, talks, topics and notices; to a stranger, how to find theirs."""
    viewer: Viewer = request.viewer  # type: ignore[attr-defined]
    response = render(
        request, "portal/mine.html", {"matters": queries.matters(viewer), **my_cases(request, queries.CASES)}
    )
    response["Cache-Control"] = "no-store, private"
    return response


@require_safe
def about(request: HttpRequest) -> HttpResponse:
    """Say what is kept about whom, and how this service can be used by everybody."""
    return render(request, "portal/about.html")
