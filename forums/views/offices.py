"""What offices do in the forums: answer in time, and make cases of topics."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.rules import BadInput, WrongStatus

from .. import actions, queries, rules
from ..forms import CaseForm
from ..models import Reply, Topic
from .base import viewer_of


@require_safe
def to_answer(request: HttpRequest) -> HttpResponse:
    """List the topics that the viewer's units have to answer."""
    viewer = viewer_of(request)
    if not viewer.holds(*rules.HANDLES):
        raise rules.NotYours()
    return render(request, "forums/to_answer.html", {"rows": queries.to_answer(viewer)})


@require_POST
def raise_case(request: HttpRequest, topic_id: int) -> HttpResponse:
    """Make a case of a topic."""
    return _raise(request, queries.topic_for(viewer_of(request), topic_id), None)


@require_POST
def raise_case_of_reply(request: HttpRequest, reply_id: int) -> HttpResponse:
    """Make a case of one reply."""
    reply, of = queries.reply_for(viewer_of(request), reply_id)
    return _raise(request, of, reply)


def _raise(request: HttpRequest, topic: Topic, reply: Reply | None) -> HttpResponse:
    viewer, form = viewer_of(request), CaseForm(request.POST)
    back = topic.get_absolute_url() + (f"?reply={reply.pk}" if reply else "")
    if not viewer.holds(*rules.HANDLES):
        raise rules.NotYours()
    if not form.is_valid():
        raise BadInput(field="kind")
    try:
        kind = form.cleaned_data["kind"]
        made = actions.raise_case(by=viewer, topic_id=topic.pk, reply_id=reply.pk if reply else None, kind=kind)
    except (BadInput, WrongStatus) as broken:
        messages.error(request, str(broken))
    else:
        messages.success(request, _("This is now case %(number)s.") % {"number": made.number})
    return redirect(back)
