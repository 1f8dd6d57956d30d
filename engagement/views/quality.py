"""Sampled quality checks: the list, beginning one, its results, and the sheet on which a reviewer judges a case."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from accounts.rules import BadInput, NotFound, RuleBroken
from engagement import actions, queries
from engagement.forms.quality import CheckForm, JudgeForm
from engagement.models import QualityCheck
from engagement.queries.quality import Place

from .base import private, viewer_of


@require_safe
def checks(request: HttpRequest) -> HttpResponse:
    """Show the viewer's checks. Raises NotFound for those who have none and may begin none."""
    viewer = viewer_of(request)
    lines, units = queries.checks_of(viewer), queries.fields_of_checking(viewer)
    if not lines and not units:
        raise NotFound()
    return private(render(request, "engagement/quality/checks.html", {"lines": lines, "begins": bool(units)}))


@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Ask for a check of a unit, and begin it."""
    viewer = viewer_of(request)
    units = queries.fields_of_checking(viewer)
    wanted = request.GET.get("unit", "")
    unit = next((each for each in units if not wanted or str(each.pk) == wanted), None)
    if unit is None:
        raise NotFound()
    people = queries.may_be_named(unit, queries.is_secret(unit, viewer))
    bound = request.method == "POST"
    form = CheckForm(request.POST if bound else None, people=people)
    if bound and form.is_valid():
        try:
            made = actions.begin_check(by=viewer, unit_id=unit.pk, **form.cleaned_data)
            return redirect("engagement:check", made.pk)
        except BadInput as broken:
            form.add_error(broken.field if broken.field in form.fields else None, str(broken))
    context = {"form": form, "units": units, "unit": unit, "secret": queries.is_secret(unit, viewer)}
    return private(render(request, "engagement/quality/new.html", context, status=422 if bound else 200))


@require_safe
def check(request: HttpRequest, check_id: int) -> HttpResponse:
    """Show how far the check has come and, once both have judged, what came out."""
    viewer = viewer_of(request)
    found = queries.check_for(viewer, check_id)
    places = queries.places_of(found, viewer)
    lines, total = queries.results_of(found)
    context = {
        "check": found,
        "places": places,
        "next": next((place for place in places if place.to_do), None),
        "left": sum(place.to_do for place in places),
        "lines": lines,
        "total": total,
        "criteria": queries.criteria_of(found.criteria),
    }
    return private(render(request, "engagement/quality/check.html", context))


@require_http_methods(["GET", "HEAD", "POST"])
def place(request: HttpRequest, check_id: int, position: int) -> HttpResponse:
    """Show a case of the sample as its reviewers read it, and take a judgement or a settlement."""
    viewer = viewer_of(request)
    found = queries.check_for(viewer, check_id)
    here = queries.place_for(found, viewer, position)
    criteria = queries.criteria_of(found.criteria)
    status, refusal = 200, ""
    form = JudgeForm(
        request.POST if request.method == "POST" else None,
        criteria=criteria,
        words=not found.confidential,
        marks=here.sampled.proposed or _agreed(here),
    )
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                _take(request, found, here, form.judged())
                return redirect(_next(request, found, position))
            except BadInput as broken:
                form.add_error(broken.field if broken.field in form.fields else None, str(broken))
            except NotFound:
                raise
            except RuleBroken as broken:
                status, refusal = broken.status, str(broken)
    context = {
        "check": found,
        "here": here,
        "sheet": queries.sheet_of(here.sampled.case),
        "form": form,
        "refusal": refusal,
        "criteria": criteria,
        "marked": _marked(here, criteria),
    }
    return private(render(request, "engagement/quality/place.html", context, status=status))


def _agreed(here: Place) -> dict[str, str]:
    """Return the marks that both gave, where they settle the others: only those are to be thought of again."""
    if here.state != "differs":
        return {}
    first, *others = [judgement.marks for judgement in here.judgements]
    return {code: mark for code, mark in first.items() if all(other.get(code) == mark for other in others)}


def _take(request: HttpRequest, check: QualityCheck, here: Place, given: dict[str, Any]) -> None:
    act = actions.settle_sampled if here.state == "differs" else actions.judge_sampled
    act(by=viewer_of(request), check_id=check.pk, position=here.sampled.position, **given)


def _next(request: HttpRequest, check: QualityCheck, position: int) -> str:
    """The next case that waits for the reader, else the check."""
    waiting = [each.sampled.position for each in queries.places_of(check, viewer_of(request)) if each.to_do]
    after = next((each for each in waiting if each > position), next(iter(waiting), None))
    return f"/checks/{check.pk}/" + (f"{after}/" if after else "")


def _marked(here: Place, criteria: list[Any]) -> list[tuple[Any, list[str], str]]:
    """Return each criterion with the marks that the reader may see, and the settled one."""
    settled = here.sampled.marks or {}
    return [
        (each, [judgement.marks.get(each.code, "") for judgement in here.judgements], settled.get(each.code, ""))
        for each in criteria
    ]
