"""A reader's own corner: followed, begun, written, waiting."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from .. import actions, queries
from .base import done, for_members, viewer_of


@require_safe
def mine(request: HttpRequest) -> HttpResponse:
    """Show what the reader follows, has begun and written, and what became of it."""
    return render(request, "forums/mine.html", {"mine": queries.mine(viewer_of(request))})


@require_POST
@for_members
def reply_draft(request: HttpRequest, topic_id: int) -> HttpResponse:
    """Keep a reply that was begun."""
    actions.save_reply_draft(viewer=viewer_of(request), topic_id=topic_id, text=request.POST.get("text", ""))
    return done(request, reverse("forums:topic", args=[topic_id]), saved=True)


@require_POST
@for_members
def topic_draft(request: HttpRequest, slug: str) -> HttpResponse:
    """Keep a topic that was begun."""
    viewer = viewer_of(request)
    board = queries.board_for(viewer, slug)
    title, text, tags, question, options = (
        request.POST.get(name, "") for name in ("title", "text", "tags", "question", "options")
    )
    actions.save_topic_draft(
        viewer=viewer, board_id=board.pk, title=title, text=text, tags=tags, question=question, options=options
    )
    return done(request, reverse("forums:new-topic", args=[slug]), saved=True)


@require_POST
@for_members
def follow_topic(request: HttpRequest, topic_id: int) -> HttpResponse:
    """Follow a topic, or no longer."""
    actions.follow_topic(viewer=viewer_of(request), topic_id=topic_id, how=request.POST.get("how", ""))
    return done(request, reverse("forums:topic", args=[topic_id]))


@require_POST
@for_members
def follow_board(request: HttpRequest, slug: str) -> HttpResponse:
    """Get a digest of a board, or none any more."""
    viewer = viewer_of(request)
    board = queries.board_for(viewer, slug)
    actions.follow_board(viewer=viewer, board_id=board.pk, on=request.POST.get("on") == "1")
    return done(request, reverse("forums:board", args=[slug]))
