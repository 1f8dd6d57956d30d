"""The list of boards, a board, and opening a topic in it."""

from __future__ import annotations

from typing import Any

from django.db.models import Value
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.rules import BadInput, NotFound, TooMany
from accounts.viewers import Viewer

from .. import actions, queries, rules
from ..forms import TopicForm
from ..models import Board, Topic
from ..queries.topics import supported_topics
from . import membership
from .base import show_errors, viewer_of

SHOWN = ("waiting", "answered", "mine", "archive")


@require_safe
def boards(request: HttpRequest) -> HttpResponse:
    """List the boards by kind, the latest topics of all of them, and those that must be answered."""
    viewer = viewer_of(request)
    found = [*queries.boards_with_counts(viewer), *queries.closed_boards(viewer).annotate(closed=Value(True))]
    found.sort(key=lambda board: (board.position, board.pk))
    groups = [(label, [board for board in found if board.kind == kind]) for kind, label in _kinds()]
    latest = queries.latest_topics(viewer, 8)
    context = {
        "groups": [(label, group) for label, group in groups if group], "latest": latest,
        "unread": queries.unread_counts(viewer, latest), "supported": supported_topics(viewer, 4),
        "tags": queries.tags_everywhere(viewer)[:12],
        "moderator": rules.is_moderator(viewer), "waiting": queries.queue_count(viewer),
        "to_answer": queries.to_answer_count(viewer),
    }  # fmt: skip
    return render(request, "forums/boards.html", context)


def _kinds() -> list[tuple[str, str]]:
    return [
        (Board.Kind.DISTRICT, _("Districts")), (Board.Kind.COMMUNITY, _("Communities")),
        (Board.Kind.TOPIC, _("Subjects")), (Board.Kind.BLOG, _("Blogs of experts and offices")),
    ]  # fmt: skip


@require_safe
def board(request: HttpRequest, slug: str) -> HttpResponse:
    """List the topics of a board, or the articles of a blog; of one for members its door."""
    viewer = viewer_of(request)
    try:
        found = queries.board_for(viewer, slug)
    except NotFound:
        return membership.door(request, slug)
    tag, show = request.GET.get("tag", "")[: rules.MOST_TAG], request.GET.get("show", "")
    show = show if show in SHOWN else ""
    page = queries.topics_of(viewer, found, request.GET.get("after", ""), tag=tag, show=show)
    context = {
        "board": found, "page": page, "tag": tag, "show": show, "tags": queries.tags_of(found),
        "unread": queries.unread_counts(viewer, page.topics), "writers": queries.writers_of(found),
        "may_write": queries.may_write(viewer, found), "follows": queries.follows_board(viewer, found),
        "member": queries.is_member(viewer, found), "asking": queries.asking_count(viewer, found),
        "moderator": rules.is_moderator(viewer),
    }  # fmt: skip
    return render(request, "forums/blog.html" if found.is_blog else "forums/board.html", context)


@require_safe
def tags(request: HttpRequest) -> HttpResponse:
    """List what topics of all boards are tagged with."""
    return render(request, "forums/tags.html", {"tags": queries.tags_everywhere(viewer_of(request))})


@require_safe
def tag(request: HttpRequest, name: str) -> HttpResponse:
    """List the topics of all boards that bear a tag; one that nobody used is not there."""
    viewer, after = viewer_of(request), request.GET.get("after", "")
    page = queries.topics_of(viewer, None, after, tag=name.casefold()[: rules.MOST_TAG])
    if not (page.topics or after):
        raise NotFound()
    context = {"tag": name.casefold(), "page": page, "unread": queries.unread_counts(viewer, page.topics)}
    return render(request, "forums/tag.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def new_topic(request: HttpRequest, slug: str) -> HttpResponse:
    """Open a topic in a board."""
    viewer = viewer_of(request)
    found = queries.board_for(viewer, slug)
    if viewer.person is not None:
        rules.check_open_topic(viewer, found, queries.writes_blog(viewer, found))
    form = TopicForm(request.POST or None, request.FILES or None, initial=_begun(viewer, found))
    if found.members_only:
        form.fields["text"].help_text = _("Only members of this board can read this.")
    if request.method == "POST" and form.is_valid():
        made = _opened(viewer, found, form)
        if made is not None:
            return redirect(made)
    status = 400 if form.is_bound else 200
    similar = queries.similar_topics(str(form["title"].value() or "")) if form.is_bound else []
    newcomer = queries.newcomer_hint(viewer, timezone.now())
    context = {"board": found, "form": form, "similar": similar, "newcomer": newcomer}
    # A stranger sees the form with the way to sign in: what was written before a session ended is not lost.
    return render(request, "forums/new_topic.html", context, status=status)


def _opened(viewer: Viewer, board: Board, form: TopicForm) -> Topic | None:
    try:
        return actions.open_topic(viewer=viewer, board_id=board.pk, **form.given())
    except (rules.SignInFirst, rules.Muted, TooMany) as first:
        form.add_error(None, str(first))
    except BadInput as bad:
        show_errors(form, bad)
    return None


def _begun(viewer: Viewer, board: Board) -> dict[str, Any]:
    draft = queries.draft_of(viewer, board)
    return {name: getattr(draft, name) for name in ("title", "text", "tags", "question", "options")} if draft else {}
