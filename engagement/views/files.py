"""Files of a case, for those who may read the case."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe

from engagement import queries

from .base import private, viewer_of


@require_safe
def file(request: HttpRequest, key: str) -> HttpResponse:
    """Send one file, always to be saved, never to be shown: what is inside was made by a stranger."""
    attachment = queries.attachment_for(viewer_of(request), key)
    answer = HttpResponse(queries.attachment_content(attachment), content_type=attachment.media_type)
    answer["Content-Disposition"] = content_disposition_header(True, attachment.name) or "attachment"
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return private(answer)
