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
from accounts.viewers import Viewer
from engagement import queries
from engagement.models import Case, Reply

from .base import private, viewer_of
from .pane import again, kept_words
from .verbs import BY_SLUG, Verb

# What can be done from a card; everything else is done at the workbench.
SLUGS = ("sign-reply", "send-back", "comment-case")
AGAIN = "decide-review"
# As many as one reads between two meetings; the next ones come when these are done.
CARDS = 10
Held = dict[tuple[str, str], forms.Form]


@require_safe
def cards(request: HttpRequest) -> HttpResponse:
    """Show the letters that wait for the leader, one unfiltered letter of the day, and the mailbox's figures."""
    _check_leader(request)
    return _page(request)


@require_POST
def act(request: HttpRequest, number: str, slug: str) -> HttpResponse:
    """Sign, send back or comment from a card."""
    _check_leader(request)
    viewer, verb = viewer_of(request), BY_SLUG.get(slug)
    found = queries.case_for(viewer, number)
    if verb is None or slug not in (*SLUGS, AGAIN) or not queries.reads_file(viewer, found):
        raise Http404()
    form = verb.bind(queries.standing(viewer, found), request.POST, request.FILES)
    if not form.is_valid():
        return _page(request, {(found.number, slug): form}, status=422)
    try:
        verb.run(found, viewer, form.cleaned_data)
    except BadInput as broken:
        form.add_error(broken.field if broken.field in form.fields else None, str(broken))
        return _page(request, {(found.number, slug): form}, status=422)
    except NotFound:
        raise
    except RuleBroken as broken:
        fresh = queries.case_for(viewer, number)
        held = {(fresh.number, slug): again(verb, fresh, viewer, request.POST)}
        return _page(request, held, status=broken.status, refusal=str(broken))
    messages.success(request, _("%(title)s: done – %(verb)s.") % {"title": found.title, "verb": verb.label})
    return redirect("engagement:sign")


def _check_leader(request: HttpRequest) -> None:
    if not viewer_of(request).holds(Role.LEADER, Role.SECRETARY):
        raise Http404()


def _page(request: HttpRequest, bound: Held | None = None, status: int = 200, refusal: str = "") -> HttpResponse:
    viewer, at, held = viewer_of(request), timezone.now(), bound or {}
    unsigned = queries.to_sign(viewer, CARDS)
    shown = [_card(case, reply, viewer, held) for case, reply in unsigned]
    on_page = {card["case"].number for card in shown if card["sign"]}
    mailboxes = queries.mailboxes_of(viewer)
    figures = queries.figures_of(mailboxes)
    context: dict[str, Any] = {
        "cards": shown,
        "waiting": unsigned.waiting,
        "asked": _asked(viewer, held),
        "several": len(mailboxes) > 1,
        # What was written for a letter that waits no longer: nothing typed is lost.
        "kept": [
            words
            for (number, slug), form in held.items()
            if number not in on_page
            for words in kept_words({slug: form}, set())
        ],
        "letter": queries.letter_of_the_day(viewer, timezone.localdate(at), mailboxes),
        "mailboxes": [(box, figures[box.pk]) for box in mailboxes],
        "refusal": refusal,
        "at": at,
    }
    return private(render(request, "engagement/work/sign.html", context, status=status))


def _card(case: Case, reply: Reply, viewer: Viewer, held: Held) -> dict[str, Any]:
    stands = queries.standing(viewer, case)
    allowed = queries.signing_actions(stands)
    chosen = [BY_SLUG[slug] for slug in SLUGS if BY_SLUG[slug].action in allowed]
    verbs = [(verb, _form(verb, stands, held)) for verb in chosen]
    return {
        "case": case,
        "reply": reply,
        "step": queries.open_step(stands),
        "verbs": verbs,
        "sign": next((pair for pair in verbs if pair[0].action == "sign_reply"), None),
    }


def _asked(viewer: Viewer, held: Held) -> list[dict[str, Any]]:
    """Return the cards of what the leader is asked to look at again; who signed the reply has no say in it."""
    found = []
    for review in queries.reviews_to_decide(viewer, CARDS):
        stands, verb = queries.standing(viewer, review.case), BY_SLUG[AGAIN]
        if verb.action in stands.actions:
            known = {"review": review, "case": review.case, "reply": queries.latest_reply(stands)}
            found.append({**known, "verb": verb, "form": _form(verb, stands, held)})
    return found


def _form(verb: Verb, stands: queries.Standing, held: Held) -> forms.Form:
    return held.get((stands.case.number, verb.slug)) or verb.bind(stands)
