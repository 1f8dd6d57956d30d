"""A topic with its replies; writing and changing one's own."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

import journal.queries
from accounts.rules import BadInput, NotFound, NotYours, TooMany
from accounts.viewers import Viewer

from .. import actions, marks, queries, rules
from ..forms import EditForm, EditTopicForm, ReplyForm
from ..markup import quoted
from ..models import Reading, Topic
from ..queries.keeping import appealable
from ..queries.posts import Post, posts_of
from .base import number, show_errors, viewer_of


@require_safe
def topic(request: HttpRequest, topic_id: int) -> HttpResponse:
    """Show a topic with one page of its replies.

    ?reply= leads to the page of that reply, ?new=1 to the first unread one; ?to= answers a reply, ?quote= cites it.
    """
    viewer = viewer_of(request)
    try:
        found = queries.topic_for(viewer, topic_id)
    except NotFound:
        return _lost(viewer, topic_id)
    if found.merged_into_id:
        return redirect("forums:topic", found.merged_into_id)
    if wanted := number(request.GET.get("reply")):
        return _to_reply(viewer, found, wanted)
    if request.GET.get("new"):
        return _to_unread(viewer, found)
    return _show(request, found, None)


def _lost(viewer: Viewer, topic_id: int) -> HttpResponse:
    """Lead whoever wrote what a moderator took away to the reason; to everybody else it never was. Raises NotFound."""
    try:
        appealable(viewer, topic_id, None)
    except NotYours as broken:
        raise NotFound() from broken
    return redirect("forums:appeal", topic_id)


def _to_reply(viewer: Viewer, found: Topic, reply_id: int) -> HttpResponse:
    try:
        reply, of = queries.reply_for(viewer, reply_id)
    except NotFound:
        return redirect(found)
    page = queries.page_of_reply(of, reply, viewer)
    return redirect(f"{of.get_absolute_url()}?page={page}#reply-{reply.pk}")


def _to_unread(viewer: Viewer, found: Topic) -> HttpResponse:
    row = queries.reading_of(viewer, found)
    first = marks.first_unread(found.numbers, found.gone, row.read) if row else 0
    reply = queries.replies_of(found, viewer).filter(number=first).first() if first else None
    return _to_reply(viewer, found, reply.pk) if reply else redirect(found)


def _show(request: HttpRequest, found: Topic, form: ReplyForm | None, status: int = 200) -> HttpResponse:
    viewer = viewer_of(request)
    # The stream's number first, the replies after it: what comes between is announced once too often, never lost.
    epoch, head = journal.queries.head(found.stream_name)
    newest = request.GET.get("order") == "new"
    page = queries.reply_page(found, number(request.GET.get("page")) or 1, viewer, newest)
    row = queries.reading_of(viewer, found)
    answered = number(request.GET.get("to")) or number(request.GET.get("quote"))
    posts = posts_of(viewer, found, page, row)
    form = form or _reply_form(viewer, posts, answered, bool(number(request.GET.get("quote"))), row)
    context = {
        "topic": found, "page": page, "posts": posts, "form": form, "epoch": epoch, "head": head, "row": row,
        "answered": next((post for post in posts if str(post.reply.pk) == str(form["parent"].value())), None),
        "poll": queries.poll_of(viewer, found), "newest": newest, "moderator": rules.is_moderator(viewer),
        "supported": found.supports > 0 and queries.supports(viewer, found),
        "signed_in": viewer.person is not None, "page_query": f"page={page.number}&",
        "handles": viewer.holds(*rules.HANDLES), "follows": Reading.Follow.choices[1:],
        "own": viewer.person is not None and viewer.person.pk == found.author_id,
        "trust": queries.trust_label(getattr(found.author, "member", None), timezone.now()),
        "order": "&order=new" if newest else "", "because": queries.closed_because(found) if found.closed else "",
        "newcomer": "" if found.closed else queries.newcomer_hint(viewer, timezone.now()),
    }  # fmt: skip
    # Rendered before it is noted as read: what was unread is marked so on this page.
    answer = render(request, "forums/topic.html", context, status=status)
    _note_read(viewer, found, posts, row)
    return answer


def _reply_form(viewer: Viewer, posts: list[Post], answered: int, quote: bool, row: Reading | None) -> ReplyForm:
    # What cannot be read any more can neither be answered nor cited.
    standing = (post for post in posts if not (post.reply.is_removed or post.reply.held))
    post = next((post for post in standing if post.reply.pk == answered), None)
    draft = row.draft if row else ""
    text = quoted(post.reply.comment) if post and quote else draft
    return ReplyForm(initial={"parent": post.reply.pk if post else None, "text": text}, viewer=viewer)


def _note_read(viewer: Viewer, found: Topic, posts: list[Post], row: Reading | None) -> None:
    numbers = [post.reply.number for post in posts]
    if viewer.person is not None and (row is None or marks.lacks(row.read, numbers)):
        actions.mark_read(viewer=viewer, topic=found, numbers=numbers)


@require_safe
def replies(request: HttpRequest, topic_id: int) -> HttpResponse:
    """Return the replies ?ids=3,4 as the topic's page shows them, for pages that are open."""
    viewer = viewer_of(request)
    found = queries.topic_for(viewer, topic_id)
    page = queries.replies_by_id(viewer, found, map(number, request.GET.get("ids", "").split(",")))
    row = queries.reading_of(viewer, found)
    posts = posts_of(viewer, found, page, row)
    context = {"topic": found, "page": page, "posts": posts, "moderator": rules.is_moderator(viewer),
               "handles": viewer.holds(*rules.HANDLES), "signed_in": viewer.person is not None}  # fmt: skip
    answer = render(request, "forums/parts/arrived.html", context)
    _note_read(viewer, found, posts, row)
    return answer


