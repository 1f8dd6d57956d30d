"""Who may read, write and reorder the handbook, and what a page may be."""

from __future__ import annotations

import re

from django.utils.translation import gettext as _

from accounts.models import Role
from accounts.rules import BadInput, Conflict, NotYours
from accounts.viewers import Viewer

from .models import Page

MOST_TITLE, MOST_TEXT, MOST_SUMMARY, MOST_SLUG = 200, 100_000, 200, 50
MOST_DEPTH = 6
# No leading underscore: those are our own routes ("_edit").
_SLUG = re.compile(r"[a-z0-9][a-z0-9-]{0,49}")


def may_read(viewer: Viewer, page: Page) -> bool:
    """Return whether the viewer may read the page."""
    return page.audience == Page.Audience.PUBLIC or viewer.is_official


def may_write(viewer: Viewer) -> bool:
    """Return whether the viewer may write pages: for now every official."""
    return viewer.person is not None and viewer.is_official


def may_keep(viewer: Viewer, page: Page) -> bool:
    """Return whether the viewer may move, delete and restore the page: moderators, and the unit that owns it."""
    if viewer.person is None:
        return False
    return viewer.holds(Role.MODERATOR) or (page.unit_id is not None and page.unit_id in viewer.units())


def check_write(viewer: Viewer) -> None:
    """Raise NotYours unless the viewer may write pages."""
    if not may_write(viewer):
        raise NotYours()


def check_keep(viewer: Viewer, page: Page) -> None:
    """Raise NotYours unless the viewer may move, delete and restore the page."""
    if not may_keep(viewer, page):
        raise NotYours()


def check_unchanged(current: int, seen: int) -> None:
    """Raise Conflict if the revision `seen` when the editor was opened is not the current one any more."""
    if current != seen:
        raise Conflict(_("Somebody changed this page meanwhile. Copy your words, reload the page and put them in."))


def clean_slug(value: str) -> str:
    """Return the part of a page's address. Raises BadInput."""
    slug = value.strip().lower()
    if not _SLUG.fullmatch(slug):
        raise BadInput(
            _("Use the letters a to z, digits and hyphens, at most 50, for example “water-bill”."), field="slug"
        )
    return slug
