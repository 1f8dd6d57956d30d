"""The duty roster: a week of a desk, made by those in charge, swapped by those who sit there."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.models import Person
from accounts.viewers import Viewer

from .. import actions, queries, rules
from ..forms import DayForm, HoursForm, OfficerForm, RotaForm, SheetForm, ShiftForm, SwapForm
from ..forms.routing import Told
from ..models import Desk, Shift
from .base import page, viewer_of


@require_GET
def first(request: HttpRequest) -> HttpResponse:
    """Go to the roster of the first desk that concerns the reader."""
    mine = queries.roster_desks(viewer_of(request))
    if not mine:
        raise rules.NotFound()
    return redirect("messaging:roster-desk", slug=mine[0].slug)


@require_GET
def desk(request: HttpRequest, slug: str) -> HttpResponse:
    """Show a week of the desk's roster."""
    viewer = viewer_of(request)
    found = queries.roster_desk(viewer, slug)
    return page(request, "messaging/roster/desk.html", _values(request, viewer, found))


def _values(request: HttpRequest, viewer: Viewer, found: Desk) -> dict[str, Any]:
    at = timezone.now()
    monday = _monday(request.GET.get("week", ""))
    keeps = queries.may_keep(viewer, found)
    people = list(queries.may_sit(found, Shift.Kind.ORDINARY, at).select_related("duty"))
    week = queries.week_of(found, monday, at)
    values: dict[str, Any] = {
        "desk": found,
        "desks": queries.roster_desks(viewer),
        "week": week,
        "monday": monday,
        "before": monday - timedelta(days=7),
        "after": monday + timedelta(days=7),
        "now": at,
        "keeps": keeps,
        "people": people,
        "asked": queries.swaps_asked(viewer, found),
        "swaps": queries.swaps_for(viewer),
        "exchangeable": queries.exchangeable(found, viewer, at),
        "sheets": queries.sheets_of(found),
        "gaps": sum(len(day.gaps) for day in week),
        "my_shift": queries.current_shift(viewer, at, found),
    }
    return values | (_keeping(found, people, monday) if keeps else {})


def _keeping(found: Desk, people: list[Person], monday: date) -> dict[str, Any]:
    """Return the forms of those who make the roster."""
    seated = [*people, *_leaders(found)]
    return {
        "rotas": queries.rotas_of(found),
        "shift_form": ShiftForm(people=seated, auto_id="shift_%s"),
        "rota_form": RotaForm(people=seated, initial={"since": monday}, auto_id="rota_%s"),
        "hours_form": HoursForm(
            initial={"hours": _written(found.hours), "off_hours": _written(found.off_hours)}, auto_id="hours_%s"
        ),
        "day_form": DayForm(auto_id="day_%s"),
    }


def _leaders(found: Desk) -> list[Person]:
    return list(queries.may_sit(found, Shift.Kind.LEADER))


def _written(hours: list[list[str]]) -> str:
    return " ".join(f"{start}-{end}" for start, end in hours)


def _monday(asked: str) -> date:
    try:
        day = date.fromisoformat(asked)
    except ValueError:
        day = timezone.localdate()
    # A year is kept clear at both ends of what calendars know.
    day = min(max(day, date(2015, 1, 5)), timezone.localdate() + rules.FARTHEST_SHIFT)
    return day - timedelta(days=day.weekday())


@require_POST
def change(request: HttpRequest, slug: str, act: str) -> HttpResponse:
    """Do one of ACTS with the desk's roster, for those who make it."""
    viewer = viewer_of(request)
    found = queries.roster_desk(viewer, slug)
    if not queries.may_keep(viewer, found) or act not in ACTS:
        raise rules.NotFound()
    try:
        told = ACTS[act](request, viewer, found)
    except (rules.BadInput, rules.Conflict, rules.WrongStatus) as broken:
        messages.warning(request, str(broken))
    else:
        messages.success(request, told)
    return _back(request, slug)


def _back(request: HttpRequest, slug: str) -> HttpResponse:
    week = _monday(request.POST.get("week", ""))
    return redirect(f"{reverse('messaging:roster-desk', args=[slug])}?week={week.isoformat()}")


def _valid(form: Told) -> dict[str, Any]:
    if not form.is_valid():
        raise rules.BadInput(form.first_error())
    return dict(form.cleaned_data)


def _number(request: HttpRequest, name: str) -> int:
    asked = request.POST.get(name, "")
    return int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 19 else 0


def _add(request: HttpRequest, viewer: Viewer, found: Desk) -> str:
    people = [*queries.may_sit(found, Shift.Kind.ORDINARY), *_leaders(found)]
    actions.add_shift(desk_id=found.pk, by=viewer, **_valid(ShiftForm(request.POST, people=people)))
    return _("The shift is on the roster.")


def _remove(request: HttpRequest, viewer: Viewer, found: Desk) -> str:
    actions.remove_shift(shift_id=_number(request, "shift"), by=viewer)
    return _("The shift is off the roster.")


def _make(request: HttpRequest, viewer: Viewer, found: Desk) -> str:
    made = actions.make_shifts(desk_id=found.pk, by=viewer, first=_monday(request.POST.get("week", "")))
    return ngettext("%(n)d shift made.", "%(n)d shifts made.", made) % {"n": made}


