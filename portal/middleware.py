"""The content policy, the guard before all rooms, the reader's language, and the general limit of requests."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from functools import cached_property

from csp.constants import HEADER
from csp.middleware import CSPMiddleware
from csp.utils import build_policy
from django.conf import settings
from django.contrib.auth.middleware import get_user
from django.core.exceptions import BadRequest, RequestDataTooBig, SuspiciousOperation
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, UnreadablePostError
from django.http.multipartparser import MultiPartParserError
from django.http.response import HttpResponseBase
from django.utils import translation
from django.utils.cache import patch_vary_headers
from django.utils.translation.trans_real import get_supported_language_variant, parse_accept_lang_header

from accounts.actions import limit_rate
from accounts.addresses import address_of
from accounts.closing import is_closed
from accounts.rules import BadInput, RuleBroken, TooMany
from accounts.viewers import GRANTS

from . import metrics, rules
from .logs import begin_request
from .views import errors

GetResponse = Callable[[HttpRequest], HttpResponse]
log = logging.getLogger("openhall.requests")
# Asked for every few seconds by machines; never logged.
PROBES = ("/healthz", "/readyz", "/metrics")
# Costs nothing, so it is never limited; the others ask the database.
ALIVE = "/healthz"
# No room takes others; a view that does not say which it takes would treat them like GET.
METHODS = ("GET", "HEAD", "POST", "OPTIONS")


class PolicyMiddleware(CSPMiddleware):
    """Says the content policy; the one that all pages share but those with frames is written once, not for each."""

    def process_request(self, request: HttpRequest) -> None:
        """Prepare nothing: no page of ours has a script within it that a nonce would allow."""

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        """Add the policy to an answer that has none of its own."""
        if hasattr(response, "_csp_replace"):
            return super().process_response(request, response)
        response.headers.setdefault(HEADER, self._shared)
        return response

    @cached_property
    def _shared(self) -> str:
        return build_policy()


class GuardMiddleware:
    """Refuses requests that no room should see, and turns what rules say into pages."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer the request with an id for the logs, counted and logged."""
        request_id = begin_request(request.headers.get("X-Request-ID", ""))
        started = time.perf_counter()
        response = _refused(request) or self.get_response(request)
        response["X-Request-ID"] = request_id
        _record(request, response, time.perf_counter() - started)
        return response

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Answer a rule's refusal with its status and a lost database with 503; leave the rest to Django."""
        if isinstance(exception, RuleBroken):
            return errors.of_rule(request, exception)
        if isinstance(exception, (OperationalError, InterfaceError)):
            log.exception("database")
            return errors.unavailable(request)
        return None


def _check(request: HttpRequest) -> None:
    """Raise RuleBroken for unreadable text, wrong sizes and wrong nesting anywhere in the request."""
    rules.check_size(request.META.get("CONTENT_LENGTH") or "")
    rules.check_readable([request.path, *request.COOKIES.values()])
    rules.check_readable(value for name, value in request.META.items() if name.startswith("HTTP_"))
    try:
        _check_fields(request)
    except RequestDataTooBig:
        raise rules.TooLarge() from None
    except (SuspiciousOperation, BadRequest, MultiPartParserError, UnreadablePostError, UnicodeError, LookupError):
        raise BadInput() from None


def _check_fields(request: HttpRequest) -> None:
    rules.check_readable(text for name, values in request.GET.lists() for text in (name, *values))
    if request.method not in ("POST", "PUT", "PATCH", "DELETE"):
        return
    if request.content_type == "application/json":
        rules.check_json_depth(request.body)
    elif request.content_type in ("application/x-www-form-urlencoded", "multipart/form-data"):
        rules.check_charset((request.content_params or {}).get("charset", ""))
        rules.check_readable(text for name, values in request.POST.lists() for text in (name, *values))
        rules.check_readable(file.name or "" for _name, files in request.FILES.lists() for file in files)


def _refused(request: HttpRequest) -> HttpResponse | None:
    # This stands before the session: the language comes from what the request itself says.
    with translation.override(language_of(request)):
        # Still alive: what supervises processes shall not end them for it.
        if is_closed() and request.path != ALIVE:
            return errors.closed(request)
        try:
            _check(request)
        except RuleBroken as broken:
            return errors.of_rule(request, broken)
    return None if request.method in METHODS else HttpResponseNotAllowed(METHODS)


def _record(request: HttpRequest, response: HttpResponse, seconds: float) -> None:
    if request.path in PROBES:
        return
    route = request.resolver_match.route if request.resolver_match else "-"
    metrics.count_request(request.method or "-", response.status_code, seconds)
    # The route, not the address: addresses of password resets and of files are secrets.
    facts = {"method": request.method, "route": route, "status": response.status_code, "ms": round(seconds * 1000)}
    log.info("request", extra={"facts": facts})


class LanguageMiddleware:
    """Speaks the language that the reader chose, else the person's, else the browser's."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer in the reader's language."""
        own = "" if _chosen(request) else _language_of_person(request)
        language = own or language_of(request)
        # Activated without being taken back, as Django does it: streamed answers are written after this returns.
        translation.activate(language)
        request.LANGUAGE_CODE = language
        response = self.get_response(request)
        if own and settings.LANGUAGE_COOKIE_NAME not in response.cookies:
            response.set_cookie(settings.LANGUAGE_COOKIE_NAME, own, samesite="Lax", httponly=True)
        patch_vary_headers(response, ("Accept-Language", "Cookie"))
        response.headers.setdefault("Content-Language", language)
        return response


def _chosen(request: HttpRequest) -> str:
    chosen = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")
    return chosen if chosen in dict(settings.LANGUAGES) else ""


def _language_of_person(request: HttpRequest) -> str:
    if settings.SESSION_COOKIE_NAME not in request.COOKIES or request.path in PROBES:
        return ""
    person = get_user(request)
    known = dict(settings.LANGUAGES)
    return person.language if person.is_authenticated and person.language in known else ""


def language_of(request: HttpRequest) -> str:
    """Return the language that the reader's own choice or, without one, the browser asks for.

    A browser that speaks neither Chinese nor English gets English; one that says nothing the city's language.
    """
    asked = request.headers.get("Accept-Language", "")
    if chosen := _chosen(request):
        return chosen
    for code, _weight in parse_accept_lang_header(asked[:500]):
        if code == "*":
            break
        try:
            return get_supported_language_variant(code)
        except LookupError:
            continue
    else:
        return "en" if asked else settings.LANGUAGE_CODE
    return settings.LANGUAGE_CODE


class LimitMiddleware:
    """Lets everybody ask so many times a minute: who is known by themselves, others by address.

    Known is who signed in, and who opened a talk or a case in this session, by that: visitors of a library share one
    address, and none of them may be cut off in the middle of a conversation. An address opens only a few of either.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer, or say how long to wait."""
        if settings.REQUESTS_A_MINUTE and request.path != ALIVE:
            try:
                limit_rate("request", _who(request), settings.REQUESTS_A_MINUTE, 60)
            except TooMany as broken:
                return errors.of_rule(request, broken)
        return self.get_response(request)


def _who(request: HttpRequest) -> str:
    if settings.SESSION_COOKIE_NAME in request.COOKIES:
        if request.user.is_authenticated:
            return f"person-{request.user.pk}"
        if granted := request.session.get(GRANTS):
            return f"holder-{granted[-1]}"
    return address_of(request)
