"""The officials' workbench: the to-do list, one case beside it, and the verbs."""

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
from django.views.decorators.http import require_POST, require_safe

from accounts.rules import BadInput, NotFound, RuleBroken
from engagement import queries
from engagement.forms.office import FilterForm
from engagement.models import Case
from journal.queries import head

from .base import private, viewer_of
from .verbs import BY_SLUG, verbs_for

TABS = ("mine", "units", "unclaimed", "waiting")


@require_safe
def bench(request: HttpRequest, number: str = "") -> HttpResponse:
    """Show the to-do list, and beside it the case when one is open."""
    viewer = viewer_of(request)
    if not viewer.is_official:
        raise Http404()
    found = queries.case_for(viewer, number) if number else None
    return _page(request, found)


@require_safe
def listing(request: HttpRequest) -> HttpResponse:
    """Return the tabs with their counts and the list, fetched again whenever something has moved."""
    if not viewer_of(request).is_official:
        raise Http404()
    return private(render(request, "engagement/work/list.html", _list(request)))


@require_safe
def pane(request: HttpRequest, number: str) -> HttpResponse:
    """Return the case alone, for the middle and right panes."""
    found = _office_case(request, number)
    return private(render(request, "engagement/work/pane.html", _case(request, found)))


@require_POST
def act(request: HttpRequest, number: str, slug: str) -> HttpResponse:
    """Do one of the verbs, then show the next case."""
    viewer, found = viewer_of(request), _office_case(request, number)
    verb = BY_SLUG.get(slug)
    if verb is None:
        raise Http404()
    following = queries.next_todo(viewer, found, tab=_tab(request)) if not verb.stay else None
    form = verb.bind(found, viewer, request.POST, request.FILES)
    if not form.is_valid():
        return _page(request, found, {slug: form}, status=422)
    try:
        outcome = verb.run(found, viewer, form.cleaned_data)
    except BadInput as broken:
        form.add_error(broken.field if broken.field in form.fields else None, str(broken))
        return _page(request, found, {slug: form}, status=422)
    except NotFound:
        raise
    except RuleBroken as broken:
        return _page(request, queries.case_for(viewer, number), {slug: form}, broken.status, str(broken))
    if verb.shows:
        # Shown on this one page and nowhere else: a reload masks it again.
        return _page(request, queries.case_for(viewer, number), shown={verb.shows: outcome})
    messages.success(request, _("%(number)s: done – %(verb)s.") % {"number": number, "verb": verb.label})
    return redirect(_after(request, found, verb.stay, following))


def _after(request: HttpRequest, found: Case, stay: bool, following: str | None) -> str:
    query = f"?{urlencode(_kept(request))}" if _kept(request) else ""
    if stay:
        return reverse("engagement:work-case", args=[found.number]) + query
    if following:
        return reverse("engagement:work-case", args=[following]) + query
    return reverse("engagement:work") + query


def _office_case(request: HttpRequest, number: str) -> Case:
    viewer = viewer_of(request)
    found = queries.case_for(viewer, number)
    # The citizen of a case sees it on their own page; the bench also shows internal notes.
    if not viewer.is_official or not queries.may_follow_file(viewer, found.number):
        raise Http404()
    return found


def _tab(request: HttpRequest) -> str:
    wanted = request.GET.get("tab", "mine")
    return wanted if wanted in TABS else "mine"


def _kept(request: HttpRequest) -> dict[str, str]:
    return {name: request.GET[name] for name in ("tab", "light", "kind", "status", "words") if request.GET.get(name)}


def _list(request: HttpRequest) -> dict[str, Any]:
    viewer, at = viewer_of(request), timezone.now()
    form = FilterForm(request.GET)
    filters = {name: value for name, value in form.cleaned_data.items() if value} if form.is_valid() else {}
    tab = _tab(request)
    rows = queries.todo(viewer, tab=tab, filters=filters, after=request.GET.get("after", ""), at=at)
    kept = urlencode(_kept(request))
    return {
        "tab": tab, "tabs": _tabs(queries.counts(viewer, at)), "rows": rows, "filter_form": form, "at": at,
        "query": kept, "streams": queries.todo_streams(viewer), "narrowed": bool(filters),
    }


def _tabs(counts: Any) -> list[dict[str, Any]]:
    labels = {"mine": _("Mine"), "units": _("My units"), "unclaimed": _("Unclaimed"), "waiting": _("Waiting")}
    return [{"key": key, "label": labels[key], "count": counts[key]} for key in TABS]


def _case(request: HttpRequest, found: Case, bound: dict[str, forms.Form] | None = None) -> dict[str, Any]:
    viewer, at = viewer_of(request), timezone.now()
    heads = {name: head(name) for name in (found.stream_name, found.file_stream_name)}
    held = bound or {}
    verbs = [(verb, held.get(verb.slug) or verb.bind(found, viewer)) for verb in verbs_for(found, viewer)]
    shown = {verb.slug for verb, form in verbs}
    verbs += [(BY_SLUG[slug], form) for slug, form in held.items() if slug not in shown]
    return {
        "case": found, "heads": heads, "verbs": verbs, "open_verb": next(iter(held), ""), "at": at,
        "query": urlencode(_kept(request)), "steps": queries.steps_of(found), "clocks": queries.clocks_of(found, at),
        "lines": [line for line in queries.timeline(found, viewer) if line.kind != "case.received"], "earlier": queries.earlier_cases(found, viewer),
        "contact": queries.contact_of(found, viewer), "canned": queries.canned_replies(viewer, found.language),
        "files": queries.attachments_of(viewer, found.pk),
    }


def _page(
    request: HttpRequest,
    found: Case | None,
    bound: dict[str, forms.Form] | None = None,
    status: int = 200,
    refusal: str = "",
    shown: dict[str, Any] | None = None,
) -> HttpResponse:
    context = {**_list(request), "case": None, "refusal": refusal}
    if found is not None:
        _office_case(request, found.number)
        context |= _case(request, found, bound) | (shown or {})
    return private(render(request, "engagement/work/bench.html", context, status=status))
