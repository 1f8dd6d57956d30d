"""A talk as somebody sees it who was let in: a guest who may speak, a supervisor who reads and whispers."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.actions import limit_rate
from accounts.viewers import Viewer
from journal.queries import head
from journal.rules import SAYS, SAYS_SECONDS

from .. import actions, queries, rules
from ..forms import SayForm
from ..models import Talk
from .base import page, thread_values, viewer_of
from .talking import say_words


@require_GET
def invitations(request: HttpRequest) -> HttpResponse:
    """Show the talks that the official was asked into."""
    viewer = viewer_of(request)
    if not viewer.is_official:
        raise rules.NotFound()
    return page(request, "messaging/invitations.html", {"guests": queries.invitations_of(viewer)})


@require_http_methods(["GET", "HEAD", "POST"])
def beside(request: HttpRequest, number: str) -> HttpResponse:
    """Show the talk to a guest or a supervisor; POST says or whispers something."""
    viewer = viewer_of(request)
    asked = next((one for one in queries.invitations_of(viewer) if one.talk.number == number), None)
    if asked is not None and asked.joined_at is None:
        return page(request, "messaging/asked_in.html", {"guest": asked, "talk": asked.talk})
    found, seat = _let_in(viewer, number)
    form = SayForm(request.POST) if request.method == "POST" else None
    if form is not None and form.is_valid():
        _say(viewer, found, seat, form)
        return redirect(f"{reverse('messaging:beside', args=[number])}#end")
    values = {**thread_values(found, viewer), "seat": seat, "form": form, **aside_values(found, seat)}
    values["kept_count"] = queries.kept_of(found).count() if seat == rules.WATCHER else 0
    return page(request, "messaging/beside.html", values, status=400 if form else 200)


def _say(viewer: Viewer, found: Talk, seat: str, form: SayForm) -> None:
    if seat == rules.GUEST:
        say_words(viewer, found, form)
        return
    limit_rate("say", viewer.key, SAYS, SAYS_SECONDS)
    text, key = form.cleaned_data["text"], form.cleaned_data["key"]
    actions.whisper(viewer=viewer, key=found.number, client_key=key, text=text)


def _let_in(viewer: Viewer, number: str) -> tuple[Talk, str]:
    found = queries.talk_for(viewer, number)
    seat = queries.seat_of(found, viewer)
    if seat not in (rules.GUEST, rules.WATCHER):
        raise rules.NotFound()
    return found, seat


def aside_values(found: Talk, seat: str) -> dict[str, Any]:
    """Return what officials say among themselves about the talk, for whoever may read it."""
    if seat == rules.GUEST:
        return {}
    epoch, seq = head(found.aside_name)
    return {"asides": queries.asides_of(found), "aside_epoch": epoch, "aside_head": seq}


@require_POST
def join(request: HttpRequest, number: str) -> HttpResponse:
    """Come in."""
    viewer = viewer_of(request)
    actions.join_talk(talk_id=_asked(viewer, number).pk, by=viewer)
    return redirect("messaging:beside", number=number)


@require_POST
def leave(request: HttpRequest, number: str) -> HttpResponse:
    """Go out of the talk, decline to come, or stop supervising."""
    viewer = viewer_of(request)
    if any(one.talk.number == number for one in queries.invitations_of(viewer)):
        actions.leave_talk(talk_id=_asked(viewer, number).pk, by=viewer)
        return redirect("messaging:invitations")
    found, _seat = _let_in(viewer, number)
    actions.close_watch(talk_id=found.pk, by=viewer)
    return redirect("messaging:floor")


def _asked(viewer: Viewer, number: str) -> Talk:
    asked = next((one for one in queries.invitations_of(viewer) if one.talk.number == number), None)
    if asked is None:
        raise rules.NotFound()
    return asked.talk
