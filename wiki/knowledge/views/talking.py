"""What readers say of a page: whether it helped, and the discussion."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

import journal.queries
from accounts.rules import BadInput, TooMany
from accounts.viewers import Viewer, become_visitor
from wiki.knowledge import actions, queries, rules
from wiki.knowledge.forms import HideForm, RemarkForm, VoteForm

from .base import number_in, refuse, viewer_of


@require_POST
def vote(request: HttpRequest, path: str) -> HttpResponse:
    """Say whether the page helped; somebody without an account gets a name for the session, so that one vote is one."""
    viewer = viewer_of(request)
    shown = queries.page_at(viewer, path)
    form = VoteForm(request.POST)
    if viewer.person is None and not viewer.visitor:
        viewer = Viewer(visitor=become_visitor(request.session), language=viewer.language)
    try:
        if form.is_valid():
            actions.vote(by=viewer, place_id=shown.place.pk, **form.cleaned_data)
            messages.success(request, _("Thank you. Your word helps us to make this page better."))
        else:
            messages.error(request, _("Please say yes or no, in at most 500 characters."))
    except BadInput as refused:
        messages.error(request, str(refused))
    return redirect(f"{shown.url}#helped")


def talk(request: HttpRequest, path: str) -> HttpResponse:
    """Show what was said below a page, and say something."""
    viewer = viewer_of(request)
    shown = queries.page_at(viewer, path)
    form = RemarkForm(request.POST or None)
    if request.method == "POST":
        rules.check_suggest(viewer)
        if form.is_valid():
            given = form.cleaned_data
            try:
                made = actions.remark(by=viewer, place_id=shown.place.pk, text=given["text"], token=given["token"])
            except (BadInput, TooMany) as refused:
                refuse(form, refused)
            else:
                return redirect(f"{reverse('wiki:talk', args=(shown.path,))}#remark-{made.pk}")
    # The stream's number first, the remarks after it: what comes between is announced once too often, never lost.
    epoch, head = journal.queries.head(shown.page.talk_name)
    found = queries.remarks(viewer, shown, number_in(request, "before"))
    context = {
        "epoch": epoch, "head": head,
        "shown": shown, "form": form, "remarks": found, "hide_form": HideForm(),
        "older": found[-1].pk if len(found) == 50 else 0,
        "may_suggest": rules.may_suggest(viewer), "may_keep": rules.may_keep(viewer, shown.page),
    }  # fmt: skip
    return render(request, "knowledge/talk.html", context, status=400 if form.errors else 200)


@require_POST
def hide(request: HttpRequest, remark_id: int) -> HttpResponse:
    """Hide a remark with a reason."""
    viewer = viewer_of(request)
    found, path = queries.remark_for(viewer, remark_id)
    rules.check_keep(viewer, found.page)
    form = HideForm(request.POST)
    try:
        if form.is_valid():
            actions.hide_remark(by=viewer, remark_id=found.pk, reason=form.cleaned_data["reason"])
            messages.success(request, _("Hidden; its author has been told why."))
        else:
            messages.error(request, _("Please give a reason of at most 300 characters."))
    except BadInput as refused:
        messages.error(request, str(refused))
    return redirect("wiki:talk", path=path)
