"""What all pages of the handbook share."""

from __future__ import annotations

from django.forms import Form
from django.http import HttpRequest

from accounts.rules import RuleBroken
from accounts.viewers import Viewer


def viewer_of(request: HttpRequest) -> Viewer:
    """Return who asks."""
    viewer: Viewer = request.viewer  # type: ignore[attr-defined]
    return viewer


def refuse(form: Form, refused: RuleBroken) -> None:
    """Say in the form what a rule said; the reader's words stay in it."""
    field = getattr(refused, "field", "")
    form.add_error(field if field in form.fields else None, str(refused))


def number_in(request: HttpRequest, name: str) -> int | None:
    """Return a parameter of the address as a number, None for nonsense."""
    given = request.GET.get(name, "")
    return int(given) if given.isascii() and given.isdigit() and len(given) < 10 else None
