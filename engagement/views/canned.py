"""The page on which a unit keeps its prepared answers."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.viewers import Viewer
from engagement import actions, queries, rules
from engagement.forms.canned import CannedForm
from engagement.models import CannedReply
from engagement.rules.canned import VARIABLES

from .base import private, viewer_of


def _keeper(request: HttpRequest) -> Viewer:
    viewer = viewer_of(request)
    if not queries.keeps_replies(viewer):
        raise rules.NotFound()
    return viewer


@require_http_methods(["GET", "HEAD", "POST"])
def replies(request: HttpRequest) -> HttpResponse:
    """Show the prepared answers of the viewer's units; POST adds one."""
    viewer = _keeper(request)
    if request.method != "POST":
        return _page(request, viewer)
    return _save(request, viewer, None)


@require_POST
def reply(request: HttpRequest, reply_id: int) -> HttpResponse:
    """Change a prepared answer."""
    viewer = _keeper(request)
    return _save(request, viewer, queries.kept_reply(viewer, reply_id))


@require_POST
def drop(request: HttpRequest, reply_id: int) -> HttpResponse:
    """Remove a prepared answer."""
    actions.drop_canned_reply(by=_keeper(request), reply_id=reply_id)
    messages.success(request, _("Removed."))
    return redirect("engagement:replies")


def _save(request: HttpRequest, viewer: Viewer, known: CannedReply | None) -> HttpResponse:
    form = CannedForm(viewer, known, request.POST)
    if form.is_valid():
        try:
            actions.save_canned_reply(by=viewer, reply_id=known.pk if known else None, **form.fields_said)
        except rules.Conflict as broken:
            form.add_error("word", str(broken))
        else:
            messages.success(request, _("Saved."))
            return redirect("engagement:replies")
    return _page(request, viewer, form, known)


def _page(
    request: HttpRequest, viewer: Viewer, sent: CannedForm | None = None, of: CannedReply | None = None
) -> HttpResponse:
    rows = [
        (one, sent if of and sent and one.pk == of.pk else CannedForm(viewer, one))
        for one in queries.kept_replies(viewer)
    ]
    new = sent if sent and of is None else CannedForm(viewer, None, initial={"language": viewer.language})
    values: dict[str, Any] = {"rows": rows, "new": new, "variables": VARIABLES}
    return private(render(request, "engagement/work/replies.html", values, status=400 if sent else 200))
