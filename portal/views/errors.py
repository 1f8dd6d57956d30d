"""Error pages in plain words; a page of one status is the same, byte for byte, whatever led to it."""

from __future__ import annotations

import sys
from functools import lru_cache

from django.conf import settings
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string
from django.utils.translation import get_language, gettext_lazy

from accounts.rules import RuleBroken

from ..context import LARGE_TYPE, city_name, links_for

# status → (machine word, title, what happened and what to do now)
PAGES = {
    400: ("bad_input", gettext_lazy("We could not read this request"),
          gettext_lazy("Something in it is not as it should be. Please go back, check what you entered and send it.")),
    403: ("forbidden", gettext_lazy("This did not come from our own page"),
          gettext_lazy("Your page may have been open for a long time. Please go back, reload it and send it again.")),
    404: ("not_found", gettext_lazy("There is nothing at this address"),
          gettext_lazy("It may have moved, or you may need to sign in or enter the access code to see it.")),
    405: ("wrong_method", gettext_lazy("This cannot be done here"),
          gettext_lazy("Please go back and use the buttons of the page.")),
    409: ("conflict", gettext_lazy("Something changed meanwhile"),
          gettext_lazy("Please go back, reload the page and look again.")),
    413: ("too_large", gettext_lazy("This is too large"),
          gettext_lazy("One file may have 20 MB, all files of a case together 50 MB. Please send less at once.")),
    429: ("too_many", gettext_lazy("That was a little too fast"),
          gettext_lazy("Please wait a minute and try again. Nothing you sent before is lost.")),
    500: ("failed", gettext_lazy("Something went wrong on our side"),
          gettext_lazy("It has been recorded. Nothing was changed. Please try again in a few minutes.")),
    503: ("unavailable", gettext_lazy("We cannot answer for a moment"),
          gettext_lazy("Nothing was changed. Please try again in a minute; what you wrote stays in your browser.")),
}  # fmt: skip
RETRY_AFTER = 30
CLOSED = gettext_lazy("Closed for maintenance")
CLOSED_TEXT = gettext_lazy(
    "We will be back soon. Please try again in a few minutes; what you are writing stays in your browser."
)
CLOSED_RETRY_AFTER = 120


def page(
    request: HttpRequest,
    status: int,
    *,
    title: str = "",
    text: str = "",
    code: str = "",
    retry_after: int = 0,
    template: str = "portal/error.html",
) -> HttpResponse:
    """Return the page of an error, or its JSON for a program; asks no database and knows nothing of the viewer.

    `title`, `text`, `code` and `template` stand in for those of the status; `retry_after` is in seconds.
    """
    word, usual, words = PAGES.get(status, PAGES[400 if status < 500 else 500])
    response: HttpResponse
    if _wants_json(request):
        response = JsonResponse({"error": {"code": code or word, "text": text or str(words)}}, status=status)
    else:
        large = request.COOKIES.get(LARGE_TYPE) == "large"
        said = (
            template,
            title or str(usual),
            text or str(words),
            city_name(),
            get_language() or "",
            large,
            settings.DEMO,
            status >= 500,
        )
        response = HttpResponse(_written(*said), status=status)
    if retry_after:
        response["Retry-After"] = str(retry_after)
    response["Cache-Control"] = "no-store"
    return response


@lru_cache(maxsize=64)
def _written(
    template: str, title: str, text: str, city: str, language: str, large: bool, demo: bool, ours: bool
) -> str:
    # Whoever tries many addresses costs no more than reading one page; nothing in it is of a person or an address.
    said = {
        "title": title,
        "text": text,
        "city": city,
        "large": large,
        "demo": demo,
        "LANGUAGE_CODE": language,
        "ours": ours,
    }
    return render_to_string(template, {**said, "nav": links_for(None, "")})


def _wants_json(request: HttpRequest) -> bool:
    accepted = request.headers.get("Accept", "")
    return request.path.startswith(("/api/", "/hooks/", "/readyz")) or ("json" in accepted and "html" not in accepted)


def of_rule(request: HttpRequest, broken: RuleBroken) -> HttpResponse:
    """Return the page for a rule's refusal; what is not the viewer's looks like what is not there."""
    if broken.status == 404:
        return page(request, 404)
    retry_after = getattr(broken, "retry_after", 0)
    return page(request, broken.status, text=str(broken), code=broken.code, retry_after=retry_after)


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Answer what Django found unreadable."""
    return page(request, 400)


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Answer what is refused to everybody."""
    return page(request, 403)


def csrf_failed(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Answer a form that did not come from our page, or from one that is too old."""
    return page(request, 403)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Answer for what is not there, and for what the viewer has no right to know of."""
    return page(request, 404)


def unavailable(request: HttpRequest) -> HttpResponse:
    """Answer while the database cannot be reached: nothing was done, try again."""
    return page(request, 503, retry_after=RETRY_AFTER)


def closed(request: HttpRequest) -> HttpResponse:
    """Answer while the house is closed for maintenance, in the reader's language and asking nothing."""
    said = {"title": str(CLOSED), "text": str(CLOSED_TEXT), "code": "closed", "template": "portal/closed.html"}
    return page(request, 503, retry_after=CLOSED_RETRY_AFTER, **said)


def failed(request: HttpRequest) -> HttpResponse:
    """Answer for our own mistakes; a database lost below the views counts as unavailable."""
    if isinstance(sys.exc_info()[1], (OperationalError, InterfaceError)):
        return unavailable(request)
    return page(request, 500)
