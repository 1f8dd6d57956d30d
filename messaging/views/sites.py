"""The desk on other web sites: the frame, its visitors' pass, and the page that gives out the tag."""

from __future__ import annotations

import re
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.clickjacking import xframe_options_exempt, xframe_options_sameorigin
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.actions import limit_rate
from accounts.addresses import address_of
from accounts.viewers import Role, Viewer

from .. import actions, queries, rules
from ..models import Desk
from .base import page, viewer_of

COLOUR = re.compile(r"#[0-9a-fA-F]{6}", re.ASCII)
# New visitors of frames from one address in ten minutes.
PASSES, PASSES_SECONDS = 60, 600


@xframe_options_exempt
@require_GET
def frame(request: HttpRequest, slug: str) -> HttpResponse:
    """Show the frame that holds the desk on another web site; it brings no session and needs no cookie."""
    desk = queries.shown_desk(slug)
    language, colour = request.GET.get("language", ""), request.GET.get("color", "")
    origins = queries.origins_of(desk)
    values = {"desk": desk, "origins": " ".join(origins), "colour": colour if COLOUR.fullmatch(colour) else ""}
    with translation.override(language if language in dict(settings.LANGUAGES) else translation.get_language()):
        answer = render(request, "messaging/frame.html", {**values, "language": translation.get_language()})
    # What may stand around it: this desk's own web sites, and the page that gives out the tag.
    answer._csp_replace = {"frame-ancestors": ["'self'", *origins]}  # type: ignore[attr-defined]
    answer["Cache-Control"] = "no-store"
    return answer


@xframe_options_sameorigin
@require_GET
def sheet(request: HttpRequest) -> HttpResponse:
    """Show the same frame on our own pages: of all desks, with the reader's own session and running talk."""
    running = queries.unread_of(viewer_of(request))
    resumed = reverse("messaging:talk", args=[running.talk]) if running.talk and not running.officer else ""
    answer = page(request, "messaging/frame.html", {"resumed": resumed, "language": translation.get_language()})
    answer._csp_replace = {"frame-ancestors": ["'self'"]}  # type: ignore[attr-defined]
    return answer


@csrf_exempt
@require_POST
def let_in(request: HttpRequest, slug: str) -> HttpResponse:
    """Give a new visitor of the frame a pass: what a cookie would be, if it could travel there."""
    queries.shown_desk(slug)
    if not _is_own(request):
        raise rules.NotFound()
    limit_rate("pass", address_of(request), PASSES, PASSES_SECONDS)
    return JsonResponse({"pass": actions.let_in()}, status=201, headers={"Cache-Control": "no-store"})


def _is_own(request: HttpRequest) -> bool:
    """Return whether a page of ours asks: the frame does, the web site around it cannot."""
    origin = request.headers.get("Origin", "")
    return origin in (f"{request.scheme}://{request.get_host()}", settings.PUBLIC_URL)


@require_http_methods(["GET", "HEAD", "POST"])
def sites(request: HttpRequest) -> HttpResponse:
    """Show administrators the tag for each desk; POST says which web sites may show one."""
    viewer = viewer_of(request)
    if not viewer.holds(Role.ADMINISTRATOR):
        raise rules.NotFound()
    problem = ""
    if request.method == "POST":
        try:
            actions.set_sites(by=viewer, desk_id=_id(request), origins=request.POST.get("origins", "").split())
        except rules.BadInput as broken:
            problem = str(broken)
        else:
            messages.success(request, _("Saved."))
            return redirect("messaging:sites")
    return page(request, "messaging/sites.html", _rows(request, viewer, problem), status=400 if problem else 200)


def _id(request: HttpRequest) -> int:
    given = request.POST.get("desk", "")
    if not (given.isascii() and given.isdigit() and len(given) < 10):
        raise rules.BadInput(field="desk")
    return int(given)


def _rows(request: HttpRequest, viewer: Viewer, problem: str) -> dict[str, Any]:
    chosen = request.POST.get("desk", "") if problem else ""
    rows = []
    for desk in queries.desks_configured_by(viewer):
        held = request.POST.get("origins", "") if str(desk.pk) == chosen else "\n".join(queries.origins_of(desk))
        rows.append((desk, held, problem if str(desk.pk) == chosen else "", _tag(desk)))
    return {"rows": rows}


def _tag(desk: Desk) -> str:
    return (
        f'<script src="{settings.PUBLIC_URL}{settings.STATIC_URL}messaging/widget.js" data-desk="{desk.slug}"'
        ' data-language="zh" data-color="#0b5cad" async></script>'
    )
