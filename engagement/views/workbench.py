"""The officials' workbench: the to-do list, one case beside it, and the verbs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.contrib import messages
from django.contrib.humanize.templatetags.humanize import intcomma
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.rules import BadInput, NotFound, RuleBroken
from engagement import actions, queries, rules
from engagement.forms.office import FilterForm
from engagement.models import Case

from .base import device_of, private, viewer_of
from .pane import again, kept_words, pane_of
from .verbs import verb_of

TABS = ("mine", "units", "unclaimed", "waiting")
# What of the address stays while one goes from case to case.
KEPT = ("tab", "light", "kind", "status", "words", "after")


@require_safe
def bench(request: HttpRequest, number: str = "") -> HttpResponse:
    """Show the to-do list, and beside it the case when one is open."""
    if not viewer_of(request).is_official:
        raise Http404()
    if number:
        return _page(request, _office_case(request, number))
    listed = _list(request)
    if not request.GET and listed["to_claim"] and not listed["rows"].rows:
        # Who takes cases from the units' pile, as intake does all day, begins there and not at an empty list.
        return redirect(f"{reverse('engagement:work')}?tab=unclaimed")
    return _page(request, None, listed=listed)


@require_safe
def listing(request: HttpRequest) -> HttpResponse:
    """Return the tabs with their counts and the list, fetched again whenever something has moved."""
    if not viewer_of(request).is_official:
        raise Http404()
    return private(render(request, "engagement/work/list.html", _list(request)))


@require_safe
def pane(request: HttpRequest, number: str) -> HttpResponse:
    """Return the case alone, for the middle and right panes."""
    context = pane_of(_office_case(request, number), viewer_of(request)) | {"query": urlencode(_kept(request))}
    return private(render(request, "engagement/work/pane.html", context))


@require_POST
def act(request: HttpRequest, number: str, slug: str) -> HttpResponse:
    """Do one of the verbs, then show the next case."""
    try:
        found = _office_case(request, number)
    except NotFound:
        return _too_late(request, number, slug)
    viewer = viewer_of(request)
    stands = queries.standing(viewer, found)
    verb = verb_of(slug, stands)
    if verb is None:
        raise Http404()
    following = (
        None if verb.stay else queries.next_todo(viewer, found, _tab(request), _filters(request)[1], _after(request))
    )
    form = verb.bind(stands, request.POST, request.FILES)
    if not form.is_valid():
        return _refused(request, found, {slug: form}, 422)
    try:
        outcome = verb.run(found, viewer, form.cleaned_data)
    except BadInput as broken:
        form.add_error(broken.field if broken.field in form.fields else None, str(broken))
        return _refused(request, found, {slug: form}, 422)
    except NotFound:
        raise
    except RuleBroken as broken:
        fresh = queries.case_for(viewer, number)
        return _refused(request, fresh, {slug: again(verb, fresh, viewer, request.POST)}, broken.status, str(broken))
    if viewer.person is not None:
        actions.trace_work(person=viewer.person, device=device_of(request))
    if _is_fetched(request):
        return HttpResponse(status=204)
    if verb.shows:
        # Shown on this one page and nowhere else: a reload masks it again.
        return _page(
            request, queries.case_for(viewer, number), shown={verb.shows: outcome, f"{verb.shows}_shown": True}
        )
    done = {"number": rules.grouped(found.number), "verb": verb.label}
    messages.success(request, _("%(number)s: done – %(verb)s.") % done)
    return redirect(_onward(request, found.number if verb.stay else following))


def _too_late(request: HttpRequest, number: str, slug: str) -> HttpResponse:
    """Answer somebody whose case went on to another desk while they wrote: who was quicker, and their own words."""
    viewer = viewer_of(request)
    lost = queries.lost_case(viewer, number)
    stands = queries.standing(viewer, lost)
    verb = verb_of(slug, stands)
    if verb is None:
        raise Http404()
    form = verb.bind(stands, request.POST, request.FILES)
    # Without the version that every page of the bench sends along, it was never the page of somebody who had it.
    if not request.POST.get("version") or not form.is_valid():
        raise Http404()
    try:
        verb.run(lost, viewer, form.cleaned_data)
    except RuleBroken as broken:
        if broken.status != 409:
            raise Http404() from broken
        words = kept_words({verb.slug: form}, set())
        return _page(request, None, status=409, refusal=str(broken), shown={"kept": words})
    raise Http404()


def _refused(
    request: HttpRequest, found: Case, bound: dict[str, forms.Form], status: int, refusal: str = ""
) -> HttpResponse:
    """Show the case with what was sent still in its form, or tell a script in a line."""
    if _is_fetched(request):
        said = refusal or " ".join(
            str(error) for form in bound.values() for errors in form.errors.values() for error in errors
        )
        return HttpResponse(said, status=status, content_type="text/plain; charset=utf-8")
    return _page(request, found, bound, status, refusal)


def _is_fetched(request: HttpRequest) -> bool:
    return request.headers.get("X-Requested-With") == "fetch"


def _onward(request: HttpRequest, number: str | None) -> str:
    query = f"?{urlencode(_kept(request))}" if _kept(request) else ""
    address = reverse("engagement:work-case", args=[number]) if number else reverse("engagement:work")
    return address + query


def _office_case(request: HttpRequest, number: str) -> Case:
    viewer = viewer_of(request)
    found = queries.case_for(viewer, number)
    # The citizen of a case sees it on their own page; the bench also shows internal notes.
    if not viewer.is_official or not queries.reads_file(viewer, found):
        raise NotFound()
    return found


def _tab(request: HttpRequest) -> str:
    wanted = request.GET.get("tab", "mine")
    return wanted if wanted in TABS else "mine"


def _after(request: HttpRequest) -> str:
    return str(request.GET.get("after", ""))


def _kept(request: HttpRequest) -> dict[str, str]:
    return {name: request.GET[name] for name in KEPT if request.GET.get(name)}


def _filters(request: HttpRequest) -> tuple[FilterForm, dict[str, Any]]:
    form = FilterForm(request.GET)
    return form, {name: value for name, value in form.cleaned_data.items() if value} if form.is_valid() else {}


def _list(request: HttpRequest) -> dict[str, Any]:
    viewer, at, kept = viewer_of(request), timezone.now(), _kept(request)
    (form, filters), tab = _filters(request), _tab(request)
    found = queries.desk(viewer, tab, filters, _after(request), at)
    query = urlencode(kept)
    return {
        "tab": tab,
        "tabs": _tabs(found.tallies),
        "rows": found.page,
        "filter_form": form,
        "orders": found.orders,
        "at": at,
        "query": query,
        "asked": f"?{query}" if query else "",
        "more_query": urlencode(kept | {"after": found.page.next}),
        "first_query": urlencode({name: value for name, value in kept.items() if name != "after"}),
        "is_later_page": "after" in kept,
        "streams": queries.todo_streams(viewer),
        "narrowed": bool(filters),
        "to_claim": tab == "mine" and found.tallies["unclaimed"].open > 0,
        "chooses": tab in ("mine", "units") and queries.answers_many(viewer),
    }


def _tabs(tallies: Mapping[str, queries.Tally]) -> list[dict[str, Any]]:
    labels = {"mine": _("Mine"), "units": _("My units"), "unclaimed": _("Unclaimed"), "waiting": _("Waiting")}
    return [{"key": key, "label": labels[key], **_counted(tallies[key])} for key in TABS]


def _counted(tally: queries.Tally) -> dict[str, str]:
    """Return the figures of a tab as they are shown; a plus says that it was not counted to the end."""
    more = "+" if tally.cut else ""
    # The overdue come first and are all counted, unless there are more of them than are counted at all.
    overdue = more if tally.red >= queries.COUNTED else ""
    return {
        "open": f"{intcomma(tally.open)}{more}",
        "yellow": f"{intcomma(tally.yellow)}{more}" if tally.yellow else "",
        "red": f"{intcomma(tally.red)}{overdue}" if tally.red else "",
    }


def _page(
    request: HttpRequest,
    found: Case | None,
    bound: dict[str, forms.Form] | None = None,
    status: int = 200,
    refusal: str = "",
    shown: dict[str, Any] | None = None,
    listed: dict[str, Any] | None = None,
) -> HttpResponse:
    context = {"case": None, "refusal": refusal, **(listed or _list(request))}
    if found is not None:
        context |= pane_of(found, viewer_of(request), bound)
    return private(render(request, "engagement/work/bench.html", context | (shown or {}), status=status))
