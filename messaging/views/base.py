"""What the pages of talks share."""

from __future__ import annotations

import secrets
import uuid
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language

from accounts.viewers import VISITOR, Viewer
from engagement.forms.fields import ACCEPT
from engagement.rules.files import FILE_BYTES
from journal.queries import head
from journal.rules import check_number

from .. import queries, rules
from ..models import Room, Talk


def viewer_of(request: HttpRequest) -> Viewer:
    """Return who is asking."""
    viewer: Viewer = request.viewer  # type: ignore[attr-defined]
    return viewer


def named_viewer(request: HttpRequest) -> Viewer:
    """Return who is asking, with a visitor key made for a session that has none yet."""
    viewer = viewer_of(request)
    if viewer.person is None and not viewer.visitor:
        request.session[VISITOR] = secrets.token_urlsafe(18)
        viewer = Viewer(grants=viewer.grants, visitor=request.session[VISITOR], language=viewer.language)
    return viewer


def officer_of(request: HttpRequest) -> Viewer:
    """Return who is asking; for everybody who does not answer at desks this page does not exist."""
    viewer = viewer_of(request)
    if not queries.is_serving(viewer):
        raise rules.NotFound()
    return viewer


def page(request: HttpRequest, template: str, values: dict[str, Any], status: int = 200) -> HttpResponse:
    """Return a page that no cache may keep: it is one reader's own."""
    answer = render(request, template, values, status=status)
    answer["Cache-Control"] = "no-store, private"
    return answer


def thread_values(talk: Talk, viewer: Viewer) -> dict[str, Any]:
    """Return what the thread of a talk and its send box need."""
    side = queries.seat_of(talk, viewer)
    voice = rules.voice_of(talk, viewer, side)
    # The head first: what is said between the two reads comes twice, and the page drops what it has.
    epoch, seq = head(talk.stream_name)
    lines = queries.lines_of(talk)
    return {
        "talk": talk,
        "side": side,
        "lines": lines,
        "has_earlier": bool(lines) and lines[0].seq > 1,
        "epoch": epoch,
        "head": seq,
        "read": queries.read_by_other(talk, voice),
        "voice": voice,
        "me": viewer.key,
        **composer_values(reverse("messaging:files", args=[talk.number])),
        "change_minutes": settings.CHAT_CHANGE_MINUTES,
        "can_say": talk.status in rules.POSSIBLE[f"say_{side}"],
    }


def asked_lines(request: HttpRequest, home: Talk | Room) -> list[queries.Line]:
    """Return up to a hundred lines before the number `before` or after the number `after`, or the one called `only`.

    Raises BadInput for what is no number.
    """
    before, after, only = (_number(request, name) for name in ("before", "after", "only"))
    return queries.lines_of(home, before=before, after=after) if only is None else queries.line_of(home, only)


def _number(request: HttpRequest, name: str) -> int | None:
    asked = request.GET.get(name)
    if asked is None:
        return None
    # Nineteen digits and more are beyond every number there is.
    return check_number(int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 19 else -1, name)


def composer_values(files_url: str) -> dict[str, Any]:
    """Return what a send box needs, whose files go to `files_url`."""
    return {
        "files_url": files_url,
        "most": rules.MOST_TEXT,
        "most_bytes": FILE_BYTES,
        "most_files": rules.MOST_FILES,
        "file_types": ACCEPT,
        "new_key": uuid.uuid4().hex,
        "time_zone": settings.TIME_ZONE,
        "language_tag": "zh-Hans" if (get_language() or "").startswith("zh") else "en",
    }
