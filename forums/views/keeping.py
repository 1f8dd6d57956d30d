"""What moderators see and do: the queue, a topic, a reply, a person."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

import journal.queries
from accounts.rules import BadInput, RuleBroken, WrongStatus
from accounts.viewers import Viewer

from .. import actions, queries, rules
from ..forms import HideForm, PlaceForm
from ..models import Reply, Review, Topic
from .base import done, number, viewer_of, wants_json

STREAM = "forum-queue"


@require_safe
def queue(request: HttpRequest) -> HttpResponse:
    """List what waits for a moderator; ?show=past what was decided, ?show=muted who may not write."""
    viewer = viewer_of(request)
    rules.check_moderate(viewer)
    show, cause = request.GET.get("show", ""), request.GET.get("cause", "")
    epoch, head = journal.queries.head(STREAM)
    cause = cause if cause in Review.Cause.values else ""
    context: dict[str, Any] = {
        "show": show, "cause": cause, "causes": Review.Cause.choices, "grounds": list(rules.GROUNDS.items()),
        "epoch": epoch, "head": head, "count": queries.queue_count(viewer), "now": timezone.now(),
    }  # fmt: skip
    if show == "past":
        context["rows"] = queries.past_reviews(viewer)
    elif show == "muted":
        context["muted"] = queries.muted(viewer)
    else:
        context["rows"] = queries.queue(viewer, cause)
    return render(request, "forums/queue.html", context)


@require_POST
def decide(request: HttpRequest, review_id: int) -> HttpResponse:
    """Leave or give back what waits, or take it away."""
    viewer = viewer_of(request)
    queries.review_row(viewer, review_id)
    given = request.POST
    try:
        actions.decide(
            by=viewer, review_id=review_id, keep=given.get("do") == "keep", ground=given.get("ground") or "other",
            reason=given.get("reason", ""),
        )  # fmt: skip
    except (BadInput, WrongStatus) as broken:
        if wants_json(request):
            raise
        messages.error(request, str(broken))
    return done(request, "/forums/queue/", left=queries.queue_count(viewer))


@require_http_methods(["GET", "HEAD", "POST"])
def moderate_topic(request: HttpRequest, topic_id: int) -> HttpResponse:
    """Close, pin, archive, hide, move or merge a topic."""
    viewer = viewer_of(request)
    rules.check_moderate(viewer)
    found = queries.topic_for(viewer, topic_id)
    places = PlaceForm(request.POST or None, boards=queries.boards(viewer))
    if request.method == "POST" and _try(request, lambda: _change_topic(request, viewer, found, places)):
        # Of one that was merged it leads on to the other.
        return redirect(found)
    context = {
        "topic": found, "places": PlaceForm(boards=queries.boards(viewer)), "hide": HideForm(),
        "alike": queries.topics_alike(found),
    }  # fmt: skip
    return render(request, "forums/moderate_topic.html", context, status=400 if request.method == "POST" else 200)


def _try(request: HttpRequest, change: Callable[[], object]) -> bool:
    try:
        change()
    except (BadInput, WrongStatus) as broken:
        messages.error(request, str(broken))
        return False
    return True


def _change_topic(request: HttpRequest, viewer: Viewer, found: Topic, places: PlaceForm) -> None:
    reason, topic_id = request.POST.get("reason", ""), found.pk
    whole = places.cleaned_data if places.is_valid() else {}
    match request.POST.get("do"):
        case "lock":
            actions.lock_topic(by=viewer, topic_id=topic_id, reason=reason)
        case "unlock":
            actions.unlock_topic(by=viewer, topic_id=topic_id)
        case "pin" | "unpin" as what:
            actions.pin_topic(by=viewer, topic_id=topic_id, on=what == "pin")
        case "archive" | "unarchive" as what:
            actions.archive_topic(by=viewer, topic_id=topic_id, on=what == "archive", reason=reason)
        case "hide":
            ground = request.POST.get("ground") or "other"
            actions.hide_topic(by=viewer, topic_id=topic_id, reason=reason, ground=ground)
        case "show":
            actions.show_topic(by=viewer, topic_id=topic_id)
        case "move" if whole.get("board"):
            actions.move_topic(by=viewer, topic_id=topic_id, board_id=whole["board"].pk, reason=reason)
        case "merge" if whole.get("into"):
            into = queries.topic_for(viewer, whole["into"])
            actions.merge_topics(by=viewer, topic_id=topic_id, into_id=into.pk, reason=reason)
        case _:
            raise BadInput(field="do")


@require_http_methods(["GET", "HEAD", "POST"])
def moderate_reply(request: HttpRequest, reply_id: int) -> HttpResponse:
    """Hide, show or split off a reply; read what it said before."""
    viewer = viewer_of(request)
    rules.check_moderate(viewer)
    found, of = queries.reply_for(viewer, reply_id)
    places = PlaceForm(request.POST or None, boards=queries.boards(viewer))
    if request.method == "POST" and _try(request, lambda: _change_reply(request, viewer, found, places)):
        return redirect(f"{of.get_absolute_url()}?reply={reply_id}")
    context = {
        "topic": of, "reply": found, "hide": HideForm(), "places": PlaceForm(boards=queries.boards(viewer)),
        "revisions": queries.revisions(viewer, found), "member": queries.member_of(found.user),
    }  # fmt: skip
    return render(request, "forums/moderate_reply.html", context, status=400 if request.method == "POST" else 200)


def _change_reply(request: HttpRequest, viewer: Viewer, found: Reply, places: PlaceForm) -> None:
    reason = request.POST.get("reason", "")
    whole = places.cleaned_data if places.is_valid() else {}
    match request.POST.get("do"):
        case "hide":
            ground = request.POST.get("ground") or "other"
            actions.hide_reply(by=viewer, reply_id=found.pk, reason=reason, ground=ground)
        case "show":
            actions.show_reply(by=viewer, reply_id=found.pk)
        case "split" if whole:
            board = whole["board"].pk if whole["board"] else None
            actions.split_topic(by=viewer, reply_id=found.pk, title=whole["title"], board_id=board, reason=reason)
        case _:
            raise BadInput(field="do")


@require_POST
def mute(request: HttpRequest, person_id: int) -> HttpResponse:
    """Let somebody pause from writing, or no longer."""
    viewer = viewer_of(request)
    rules.check_moderate(viewer)
    days = number(request.POST.get("days"))
    try:
        actions.mute_person(by=viewer, person_id=person_id, days=days, reason=request.POST.get("reason", ""))
    except RuleBroken as broken:
        if not isinstance(broken, BadInput):
            raise
        messages.error(request, str(broken))
    else:
        messages.success(request, _("Noted."))
    return redirect("/forums/queue/?show=muted")
