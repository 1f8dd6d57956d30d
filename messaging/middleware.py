"""Lets a frame on another web site act for its reader by a pass, because cookies do not travel there."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from journal.doors import session_of_pass


class PassMiddleware:
    """Takes the session from the header X-Openhall-Pass in place of the cookie; neither is mixed with the other."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer; a request with a pass neither brings cookies nor gets any."""
        given = request.headers.get("X-Openhall-Pass")
        if not given:
            return self.get_response(request)
        language = request.headers.get("X-Openhall-Language", "")
        request.COOKIES = {settings.LANGUAGE_COOKIE_NAME: language} if language in dict(settings.LANGUAGES) else {}
        if key := session_of_pass(given):
            request.COOKIES[settings.SESSION_COOKIE_NAME] = key
        # Forging needs a cookie that comes along by itself. A pass does not: no other web site can send this header.
        request._dont_enforce_csrf_checks = True  # type: ignore[attr-defined]
        response = self.get_response(request)
        response.cookies.clear()
        return response
