"""Revisions of a page, what differs between two of them, and the words that wait for review."""

from __future__ import annotations

import difflib
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from accounts.models import Role
from accounts.rules import NotFound
from accounts.viewers import Viewer
from wiki.models import ArticleRevision

from .. import rules
from ..models import Page, Proposal
from .pages import Shown, page_at, path_of_page, visible_to

REVISIONS_A_PAGE = 50
PROPOSALS_A_PAGE = 50
# Lines longer than this are not compared sign by sign, nor those that share less than this part.
MOST_COMPARED, ALIKE = 2_000, 0.4


def revisions(shown: Shown, before: int | None = None) -> list[Any]:
    """Return the page's revisions, newest first, those older than the revision number `before` when it is given."""
    found = ArticleRevision.objects.filter(article=shown.place.article).select_related("user")
    if before is not None:
        found = found.filter(revision_number__lt=before)
    return list(found.order_by("-revision_number")[:REVISIONS_A_PAGE])


def revision_at(shown: Shown, number: int) -> Any:
    """Return the revision with the number. Raises NotFound."""
    rows = ArticleRevision.objects.filter(article=shown.place.article).select_related("user", "previous_revision")
    found = rows.filter(revision_number=number).first() if 0 <= number < 2**31 else None
    if found is None:
        raise NotFound()
    return found


def version_at(viewer: Viewer, article_id: int, number: int) -> tuple[Shown, Any]:
    """Return the page of an article wherever it stands now, and its revision with the number. Raises NotFound."""
    page = visible_to(viewer).filter(article_id=article_id).first() if article_id < 2**31 else None
    path = path_of_page(viewer, page) if page else ""
    shown = page_at(viewer, path)
    return shown, revision_at(shown, number)


def changes(before: str, after: str) -> list[tuple[str, SafeString]]:
    """Return the lines of both texts as (sign, escaped line): " " kept, "-" gone, "+" new, "@" a gap.

    Where a line was changed, what differs within it stands in <mark>; three kept lines stand around each change.
    """
    lines = list(difflib.unified_diff(before.splitlines(), after.splitlines(), lineterm="", n=3))[2:]
    found: list[tuple[str, SafeString]] = []
    place = 0
    while place < len(lines):
        gone = _run(lines, place, "-")
        new = _run(lines, place + len(gone), "+")
        if gone or new:
            found += _block(gone, new)
            place += len(gone) + len(new)
        else:
            found.append((lines[place][0], SafeString(escape(lines[place][1:]))))
            place += 1
    return found


def _run(lines: list[str], start: int, sign: str) -> list[str]:
    end = start
    while end < len(lines) and lines[end].startswith(sign):
        end += 1
    return [line[1:] for line in lines[start:end]]


def _block(gone: list[str], new: list[str]) -> list[tuple[str, SafeString]]:
    pairs = [_within(old, fresh) for old, fresh in zip(gone, new, strict=False)]
    olds = [pair[0] for pair in pairs] + [SafeString(escape(line)) for line in gone[len(pairs) :]]
    news = [pair[1] for pair in pairs] + [SafeString(escape(line)) for line in new[len(pairs) :]]
    return [("-", line) for line in olds] + [("+", line) for line in news]


def _within(old: str, new: str) -> tuple[SafeString, SafeString]:
    """Mark what differs between two lines; lines with little in common are only shown as a whole."""
    match = difflib.SequenceMatcher(None, old[:MOST_COMPARED], new[:MOST_COMPARED], autojunk=False)
    if max(len(old), len(new)) > MOST_COMPARED or match.ratio() < ALIKE:
        return SafeString(escape(old)), SafeString(escape(new))
    before, after = "", ""
    for tag, a, b, c, d in match.get_opcodes():
        before += escape(old[a:b]) if tag == "equal" or a == b else f"<mark>{escape(old[a:b])}</mark>"
        after += escape(new[c:d]) if tag == "equal" or c == d else f"<mark>{escape(new[c:d])}</mark>"
    # Every piece went through escape(); only our own tags did not.
    return mark_safe(before), mark_safe(after)  # noqa: S308


def proposals(viewer: Viewer) -> QuerySet[Proposal]:
    """Return the proposals that the viewer may see: officials all, others their own."""
    found = Proposal.objects.select_related(
        "page__article__current_revision", "page__unit", "unit", "author", "reviewer"
    )
    if viewer.is_official:
        return found
    return found.filter(author=viewer.person) if viewer.person else found.none()


def to_review(viewer: Viewer, page: Page | None = None) -> list[Proposal]:
    """Return what waits and the viewer may decide about, oldest first; of one page only when it is named."""
    if viewer.person is None or not viewer.is_official:
        return []
    waiting = proposals(viewer).filter(state=Proposal.State.WAITING).exclude(author=viewer.person)
    if page is not None:
        waiting = waiting.filter(page=page)
    if not viewer.holds(Role.MODERATOR):
        units = viewer.units()
        mine = Q(page__unit__in=units) | Q(page=None, unit__in=units)
        if viewer.holds(Role.REVIEWER):
            mine |= Q(page__isnull=False, page__unit=None) | Q(page=None, unit=None)
        waiting = waiting.filter(mine)
    return list(waiting.order_by("at")[:PROPOSALS_A_PAGE])


def own_proposals(viewer: Viewer, most: int = PROPOSALS_A_PAGE) -> list[Proposal]:
    """Return what the viewer proposed, newest first."""
    return list(proposals(viewer).filter(author=viewer.person).order_by("-at")[:most]) if viewer.person else []


def waiting_for(page: Page) -> int:
    """Return how many proposals wait for review at a page."""
    return Proposal.objects.filter(page=page, state=Proposal.State.WAITING).count()


def proposal_for(viewer: Viewer, proposal_id: int) -> Proposal:
    """Return the proposal. Raises NotFound."""
    found = proposals(viewer).filter(pk=proposal_id).first() if 0 < proposal_id < 2**63 else None
    if found is None or not rules.may_read_proposal(viewer, found):
        raise NotFound()
    if found.page is not None and not visible_to(viewer).filter(pk=found.page_id).exists():
        raise NotFound()
    return found


def base_of(proposal: Proposal) -> Any:
    """Return the revision that the proposal changes, None for a new page."""
    return ArticleRevision.objects.filter(pk=proposal.base).first() if proposal.base else None


def path_of_proposal(viewer: Viewer, proposal: Proposal) -> str:
    """Return the path of the page that it is about, "" if there is none for the viewer."""
    return path_of_page(viewer, proposal.page) if proposal.page else ""
