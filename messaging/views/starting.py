"""The front door of the chat: which desks there are, who is there now, and the first words."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from accounts.actions import limit_rate
from accounts.addresses import address_of
from accounts.viewers import grant
from engagement.queries import promise

from .. import actions, queries, rules
from ..forms import MessageForm, StartForm, new_token
from ..models import Desk
from .base import named_viewer, page, viewer_of

TALK, MESSAGE = "talk", "message"


@require_http_methods(["GET", "HEAD", "POST"])
def desks(request: HttpRequest) -> HttpResponse:
    """Show the desks with the form of the chosen one; POST opens a talk or leaves a message."""
    at = timezone.now()
    every = list(queries.desks())
    states = queries.desk_states(every, at)
    asked = request.POST if request.method == "POST" else request.GET
    chosen = _chosen(every, str(asked.get("desk", "")))
    values: dict[str, Any] = {"rows": [(desk, states[desk.pk]) for desk in every], "chosen": chosen}
    if chosen is None:
        return page(request, "messaging/desks.html", values)
    # At a desk that is closed a talk would wait for nobody.
    way = MESSAGE if asked.get("as") == MESSAGE or not states[chosen.pk].open else TALK
    form: StartForm = _form(request, chosen, way, asked.get("as", TALK))
    refused = ""
    if request.method == "POST" and asked.get("as") == way and form.is_valid():
        try:
            return _open(request, chosen, way, form)
        except rules.WrongStatus as broken:
            # Who may not talk for a while may still leave what they wrote.
            way, refused = MESSAGE, str(broken)
            form = _form(request, chosen, way, TALK)
    values |= {
        "refused": refused,
        "state": states[chosen.pk],
        "way": way,
        "form": form,
        "closed_meanwhile": not refused and request.method == "POST" and asked.get("as") != way,
        "due": _promised(at) if way == MESSAGE else None,
    }
    return page(request, "messaging/desks.html", values, status=409 if refused else 400 if form.errors else 200)


def _chosen(every: list[Desk], slug: str) -> Desk | None:
    found = next((desk for desk in every if desk.slug == slug), None)
    if slug and found is None:
        raise rules.NotFound()
    return found or (every[0] if len(every) == 1 else None)


def _form(request: HttpRequest, desk: Desk, way: str, asked: Any) -> StartForm:
    kind = MessageForm if way == MESSAGE else StartForm
    if request.method != "POST":
        person = viewer_of(request).person
        first = {"token": new_token(), "name": person.name if person else "", **_known(request)}
        return kind(initial=first, desk=desk)
    if asked == way:
        return kind(request.POST, desk=desk)
    # The desk closed while the citizen wrote: their words stay, and the form now says what becomes of them.
    said = {name: request.POST.get(name, "") for name in ("text", "name")}
    return kind(initial={**said, "token": new_token(), **_known(request)}, desk=desk)


def _known(request: HttpRequest) -> dict[str, str]:
    person = viewer_of(request).person
    return {"email": person.email, "phone": person.phone} if person else {}


def _promised(at: datetime) -> datetime | None:
    return promise("enquiry", None, at)


def _open(request: HttpRequest, desk: Desk, way: str, form: StartForm) -> HttpResponse:
    limit_rate("open_talk", address_of(request), settings.CHAT_TALKS_RATE, 600)
    said = {name: form.cleaned_data[name] for name in ("text", "name", "token")}
    viewer = named_viewer(request)
    if isinstance(form, MessageForm):
        talk = actions.leave_message(viewer=viewer, desk_id=desk.pk, contact=form.contact(), **said)
    else:
        topic = form.cleaned_data.get("topic")
        talk = actions.open_talk(
            viewer=viewer, desk_id=desk.pk, topic_id=topic.pk if topic else None, address=address_of(request), **said
        )
    grant(request.session, [talk.stream_name])
    return redirect("messaging:claim" if talk.case_id else "messaging:talk", number=talk.number)
