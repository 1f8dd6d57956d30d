"""Routing rules: their list with the figure of first dispatches, one rule, and the trial of a letter."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.queries import unit_tree
from accounts.rules import BadInput, NotFound, RuleBroken
from engagement import actions, queries
from engagement.forms.routing import RuleForm, TryForm
from engagement.models import RoutingRule
from engagement.queries.places import Sketch, sketch
from engagement.queries.routing import categories_above
from engagement.rules.routing import Letter, check_polygon

from .base import private, viewer_of


@require_safe
def listing(request: HttpRequest) -> HttpResponse:
    """Show the rules in their order, how often they were right, and a form to try a letter."""
    return _page(request, TryForm(auto_id="try-%s", categories=queries.categories()))


@require_POST
def trial(request: HttpRequest) -> HttpResponse:
    """Say which rule would catch a letter; its words are sent in the body and kept nowhere."""
    known = queries.categories()
    form = TryForm(request.POST, auto_id="try-%s", categories=known)
    if not form.is_valid():
        return _page(request, form, status=422)
    given = form.cleaned_data
    category = next((each for each in known if each.pk == given["category_id"]), None)
    half = given["latitude"] is None or given["longitude"] is None
    letter = Letter(
        kind=given["kind"], channel=given["channel"], text=given["text"], place=given["place"],
        point=None if half else (given["latitude"], given["longitude"]), categories=categories_above(category),
        working=given["working"],
    )  # fmt: skip
    return _page(request, form, tried=queries.try_letter(viewer_of(request), letter))


def _page(request: HttpRequest, form: TryForm, tried: Any = None, status: int = 200) -> HttpResponse:
    viewer = viewer_of(request)
    if not queries.sets_up(viewer):
        raise Http404()
    figures = queries.accuracy(viewer)
    right = figures.by_rule if figures else {}
    rules = [(rule, right.get(rule.pk)) for rule in queries.rules_for(viewer)]
    first = next((each for each in tried or () if each.first), None)
    context = {"rules": rules, "figures": figures, "form": form, "tried": tried, "first": first}
    return private(render(request, "engagement/processes/routing.html", context, status=status))


@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, rule_id: int | None = None) -> HttpResponse:
    """Show one rule and save it."""
    viewer = viewer_of(request)
    if not queries.sets_up(viewer):
        raise Http404()
    rule = queries.rule_for(viewer, rule_id) if rule_id is not None else None
    if rule_id is not None and rule is None:
        raise NotFound()
    form = RuleForm(
        request.POST or None, auto_id="rule-%s", units=unit_tree(), categories=queries.categories(), rule=rule
    )
    status, refusal = 200, ""
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                actions.save_rule(by=viewer, rule_id=rule_id, **form.cleaned_data)
            except BadInput as broken:
                form.add_error(broken.field if broken.field in form.fields else None, str(broken))
            except NotFound:
                raise
            except RuleBroken as broken:
                status, refusal = broken.status, str(broken)
            else:
                messages.success(request, _("The rule is saved."))
                return redirect("engagement:routing")
    context = {
        "form": form, "rule": rule, "refusal": refusal, "sketch": _drawn(form, rule), "mapped": queries.has_map(),
    }  # fmt: skip
    return private(render(request, "engagement/processes/rule.html", context, status=status))


def _drawn(form: RuleForm, rule: RoutingRule | None) -> Sketch | None:
    """Draw what was entered if it is an area at all, else what the rule has."""
    entered = form.cleaned_data.get("polygon") if form.is_bound and hasattr(form, "cleaned_data") else None
    try:
        return sketch(check_polygon(entered if entered else rule.polygon if rule else []))
    except BadInput:
        return None


@require_POST
def move(request: HttpRequest, rule_id: int, where: str) -> HttpResponse:
    """Move a rule up or down, or take it away."""
    viewer = viewer_of(request)
    if where in ("up", "down"):
        actions.move_rule(by=viewer, rule_id=rule_id, up=where == "up")
    elif where == "remove":
        actions.remove_rule(by=viewer, rule_id=rule_id)
        messages.success(request, _("The rule is gone."))
    else:
        raise Http404()
    return redirect("engagement:routing")
