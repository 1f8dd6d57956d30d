"""The list of somebody's notices, the badge, and the demo's screen of what would have gone out."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.actions import limit_rate
from accounts.rules import NotFound, RuleBroken
from accounts.viewers import Viewer
from journal.queries import head

from . import actions, queries
from .carriers.push import public_key

PAGE = 30
# How often somebody may ask to be told on a device, in an hour.
ASKS, ASKS_SECONDS = 60, 3600


def _viewer(request: HttpRequest) -> Viewer:
    viewer: Viewer = request.viewer  # type: ignore[attr-defined]
    return viewer


def _number(request: HttpRequest, name: str) -> int | None:
    """Return a positive whole number from the query, or None for anything else."""
    given = request.GET.get(name, "")
    return int(given) if given.isascii() and given.isdigit() and len(given) < 19 else None


@require_GET
@never_cache
def notices(request: HttpRequest) -> HttpResponse:
    """Show the viewer's notices, newest first."""
    viewer = _viewer(request)
    if viewer.person is None and not viewer.grants:
        return redirect_to_login(request.get_full_path())
    shown = list(queries.notices_of(viewer, before=_number(request, "before"))[: PAGE + 1])
    stream = f"person-{viewer.person.pk}" if viewer.person else ""
    epoch, seq = head(stream) if stream else ("", 0)
    context = {
        "notices": shown[:PAGE],
        "next": f"?before={shown[PAGE - 1].pk}" if len(shown) > PAGE else "",
        "unread": queries.unread_of(viewer),
        "stream": stream,
        "epoch": epoch,
        "head": seq,
    }
    return render(request, "notices/list.html", context)


@require_GET
@never_cache
def badge(request: HttpRequest) -> HttpResponse:
    """Show the count of unread notices: a fragment for the page's header."""
    return render(request, "notices/badge.html", {"unread": queries.unread_of(_viewer(request))})


@require_POST
def read(request: HttpRequest) -> HttpResponse:
    """Mark all of the viewer's notices as read."""
    actions.mark_read(viewer=_viewer(request))
    return redirect("notices:list")


@require_POST
def open_notice(request: HttpRequest, notice_id: int) -> HttpResponse:
    """Mark one notice as read and go where it leads."""
    try:
        notice = queries.notice_for(_viewer(request), notice_id)
        actions.mark_read(viewer=_viewer(request), notice_id=notice_id)
    except NotFound as error:
        raise Http404 from error
    return HttpResponseRedirect(notice.url)


@require_http_methods(["GET", "POST"])
@never_cache
def push(request: HttpRequest) -> HttpResponse:
    """Say our key to a browser that wants to be told; POST keeps what it answered. Refusals are JSON."""
    if request.method == "GET":
        return JsonResponse({"key": public_key()})
    viewer = _viewer(request)
    try:
        limit_rate("push", viewer.key, ASKS, ASKS_SECONDS)
        actions.listen(
            viewer=viewer,
            session_key=request.session.session_key or "",
            stream=request.POST.get("stream", ""),
            endpoint=request.POST.get("endpoint", ""),
            p256dh=request.POST.get("p256dh", ""),
            auth=request.POST.get("auth", ""),
        )
    except RuleBroken as broken:
        return JsonResponse({"error": {"code": broken.code, "text": broken.sentence()}}, status=broken.status)
    return JsonResponse({})


@require_POST
def stop_push(request: HttpRequest) -> HttpResponse:
    """Tell a browser no more of a stream."""
    actions.stop_listening(endpoint=request.POST.get("endpoint", ""), stream=request.POST.get("stream", ""))
    return JsonResponse({})


@require_GET
@never_cache
def screen(request: HttpRequest) -> HttpResponse:
    """Show, in demo mode only, the mails and SMS that would have gone out."""
    if not settings.DEMO:
        raise Http404
    page = Paginator(queries.shown_deliveries(), PAGE).get_page(request.GET.get("page"))
    shown = [queries.shown(row) for row in page.object_list]
    return render(request, "notices/screen.html", {"page": page, "deliveries": shown})
