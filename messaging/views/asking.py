"""Asking the citizen of a case now, from the case."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from accounts.viewers import Role
from engagement.queries import case_for

from .. import actions, queries, rules
from ..forms import AskForm, new_token
from .base import page, viewer_of


@require_http_methods(["GET", "HEAD", "POST"])
def ask(request: HttpRequest, number: str) -> HttpResponse:
    """Show whether the citizen is here, with the question's form; POST opens the conversation."""
    viewer = viewer_of(request)
    case = case_for(viewer, number)
    if not queries.may_ask(case, viewer):
        raise rules.NotFound()
    form = AskForm(request.POST if request.method == "POST" else None, initial={"token": new_token()})
    if request.method == "POST" and form.is_valid():
        try:
            talk = actions.ask_now(case_id=case.pk, by=viewer, **form.cleaned_data)
        except (rules.WrongStatus, rules.BadInput) as broken:
            form.add_error("text", str(broken))
        else:
            at_desk = viewer.holds(Role.DUTY_OFFICER)
            return redirect("messaging:duty-talk" if at_desk else "messaging:talk", number=talk.number)
    values: dict[str, Any] = {"case": case, "form": form, "here_now": queries.is_citizen_here(case, timezone.now())}
    return page(request, "messaging/ask.html", values, status=409 if form.errors else 200)
