"""What machines ask: is it alive, can it work, what has it counted."""

from __future__ import annotations

import secrets
from ipaddress import ip_address

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_safe

from .. import metrics, queries


@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """Say that the process answers; no database, no disk, no network."""
    return HttpResponse("ok\n", content_type="text/plain")


@require_safe
def readyz(request: HttpRequest) -> HttpResponse:
    """Say whether people can be served: 503 when they cannot, 200 with "degraded" when only something lags."""
    found = queries.readiness()
    state = "down" if found.broken else "degraded" if found.lagging else "ready"
    body = {"state": state, "broken": found.broken, "lagging": found.lagging}
    response = JsonResponse(body, status=503 if found.broken else 200)
    response["Cache-Control"] = "no-store"
    return response


@require_safe
def measured(request: HttpRequest) -> HttpResponse:
    """Give Prometheus what was counted; to this machine, or to whoever brings the token."""
    if not _may_measure(request):
        raise Http404
    return HttpResponse(metrics.as_text(queries.gauges()), content_type="text/plain; version=0.0.4; charset=utf-8")


def _may_measure(request: HttpRequest) -> bool:
    token = settings.METRICS_TOKEN
    if token:
        given = request.headers.get("Authorization", "")
        return secrets.compare_digest(given.encode(), f"Bearer {token}".encode())
    # Behind a proxy everything may seem to come from this machine: then only the token counts.
    if settings.TRUSTED_PROXIES or settings.SECURE_PROXY_SSL_HEADER or "X-Forwarded-For" in request.headers:
        return False
    try:
        return ip_address(request.META.get("REMOTE_ADDR", "")).is_loopback
    except ValueError:
        return False
