"""The reader's switches: language and larger type."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from accounts.viewers import Viewer

from ..actions import set_language
from ..context import LARGE_TYPE

A_YEAR = 365 * 24 * 3600


# No token is asked for: the header with its switches stands on every page, also on those that must be byte-identical,
# and the worst that a foreign page could do is change how this one looks.
@csrf_exempt
@require_POST
def language(request: HttpRequest) -> HttpResponse:
    """Keep the reader's language, in the browser and, signed in, with the person."""
    response = _back(request)
    chosen = request.POST.get("language", "")
    if chosen in dict(settings.LANGUAGES):
        _keep(response, settings.LANGUAGE_COOKIE_NAME, chosen)
        viewer: Viewer = request.viewer  # type: ignore[attr-defined]
        if viewer.person:
            set_language(person=viewer.person, language=chosen)
    return response


@csrf_exempt
@require_POST
def type_size(request: HttpRequest) -> HttpResponse:
    """Keep whether the reader wants larger type."""
    response = _back(request)
    _keep(response, LARGE_TYPE, "large" if request.POST.get("type") == "large" else "normal")
    return response


def _back(request: HttpRequest) -> HttpResponseRedirect:
    # Error pages say no address, so that all of them are alike; then the browser's word for it must do.
    target = request.POST.get("next") or request.headers.get("Referer", "")
    safe = url_has_allowed_host_and_scheme(target, {request.get_host()}, request.is_secure())
    return HttpResponseRedirect(target if safe and len(target) < 2000 else "/")


def _keep(response: HttpResponse, name: str, value: str) -> None:
    response.set_cookie(
        name, value, max_age=A_YEAR, samesite="Lax", httponly=True, secure=settings.SESSION_COOKIE_SECURE
    )
