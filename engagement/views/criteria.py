"""The page of the criteria by which quality checks are judged."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.rules import BadInput
from engagement import actions, queries
from engagement.forms.quality import CriterionForm

from .base import private, viewer_of


@require_http_methods(["GET", "HEAD", "POST"])
def criteria(request: HttpRequest) -> HttpResponse:
    """Show officials the table; administrators of the city change it."""
    viewer = viewer_of(request)
    may, rows = queries.may_edit_ladder(viewer), queries.all_criteria()
    if not viewer.is_official or (request.method == "POST" and not may):
        raise Http404()
    chosen = next((each for each in rows if each.code == request.GET.get("code")), None)
    form = CriterionForm(request.POST or None, chosen=chosen)
    if request.method == "POST" and form.is_valid():
        try:
            actions.save_criterion(by=viewer, **form.cleaned_data)
        except BadInput as broken:
            form.add_error(broken.field if broken.field in form.fields else None, str(broken))
        else:
            messages.success(request, _("Saved."))
            return redirect("engagement:criteria")
    context = {"rows": rows, "form": form if may else None, "judged": queries.judged_codes()}
    return private(render(request, "engagement/quality/criteria.html", context, status=422 if form.errors else 200))