@require_POST
def reply(request: HttpRequest, topic_id: int) -> HttpResponse:
    """Post a reply."""
    viewer = viewer_of(request)
    found = queries.topic_for(viewer, topic_id)
    form = ReplyForm(request.POST, request.FILES, viewer=viewer)
    if form.is_valid():
        given: dict[str, Any] = form.cleaned_data
        try:
            made = actions.reply_to(
                viewer=viewer, topic_id=found.pk, text=given["text"], parent_id=given["parent"], token=given["token"],
                official=given.get("official", False), unit_id=given.get("unit"), pictures=given["pictures"],
            )  # fmt: skip
        except (rules.SignInFirst, rules.Muted, TooMany) as first:
            form.add_error(None, str(first))
        except BadInput as bad:
            show_errors(form, bad)
        else:
            if made.held:
                messages.info(request, _("Thank you. A moderator looks at your reply before others see it."))
            return redirect(f"{found.get_absolute_url()}?reply={made.pk}")
    return _show(request, found, form, status=400)


@require_http_methods(["GET", "HEAD", "POST"])
def edit_topic(request: HttpRequest, topic_id: int) -> HttpResponse:
    """Change one's own topic."""
    viewer = viewer_of(request)
    found = queries.topic_for(viewer, topic_id)
    rules.check_edit_topic(viewer, found)
    initial = {"title": found.title, "text": found.text, "tags": ", ".join(found.tags)}
    form = EditTopicForm(request.POST if request.method == "POST" else None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            actions.edit_topic(viewer=viewer, topic_id=found.pk, **form.cleaned_data)
        except rules.Muted as muted:
            form.add_error(None, str(muted))
        except BadInput as bad:
            show_errors(form, bad)
        else:
            return redirect(found)
    return render(
        request, "forums/edit_topic.html", {"topic": found, "form": form}, status=400 if form.is_bound else 200
    )


@require_http_methods(["GET", "HEAD", "POST"])
def edit_reply(request: HttpRequest, reply_id: int) -> HttpResponse:
    """Change one's own reply."""
    viewer = viewer_of(request)
    found, of = queries.reply_for(viewer, reply_id)
    rules.check_edit(viewer, found, of)
    form = EditForm(request.POST if request.method == "POST" else None, initial={"text": found.comment})
    if request.method == "POST" and form.is_valid():
        try:
            actions.edit_reply(viewer=viewer, reply_id=reply_id, text=form.cleaned_data["text"])
        except rules.Muted as muted:
            form.add_error(None, str(muted))
        except BadInput as bad:
            form.add_error("text", str(bad))
        else:
            return redirect(f"{of.get_absolute_url()}?reply={reply_id}")
    status = 400 if form.is_bound else 200
    return render(request, "forums/edit_reply.html", {"topic": of, "reply": found, "form": form}, status=status)


@require_POST
def withdraw_reply(request: HttpRequest, reply_id: int) -> HttpResponse:
    """Take one's own reply back."""
    viewer = viewer_of(request)
    _found, of = queries.reply_for(viewer, reply_id)
    actions.withdraw_reply(viewer=viewer, reply_id=reply_id)
    messages.success(request, _("Your reply is gone; a line stays where it stood."))
    return redirect(of)


@require_safe
def picture(request: HttpRequest, key: str) -> FileResponse:
    """Show a picture of a post; ?small=1 the small one."""
    path = queries.picture_for(viewer_of(request), key, small=bool(request.GET.get("small")))
    answer = FileResponse(path.open("rb"), content_type="image/webp")
    # Asked again each time: a post may be taken away. Fifty pictures of a page are answered without their bytes.
    answer["Cache-Control"] = "private, max-age=300"
    return answer
