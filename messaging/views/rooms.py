"""Rooms of officials: the list with what is unread, one room, and beginning new ones."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.actions import limit_rate
from accounts.viewers import Viewer
from accounts.wording import listed
from journal.queries import head
from journal.rules import SAYS, SAYS_SECONDS

from .. import actions, queries, rules
from ..forms import GroupForm, SayForm
from ..models import Room
from .base import asked_lines, composer_values, page, viewer_of


def official_of(request: HttpRequest) -> Viewer:
    """Return who is asking; for everybody but officials the page does not exist."""
    viewer = viewer_of(request)
    if viewer.person is None or not viewer.is_official:
        raise rules.NotFound()
    return viewer


@require_GET
def rooms(request: HttpRequest) -> HttpResponse:
    """Show the rooms one belongs to, and find colleagues to begin a new one with."""
    viewer = official_of(request)
    actions.note_in_rooms(viewer=viewer)
    if request.GET.get("part"):
        values = {**_rows(viewer), "current": _number(request.GET.get("current", ""))}
        return page(request, "messaging/rooms/list.html", values)
    return page(request, "messaging/rooms/room.html", _list_values(request, viewer))


def _list_values(request: HttpRequest, viewer: Viewer) -> dict[str, Any]:
    words = request.GET.get("q", "").strip()[:60]
    found = queries.officials_named(words, viewer) if words and "\0" not in words else []
    return {**_rows(viewer), "q": words, "found": found, "room": None}


def _rows(viewer: Viewer) -> dict[str, Any]:
    rows = queries.rooms_of(viewer)
    return {"rows": rows, "unread_total": sum(row.unread for row in rows)}


@require_http_methods(["GET", "HEAD", "POST"])
def room(request: HttpRequest, room_id: int) -> HttpResponse:
    """Show a room; POST says something in it."""
    viewer = official_of(request)
    found = queries.room_for(viewer, room_id)
    form = SayForm(request.POST, request.FILES) if request.method == "POST" else None
    if form is not None and form.is_valid() and _say(viewer, found, form):
        return redirect("messaging:room", room_id=found.pk)
    actions.note_in_rooms(viewer=viewer)
    status = 400 if form is not None else 200
    return page(request, "messaging/rooms/room.html", _room_values(request, viewer, found) | {"form": form}, status)


def _say(viewer: Viewer, found: Room, form: SayForm) -> bool:
    limit_rate("say", viewer.key, SAYS, SAYS_SECONDS)
    text, key = form.cleaned_data["text"], form.cleaned_data["key"]
    try:
        files = [
            actions.add_room_file(viewer=viewer, room_id=found.pk, client_key=f"{key[:60]}-{n}", upload=upload).key
            for n, upload in enumerate(form.cleaned_data["files"])
        ]
        actions.say_in_room(viewer=viewer, key=str(found.pk), client_key=key, text=text, files=files)
    except rules.BadInput as broken:
        form.add_error(None, str(broken))
        return False
    return True


def _room_values(request: HttpRequest, viewer: Viewer, found: Room) -> dict[str, Any]:
    # The head first: what is said between the two reads comes twice, and the page drops what it has.
    epoch, seq = head(found.stream_name)
    actions.read_room(viewer=viewer, key=str(found.pk), seq=seq)
    at, before = timezone.now(), _number(request.GET.get("before", "")) or None
    members = queries.members_of(found)
    lines = queries.lines_of(found, before=before)
    return {
        **_list_values(request, viewer),
        "room": found,
        "room_title": found.title or listed(one.person for one in members if one.person != viewer.person),
        "members": [(one, queries.is_here(one, at)) for one in members],
        "lines": lines,
        "earlier": lines[0].seq if lines and lines[0].seq > 1 else None,
        "epoch": epoch,
        "head": seq,
        "me": viewer.key,
        # Everybody is a side of their own; how far the others have read is not shown.
        "side": viewer.key,
        "voice": viewer.key,
        "read": 0,
        "current": found.pk,
        **composer_values(reverse("messaging:room-files", args=[found.pk])),
        "can_say": True,
        "is_group": found.kind == Room.Kind.GROUP,
    }


def _number(asked: str) -> int:
    return int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 10 else 0


@require_GET
def lines(request: HttpRequest, room_id: int) -> HttpResponse:
    """Return lines of the room as `asked_lines` has them."""
    viewer = official_of(request)
    found = queries.room_for(viewer, room_id)
    values = {"lines": asked_lines(request, found), "side": viewer.key, "voice": viewer.key, "read": 0}
    return page(request, "messaging/parts/lines.html", values)


@require_POST
def begin(request: HttpRequest) -> HttpResponse:
    """Begin a direct talk with one official, or a group with several."""
    viewer = official_of(request)
    people = [_number(one) for one in request.POST.getlist("people")[: rules.MOST_MEMBERS]]
    if len(people) == 1 and not request.POST.get("title", "").strip():
        return redirect("messaging:room", room_id=actions.open_direct(by=viewer, person_id=people[0]).pk)
    form = GroupForm(request.POST)
    if not people:
        messages.warning(request, _("Please choose who belongs to it."))
    elif not form.is_valid():
        messages.warning(request, form.first_error())
    else:
        made = actions.open_group(by=viewer, title=form.cleaned_data["title"], people=people)
        return redirect("messaging:room", room_id=made.pk)
    return redirect("messaging:rooms")


@require_POST
def join(request: HttpRequest, room_id: int) -> HttpResponse:
    """Let more officials into a group."""
    viewer = official_of(request)
    found = queries.room_for(viewer, room_id)
    people = [_number(one) for one in request.POST.getlist("people")[: rules.MOST_MEMBERS]]
    actions.add_members(room_id=found.pk, by=viewer, people=people)
    return redirect("messaging:room", room_id=found.pk)


@require_POST
def leave(request: HttpRequest, room_id: int) -> HttpResponse:
    """Leave a group."""
    viewer = official_of(request)
    actions.leave_room(room_id=queries.room_for(viewer, room_id).pk, by=viewer)
    return redirect("messaging:rooms")
