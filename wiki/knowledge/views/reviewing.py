"""Review: what waits, what would change, and the decision of a second person."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.rules import BadInput, Conflict, NotFound, NotYours, WrongStatus
from accounts.viewers import Viewer
from wiki.knowledge import actions, queries, rules
from wiki.knowledge.forms import ReasonForm
from wiki.knowledge.models import Proposal

from .base import refuse, viewer_of


@require_safe
def queue(request: HttpRequest) -> HttpResponse:
    """List what waits for the viewer's decision, and what the viewer proposed."""
    viewer = viewer_of(request)
    rules.check_suggest(viewer)
    today = timezone.localdate()
    context = {
        "waiting": queries.to_review(viewer), "own": queries.own_proposals(viewer), "today": today,
        "checks": queries.pages_to_check(viewer, today) if viewer.is_official else [],
    }  # fmt: skip
    return render(request, "knowledge/reviews.html", context)


@require_safe
def proposal(request: HttpRequest, proposal_id: int) -> HttpResponse:
    """Show proposed words: what would change, how it will look, and who decides."""
    viewer = viewer_of(request)
    found = queries.proposal_for(viewer, proposal_id)
    return _page(request, viewer, found, ReasonForm())


def _page(
    request: HttpRequest, viewer: Viewer, found: Proposal, form: ReasonForm, error: str = "", status: int = 200
) -> HttpResponse:
    base = queries.base_of(found)
    path = queries.path_of_proposal(viewer, found)
    shown = queries.found_at(viewer, path) if path else None
    waits = found.state == Proposal.State.WAITING
    context = {
        "proposal": found, "base": base, "shown": shown, "form": form, "error": error, "waits": waits,
        "changes": queries.changes(base.content if base else "", found.text) if base else [],
        "html": queries.preview(shown, found.text),
        "overtaken": waits and shown is not None and found.base != shown.revision.pk,
        "may_decide": waits and rules.may_review(viewer, found),
        "own": viewer.person is not None and viewer.person.pk == found.author_id,
    }  # fmt: skip
    return render(request, "knowledge/proposal.html", context, status=status)


@require_POST
def approve(request: HttpRequest, proposal_id: int) -> HttpResponse:
    """Let the proposed words stand."""
    viewer = viewer_of(request)
    found = queries.proposal_for(viewer, proposal_id)
    try:
        place = actions.approve_proposal(by=viewer, proposal_id=found.pk)
    except NotYours:
        raise
    except NotFound:
        error = _("Its author may not write here any more, or the place is gone. Send it back.")
        return _page(request, viewer, found, ReasonForm(), error, 409)
    except (BadInput, Conflict, WrongStatus) as refused:
        return _page(request, viewer, found, ReasonForm(), str(refused), refused.status)
    messages.success(request, _("It stands in the handbook now, and its author has been told."))
    return redirect("wiki:get", path=actions.path_of(place))


@require_POST
def send_back(request: HttpRequest, proposal_id: int) -> HttpResponse:
    """Send the words back with a reason."""
    viewer = viewer_of(request)
    found = queries.proposal_for(viewer, proposal_id)
    if not rules.may_review(viewer, found) and (viewer.person is None or viewer.person.pk != found.author_id):
        raise NotYours()
    form = ReasonForm(request.POST)
    if not form.is_valid():
        return _page(request, viewer, found, form, status=400)
    try:
        actions.send_back_proposal(by=viewer, proposal_id=found.pk, reason=form.cleaned_data["reason"])
    except BadInput as refused:
        refuse(form, refused)
        return _page(request, viewer, found, form, status=400)
    except (Conflict, WrongStatus) as refused:
        return _page(request, viewer, found, form, str(refused), refused.status)
    messages.success(request, _("Sent back; its author has been told why."))
    return redirect("wiki:reviews")


@require_POST
def withdraw(request: HttpRequest, proposal_id: int) -> HttpResponse:
    """Take one's own words back."""
    viewer = viewer_of(request)
    found = queries.proposal_for(viewer, proposal_id)
    try:
        actions.withdraw_proposal(by=viewer, proposal_id=found.pk)
    except Conflict as refused:
        return _page(request, viewer, found, ReasonForm(), str(refused), refused.status)
    messages.success(request, _("You took it back."))
    return redirect("wiki:reviews")
