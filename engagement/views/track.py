"""The citizen's page of their own case, and what they can do there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.addresses import address_of
from accounts.rules import BadInput, NotFound, RuleBroken
from accounts.viewers import Viewer, grant
from engagement import actions, queries
from engagement.forms import AddForm, AnswerForm, RateForm, ReadersForm, ReopenForm, TrackForm, UrgeForm, WithdrawForm
from engagement.forms.acts import AskReviewForm
from engagement.models import Case
from engagement.rules import WrongCode
from journal.queries import head

from .base import device_of, private, viewer_of
from .words import facts_of, sentence_of


@dataclass(frozen=True)
class Verb:
    """Something a citizen may do: the action's name in the rules, its form, what runs, and the thanks."""

    action: str
    form: type[forms.Form]
    run: Callable[[Viewer, Case, dict[str, Any]], object]
    thanks: str | Promise


VERBS = {
    "answer": Verb(
        "answer_question",
        AnswerForm,
        lambda viewer, case, given: actions.answer_question(case_id=case.pk, by=viewer, **given),
        gettext_lazy("Thank you. The office has your answer and its clock runs again."),
    ),
    "rate": Verb(
        "rate_case",
        RateForm,
        lambda viewer, case, given: actions.rate_case(case_id=case.pk, by=viewer, **given),
        gettext_lazy("Thank you for telling us."),
    ),
    "reopen": Verb(
        "reopen_case",
        ReopenForm,
        lambda viewer, case, given: actions.reopen_case(case_id=case.pk, version=case.version, by=viewer, **given),
        gettext_lazy("Your case is open again. The office has been told why."),
    ),
    "add": Verb(
        "add_to_case",
        AddForm,
        lambda viewer, case, given: actions.add_to_case(case_id=case.pk, by=viewer, **given),
        gettext_lazy("Thank you. The office can see it now."),
    ),
    "urge": Verb(
        "urge_case",
        UrgeForm,
        lambda viewer, case, given: actions.urge_case(case_id=case.pk, by=viewer, **given),
        gettext_lazy("We have reminded the office."),
    ),
    "review": Verb(
        "ask_review",
        AskReviewForm,
        lambda viewer, case, given: actions.ask_review(case_id=case.pk, by=viewer, **given),
        gettext_lazy("Somebody else will look at it. We will tell you what they decide."),
    ),
    "readers": Verb(
        "decide_publication",
        ReadersForm,
        lambda viewer, case, given: actions.decide_publication(case_id=case.pk, by=viewer, public=given["public"]),
        gettext_lazy("Thank you. We have noted who may read it."),
    ),
    "withdraw": Verb(
        "withdraw_case",
        WithdrawForm,
        lambda viewer, case, given: actions.withdraw_case(
            case_id=case.pk, version=case.version, by=viewer, reason=given["reason"]
        ),
        gettext_lazy("Your case has been taken back."),
    ),
}


@require_http_methods(["GET", "HEAD", "POST"])
def track(request: HttpRequest) -> HttpResponse:
    """Ask for number and access code; the right ones open the case for this browser."""
    form = TrackForm(request.POST or None)
    if request.method != "POST":
        return private(render(request, "engagement/track.html", {"form": form}))
    if form.is_valid():
        try:
            case = actions.open_with_code(**form.cleaned_data, address=address_of(request))
        except WrongCode:
            form.add_error(None, _("We find no case with this number and access code. Please compare both once more."))
        else:
            grant(request.session, [f"case-{case.number}"])
            return redirect("engagement:case", number=case.number)
    return private(render(request, "engagement/track.html", {"form": form}, status=422))


@require_safe
def case(request: HttpRequest, number: str) -> HttpResponse:
    """Show the case as its citizen sees it."""
    return _page(request, queries.case_for(viewer_of(request), number))


