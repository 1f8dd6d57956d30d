"""The duty desk: what waits, what I hold, the conversation in the middle and who it is."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.viewers import Viewer
from journal.queries import marks

from .. import actions, queries, rules
from ..forms import CaseForm, SayForm
from ..models import Duty, Talk
from .base import officer_of, page, thread_values
from .joined import aside_values
from .routing import routing_values
from .talking import say_words


@require_http_methods(["GET", "HEAD", "POST"])
def desk(request: HttpRequest, number: str = "") -> HttpResponse:
    """Show the duty desk, with the talk `number` in the middle; POST says something in it."""
    viewer = officer_of(request)
    duty = actions.heartbeat(viewer=viewer)
    found = _held(viewer, number) if number else None
    if found is None:
        return page(request, "messaging/duty.html", queue_values(viewer, duty))
    if request.method == "POST":
        form = SayForm(request.POST, request.FILES)
        if form.is_valid() and say_words(viewer, found, form):
            return redirect("messaging:duty-talk", number=number)
        return page(request, "messaging/duty.html", {**_values(viewer, found), "form": form}, status=400)
    return page(request, "messaging/duty.html", _values(viewer, found))


def _held(viewer: Viewer, number: str) -> Talk:
    found = queries.talk_for(viewer, number)
    rules.check_holder(found, viewer)
    return found


def _values(viewer: Viewer, found: Talk) -> dict[str, Any]:
    thread = thread_values(found, viewer)
    actions.mark_read(viewer=viewer, key=found.number, seq=thread["head"])
    return {
        **queue_values(viewer),
        **thread,
        **routing_values(found),
        **aside_values(found, rules.OFFICER),
        "earlier_talks": queries.earlier_talks(found),
        "earlier_cases": queries.earlier_cases(found, viewer),
        "canned": queries.canned_for(found, viewer),
        "suggestions": queries.suggestions(found),
        "case_form": CaseForm(),
        "can_make_case": found.case_id is None and found.status in rules.POSSIBLE["make_case"],
    }


def queue_values(viewer: Viewer, duty: Duty | None = None) -> dict[str, Any]:
    """Return the left column: my state, what I hold and what waits; `duty` is what is known of the state already."""
    at = timezone.now()
    mine = queries.desks_of(viewer, at)
    held = queries.held_talks(viewer)
    unread, words = queries.unread_counts(held, viewer), queries.last_words(held)
    heads = marks([*(one.stream_name for one in mine), *(one.stream_name for one in held)])
    states = queries.desk_states(mine, at)
    return {
        "duty": duty or queries.duty_of(viewer),
        "duty_states": Duty.State,
        "desks": [(one, states[one.pk], heads.get(one.stream_name)) for one in mine],
        "held": [(one, unread[one.pk], heads.get(one.stream_name), words.get(one.pk, "")) for one in held],
        "unread_total": sum(unread.values()),
        "queue": queries.queue_rows(mine, at),
        "my_shift": queries.current_shift(viewer, at),
        "push_streams": " ".join([viewer.key, *(one.stream_name for one in mine)]),
        "invited": len(queries.invitations_of(viewer)),
    }


@require_GET
def queue(request: HttpRequest) -> HttpResponse:
    """Return the left column for a page that is open."""
    viewer = officer_of(request)
    current = request.GET.get("current", "")
    return page(request, "messaging/parts/queue.html", {**queue_values(viewer), "current": current})


@require_POST
def state(request: HttpRequest) -> HttpResponse:
    """Go on duty, busy or away."""
    actions.set_duty(by=officer_of(request), state=request.POST.get("state", ""))
    return back_to(request)


def back_to(request: HttpRequest) -> HttpResponse:
    """Return to the talk the form stood beside."""
    current = request.POST.get("current", "")
    # Only a talk of this desk, never an address from outside.
    return redirect("messaging:duty-talk", number=current) if current.isalnum() else redirect("messaging:duty")


@require_POST
def here(request: HttpRequest) -> HttpResponse:
    """Say that the page is still open."""
    duty = actions.heartbeat(viewer=officer_of(request))
    return JsonResponse({"state": duty.state if duty else ""})


@require_POST
def take(request: HttpRequest, number: str) -> HttpResponse:
    """Take a waiting talk."""
    viewer = officer_of(request)
    row = next((row for row in queries.queue_rows(queries.desks_of(viewer)) if row.number == number), None)
    if row is None:
        return _taken_already(request, viewer, number)
    return _take(request, viewer, row)


@require_POST
def take_next(request: HttpRequest) -> HttpResponse:
    """Take the talk that waits longest."""
    viewer = officer_of(request)
    rows = queries.queue_rows(queries.desks_of(viewer))
    if not rows:
        return _told(request, _("Nobody is waiting."))
    return _take(request, viewer, rows[0])


def _take(request: HttpRequest, viewer: Viewer, row: queries.QueueRow) -> HttpResponse:
    try:
        actions.take_talk(talk_id=row.pk, by=viewer)
    except rules.Conflict as broken:
        return _told(request, str(broken))
    return redirect("messaging:duty-talk", number=row.number)


def _taken_already(request: HttpRequest, viewer: Viewer, number: str) -> HttpResponse:
    if any(one.number == number for one in queries.held_talks(viewer)):
        return redirect("messaging:duty-talk", number=number)
    return _told(request, _("Somebody else has taken this conversation, or it is over."))


def _told(request: HttpRequest, text: str) -> HttpResponse:
    return page(request, "messaging/duty.html", {**queue_values(officer_of(request)), "told": text}, status=409)


@require_POST
def back(request: HttpRequest, number: str) -> HttpResponse:
    """Put the talk back into the queue."""
    viewer = officer_of(request)
    actions.hand_back(talk_id=_held(viewer, number).pk, by=viewer)
    return redirect("messaging:duty")


@require_POST
def end(request: HttpRequest, number: str) -> HttpResponse:
    """End the talk."""
    viewer = officer_of(request)
    found = _held(viewer, number)
    # The citizen was quicker: the page shows it.
    with suppress(rules.WrongStatus):
        actions.end_talk(talk_id=found.pk, by=viewer)
    return redirect("messaging:duty-talk", number=number)


@require_POST
def case(request: HttpRequest, number: str) -> HttpResponse:
    """Make a case of the talk."""
    viewer = officer_of(request)
    found = _held(viewer, number)
    form = CaseForm(request.POST)
    if not form.is_valid():
        return page(request, "messaging/duty.html", {**_values(viewer, found), "case_form": form}, status=400)
    actions.make_case(talk_id=found.pk, by=viewer, **form.cleaned_data)
    return redirect("messaging:duty-talk", number=number)
