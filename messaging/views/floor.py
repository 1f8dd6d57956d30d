"""The floor: the desks that a supervisor answers for, live, with what went wrong and what was reported."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from functools import partial
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.rules import BadInput
from journal.queries import marks

from .. import actions, queries, rules
from ..forms import DecisionForm, KeptForm, WatchForm
from ..models import AbuseReport, Talk
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
    """Open a supervision of a talk that goes on or is over, for a stated reason."""
    viewer = supervisor_of(request)
    talk = queries.watchable(viewer, number)
    form = WatchForm(request.POST)
    if not form.is_valid():
        messages.warning(request, form.first_error())
        return redirect("messaging:floor" if talk.status == Talk.Status.OPEN else "messaging:floor-past")
    actions.open_watch(talk_id=talk.pk, by=viewer, reason=form.cleaned_data["reason"])
    return redirect("messaging:beside", number=number)


@require_GET
def past(request: HttpRequest) -> HttpResponse:
    """Show talks of the supervised desks that are over: who with whom and when, never what was said."""
    viewer = supervisor_of(request)
    before = request.GET.get("before", "")
    cursor = int(before) if before.isascii() and before.isdigit() and len(before) < 19 else None
    words = request.GET.get("q", "").replace("\0", "")[:60]
    talks = queries.past_at(viewer, words, cursor)
    shown = talks[: queries.PAST_PAGE]
    watched = set(queries.watched_by(viewer).values_list("talk__number", flat=True))
    rows = [(talk, talk.number in watched) for talk in shown]
    more = shown[-1].pk if len(talks) > len(shown) else None
    return page(request, "messaging/past.html", {"rows": rows, "words": words, "next": more})


@require_http_methods(["GET", "POST"])
def kept(request: HttpRequest, number: str) -> HttpResponse:
    """Ask for the reason, then show what messages of a talk said before they were changed or taken back."""
    viewer = supervisor_of(request)
    talk = queries.talk_for(viewer, number)
    if queries.seat_of(talk, viewer) != rules.WATCHER:
        raise rules.NotFound()
    values = {"talk": talk, "count": queries.kept_of(talk).count()}
    return _open_kept(request, values, partial(actions.open_kept, number=number, by=viewer))


@require_GET
def kept_rooms(request: HttpRequest) -> HttpResponse:
    """Show in which rooms supervised officials changed or took back words; never what was said."""
    return page(request, "messaging/kept_rooms.html", {"rows": queries.kept_rooms(supervisor_of(request))})


@require_http_methods(["GET", "POST"])
def kept_in_room(request: HttpRequest, room_id: int) -> HttpResponse:
    """Ask for the reason, then show what messages of a room said before they were changed or taken back."""
    viewer = supervisor_of(request)
    room, entries = queries.kept_room(viewer, room_id)
    values = {"room": room, "members": queries.members_of(room), "count": entries.count()}
    return _open_kept(request, values, partial(actions.open_kept_in_room, room_id=room_id, by=viewer))


def _open_kept(request: HttpRequest, values: dict[str, Any], act: Callable[..., list[queries.Kept]]) -> HttpResponse:
    form = KeptForm(request.POST) if request.method == "POST" else KeptForm(initial={"key": uuid.uuid4().hex})
    values["form"] = form
    if form.is_bound and form.is_valid():
        values["kept"] = act(reason=form.cleaned_data["reason"], client_key=form.cleaned_data["key"])
    return page(request, "messaging/kept.html", values, status=400 if form.errors else 200)


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
