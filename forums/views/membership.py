"""Boards for members: asking to join, leaving, and whom moderators let in."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.rules import BadInput

from .. import actions, queries, rules
from .base import for_members, number, viewer_of


def door(request: HttpRequest, slug: str) -> HttpResponse:
    """Show what a board for members is about, and how to get in."""
    board, asked = queries.closed_board_for(viewer_of(request), slug)
    return render(request, "forums/join.html", {"board": board, "asked": asked})


@require_POST
@for_members
def join(request: HttpRequest, slug: str) -> HttpResponse:
    """Ask to join a board; `on=0` leaves it, or asks no longer."""
    viewer = viewer_of(request)
    if request.POST.get("on") == "0":
        actions.leave_board(viewer=viewer, board_id=queries.members_board(slug).pk)
        return redirect("forums:boards")
    board, _member = queries.closed_board_for(viewer, slug)
    try:
        actions.ask_to_join(viewer=viewer, board_id=board.pk, words=request.POST.get("words", ""))
    except BadInput as bad:
        messages.error(request, str(bad))
    return redirect("forums:board", slug=slug)


@require_http_methods(["GET", "HEAD", "POST"])
def members(request: HttpRequest, slug: str) -> HttpResponse:
    """List who asks to be let in and who is a member; let in or turn away."""
    viewer = viewer_of(request)
    rules.check_moderate(viewer)
    board = queries.members_board(slug)
    if request.method == "POST":
        member_id = number(request.POST.get("member"))
        try:
            if request.POST.get("do") == "let_in":
                actions.let_in(by=viewer, board_id=board.pk, member_id=member_id)
            else:
                reason = request.POST.get("reason", "")
                actions.turn_away(by=viewer, board_id=board.pk, member_id=member_id, reason=reason)
        except BadInput:
            messages.error(request, _("Please say why: they read it."))
        return redirect("forums:members", slug=slug)
    return render(request, "forums/members.html", {"board": board, "members": queries.members_of(viewer, board)})
