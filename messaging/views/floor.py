"""The floor: the desks that a supervisor answers for, live, with what went wrong and what was reported."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from accounts.rules import BadInput
from journal.queries import marks

from .. import actions, queries, rules
from ..forms import DecisionForm, WatchForm
from ..models import AbuseReport
from .base import page
from .routing import supervisor_of


@require_GET
def floor(request: HttpRequest) -> HttpResponse:
    """Show the desks, who is there, what waits and what goes on; never what is said."""
    viewer = supervisor_of(request)
    at = timezone.now()
    desks = queries.supervised_desks(viewer)
    states, there = queries.desk_states(desks, at), queries.officers_at(desks, at)
    heads = marks([desk.stream_name for desk in desks])
    watched = set(queries.watched_by(viewer).values_list("talk__number", flat=True))
    values: dict[str, Any] = {
        "desks": [(one, states[one.pk], there.get(one.pk, []), heads.get(one.stream_name)) for one in desks],
        "talks": [(talk, talk.number in watched) for talk in queries.open_talks_at(desks)],
        "queue": queries.queue_rows(desks, at),
        "alarms": queries.alarms_for(viewer, at),
        "reports": queries.reports_for(viewer),
        "decisions": AbuseReport.Decision,
        "blocks": queries.blocks_for(viewer, at),
    }
    part = "messaging/parts/floor.html" if request.GET.get("part") else "messaging/floor.html"
    return page(request, part, values)


@require_POST
def watch(request: HttpRequest, number: str) -> HttpResponse:
    """Open a supervision of a talk that goes on, for a stated reason."""
    viewer = supervisor_of(request)
    talk = next((one for one in queries.open_talks_at(queries.supervised_desks(viewer)) if one.number == number), None)
    if talk is None:
        raise rules.NotFound()
    form = WatchForm(request.POST)
    if not form.is_valid():
        messages.warning(request, form.first_error())
        return redirect("messaging:floor")
    actions.open_watch(talk_id=talk.pk, by=viewer, reason=form.cleaned_data["reason"])
    return redirect("messaging:beside", number=number)


@require_POST
def decide(request: HttpRequest, report_id: int) -> HttpResponse:
    """Decide a report of abuse."""
    viewer = supervisor_of(request)
    if all(report.pk != report_id for report in queries.reports_for(viewer)):
        raise rules.NotFound()
    form = DecisionForm(request.POST)
    try:
        if form.is_valid():
            actions.decide_report(report_id=report_id, by=viewer, **form.cleaned_data)
            messages.success(request, _("Decided."))
        else:
            messages.warning(request, form.first_error())
    except BadInput as broken:
        messages.warning(request, str(broken))
    return redirect("messaging:floor")


@require_POST
def lift(request: HttpRequest, block_id: int) -> HttpResponse:
    """End a block before its time."""
    actions.lift_block(block_id=block_id, by=supervisor_of(request))
    messages.success(request, _("The block is lifted."))
    return redirect("messaging:floor")
