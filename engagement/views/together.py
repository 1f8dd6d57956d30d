"""The page on which several cases of one's list get the same answer."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.rules import BadInput
from accounts.viewers import Viewer
from engagement import actions, queries
from engagement.forms.together import TogetherForm
from engagement.rules.acts import MOST_AT_ONCE

from .base import private, viewer_of


@require_http_methods(["GET", "HEAD", "POST"])
def together(request: HttpRequest) -> HttpResponse:
    """Show the chosen cases and what to answer; POST answers them and says what became of each."""
    viewer = viewer_of(request)
    if not queries.answers_many(viewer):
        raise Http404()
    replies = queries.canned_replies(viewer, get_language() or "")
    if request.method != "POST":
        return _page(request, viewer, request.GET.getlist("cases"), TogetherForm(replies=replies))
    form = TogetherForm(request.POST, replies=replies)
    numbers = request.POST.getlist("cases")
    if not form.is_valid():
        return _page(request, viewer, numbers, form, 422)
    send, outcome = "send" in request.POST, form.cleaned_data["outcome"]
    try:
        many = actions.answer_cases(by=viewer, numbers=numbers, text=form.words, outcome=outcome, send=send)
    except BadInput as broken:
        form.add_error(broken.field if broken.field in ("text", "outcome") else None, str(broken))
        return _page(request, viewer, numbers, form, 422)
    done = len(many.done)
    said = (
        ngettext("%(n)d reply was sent to review.", "%(n)d replies were sent to review.", done)
        if send
        else ngettext("%(n)d draft was saved.", "%(n)d drafts were saved.", done)
    )
    become = dict.fromkeys(many.done, _("sent to review") if send else _("draft saved")) | dict(many.refused)
    # Those that were refused stay chosen, with the words: they may be tried again in another way.
    titles = {case.number: case.title for case in queries.chosen_cases(viewer, numbers)}
    lines = [(number, titles.get(number, ""), become[number]) for number in dict.fromkeys(numbers)]
    left = [number for number, _why in many.refused]
    return _page(request, viewer, left, form, said=said % {"n": done}, become=lines)


def _page(
    request: HttpRequest, viewer: Viewer, numbers: list[str], form: TogetherForm, status: int = 200, **shown: Any
) -> HttpResponse:
    context = {"cases": queries.chosen_cases(viewer, numbers[:MOST_AT_ONCE]), "form": form, **shown}
    return private(render(request, "engagement/work/together.html", context, status=status))
