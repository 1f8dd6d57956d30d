"""What every template may use: the viewer, the city, the ways to go and the reader's switches."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import NoReverseMatch, get_script_prefix, reverse
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext_lazy as _

from accounts.models import Role
from accounts.viewers import Viewer
from accounts.wording import city_name
from engagement.queries import fields_of_checking, sets_up
from messaging.queries import is_serving
from notices.queries import unread_count

LARGE_TYPE = "openhall_type"
# What the header offers to everybody: (route, words, icon).
FOR_CITIZENS = (
    ("engagement:mailboxes", _("Write to a leader"), "mail"),
    ("engagement:complain", _("Complain or ask"), "megaphone"),
    ("messaging:desks", _("Chat now"), "message-circle"),
    ("engagement:letters", _("Published letters"), "file-text"),
    ("messaging:interviews", _("Live interviews"), "calendar"),
    ("forums:boards", _("Forum"), "messages-square"),
    ("wiki:contents", _("Handbook"), "book-open"),
    ("engagement:figures", _("Figures"), "chart-column"),
)
# Before it stand the ways to write, from it on what everybody reads.
FIRST_TO_READ = 3


@dataclass(frozen=True)
class Link:
    """One entry of the navigation; `here` where the reader is on it or below."""

    url: str
    label: str
    icon: str
    here: bool


def hall(request: HttpRequest) -> dict[str, Any]:
    """Return what base.html and its parts show."""
    viewer = getattr(request, "viewer", None)
    return {
        "viewer": viewer,
        "demo": settings.DEMO,
        "city": city_name(),
        "here": request.get_full_path() if request.method == "GET" else request.path,
        "large": request.COOKIES.get(LARGE_TYPE) == "large",
        "nav": _lazily(lambda: links_for(viewer, request.path)),
        "office_nav": _lazily(lambda: links_for(viewer, request.path, office=True)),
        "unread_notices": _lazily(lambda: unread_count(viewer.person) if viewer and viewer.person else 0),
        "outbox_url": reverse("notices:screen") if settings.DEMO else "",
    }


def _lazily(answer: Callable[[], Any]) -> Any:
    """Ask only when a template shows it: fragments and JSON pages pay nothing."""
    return SimpleLazyObject(answer)


def links_for(viewer: Viewer | None, path: str, office: bool = False) -> list[Link]:
    """Return the ways the viewer has; officials get their rooms first, and in the `office` not what citizens write."""
    found = []
    others = FOR_CITIZENS[FIRST_TO_READ:] if office else FOR_CITIZENS
    for route, label, icon in (*_for_officials(viewer), *others):
        if url := _address(get_script_prefix(), route):
            found.append(Link(url, str(label), icon, path.startswith(url)))
    # A room within a room is where the reader is, not both.
    nearest = max((link.url for link in found if link.here), key=len, default="")
    return [replace(link, here=link.url == nearest) for link in found]


@cache
def _address(_prefix: str, route: str) -> str:
    # A room that this installation does not mount has no link.
    with suppress(NoReverseMatch):
        return reverse(route)
    return ""


def _for_officials(viewer: Viewer | None) -> list[tuple[str, Any, str]]:
    if viewer is None or not viewer.is_official:
        return []
    found: list[tuple[str, Any, str]] = [("engagement:work", _("Work"), "briefcase")]
    if viewer.holds(Role.SUPERVISOR, Role.LEADER, Role.SECRETARY):
        found.append(("engagement:board-first", _("Supervision"), "eye"))
    elif fields_of_checking(viewer):
        found.append(("engagement:checks", _("Quality checks"), "check"))
    if viewer.holds(Role.LEADER, Role.SECRETARY):
        found.append(("engagement:sign", _("To sign"), "pen-line"))
    if viewer.holds(Role.CALLBACK_OFFICER):
        found.append(("engagement:calls", _("Callbacks"), "phone"))
    if viewer.holds(Role.ADMINISTRATOR):
        found.append(("engagement:calendars", _("Working hours"), "calendar"))
        found.append(("messaging:sites", _("Chat on web sites"), "message-circle"))
    if is_serving(viewer):
        found.append(("messaging:duty", _("Duty desk"), "headset"))
    if sets_up(viewer):
        found.append(("engagement:processes", _("Processes"), "settings"))
    if viewer.holds(Role.SUPERVISOR):
        found.append(("messaging:floor", _("Floor"), "eye"))
    if viewer.holds(Role.MODERATOR):
        found.append(("forums:queue", _("Moderation"), "flag"))
    if viewer.holds(Role.AUDITOR):
        found.append(("audit:records", _("Audit log"), "shield-check"))
    found.append(("messaging:rooms", _("Colleagues"), "users"))
    return found