def _rota(request: HttpRequest, viewer: Viewer, found: Desk) -> str:
    people = [*queries.may_sit(found, Shift.Kind.ORDINARY), *_leaders(found)]
    actions.save_rota(desk_id=found.pk, by=viewer, **_valid(RotaForm(request.POST, people=people)))
    return _("The pattern is kept. Make a week from it when you are ready.")


def _end_rota(request: HttpRequest, viewer: Viewer, found: Desk) -> str:
    actions.end_rota(rota_id=_number(request, "rota"), by=viewer)
    return _("The pattern makes no more shifts.")


def _hours(request: HttpRequest, viewer: Viewer, found: Desk) -> str:
    actions.set_hours(desk_id=found.pk, by=viewer, **_valid(HoursForm(request.POST)))
    return _("The hours are set.")


def _day(request: HttpRequest, viewer: Viewer, found: Desk) -> str:
    asked = _valid(DayForm(request.POST))
    hours = None if asked.pop("usual") else asked.pop("hours")
    asked.pop("hours", None)
    actions.set_day(desk_id=found.pk, by=viewer, hours=hours, **asked)
    return _("The day is set.")


def _officer(request: HttpRequest, viewer: Viewer, found: Desk) -> str:
    actions.set_officer(desk_id=found.pk, by=viewer, **_valid(OfficerForm(request.POST)))
    return _("Kept.")


ACTS: dict[str, Callable[[HttpRequest, Viewer, Desk], str]] = {
    "add": _add,
    "remove": _remove,
    "make": _make,
    "rota": _rota,
    "end-rota": _end_rota,
    "hours": _hours,
    "day": _day,
    "officer": _officer,
}


@require_POST
def ask_swap(request: HttpRequest, shift_id: int) -> HttpResponse:
    """Ask a colleague to take one's shift."""
    viewer = viewer_of(request)
    shift = queries.shift_of(viewer, shift_id)
    form = SwapForm(request.POST)
    if not form.is_valid():
        messages.warning(request, form.first_error())
        return _back(request, shift.desk.slug)
    kind, number = form.cleaned_data["with_whom"]
    asked: dict[str, int] = {"officer_id": number}
    if kind == "shift":
        others = {one.pk: one for one in queries.exchangeable(shift.desk, viewer, timezone.now())}
        if number not in others:
            raise rules.NotFound()
        asked = {"officer_id": others[number].officer_id, "other_id": number}
    try:
        swap = actions.ask_swap(shift_id=shift.pk, by=viewer, note=form.cleaned_data["note"], **asked)  # type: ignore[arg-type]
        messages.success(request, _("%(name)s was asked.") % {"name": swap.asked_of})
    except (rules.Conflict, rules.WrongStatus) as broken:
        messages.warning(request, str(broken))
    return _back(request, shift.desk.slug)


@require_POST
def answer_swap(request: HttpRequest, swap_id: int) -> HttpResponse:
    """Accept or refuse what a colleague asks, or take one's own question back."""
    viewer = viewer_of(request)
    answer = request.POST.get("answer", "")
    try:
        if answer == "withdraw":
            swap = actions.withdraw_swap(swap_id=swap_id, by=viewer)
        else:
            swap = actions.answer_swap(swap_id=swap_id, by=viewer, accept=answer == "accept")
    except (rules.Conflict, rules.WrongStatus) as broken:
        messages.warning(request, str(broken))
        return redirect("messaging:roster")
    messages.success(request, _("Your colleague has been told."))
    return _back(request, swap.shift.desk.slug)


@require_http_methods(["GET", "HEAD", "POST"])
def sign_sheet(request: HttpRequest, shift_id: int) -> HttpResponse:
    """Show the hand-over sheet of one's own shift; POST signs it."""
    viewer = viewer_of(request)
    shift = queries.shift_of(viewer, shift_id)
    if request.method == "POST":
        form = SheetForm(request.POST)
        if form.is_valid():
            sheet = actions.hand_over(shift_id=shift.pk, by=viewer, note=form.cleaned_data["note"])
            messages.success(request, _("Signed. Whoever comes next finds the sheet on the roster."))
            return redirect("messaging:sheet", sheet_id=sheet.pk)
    else:
        form = SheetForm(initial={"note": shift.hand_over.note if hasattr(shift, "hand_over") else ""})
    things = queries.sheet_of(queries.open_things(shift), viewer)
    values = {"shift": shift, "desk": shift.desk, "form": form, "things": things, "sheet": None}
    return page(request, "messaging/roster/sheet.html", values, status=400 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def sheet(request: HttpRequest, sheet_id: int) -> HttpResponse:
    """Show a signed sheet; POST takes it over."""
    viewer = viewer_of(request)
    found = queries.sheet_for(viewer, sheet_id)
    if request.method == "POST":
        try:
            actions.take_over(sheet_id=found.pk, by=viewer)
        except rules.Conflict as broken:
            messages.warning(request, str(broken))
        return redirect("messaging:sheet", sheet_id=found.pk)
    person = viewer.person.pk if viewer.person else 0
    can_take = found.taken_at is None and found.by_id != person and queries.serves(viewer, found.desk)
    things = queries.sheet_of(found.open_things, viewer)
    values = {"shift": found.shift, "desk": found.desk, "things": things, "sheet": found, "can_take": can_take}
    return page(request, "messaging/roster/sheet.html", values)