@require_safe
def now(request: HttpRequest, number: str) -> HttpResponse:
    """Return the moving part of the page, fetched again whenever something has happened."""
    found = queries.case_for(viewer_of(request), number)
    return private(render(request, "engagement/parts/case_now.html", _context(request, found)))


@require_POST
def answer(request: HttpRequest, number: str) -> HttpResponse:
    """Answer the office's question."""
    return _act(request, number, "answer")


@require_POST
def add(request: HttpRequest, number: str) -> HttpResponse:
    """Add words or files."""
    return _act(request, number, "add")


@require_POST
def urge(request: HttpRequest, number: str) -> HttpResponse:
    """Remind the office."""
    return _act(request, number, "urge")


@require_POST
def withdraw(request: HttpRequest, number: str) -> HttpResponse:
    """Take the case back."""
    return _act(request, number, "withdraw")


@require_POST
def reopen(request: HttpRequest, number: str) -> HttpResponse:
    """Ask for another round, with a reason."""
    return _act(request, number, "reopen")


@require_POST
def review(request: HttpRequest, number: str) -> HttpResponse:
    """Ask that somebody else looks at the reply."""
    return _act(request, number, "review")


@require_POST
def readers(request: HttpRequest, number: str) -> HttpResponse:
    """Say whether others may read it."""
    return _act(request, number, "readers")


@require_POST
def rate(request: HttpRequest, number: str) -> HttpResponse:
    """Say how it went."""
    return _act(request, number, "rate")


def _act(request: HttpRequest, number: str, name: str) -> HttpResponse:
    viewer, verb = viewer_of(request), VERBS[name]
    found = queries.case_for(viewer, number)
    form = verb.form(request.POST, request.FILES, auto_id=f"{name}-%s")
    if not form.is_valid():
        return _page(request, found, {name: form}, status=422)
    try:
        verb.run(viewer, found, form.cleaned_data)
    except BadInput as broken:
        form.add_error(broken.field if broken.field in form.fields else None, str(broken))
        return _page(request, found, {name: form}, status=422)
    except NotFound:
        raise
    except RuleBroken as broken:
        return _page(request, queries.case_for(viewer, number), {name: form}, broken.status, str(broken))
    if name == "rate":
        actions.trace_rating(case=found, device=device_of(request))
    messages.success(request, str(verb.thanks))
    return redirect("engagement:case", number=number)


def _page(
    request: HttpRequest, found: Case, bound: dict[str, forms.Form] | None = None, status: int = 200, refusal: str = ""
) -> HttpResponse:
    context = {**_context(request, found, bound), "refusal": refusal}
    return private(render(request, "engagement/case.html", context, status=status))


def _context(request: HttpRequest, found: Case, bound: dict[str, forms.Form] | None = None) -> dict[str, Any]:
    """Return all that the page shows; the stream's head is read first, so that nothing falls in between."""
    viewer, at = viewer_of(request), timezone.now()
    epoch, seq = head(found.stream_name)
    stands = queries.standing(viewer, found, at)
    allowed = set(stands.actions)
    doable = {
        name: (bound or {}).get(name) or verb.form(auto_id=f"{name}-%s")
        for name, verb in VERBS.items()
        if verb.action in allowed or name in (bound or {})
    }
    # An official sees here what the citizen sees, and nothing of the office's own file.
    lines = [line for line in queries.timeline(found, viewer) if not line.internal]
    return {
        "case": found,
        "epoch": epoch,
        "head": seq,
        "sentence": sentence_of(found, at, facts_of(found, lines)),
        "steps": queries.steps_of(found),
        "clocks": queries.clocks_of(found, at, stands.engine.clock, stands.around),
        "lines": lines,
        "call": queries.call_of(found, lines),
        "doable": doable,
        "acts": queries.acts_for_citizen(stands),
        "leader_next": "review" in doable and bool(stands.around.reviews_of(found.round)),
        "mapped": found.latitude is not None and queries.has_map(),
        "at": at,
    }
