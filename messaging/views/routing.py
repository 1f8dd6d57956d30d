"""What an officer does with a talk besides talking: hand it over, ask somebody in, keep abuse out."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from accounts.viewers import Role, Viewer

from .. import actions, queries, rules
from ..forms import BlockForm, ReportForm, TransferForm
from ..models import Talk
from .base import officer_of, page, viewer_of


def routing_values(found: Talk) -> dict[str, Any]:
    """Return what the right column of the duty desk needs to hand the talk over or to ask somebody in."""
    going_on = found.status == Talk.Status.OPEN
    return {
        "guests": queries.guests_of(found) if going_on else [],
        "way": queries.way_of(found),
        "asides": queries.asides_of(found),
        "watches": queries.watches_of(found),
        "going_on": going_on,
        "can_block": found.taken_at is not None,
        "can_report": found.taken_at is not None,
    }


def _held(viewer: Viewer, number: str) -> Talk:
    found = queries.talk_for(viewer, number)
    rules.check_holder(found, viewer)
    return found


def _told(request: HttpRequest, number: str, text: str = "", error: str = "") -> HttpResponse:
    if error:
        messages.warning(request, error)
    elif text:
        messages.success(request, text)
    return redirect("messaging:duty-talk", number=number)


@require_GET
def others(request: HttpRequest, number: str) -> HttpResponse:
    """Return to whom the talk may be handed now, and whom one may ask in: a fragment for the open dialogue."""
    return _others(request, _held(officer_of(request), number))


def _others(request: HttpRequest, found: Talk, told: str = "", status: int = 200) -> HttpResponse:
    """Show them, after a refusal `told` with the note that was written."""
    unit = request.GET.get("unit", "")
    values: dict[str, Any] = {"talk": found, "receivers": queries.receivers(found), "units": queries.units_to_ask()}
    values["unit"] = int(unit) if unit.isascii() and unit.isdigit() and len(unit) < 10 else None
    values["people"] = queries.officials_to_ask(values["unit"], found) if values["unit"] else []
    values |= {"told": told, "note": request.POST.get("note", "")}
    return page(request, "messaging/others.html", values, status)


@require_POST
def transfer(request: HttpRequest, number: str) -> HttpResponse:
    """Hand the talk over."""
    viewer = officer_of(request)
    found = _held(viewer, number)
    form = TransferForm(request.POST)
    if not form.is_valid():
        return _others(request, found, form.first_error(), 400)
    try:
        actions.transfer_talk(
            talk_id=found.pk,
            by=viewer,
            note=form.cleaned_data["note"],
            officer_id=form.target("officer"),
            desk_id=form.target("desk"),
            unit_id=form.target("unit"),
        )
    except rules.Conflict as broken:
        return _others(request, found, str(broken), 409)
    messages.success(request, _("The conversation was handed over."))
    return redirect("messaging:duty")


@require_POST
def invite(request: HttpRequest, number: str) -> HttpResponse:
    """Ask an official of a unit into the talk."""
    viewer = officer_of(request)
    found = _held(viewer, number)
    person, _dot, unit = request.POST.get("who", "").partition("-")
    if not (person.isascii() and person.isdigit() and unit.isascii() and unit.isdigit() and len(person + unit) < 19):
        return _told(request, number, error=_("Please choose whom to ask."))
    try:
        guest = actions.invite_guest(talk_id=found.pk, by=viewer, person_id=int(person), unit_id=int(unit))
    except rules.Conflict as broken:
        return _told(request, number, error=str(broken))
    return _told(request, number, _("%(name)s was asked to come in.") % {"name": guest.person})


@require_POST
def show_out(request: HttpRequest, number: str) -> HttpResponse:
    """Let a guest go."""
    viewer = officer_of(request)
    found = _held(viewer, number)
    asked = request.POST.get("guest", "")
    guest = next((one for one in queries.guests_of(found) if str(one.pk) == asked), None)
    if guest is None:
        return _told(request, number, error=_("This guest has gone already."))
    actions.show_out(talk_id=found.pk, by=viewer, guest_id=guest.pk)
    return _told(request, number)


@require_POST
def block(request: HttpRequest, number: str) -> HttpResponse:
    """Keep whoever opened the talk from opening others for a while."""
    viewer = officer_of(request)
    found = _held(viewer, number)
    form = BlockForm(request.POST, most=rules.MOST_OFFICER_BLOCK)
    if not form.is_valid():
        return _told(request, number, error=form.first_error())
    actions.block_opener(talk_id=found.pk, by=viewer, **form.cleaned_data)
    return _told(request, number, _("Blocked. Letters and messages stay open to them."))


@require_POST
def report(request: HttpRequest, number: str) -> HttpResponse:
    """Report the other side of the talk; from the duty desk and from the citizen's page alike."""
    viewer = viewer_of(request)
    found = queries.talk_for(viewer, number)
    side = rules.side_of(found, viewer)
    form = ReportForm(request.POST)
    if form.is_valid():
        actions.report_abuse(talk_id=found.pk, by=viewer, words=form.cleaned_data["words"])
        messages.success(request, _("Your report went to the supervisors of this desk."))
    else:
        messages.warning(request, form.first_error())
    return redirect("messaging:duty-talk" if side == rules.OFFICER else "messaging:talk", number=number)


def supervisor_of(request: HttpRequest) -> Viewer:
    """Return who is asking; for everybody but supervisors the page does not exist."""
    viewer = viewer_of(request)
    if viewer.person is None or not viewer.holds(Role.SUPERVISOR):
        raise rules.NotFound()
    return viewer
