"""The address somebody comes from, behind as many proxies as the installation says it trusts."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest


def behind_proxies(peer: str, forwarded: str) -> str:
    """Return the client's address: `peer`, or the entry of X-Forwarded-For that the outermost trusted proxy wrote."""
    trusted = settings.TRUSTED_PROXIES
    named = [part.strip() for part in forwarded.split(",") if part.strip()]
    # Each proxy appends who spoke to it; entries further left can be invented by the client.
    return named[-trusted] if trusted and len(named) >= trusted else peer


def address_of(request: HttpRequest) -> str:
    """Return the address a request comes from."""
    return behind_proxies(request.META.get("REMOTE_ADDR", ""), request.META.get("HTTP_X_FORWARDED_FOR", ""))
