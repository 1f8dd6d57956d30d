"""Working hours and the ladder of escalation: everybody of the house reads them, administrators change them."""

from __future__ import annotations

import csv
from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.rules import BadInput
from engagement import actions, queries
from engagement.forms.hours import (
    CHANNEL_LABELS,
    WHO_LABELS,
    DayForm,
    DropDayForm,
    HoursForm,
    NewCalendarForm,
    RungForm,
    TableForm,
)
from engagement.models import Calendar

from .base import private, viewer_of

MONTHS_SPAN = range(2010, 2101)


def _official(request: HttpRequest) -> None:
    if not viewer_of(request).is_official:
        raise Http404()


@require_http_methods(["GET", "HEAD", "POST"])
def calendars(request: HttpRequest) -> HttpResponse:
    """List the calendars; an administrator gives a unit its own."""
    _official(request)
    viewer = viewer_of(request)
    units = queries.units_without_calendar(viewer)
    form = NewCalendarForm(request.POST or None, units=units)
    if request.method == "POST":
        if not units:
            raise Http404()
        if form.is_valid():
            try:
                made = actions.new_calendar(by=viewer, **form.cleaned_data)
            except BadInput as broken:
                form.add_error("unit_id", str(broken))
            else:
                return redirect("engagement:calendar", calendar_id=made.pk)
    year = queries.this_year()
    listed = [
        (each, [(y, queries.is_year_provisional(each, y)) for y in (year, year + 1)]) for each in queries.calendars()
    ]
    context = {"listed": listed, "form": form if units else None}
    return private(render(request, "engagement/hours/calendars.html", context, status=422 if form.errors else 200))


@require_safe
def calendar(request: HttpRequest, calendar_id: int) -> HttpResponse:
    """Show a calendar: its hours and a year of it."""
    _official(request)
    return _page(request, queries.calendar_for(calendar_id))


