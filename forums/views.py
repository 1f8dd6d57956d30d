"""Pages of the forums: boards, topics, replies and what moderators do."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

import journal.queries
from accounts.rules import BadInput, NotFound
from accounts.viewers import Viewer

from . import actions, queries, rules
from .forms import CaseForm, EditForm, ReplyForm, TopicForm
from .models import Topic


def _viewer(request: HttpRequest) -> Viewer:
    viewer: Viewer = request.viewer  # type: ignore[attr-defined]
    return viewer


@require_safe
def boards(request: HttpRequest) -> HttpResponse:
    """List the boards, and the latest topics of all of them."""
    viewer = _viewer(request)
    context = {"boards": queries.boards_with_counts(viewer), "latest": queries.latest_topics(viewer, 8)}
    return render(request, "forums/boards.html", context)


@require_safe
def board(request: HttpRequest, slug: str) -> HttpResponse:
    """List the topics of a board."""
    viewer = _viewer(request)
    found = queries.board_for(viewer, slug)
    page = queries.topics_of(viewer, found, request.GET.get("after", ""))
    return render(request, "forums/board.html", {"board": found, "page": page})


def new_topic(request: HttpRequest, slug: str) -> HttpResponse:
    """Open a topic in a board."""
    viewer = _viewer(request)
    found = queries.board_for(viewer, slug)
    form = TopicForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            topic = actions.open_topic(viewer=viewer, board_id=found.pk, **given)
        except rules.SignInFirst as first:
            form.add_error(None, str(first))
        except BadInput as bad:
            form.add_error(bad.field if bad.field in form.fields else None, str(bad))
        else:
            return redirect(topic)
    status = 400 if form.is_bound else 200
    # A stranger sees the form with the way to sign in: what was written before a session ended is not lost.
    return render(request, "forums/new_topic.html", {"board": found, "form": form}, status=status)


@require_safe
def topic(request: HttpRequest, topic_id: int) -> HttpResponse:
    """Show a topic with one page of its replies; ?reply= leads to the page of that reply, ?to= answers it."""
    viewer = _viewer(request)
    found = queries.topic_for(viewer, topic_id)
    wanted = _number(request.GET.get("reply"))
    if wanted:
        return _to_reply(viewer, found, wanted)
    return _show(request, found, ReplyForm(initial={"parent": _number(request.GET.get("to")) or None}))


def _to_reply(viewer: Viewer, found: Topic, reply_id: int) -> HttpResponse:
    try:
        reply, of = queries.reply_for(viewer, reply_id)
    except NotFound:
        return redirect(found)
    page = queries.page_of_reply(of, reply)
    return redirect(f"{of.get_absolute_url()}?page={page}#reply-{reply.pk}")


def _show(request: HttpRequest, found: Topic, form: ReplyForm, status: int = 200) -> HttpResponse:
    viewer = _viewer(request)
    # The stream's number first, the replies after it: what comes between is announced once too often, never lost.
    epoch, head = journal.queries.head(found.stream_name)
    page = queries.reply_page(found, _number(request.GET.get("page")) or 1)
    answered = form["parent"].value()
    context = {
        "topic": found, "page": page, "form": form, "epoch": epoch, "head": head,
        "answered": next((reply for reply in page.replies if str(reply.pk) == str(answered)), None),
        "moderator": rules.is_moderator(viewer), "case_form": CaseForm() if viewer.holds(*rules.HANDLES) else None,
        "previous": f"?page={page.number - 1}" if page.number > 1 else "",
        "next": f"?page={page.number + 1}" if page.number < page.pages else "",
    }  # fmt: skip
    return render(request, "forums/topic.html", context, status=status)


def _number(text: str | None) -> int:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 10 else 0


@require_POST
def reply(request: HttpRequest, topic_id: int) -> HttpResponse:
    """Post a reply."""
    viewer = _viewer(request)
    found = queries.topic_for(viewer, topic_id)
    form = ReplyForm(request.POST)
    if form.is_valid():
        given: dict[str, Any] = dict(form.cleaned_data)
        try:
            made = actions.reply_to(
                viewer=viewer, topic_id=found.pk, text=given["text"], parent_id=given["parent"],
                official=given["official"], token=given["token"],
            )  # fmt: skip
        except rules.SignInFirst as first:
            form.add_error(None, str(first))
        except BadInput as bad:
            form.add_error("text", str(bad))
        else:
            return redirect(f"{found.get_absolute_url()}?reply={made.pk}")
    return _show(request, found, form, status=400)


def edit_reply(request: HttpRequest, reply_id: int) -> HttpResponse:
    """Change one's own reply."""
    viewer = _viewer(request)
    found, of = queries.reply_for(viewer, reply_id)
    rules.check_edit(viewer, found, of)
    form = EditForm(request.POST if request.method == "POST" else None, initial={"text": found.comment})
    if request.method == "POST" and form.is_valid():
        try:
            actions.edit_reply(viewer=viewer, reply_id=reply_id, text=form.cleaned_data["text"])
        except BadInput as bad:
            form.add_error("text", str(bad))
        else:
            return redirect(f"{of.get_absolute_url()}?reply={reply_id}")
    return render(request, "forums/edit_reply.html", {"topic": of, "reply": found, "form": form})


@require_POST
def moderate_topic(request: HttpRequest, topic_id: int) -> HttpResponse:
    """Close, open, hide or show a topic."""
    viewer, reason = _viewer(request), request.POST.get("reason", "")
    rules.check_moderate(viewer)
    found = queries.topic_for(viewer, topic_id)
    try:
        match request.POST.get("do"):
            case "lock":
                actions.lock_topic(by=viewer, topic_id=found.pk, reason=reason)
            case "unlock":
                actions.unlock_topic(by=viewer, topic_id=found.pk)
            case "hide":
                actions.hide_topic(by=viewer, topic_id=found.pk, reason=reason)
            case "show":
                actions.show_topic(by=viewer, topic_id=found.pk)
            case _:
                raise BadInput(field="do")
    except BadInput as bad:
        messages.error(request, str(bad))
    return redirect(found)


@require_POST
def moderate_reply(request: HttpRequest, reply_id: int) -> HttpResponse:
    """Hide or show a reply."""
    viewer = _viewer(request)
    rules.check_moderate(viewer)
    _reply, of = queries.reply_for(viewer, reply_id)
    try:
        if request.POST.get("do") == "show":
            actions.show_reply(by=viewer, reply_id=reply_id)
        else:
            actions.hide_reply(by=viewer, reply_id=reply_id, reason=request.POST.get("reason", ""))
    except BadInput as bad:
        messages.error(request, str(bad))
    return redirect(f"{of.get_absolute_url()}?reply={reply_id}")


@require_POST
def raise_case(request: HttpRequest, topic_id: int) -> HttpResponse:
    """Make a case of a topic."""
    viewer = _viewer(request)
    found = queries.topic_for(viewer, topic_id)
    form = CaseForm(request.POST)
    rules.check_raise_case(viewer, found)
    if not form.is_valid():
        raise BadInput(field="kind")
    try:
        made = actions.raise_case(by=viewer, topic_id=found.pk, kind=form.cleaned_data["kind"])
    except BadInput as bad:
        messages.error(request, str(bad))
    else:
        messages.success(request, _("This topic is now case %(number)s.") % {"number": made.number})
    return redirect(found)
