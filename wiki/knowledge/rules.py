"""Who may read, suggest, review and reorder the handbook, and what a page may be."""

from __future__ import annotations

import re
from datetime import date, timedelta

from django.conf import settings
from django.utils.translation import gettext as _

from accounts.models import Role
from accounts.rules import BadInput, Conflict, NotFound, NotYours, WrongStatus, clean_text
from accounts.viewers import Viewer

from .models import Page, Proposal

MOST_TITLE, MOST_TEXT, MOST_SUMMARY, MOST_SLUG = 200, 100_000, 200, 50
MOST_REASON, MOST_REMARK, MOST_WORDS = 1000, 4000, 500
MOST_DEPTH = 6
MOST_FILES = 50
# What one person may send in ten minutes: suggestions, remarks, votes.
SENDS, SENDS_SECONDS = 20, 600
# The unit is told so many days before a page must be looked at again.
REMIND_DAYS = 14
# The last part of the address of the page that holds what only officials read about the page above it.
OFFICE = "office"
# No leading underscore: those are our own routes ("_edit").
_SLUG = re.compile(r"[a-z0-9][a-z0-9-]{0,49}")

# Python-Markdown reads on from each sign to the end of its paragraph, and from each tag, fence and item through the
# page: 10,000 times "[" took it 21 s. The heaviest page within these bounds takes two seconds.
MOST_LINES, MOST_TAGS, MOST_TERMS = 2000, 1000, 200
# The sum, over all paragraphs, of length times signs; a page with a table of 15,000 characters has 2.7 million.
MOST_READING = 8_000_000
_PARAGRAPHS, _SIGNS = re.compile(r"\n[ \t]*\n"), re.compile(r"[\[\]()!\\<>*_`&]")
_NESTED = re.compile(r"^(?:[ \t]*(?:[>*+:-]|\d+\.)[ \t]*){9}", re.MULTILINE)
_TERM = re.compile(r"^[ \t]*:[ \t]", re.MULTILINE)


def may_read(viewer: Viewer, page: Page) -> bool:
    """Return whether the viewer may read the page."""
    return page.audience == Page.Audience.PUBLIC or viewer.is_official


def may_write(viewer: Viewer) -> bool:
    """Return whether the viewer may propose new pages and add files: every official."""
    return viewer.person is not None and viewer.is_official


def may_suggest(viewer: Viewer) -> bool:
    """Return whether the viewer may suggest a change to a page they read and speak below it: who has signed in."""
    return viewer.person is not None


def may_keep(viewer: Viewer, page: Page | None, unit_id: int | None = None) -> bool:
    """Return whether the viewer looks after the page: moderators, and the unit that owns it.

    What no unit owns is looked after by reviewers, wherever they serve. `unit_id` stands for a page that is not yet.
    """
    if viewer.person is None:
        return False
    owner = page.unit_id if page else unit_id
    if viewer.holds(Role.MODERATOR):
        return True
    return owner in viewer.units() if owner is not None else viewer.holds(Role.REVIEWER)


def may_review(viewer: Viewer, proposal: Proposal) -> bool:
    """Return whether the viewer may decide about the proposal: who looks after the page and did not write it."""
    if viewer.person is None or viewer.person.pk == proposal.author_id:
        return False
    return may_keep(viewer, proposal.page, proposal.unit_id)


def may_read_proposal(viewer: Viewer, proposal: Proposal) -> bool:
    """Return whether the viewer may see a proposal: its author, and officials who may read such a page."""
    if viewer.person is None:
        return False
    return viewer.person.pk == proposal.author_id or viewer.is_official


def check_write(viewer: Viewer) -> None:
    """Raise NotYours unless the viewer may write pages."""
    if not may_write(viewer):
        raise NotYours()


def check_suggest(viewer: Viewer) -> None:
    """Raise NotYours unless the viewer may suggest changes."""
    if not may_suggest(viewer):
        raise NotYours()


def check_keep(viewer: Viewer, page: Page) -> None:
    """Raise NotYours unless the viewer looks after the page."""
    if not may_keep(viewer, page):
        raise NotYours()


def check_review(viewer: Viewer, proposal: Proposal) -> None:
    """Raise NotYours for those who cannot decide about it, WrongStatus for its own author and when it is decided."""
    if not may_read_proposal(viewer, proposal):
        raise NotYours()
    if viewer.person is not None and viewer.person.pk == proposal.author_id:
        raise WrongStatus(_("Somebody else reviews what you wrote."), code="four_eyes")
    if not may_review(viewer, proposal):
        raise NotYours()
    check_waiting(proposal)


def check_waiting(proposal: Proposal) -> None:
    """Raise Conflict when somebody has decided already."""
    if proposal.state != Proposal.State.WAITING:
        raise Conflict(_("This has been decided already: %(state)s.") % {"state": proposal.get_state_display()})


def check_unchanged(current: int, seen: int | None) -> None:
    """Raise Conflict if the revision `seen` when the editor was opened is not the current one any more."""
    if current != seen:
        raise Conflict(_("Somebody changed this page meanwhile. Copy your words, reload the page and put them in."))


def check_pair(one: Page, other: Page) -> None:
    """Raise BadInput unless the two pages can be each other's translation."""
    if one.pk == other.pk or one.language == other.language:
        raise BadInput(_("Choose a page in the other language."), field="twin")
    if one.audience != other.audience:
        raise BadInput(_("Both pages must be for the same readers."), field="twin")
    if {one.twin_id, other.twin_id} - {None, one.pk, other.pk}:
        raise BadInput(_("One of the two has another translation already."), field="twin")


def next_check(today: date) -> date:
    """Return the day by which a page that is right today must be looked at again."""
    return today + timedelta(days=settings.PAGE_CHECK_DAYS)


def clean_expiry(day: date | None, today: date) -> date | None:
    """Return the day by which a page must be looked at again. Raises BadInput for one that has passed or is far off."""
    if day is not None and not today <= day <= today + timedelta(days=3660):
        raise BadInput(_("Choose a day from today on, within ten years."), field="expires_on")
    return day


def clean_title(title: str) -> str:
    """Return a page's title. Raises BadInput."""
    return clean_text(title, most=MOST_TITLE, least=1, field="title", newlines=False)


def clean_words(text: str) -> str:
    """Return a page's words. Raises BadInput, also for what would keep the renderer busy for minutes."""
    words = clean_text(text, most=MOST_TEXT, least=1, field="text")
    reading = sum(len(part) * len(_SIGNS.findall(part)) for part in _PARAGRAPHS.split(words))
    heavy = words.count("\n") >= MOST_LINES or words.count("<") > MOST_TAGS or len(_TERM.findall(words)) > MOST_TERMS
    if heavy or reading > MOST_READING or _NESTED.search(words):
        raise BadInput(
            _("This is too much for one page: too many lines, signs or lists within lists. Please make several pages."),
            field="text", code="too_much",
        )  # fmt: skip
    return words


def clean_slug(value: str) -> str:
    """Return the part of a page's address. Raises BadInput."""
    slug = value.strip().lower()
    if not _SLUG.fullmatch(slug):
        raise BadInput(
            _("Use the letters a to z, digits and hyphens, at most 50, for example “water-bill”."), field="slug"
        )
    return slug


__all__ = ["BadInput", "Conflict", "NotFound", "NotYours", "WrongStatus"]
