"""What the views of the forums share."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from urllib.parse import urlencode

from django.forms import Form
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.urls import reverse

from accounts.rules import BadInput
from accounts.viewers import Viewer

from ..rules import SignInFirst


def viewer_of(request: HttpRequest) -> Viewer:
    """Return who asks."""
    viewer: Viewer = request.viewer  # type: ignore[attr-defined]
    return viewer


def number(text: str | None) -> int:
    """Return a number from an address or a form, 0 for nonsense."""
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 10 else 0


def show_errors(form: Form, bad: BadInput) -> None:
    """Put what an action refused beside the field that it is about."""
    form.add_error(bad.field if bad.field in form.fields else None, str(bad))


def wants_json(request: HttpRequest) -> bool:
    """Return whether a script asks, which changes the page by itself."""
    return request.headers.get("X-Requested-With") == "fetch"


def done(request: HttpRequest, to: str, **told: object) -> HttpResponse:
    """Answer a script with what it needs, a form with the way back."""
    return JsonResponse(told) if wants_json(request) else redirect(to)


def for_members(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Send strangers to sign in, whatever they asked for: the answer tells nothing of what is there."""

    @wraps(view)
    def asked(request: HttpRequest, *args: object, **parameters: object) -> HttpResponse:
        if viewer_of(request).person is not None:
            return view(request, *args, **parameters)
        if wants_json(request):
            raise SignInFirst()
        return redirect(f"{reverse('accounts:sign-in')}?{urlencode({'next': request.path})}")

    return asked
