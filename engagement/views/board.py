"""The supervision desk: the board, the cases behind a cell, and what is done about many of them at once."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST, require_safe

from accounts.rules import BadInput
from engagement import actions, queries
from engagement.forms.board import GROUP_LABELS, BoardForm, OrderManyForm, UrgeManyForm, WatchForm
from engagement.queries.board import Listed, Row, Scope

from .base import private, viewer_of

CELL_LABELS = {
    "open": gettext_lazy("Open"),
    "today": gettext_lazy("Due today"),
    "yellow": gettext_lazy("Due soon"),
    "red": gettext_lazy("Overdue"),
    "supervised": gettext_lazy("Supervised"),
    "unsigned": gettext_lazy("Not signed for"),
    "returned": gettext_lazy("Returned"),
    "waiting": gettext_lazy("Waiting for the citizen"),
}
KEPT = ("by", "row", "what", "after")


@require_safe
def first(request: HttpRequest) -> HttpResponse:
    """Go to the viewer's widest board. Raises NotFound for those who have none."""
    return redirect("engagement:board", scope=queries.scope_of(viewer_of(request)).key)


@require_safe
def board(request: HttpRequest, scope: str) -> HttpResponse:
    """Show the board."""
    found = queries.scope_of(viewer_of(request), scope)
    return private(render(request, "engagement/board/board.html", _board(request, found)))


@require_safe
def lines(request: HttpRequest, scope: str) -> HttpResponse:
    """Return the lines alone, fetched again whenever something has moved."""
    found = queries.scope_of(viewer_of(request), scope)
    return private(render(request, "engagement/board/lines.html", _board(request, found)))


@require_safe
def cases(request: HttpRequest, scope: str) -> HttpResponse:
    """Show the very cases behind a cell, to look at, to urge and to order."""
    return _cases(request, queries.scope_of(viewer_of(request), scope))


@require_POST
def urge(request: HttpRequest, scope: str) -> HttpResponse:
    """Urge the units of the chosen cases."""
    return _many(request, scope, UrgeManyForm, actions.urge_cases, _("urged"))


@require_POST
def order(request: HttpRequest, scope: str) -> HttpResponse:
    """Issue an order about each of the chosen cases."""
    return _many(request, scope, OrderManyForm, actions.order_cases, _("ordered"))


@require_POST
def watch(request: HttpRequest, scope: str) -> HttpResponse:
    """Put the chosen cases on the watch list or take them off."""
    viewer, found = viewer_of(request), queries.scope_of(viewer_of(request), scope)
    form = WatchForm(request.POST)
    if not form.is_valid():
        return _cases(request, found, {"watch": form}, 422)
    try:
        actions.watch_cases(by=viewer, numbers=form.cleaned_data["cases"], on=form.cleaned_data["on"] == "1")
    except BadInput as broken:
        form.add_error(None, str(broken))
        return _cases(request, found, {"watch": form}, 422)
    return redirect(_back(request, found))


def _many(request: HttpRequest, scope: str, kind: type[forms.Form], act: Any, said: str) -> HttpResponse:
    viewer = viewer_of(request)
    found = queries.scope_of(viewer, scope)
    if not found.supervises:
        raise Http404()
    form = kind(request.POST)
    name = "order" if kind is OrderManyForm else "urge"
    if not form.is_valid():
        return _cases(request, found, {name: form}, 422)
    given = dict(form.cleaned_data)
    try:
        outcome = act(by=viewer, numbers=given.pop("cases"), **given)
    except BadInput as broken:
        form.add_error(broken.field if broken.field in form.fields and broken.field != "cases" else None, str(broken))
        return _cases(request, found, {name: form}, 422)
    done = len(outcome.done)
    messages.success(
        request, ngettext("%(n)d case: %(done)s.", "%(n)d cases: %(done)s.", done) % {"n": done, "done": said}
    )
    for number, why in outcome.refused[:10]:
        messages.warning(request, f"{number}: {why}")
    return redirect(_back(request, found))


