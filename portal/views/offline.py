"""What works without a connection: the browser's worker and the page that it keeps."""

from __future__ import annotations

import hashlib

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.urls import reverse
from django.views.decorators.http import require_safe

SHEETS = ("portal/tokens.css", "portal/base.css", "portal/offline.css")
SCRIPT, ICON = "portal/offline.js", "portal/mark.svg"


@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """Show what the browser keeps for when there is no connection: in both languages, for it cannot ask which."""
    return HttpResponse(_page())


def _page() -> str:
    values = {"sheets": [static(sheet) for sheet in SHEETS], "script": static(SCRIPT)}
    city = " · ".join(name for name in (settings.CITY_NAME, settings.CITY_NAME_EN) if name)
    return render_to_string("portal/offline.html", {**values, "city": city})


@require_safe
def worker(request: HttpRequest) -> HttpResponse:
    """Send the browser's worker; it is made anew when one of the files that it keeps has another name."""
    files = [static(name) for name in (*SHEETS, SCRIPT, ICON)]
    version = hashlib.sha256(_page().encode()).hexdigest()[:12]
    values = {"version": version, "page": reverse("portal:offline"), "files": files, "icon": static(ICON)}
    answer = HttpResponse(render_to_string("portal/worker.js", values), content_type="text/javascript; charset=utf-8")
    # Looked at anew each time; the browser itself compares.
    answer["Cache-Control"] = "no-cache"
    return answer
