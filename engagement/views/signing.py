"""A leader's page for a phone between two meetings: what waits for a signature, and today's letters."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.models import Role
from accounts.rules import BadInput, NotFound, RuleBroken
from engagement import queries

from .base import private, viewer_of
from .verbs import BY_SLUG, Verb

# What can be done from a card; everything else is done at the workbench.
SLUGS = ("sign-reply", "send-back", "comment-case")


@require_safe
def cards(request: HttpRequest) -> HttpResponse:
    """Show the letters that wait for the leader, one unfiltered letter of the day, and the mailbox's figures."""
    return _page(request)


@require_POST
def act(request: HttpRequest, number: str, slug: str) -> HttpResponse:
    """Sign, send back or comment from a card."""
    _check_leader(request)
    viewer, verb = viewer_of(request), BY_SLUG.get(slug)
    found = queries.case_for(viewer, number)
    if verb is None or slug not in SLUGS or not queries.may_follow_file(viewer, number):
        raise Http404()
    form = verb.bind(found, viewer, request.POST, request.FILES)
    if not form.is_valid():
        return _page(request, {(number, slug): form}, status=422)
    try:
        verb.run(found, viewer, form.cleaned_data)
    except BadInput as broken:
        form.add_error(broken.field if broken.field in form.fields else None, str(broken))
        return _page(request, {(number, slug): form}, status=422)
    except NotFound:
        raise
    except RuleBroken as broken:
        return _page(request, status=broken.status, refusal=str(broken))
    messages.success(request, _("%(number)s: done – %(verb)s.") % {"number": number, "verb": verb.label})
    return redirect("engagement:sign")


def _check_leader(request: HttpRequest) -> None:
    if not viewer_of(request).holds(Role.LEADER, Role.SECRETARY):
        raise Http404()


def _page(
    request: HttpRequest,
    bound: dict[tuple[str, str], forms.Form] | None = None,
    status: int = 200,
    refusal: str = "",
) -> HttpResponse:
    _check_leader(request)
    viewer, at, held = viewer_of(request), timezone.now(), bound or {}
    waiting = [
        {"case": case, "reply": reply, "clocks": queries.clocks_of(case, at), "verbs": _verbs(case, viewer, held)}
        for case, reply in queries.to_sign(viewer)
    ]
    context: dict[str, Any] = {
        "cards": waiting,
        "letter": queries.letter_of_the_day(viewer, timezone.localdate(at)),
        "mailboxes": [(box, queries.mailbox_figures(box)) for box in queries.mailboxes_of(viewer)],
        "refusal": refusal,
        "at": at,
    }
    return private(render(request, "engagement/work/sign.html", context, status=status))


def _verbs(case: Any, viewer: Any, held: dict[tuple[str, str], forms.Form]) -> list[tuple[Verb, forms.Form]]:
    allowed = set(queries.allowed_actions(case, viewer))
    chosen = [BY_SLUG[slug] for slug in SLUGS if BY_SLUG[slug].action in allowed]
    return [(verb, held.get((case.number, verb.slug)) or verb.bind(case, viewer)) for verb in chosen]
