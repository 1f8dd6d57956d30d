"""The auditor's page: who did what, whether the log is whole, and the checkpoints to take along."""

from __future__ import annotations

import json
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from accounts.viewers import Viewer

from . import actions, queries
from .forms import FilterForm

# A page is not the place to read millions of records: the command does.
MOST_LINKS = 20_000


def _viewer(request: HttpRequest) -> Viewer:
    viewer: Viewer = request.viewer  # type: ignore[attr-defined]
    queries.check_reader(viewer)
    return viewer


def _page(request: HttpRequest, viewer: Viewer, status: int = 200, **more: Any) -> HttpResponse:
    form = FilterForm(request.GET)
    if not form.is_valid():
        status = 400
    before = request.GET.get("before", "")
    number = int(before) if before.isascii() and before.isdigit() and len(before) < 19 else None
    found = queries.visible_to(viewer)
    rows, following = queries.page_of(form.applied(found) if form.is_valid() else found.none(), number)
    asked = request.GET.copy()
    asked.pop("before", None)
    context = {
        "form": form, "rows": rows, "standing": queries.standing(), "is_filtered": any(asked.values()),
        "previous": "", "next": "",
    }  # fmt: skip
    here = reverse("audit:records")
    if following:
        context["next"] = f"{here}?{'&'.join(filter(None, [asked.urlencode(), f'before={following}']))}"
    if number is not None:
        context["previous"] = f"{here}?{asked.urlencode()}"
    return render(request, "audit/records.html", {**context, **more}, status=status)


@never_cache
@login_required
@require_GET
def records(request: HttpRequest) -> HttpResponse:
    """Show a page of records."""
    return _page(request, _viewer(request))


@never_cache
@login_required
@require_POST
def check(request: HttpRequest) -> HttpResponse:
    """Read the chain now, and say what was found."""
    viewer = _viewer(request)
    actions.link_records()
    return _page(request, viewer, verdict=queries.verify(most=MOST_LINKS))


@never_cache
@login_required
@require_POST
def take_checkpoints(request: HttpRequest) -> HttpResponse:
    """Give the signed checkpoints as a file, to be kept where the house's own people cannot reach."""
    _viewer(request)
    actions.record("audit.exported")
    actions.link_records()
    actions.make_checkpoint()
    lines = "".join(json.dumps(one) + "\n" for one in queries.checkpoints())
    answer = HttpResponse(lines, content_type="application/jsonl; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="audit-checkpoints.jsonl"'
    return answer
