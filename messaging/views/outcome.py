"""What becomes of a conversation: a rating, a message, a case and the code that opens it."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods, require_POST

from accounts.viewers import grant

from .. import actions, queries, rules
from ..forms import ContactForm, RateForm
from .base import page, thread_values, viewer_of
from .talking import state_values


@require_POST
def rate(request: HttpRequest, number: str) -> HttpResponse:
    """Rate the conversation."""
    viewer = viewer_of(request)
    found = queries.talk_for(viewer, number)
    rules.check_opener(found, viewer)
    form = RateForm(request.POST)
    if not form.is_valid():
        values = {**thread_values(found, viewer), **state_values(found, viewer), "rate_form": form}
        return page(request, "messaging/talk.html", values, status=400)
    actions.rate_talk(talk_id=found.pk, by=viewer, score=form.cleaned_data["score"], words=form.cleaned_data["words"])
    return redirect("messaging:talk", number=number)


@require_POST
def case(request: HttpRequest, number: str) -> HttpResponse:
    """Make a case of the conversation, with one press."""
    viewer = viewer_of(request)
    found = queries.talk_for(viewer, number)
    rules.check_opener(found, viewer)
    actions.make_case(talk_id=found.pk, by=viewer)
    return redirect("messaging:claim", number=number)


@require_POST
def message(request: HttpRequest, number: str) -> HttpResponse:
    """Stop waiting: what was said becomes a message."""
    viewer = viewer_of(request)
    found = queries.talk_for(viewer, number)
    rules.check_opener(found, viewer)
    form = ContactForm(request.POST)
    if not form.is_valid():
        values = {**thread_values(found, viewer), **state_values(found, viewer), "contact_form": form}
        return page(request, "messaging/talk.html", values, status=400)
    actions.turn_to_message(talk_id=found.pk, by=viewer, contact=form.contact())
    return redirect("messaging:claim", number=number)


@require_http_methods(["GET", "HEAD", "POST"])
def claim(request: HttpRequest, number: str) -> HttpResponse:
    """Show the case's number; POST shows its access code, once."""
    viewer = viewer_of(request)
    found = queries.talk_for(viewer, number)
    rules.check_opener(found, viewer)
    if found.case is None:
        return redirect("messaging:talk", number=number)
    values: dict[str, Any] = {"talk": found, "case": found.case, "code": None, "can_show": found.claim is not None}
    if request.method == "POST":
        shown, code = actions.claim_code(talk_id=found.pk, by=viewer)
        values |= {"code": code, "can_show": False}
        found.case = shown
    # Whoever may read the talk may read the case that it became.
    grant(request.session, [found.case.stream_name])
    return page(request, "messaging/claim.html", values)
