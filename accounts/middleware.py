"""Puts the viewer on every request, looked up when first asked for, and notes who is at work."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils.functional import SimpleLazyObject
from django.utils.translation import get_language

from . import acting
from .viewers import viewer_of


class ViewerMiddleware:
    """Sets `request.viewer`."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer with the viewer at hand."""
        request.viewer = SimpleLazyObject(  # type: ignore[attr-defined]
            lambda: viewer_of(request.user, request.session, get_language() or "zh-hans")
        )
        acting.begin(request)
        try:
            return self.get_response(request)
        finally:
            acting.begin(None)
