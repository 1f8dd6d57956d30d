"""Files of a conversation: adding one, with its progress seen, and reading one again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_POST, require_safe

from accounts.actions import limit_rate
from journal.consumer import refusal

from .. import actions, queries, rules
from ..models import TalkFile
from .base import viewer_of

# Files that one sender may add in ten minutes.
UPLOADS, UPLOADS_SECONDS = 60, 600


@require_POST
def add(request: HttpRequest, number: str) -> HttpResponse:
    """Take one file for a message that will follow; the answer, like every refusal, is JSON."""
    viewer = viewer_of(request)
    found = queries.talk_for(viewer, number)
    return _added(
        request, lambda key, upload: actions.add_file(viewer=viewer, key=found.number, client_key=key, upload=upload)
    )


@require_POST
def add_to_room(request: HttpRequest, room_id: int) -> HttpResponse:
    """Take one file for a message in a room of officials."""
    viewer = viewer_of(request)
    found = queries.room_for(viewer, room_id)
    return _added(
        request,
        lambda key, upload: actions.add_room_file(viewer=viewer, room_id=found.pk, client_key=key, upload=upload),
    )


def _added(request: HttpRequest, add_one: Callable[[str, Any], TalkFile]) -> HttpResponse:
    try:
        limit_rate("upload", viewer_of(request).key, UPLOADS, UPLOADS_SECONDS)
        return JsonResponse(add_one(request.POST.get("key", ""), request.FILES.get("file")).shown)
    except rules.NotFound:
        raise
    except rules.RuleBroken as broken:
        return JsonResponse({"error": refusal(broken)}, status=broken.status)


@require_safe
def file(request: HttpRequest, key: str, small: bool = False) -> HttpResponse:
    """Send a file, always to be saved; the small copy of a picture is what pages show."""
    row = queries.file_for(viewer_of(request), key)
    if small and not row.width:
        raise rules.NotFound()
    answer = HttpResponse(
        queries.file_content(row, small=small), content_type="image/webp" if small else row.media_type
    )
    answer["Content-Disposition"] = content_disposition_header(True, row.name) or "attachment"
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Content-Security-Policy"] = "default-src 'none'; sandbox"
    answer["Cache-Control"] = "private, max-age=300" if small else "no-store, private"
    return answer


@require_POST
def drop(request: HttpRequest, key: str) -> HttpResponse:
    """Take back a file that was not sent."""
    actions.drop_file(viewer=viewer_of(request), key=key)
    return JsonResponse({})
