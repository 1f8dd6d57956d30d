"""Supporting, reacting, voting, flagging and appealing."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.rules import BadInput, RuleBroken

from .. import actions, queries, rules
from ..forms import AppealForm, GroundForm
from ..queries.keeping import appealable
from .base import done, for_members, number, show_errors, viewer_of


@require_POST
@for_members
def support(request: HttpRequest, topic_id: int) -> HttpResponse:
    """Support a topic, or no longer."""
    viewer = viewer_of(request)
    found = queries.topic_for(viewer, topic_id)
    on = request.POST.get("on") == "1"
    count = actions.support_topic(viewer=viewer, topic_id=found.pk, on=on)
    return done(request, found.get_absolute_url(), on=on, count=count)


@require_POST
@for_members
def react(request: HttpRequest, reply_id: int) -> HttpResponse:
    """Agree with or thank for a reply, or no longer."""
    viewer = viewer_of(request)
    reply, topic = queries.reply_for(viewer, reply_id)
    kind = next((kind for kind in ("agree", "thanks") if kind in request.POST), "")
    on = request.POST.get(kind) == "1"
    count = actions.react(viewer=viewer, topic_id=topic.pk, reply_id=reply.pk, kind=kind, on=on)
    return done(request, f"{topic.get_absolute_url()}?reply={reply.pk}", on=on, count=count)


@require_POST
@for_members
def vote(request: HttpRequest, topic_id: int) -> HttpResponse:
    """Vote in a topic's poll."""
    viewer = viewer_of(request)
    found = queries.topic_for(viewer, topic_id)
    try:
        chosen = [number(one) for one in request.POST.getlist("option")]
        actions.vote(viewer=viewer, topic_id=found.pk, option_ids=chosen)
    except BadInput as bad:
        messages.error(request, str(bad))
    return redirect(f"{found.get_absolute_url()}#poll")


@require_http_methods(["GET", "HEAD", "POST"])
@for_members
def flag(request: HttpRequest, topic_id: int) -> HttpResponse:
    """Say that something is wrong with a topic, or with its reply ?reply=."""
    viewer = viewer_of(request)
    found = queries.topic_for(viewer, topic_id)
    wanted = number(request.GET.get("reply"))
    reply = queries.reply_for(viewer, wanted)[0] if wanted else None
    rules.check_flag(viewer, found, reply)
    form = GroundForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.flag_post(
                viewer=viewer, topic_id=found.pk, reply_id=reply.pk if reply else None, **form.cleaned_data
            )
        except RuleBroken as broken:
            form.add_error(None, str(broken))
        else:
            messages.success(request, _("Thank you. A moderator will look at it."))
            return redirect(f"{found.get_absolute_url()}" + (f"?reply={reply.pk}" if reply else ""))
    context = {"topic": found, "reply": reply, "form": form}
    return render(request, "forums/flag.html", context, status=400 if form.is_bound else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def appeal(request: HttpRequest, topic_id: int) -> HttpResponse:
    """Read one's own post that was taken away, why, and ask for another look."""
    viewer = viewer_of(request)
    found = appealable(viewer, topic_id, number(request.GET.get("reply")) or None)
    form = AppealForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            reply_id = found.reply.pk if found.reply else None
            actions.appeal(viewer=viewer, topic_id=topic_id, reply_id=reply_id, words=form.cleaned_data["words"])
        except BadInput as bad:
            show_errors(form, bad)
        else:
            messages.success(request, _("Another moderator will look at it and tell you."))
            return redirect("forums:mine")
    context = {"found": found, "form": form}
    return render(request, "forums/appeal.html", context, status=400 if form.is_bound else 200)
