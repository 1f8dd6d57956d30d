"""What helps beside a talk: pages that may answer it, and the thread to keep."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from accounts.actions import limit_rate
from accounts.addresses import address_of

from .. import actions, queries, rules
from ..forms import MailForm
from .base import officer_of, page, thread_values, viewer_of

# Transcripts mailed from one network address in an hour: an office's officers share one.
MAILS, MAILS_SECONDS = 60, 3600


@require_GET
def suggest(request: HttpRequest, number: str) -> HttpResponse:
    """Return the pages that may help with what the citizen writes."""
    viewer = viewer_of(request)
    found = queries.talk_for(viewer, number)
    rules.check_holder(found, viewer)
    return page(request, "messaging/parts/suggestions.html", {"suggestions": queries.suggestions(found)})


@require_GET
def archive(request: HttpRequest) -> HttpResponse:
    """Show the officer's past talks, newest first, or those in which words were said."""
    viewer = officer_of(request)
    words, before = request.GET.get("q", "")[:100], request.GET.get("before", "")
    cursor = int(before) if before.isascii() and before.isdigit() and len(before) < 19 else None
    talks = queries.past_talks(viewer, words, cursor)
    shown = talks[: queries.PAST_PAGE]
    values = {"talks": shown, "words": words, "next": shown[-1].pk if len(talks) > len(shown) else None}
    return page(request, "messaging/archive.html", values)


@require_http_methods(["GET", "HEAD", "POST"])
def transcript(request: HttpRequest, number: str) -> HttpResponse:
    """Show the whole thread, to be printed; POST sends it by e-mail."""
    viewer = viewer_of(request)
    found = queries.talk_for(viewer, number)
    known = viewer.person.email if viewer.person else ""
    form = MailForm(request.POST if request.method == "POST" else None, initial={"email": known})
    if request.method == "POST" and form.is_valid():
        # A visitor is somebody else in each session; the address they come from stays.
        limit_rate("transcript-from", address_of(request), MAILS, MAILS_SECONDS)
        key, email = form.cleaned_data["key"], form.cleaned_data["email"]
        actions.mail_transcript(talk_id=found.pk, by=viewer, key=key, email=email)
        messages.success(request, _("The conversation is on its way to you."))
        return redirect("messaging:transcript", number=number)
    lines = queries.whole_thread(found)
    values: dict[str, Any] = {**thread_values(found, viewer), "lines": lines, "form": form, "whole": True}
    return page(request, "messaging/transcript.html", values, status=400 if form.errors else 200)
