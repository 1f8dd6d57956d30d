"""The citizen's conversation: one page, its fragments, and sending without JavaScript."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.actions import limit_rate
from accounts.viewers import Viewer
from journal.rules import SAYS, SAYS_SECONDS

from .. import actions, queries, rules
from ..forms import ContactForm, RateForm, SayForm
from ..models import Talk
from .base import asked_lines, page, thread_values, viewer_of


@require_http_methods(["GET", "HEAD", "POST"])
def talk(request: HttpRequest, number: str) -> HttpResponse:
    """Show the conversation; POST says something and shows it again."""
    viewer = viewer_of(request)
    found = queries.talk_for(viewer, number)
    seat = queries.seat_of(found, viewer)
    # Who asked the citizen of a case and serves at no desk has this page, as the other side of it.
    if seat != rules.CITIZEN and (seat != rules.OFFICER or queries.is_serving(viewer)):
        return redirect("messaging:duty-talk" if seat == rules.OFFICER else "messaging:beside", number=number)
    if request.method == "POST":
        return _say(request, found)
    actions.note_presence(talk_id=found.pk, by=viewer)
    return page(request, "messaging/talk.html", {**thread_values(found, viewer), **state_values(found, viewer)})


def _say(request: HttpRequest, found: Talk) -> HttpResponse:
    form = SayForm(request.POST, request.FILES)
    viewer = viewer_of(request)
    if form.is_valid() and say_words(viewer, found, form):
        return redirect(f"{reverse('messaging:talk', args=[found.number])}#end")
    values = {**thread_values(found, viewer), **state_values(found, viewer), "form": form}
    return page(request, "messaging/talk.html", values, status=400)


def say_words(viewer: Viewer, found: Talk, form: SayForm) -> bool:
    """Say what the checked form holds, at the same rate as what comes by the socket; False with the form's error."""
    limit_rate("say", viewer.key, SAYS, SAYS_SECONDS)
    key, text = form.cleaned_data["key"], form.cleaned_data["text"]
    try:
        # The form's key again finds the same files and the same message.
        files = [
            actions.add_file(viewer=viewer, key=found.number, client_key=f"{key[:60]}-{n}", upload=upload).key
            for n, upload in enumerate(form.cleaned_data["files"])
        ]
        actions.say(viewer=viewer, key=found.number, client_key=key, text=text, files=files)
    except rules.BadInput as broken:
        form.add_error(None, str(broken))
        return False
    return True


def state_values(found: Talk, viewer: Viewer) -> dict[str, Any]:
    """Return what the head and the foot of the citizen's page say of the talk now.

    `asker`: it is shown to the official who asked the citizen of a case, and so is the other side of it.
    """
    waiting = found.status == Talk.Status.WAITING
    place = queries.queue_place(found) if waiting else None
    desk = queries.desk_state(found.desk, timezone.now()) if waiting else None
    asker = found.asked and rules.is_holder(found, viewer)
    return {
        "talk": found,
        "asker": asker,
        "place": place,
        "desk": desk,
        "wait": desk.wait_at(place) if desk and place else None,
        "rate_form": RateForm(),
        "contact_form": ContactForm(initial=_known(found)),
        "can_rate": found.status == Talk.Status.ENDED and found.rating is None and not asker,
        "can_make_case": found.case_id is None and found.status in rules.POSSIBLE["make_case"],
        "can_turn": found.case_id is None and found.status in rules.POSSIBLE["turn_to_message"],
        "can_say": found.status in rules.POSSIBLE["say_citizen"],
    }


def _known(found: Talk) -> dict[str, str]:
    return {"email": found.citizen.email, "phone": found.citizen.phone} if found.citizen else {}


@require_GET
def state(request: HttpRequest, number: str) -> HttpResponse:
    """Return head and foot of the conversation; asking for them keeps the place in the queue."""
    viewer = viewer_of(request)
    found = queries.talk_for(viewer, number)
    _check_here(found, viewer)
    actions.note_presence(talk_id=found.pk, by=viewer)
    return page(request, "messaging/parts/now.html", state_values(found, viewer))


def _check_here(found: Talk, viewer: Viewer) -> None:
    """Officers have the duty desk; on this page are the opener, and who asked the citizen of a case."""
    if not (found.asked and rules.is_holder(found, viewer)):
        rules.check_opener(found, viewer)


@require_GET
def lines(request: HttpRequest, number: str) -> HttpResponse:
    """Return lines of the conversation as `asked_lines` has them."""
    viewer = viewer_of(request)
    found = queries.talk_for(viewer, number)
    values = {**thread_values(found, viewer), "lines": asked_lines(request, found)}
    return page(request, "messaging/parts/lines.html", values)


@require_POST
def end(request: HttpRequest, number: str) -> HttpResponse:
    """End the conversation, or leave the queue."""
    viewer = viewer_of(request)
    found = queries.talk_for(viewer, number)
    _check_here(found, viewer)
    # The other side was quicker: the page shows it.
    with suppress(rules.WrongStatus):
        actions.end_talk(talk_id=found.pk, by=viewer)
    return redirect("messaging:talk", number=number)
