"""Live interviews: announced, read along by anybody, and the page of those who hold them."""

from __future__ import annotations

import uuid
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.actions import limit_rate
from accounts.addresses import address_of
from accounts.viewers import Viewer
from journal.queries import head

from .. import actions, queries, rules
from ..forms import AnswerForm, InterviewForm, QuestionForm, new_token
from ..models import Interview
from .base import named_viewer, page, viewer_of

ROWS, QUESTIONS, QUESTIONS_SECONDS = 20, 10, 600


@require_GET
def interviews(request: HttpRequest) -> HttpResponse:
    """List what is live, what comes, and what was published."""
    rows = Paginator(queries.interviews(), ROWS).get_page(request.GET.get("page"))
    may_announce = bool(queries.hosted_units(viewer_of(request)))
    return page(request, "messaging/interviews/list.html", {"page": rows, "may_announce": may_announce})


@require_http_methods(["GET", "HEAD", "POST"])
def announce(request: HttpRequest) -> HttpResponse:
    """Announce an interview."""
    viewer = viewer_of(request)
    units = queries.hosted_units(viewer)
    if not units:
        raise rules.NotFound()
    form = InterviewForm(request.POST or None, units=units)
    if request.method == "POST" and form.is_valid():
        try:
            made = actions.announce_interview(by=viewer, **form.cleaned_data)
            return redirect("messaging:interview-desk", slug=made.slug)
        except rules.BadInput as broken:
            form.add_error(broken.field if broken.field in form.fields else None, str(broken))
    values = {"form": form}
    return page(request, "messaging/interviews/announce.html", values, status=400 if form.errors else 200)


def _values(found: Interview, viewer: Viewer) -> dict[str, Any]:
    # The head first: what is said between the two reads comes twice, and the page drops what it has.
    epoch, seq = head(found.room.stream_name)
    return {
        "interview": found,
        "items": queries.items_of(found),
        "epoch": epoch,
        "head": seq,
        "time_zone": settings.TIME_ZONE,
        "can_ask": found.status in rules.INTERVIEW_STEPS["ask"],
        "own": queries.own_questions(found, viewer),
        "holds": queries.member_of(found.room, viewer),
    }


@require_http_methods(["GET", "HEAD", "POST"])
def interview(request: HttpRequest, slug: str) -> HttpResponse:
    """Show an interview to anybody; POST asks a question."""
    viewer = viewer_of(request)
    found = queries.interview_for(viewer, slug)
    if request.method != "POST":
        name = viewer.person.name if viewer.person else ""
        form = QuestionForm(initial={"token": new_token(), "name": name})
        return page(request, "messaging/interviews/interview.html", {**_values(found, viewer), "form": form})
    form = QuestionForm(request.POST)
    if form.is_valid():
        limit_rate("ask_question", address_of(request), QUESTIONS, QUESTIONS_SECONDS)
        try:
            actions.ask_question(viewer=named_viewer(request), interview_id=found.pk, **form.cleaned_data)
            messages.success(request, _("Your question is with the moderator. If it is put, you read it here."))
        except (rules.Conflict, rules.WrongStatus) as broken:
            messages.warning(request, str(broken))
        return redirect("messaging:interview", slug=slug)
    return page(request, "messaging/interviews/interview.html", {**_values(found, viewer), "form": form}, status=400)


@require_GET
def desk(request: HttpRequest, slug: str) -> HttpResponse:
    """Show those who hold the interview its questions and steps; ?part=1 only what moves."""
    viewer = viewer_of(request)
    found, seat = queries.held_interview(viewer, slug)
    screen_epoch, screen_head = head(found.screen_name)
    values = {
        **_values(found, viewer),
        "seat": seat,
        "waiting": queries.waiting_questions(found),
        "members": queries.members_of(found.room),
        "screen_epoch": screen_epoch,
        "screen_head": screen_head,
        "steps": [
            step for step in ("start", "end", "publish", "cancel") if found.status in rules.INTERVIEW_STEPS[step]
        ],
        "can_answer": found.status in rules.INTERVIEW_STEPS["answer"],
        "can_speak": found.status in rules.INTERVIEW_STEPS["speak"],
        "can_screen": seat.is_chair and found.status in rules.INTERVIEW_STEPS["screen"],
        "new_key": uuid.uuid4().hex,
        "q": request.GET.get("q", "")[:60],
        "people": _found(request, viewer) if seat.is_chair else [],
    }
    part = "messaging/interviews/desk_part.html" if request.GET.get("part") else "messaging/interviews/desk.html"
    return page(request, part, values)


def _found(request: HttpRequest, viewer: Viewer) -> list[Any]:
    words = request.GET.get("q", "").strip()
    return queries.officials_named(words, viewer) if words and "\0" not in words else []


@require_POST
def move(request: HttpRequest, slug: str, step: str) -> HttpResponse:
    """Start, end, cancel or publish the interview, let somebody in, or say something to all readers."""
    viewer = viewer_of(request)
    found, _seat = queries.held_interview(viewer, slug)
    try:
        _do(request, viewer, found, step)
    except (rules.Conflict, rules.WrongStatus, rules.BadInput) as broken:
        messages.warning(request, str(broken))
    return redirect("messaging:interview-desk", slug=slug)


def _do(request: HttpRequest, viewer: Viewer, found: Interview, step: str) -> None:
    if step == "publish":
        actions.publish_transcript(interview_id=found.pk, by=viewer)
    elif step == "members":
        people = [int(one) for one in request.POST.getlist("people")[:50] if one.isascii() and one.isdigit()]
        actions.add_members(room_id=found.room_id, by=viewer, people=people)
    elif step == "say":
        form = AnswerForm(request.POST)
        if not form.is_valid():
            raise rules.BadInput(form.first_error())
        said = form.cleaned_data
        actions.say_in_room(viewer=viewer, key=str(found.room_id), client_key=said["key"], text=said["text"])
    elif step in ("start", "end", "cancel"):
        actions.move_interview(interview_id=found.pk, by=viewer, step=step)
    else:
        raise rules.NotFound()


@require_POST
def question(request: HttpRequest, slug: str, question_id: int) -> HttpResponse:
    """Put a question to the guests, refuse it, or answer it."""
    viewer = viewer_of(request)
    found, _seat = queries.held_interview(viewer, slug)
    if not found.questions.filter(pk=question_id).exists():
        raise rules.NotFound()
    try:
        if "text" in request.POST:
            form = AnswerForm(request.POST)
            if not form.is_valid():
                raise rules.BadInput(form.first_error())
            said = form.cleaned_data
            actions.answer_question(question_id=question_id, by=viewer, text=said["text"], client_key=said["key"])
        else:
            put = request.POST.get("put") == "1"
            actions.screen_question(question_id=question_id, by=viewer, put=put, ground=request.POST.get("ground", ""))
    except (rules.Conflict, rules.WrongStatus, rules.BadInput) as broken:
        messages.warning(request, str(broken))
    return redirect("messaging:interview-desk", slug=slug)