def _back(request: HttpRequest, scope: Scope) -> str:
    kept = {name: request.GET[name] for name in KEPT if request.GET.get(name)}
    return f"{reverse('engagement:board-cases', args=[scope.key])}?{urlencode(kept)}"


def _board(request: HttpRequest, scope: Scope) -> dict[str, Any]:
    viewer, at, asked = viewer_of(request), timezone.now(), BoardForm(request.GET).chosen()
    rows = queries.board(scope, viewer, asked["by"], at)
    return {
        "scope": scope,
        "scopes": queries.scopes_of(viewer),
        "rows": _sorted(rows, asked["sort"], asked["up"]),
        "sums": [queries.totals(rows)],
        "labels": CELL_LABELS,
        "heads": _heads(asked),
        "groups": [(key, label) for key, label in GROUP_LABELS.items()],
        "orders": queries.orders_to_judge(scope, viewer),
        "query": urlencode(_kept(asked)),
        "at": at,
        **asked,
    }


def _kept(asked: dict[str, Any], **changed: Any) -> dict[str, str]:
    both = {**asked, **changed}
    found = {"by": both["by"] if both["by"] != "unit" else "", "sort": both["sort"]}
    found |= {"up": "1" if both["up"] else "", "wall": "1" if both["wall"] else ""}
    return {name: value for name, value in found.items() if value}


def _heads(asked: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the heads of the columns with what a press on each of them asks for."""
    labels = {**CELL_LABELS, "percent": _("On time"), "median": _("Median days")}
    found = []
    for key, label in labels.items():
        here = asked["sort"] == key
        query = urlencode(_kept(asked, sort=key, up=here and not asked["up"]))
        state = ("ascending" if asked["up"] else "descending") if here else ""
        found.append({"key": key, "label": label, "query": query, "state": state})
    return found


def _sorted(rows: list[Row], sort: str, up: bool) -> list[Row]:
    if not sort:
        return rows
    if sort == "label":
        return sorted(rows, key=lambda row: row.label, reverse=not up)

    def value(row: Row) -> float:
        known = {"percent": row.percent, "median": row.median}.get(sort, row.counts.get(sort))
        # What has no figure stands at the end, whichever way it is sorted.
        return (float("inf") if up else float("-inf")) if known is None else float(known)

    return sorted(rows, key=value, reverse=not up)


def _cases(
    request: HttpRequest, scope: Scope, bound: dict[str, forms.Form] | None = None, status: int = 200
) -> HttpResponse:
    viewer, at, held = viewer_of(request), timezone.now(), bound or {}
    by = BoardForm(request.GET).chosen()["by"]
    row, what, after = (str(request.GET.get(name, "")) for name in ("row", "what", "after"))
    watching = what == "watched"
    listed: Listed = (
        queries.watched(viewer, scope, after)
        if watching
        else queries.cases_behind(scope, viewer, by=by, row=row, what=what, after=after, at=at)
    )
    kept = {"by": by, "row": row, "what": what}
    context = {
        "scope": scope,
        "listed": listed,
        "lights": [(case, queries.light_of(case.due_at, case.yellow_at, at)) for case in listed.cases],
        "title": _("Watch list") if watching else CELL_LABELS.get(what, CELL_LABELS["open"]),
        "row_label": queries.row_label(by, row),
        "urge_form": held.get("urge") or UrgeManyForm(auto_id="urge-%s"),
        "order_form": held.get("order") or OrderManyForm(auto_id="order-%s"),
        "watch_form": held.get("watch"),
        "opened": next(iter(held), ""),
        "chosen": request.POST.getlist("cases"),
        "watching": watching,
        "query": urlencode({name: value for name, value in kept.items() if value}),
        "more_query": urlencode({**kept, "after": listed.next}),
        "at": at,
    }
    return private(render(request, "engagement/board/cases.html", context, status=status))
