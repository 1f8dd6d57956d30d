"""Files of a conversation: adding one, with its progress seen, and reading one again."""

from __future__ import annotations

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
    try:
        limit_rate("upload", viewer.key, UPLOADS, UPLOADS_SECONDS)
        upload, key = request.FILES.get("file"), request.POST.get("key", "")
        return JsonResponse(_told(actions.add_file(viewer=viewer, key=found.number, client_key=key, upload=upload)))
    except rules.NotFound:
        raise
    except rules.RuleBroken as broken:
        return JsonResponse({"error": refusal(broken)}, status=broken.status)


def _told(row: TalkFile) -> dict[str, Any]:
    size = {"width": row.width, "height": row.height} if row.width else {}
    return {"key": row.key, "name": row.name, "size": row.size, "type": row.media_type, **size}


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
