"""Replays of past cases through a changed process: begun, watched, read."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from accounts.rules import BadInput
from engagement import actions, queries
from engagement.forms.process_begin import ReplayForm

from .base import private, viewer_of


@require_http_methods(["GET", "HEAD", "POST"])
def begin(request: HttpRequest, key: str) -> HttpResponse:
    """Ask how far back to look, and begin."""
    viewer = viewer_of(request)
    editing = queries.editing_of(viewer, key)
    form = ReplayForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            started = actions.start_replay(by=viewer, key=key, **form.cleaned_data)
        except BadInput as broken:
            form.add_error(broken.field if broken.field in form.fields else None, str(broken))
        else:
            return redirect("engagement:replay", replay_id=started.pk)
    context = {"editing": editing, "form": form, "replays": queries.replays_of(viewer, key)}
    status = 422 if form.is_bound else 200
    return private(render(request, "engagement/processes/replay_begin.html", context, status=status))


@require_safe
def replay(request: HttpRequest, replay_id: int) -> HttpResponse:
    """Show what a replay has found; while it goes on the page asks again by itself."""
    found = queries.replay_for(viewer_of(request), replay_id)
    context = {"replay": found, "report": queries.replay_report(found)}
    return private(render(request, "engagement/processes/replay.html", context))
