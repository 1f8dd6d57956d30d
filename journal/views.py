"""The journal over plain HTTP, for pages and programs without a WebSocket."""

from __future__ import annotations

from typing import Any

import orjson
from django.http import HttpRequest, HttpResponse, JsonResponse, RawPostDataException
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from accounts.actions import limit_rate
from accounts.addresses import address_of
from accounts.rules import BadInput, NotFound, RuleBroken, TooMany
from accounts.viewers import Viewer

from .actions import issue_ticket
from .consumer import refusal
from .queries import check_cursor, entries_after, mark_of, may_follow
from .rules import MESSAGE_BYTES, PAGE, check_number, check_plain, split_stream
from .voices import mark_read, say, saying_of


@never_cache
@require_http_methods(["GET", "POST"])
def entries(request: HttpRequest, stream: str) -> HttpResponse:
    """GET the entries after a number (`wait` was spent before, see waiting.py), or POST one to say something."""
    try:
        viewer: Viewer = request.viewer  # type: ignore[attr-defined]
        if request.method == "POST":
            return _say(request, viewer, stream)
        return HttpResponse(orjson.dumps(_entries(request, viewer, stream)), content_type="application/json")
    except RuleBroken as broken:
        return _refused(broken)


def _entries(request: HttpRequest, viewer: Viewer, stream: str) -> dict[str, Any]:
    if not may_follow(viewer, stream):
        raise NotFound()
    after, epoch = _number(request, "after", 0), request.GET.get("epoch", "")
    limit = _number(request, "limit", PAGE)
    if not 1 <= limit <= PAGE:
        raise BadInput(_("A page has 1 to %(most)d entries.") % {"most": PAGE}, field="limit", code="bad_limit")
    mark = mark_of(stream)
    answer: dict[str, Any] = {"stream": stream, "epoch": mark.epoch, "head": mark.head}
    if not check_cursor(mark, after, epoch):
        return {**answer, "reset": True, "entries": []}
    return {**answer, "entries": entries_after(stream, after, limit)}


def _number(request: HttpRequest, name: str, default: int) -> int:
    text = request.GET.get(name, str(default))
    if not text.isascii() or not text.isdigit() or len(text) > 19:
        raise BadInput(_("A whole number is expected here."), field=name, code="bad_number")
    return check_number(int(text), name)


def _say(request: HttpRequest, viewer: Viewer, stream: str) -> HttpResponse:
    split_stream(stream)
    seq, at = say(saying_of(viewer, address_of(request), {**_body(request), "stream": stream}))
    return JsonResponse({"seq": seq, "at": at.isoformat()})


@never_cache
@require_POST
def read(request: HttpRequest, stream: str) -> HttpResponse:
    """Tell the room how far the viewer has read: the socket's `read`."""
    try:
        mark_read(request.viewer, {**_body(request), "stream": stream})  # type: ignore[attr-defined]
    except RuleBroken as broken:
        return _refused(broken)
    return JsonResponse({})


def _body(request: HttpRequest) -> dict[str, Any]:
    try:
        body = request.body
    # A form was sent and has been read as one before it came here.
    except RawPostDataException:
        raise BadInput(_("This is not JSON."), code="bad_json") from None
    if len(body) > MESSAGE_BYTES:
        raise BadInput(_("This is too long."), code="too_long")
    try:
        asked = orjson.loads(body)
    except orjson.JSONDecodeError:
        raise BadInput(_("This is not JSON."), code="bad_json") from None
    if not isinstance(asked, dict):
        raise BadInput(_("A JSON object is expected."), code="bad_json")
    check_plain(asked)
    return asked


@require_POST
@never_cache
def ticket(request: HttpRequest) -> HttpResponse:
    """Give a ticket that opens one socket for this session within 30 s, for clients that cannot send the cookie."""
    try:
        limit_rate("ticket", address_of(request), 60, 60)
        if not request.session.session_key:
            request.session.create()
        return JsonResponse({"ticket": issue_ticket(session_key=str(request.session.session_key))}, status=201)
    except RuleBroken as broken:
        return _refused(broken)


def _refused(broken: RuleBroken) -> HttpResponse:
    response = JsonResponse({"error": refusal(broken)}, status=broken.status)
    if isinstance(broken, TooMany):
        response["Retry-After"] = str(broken.retry_after)
    elif broken.status == 503:
        response["Retry-After"] = "5"
    return response