@require_safe
def table(request: HttpRequest, calendar_id: int) -> HttpResponse:
    """Send the special days of a year as CSV, as they can be taken in again."""
    _official(request)
    found, year = queries.calendar_for(calendar_id), _year(request)
    answer = HttpResponse(content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="calendar-{found.pk}-{year}.csv"'
    answer.write("\ufeff")
    rows = csv.writer(answer)
    rows.writerow(["date", "kind", "hours", "name", "confirmed"])
    for day in queries.days_of(found, year):
        hours = ", ".join("-".join(session) for session in day.sessions)
        # A name that a spreadsheet would take for a formula is kept from being one.
        name = f"'{day.name}" if day.name[:1] in "=+-@" and day.name else day.name
        rows.writerow([day.date.isoformat(), day.kind, hours, name, "yes" if day.confirmed else "no"])
    return private(answer)


@require_POST
def hours(request: HttpRequest, calendar_id: int) -> HttpResponse:
    """Set the hours of a working day."""
    return _act(request, calendar_id, "hours", HoursForm(request.POST), actions.save_hours)


@require_POST
def day(request: HttpRequest, calendar_id: int) -> HttpResponse:
    """Set a special day."""
    return _act(request, calendar_id, "day", DayForm(request.POST), actions.set_day)


@require_POST
def drop(request: HttpRequest, calendar_id: int) -> HttpResponse:
    """Let a day be what its weekday says."""
    return _act(request, calendar_id, "drop", DropDayForm(request.POST), actions.drop_day)


@require_POST
def take_in(request: HttpRequest, calendar_id: int) -> HttpResponse:
    """Take over a table of days."""

    def run(*, by: Any, calendar_id: int, table: Any) -> int:
        return actions.import_days(by=by, calendar_id=calendar_id, table=table.read(300_000))

    return _act(request, calendar_id, "table", TableForm(request.POST, request.FILES), run)


def _act(request: HttpRequest, calendar_id: int, name: str, form: forms.Form, act: Callable[..., Any]) -> HttpResponse:
    viewer, found = viewer_of(request), queries.calendar_for(calendar_id)
    if not queries.may_edit(viewer, found):
        raise Http404()
    if not form.is_valid():
        return _page(request, found, {name: form}, 422)
    try:
        done = act(by=viewer, calendar_id=found.pk, **form.cleaned_data)
    except BadInput as broken:
        form.add_error(broken.field if broken.field in form.fields else None, str(broken))
        return _page(request, found, {name: form}, 422)
    if isinstance(done, int):
        messages.success(request, ngettext("%(n)d day taken over.", "%(n)d days taken over.", done) % {"n": done})
    else:
        messages.success(request, _("Saved. The due times of open cases are worked out anew."))
    return redirect(f"{reverse('engagement:calendar', args=[found.pk])}?year={_year(request)}")


def _year(request: HttpRequest) -> int:
    wanted = str(request.GET.get("year", ""))
    return (
        int(wanted)
        if wanted.isdecimal() and wanted.isascii() and int(wanted[:5]) in MONTHS_SPAN
        else queries.this_year()
    )


def _page(
    request: HttpRequest, found: Calendar, bound: dict[str, forms.Form] | None = None, status: int = 200
) -> HttpResponse:
    year, held = _year(request), bound or {}
    said = ", ".join("-".join(session) for session in found.sessions)
    context = {
        "calendar": found,
        "year": year,
        "now": timezone.localdate(),
        "months": queries.year_of(found, year),
        "days": queries.days_of(found, year),
        "provisional": queries.is_year_provisional(found, year),
        "may_edit": queries.may_edit(viewer_of(request), found),
        "left": queries.still_to_recount(found),
        "hours_form": held.get("hours") or HoursForm(initial={"hours": said}),
        "day_form": held.get("day") or DayForm(),
        "table_form": held.get("table") or TableForm(),
        "said": said,
    }
    return private(render(request, "engagement/hours/calendar.html", context, status=status))


RUNG_ACTS = {"save": gettext_lazy("Saved."), "drop": gettext_lazy("Taken off the ladder.")}


@require_http_methods(["GET", "HEAD", "POST"])
def ladder(request: HttpRequest) -> HttpResponse:
    """Show the ladder of escalation, and change a row of it."""
    _official(request)
    viewer = viewer_of(request)
    may = queries.may_edit_ladder(viewer)
    form = RungForm(request.POST or None)
    if request.method == "POST":
        if not may:
            raise Http404()
        answer = _change_ladder(request, form)
        if answer is not None:
            return answer
    elif request.GET.get("level", "").isdecimal():
        rung = next((each for each in queries.ladder() if str(each.level) == request.GET["level"]), None)
        if rung is not None:
            known = {name: getattr(rung, name) for name in form.fields if name != "name"}
            form = RungForm(initial=known | {"name": rung.label})
    rows = [
        (
            rung,
            [WHO_LABELS.get(who, who) for who in rung.tells],
            [CHANNEL_LABELS.get(each, each) for each in rung.channels],
        )
        for rung in queries.ladder()
    ]
    context = {"rows": rows, "form": form if may else None}
    return private(render(request, "engagement/hours/ladder.html", context, status=422 if form.errors else 200))


def _change_ladder(request: HttpRequest, form: forms.Form) -> HttpResponse | None:
    viewer, what = viewer_of(request), request.POST.get("do", "save")
    if what == "drop":
        level = request.POST.get("level", "")
        actions.drop_rung(by=viewer, level=int(level) if level.isdecimal() and len(level) < 4 else 0)
    elif not form.is_valid():
        return None
    else:
        try:
            actions.save_rung(by=viewer, **form.cleaned_data)
        except BadInput as broken:
            form.add_error(broken.field if broken.field in form.fields else None, str(broken))
            return None
    messages.success(request, str(RUNG_ACTS["drop" if what == "drop" else "save"]))
    return redirect("engagement:ladder")
