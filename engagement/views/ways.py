"""A case on the diagram of its process, for its citizen and its office."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from engagement import queries

from .base import private, viewer_of


@require_safe
def way(request: HttpRequest, number: str) -> HttpResponse:
    """Show the steps the case has taken and where it is."""
    viewer = viewer_of(request)
    found = queries.case_for(viewer, number)
    picture, stations = queries.way_of(found, viewer)
    context = {
        "case": found, "picture": picture, "stations": stations, "process": found.process,
        "is_office": queries.may_follow_file(viewer, found.number) and not queries.is_party(viewer, found),
    }  # fmt: skip
    return private(render(request, "engagement/processes/way.html", context))
