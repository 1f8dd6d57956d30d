"""What stands around a page: its translation, files, discussion, votes, and the answers that rest on it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db.models import Count, F, Q, QuerySet

from accounts.rules import NotFound
from accounts.viewers import Viewer
from engagement.models import Case, Publication
from engagement.queries.rights import office_cases
from search.actions import Text
from wiki.models import URLPath
from wiki.plugins.attachments.models import Attachment

from ..models import Citation, Page, Remark, Vote
from ..rules import OFFICE, may_keep
from .pages import Node, Shown, found_at, path_of_page, visible_to

MOST_CITED = 200
REMARKS_A_PAGE = 50
WORDS_SHOWN = 30


@dataclass(frozen=True)
class Twin:
    """The same page in the other language; `stale` when the page read no longer says what that one says."""

    url: str
    title: str
    language: str
    stale: bool


def twin_of(viewer: Viewer, shown: Shown) -> Twin | None:
    """Return the translation of a page, None if there is none for the viewer."""
    other = shown.page.twin
    path = path_of_page(viewer, other) if other else ""
    if other is None or not path:
        return None
    revision = other.article.current_revision
    return Twin(f"/wiki/{path}", revision.title, other.language, shown.page.matches != revision.pk)


def stale_pages(nodes: list[Node]) -> set[int]:
    """Return the ids of those pages whose translation has moved on."""
    ids = [node.page.pk for node in nodes if node.page.twin_id]
    behind = Page.objects.filter(pk__in=ids, twin__article__current_revision__deleted=False)
    return set(behind.exclude(matches=F("twin__article__current_revision_id")).values_list("pk", flat=True))


def office_layer(viewer: Viewer, shown: Shown) -> Shown | None:
    """Return the page that holds what only officials read about this one, None if there is none for the viewer."""
    if not viewer.is_official or shown.page.audience == Page.Audience.OFFICIALS:
        return None
    return found_at(viewer, f"{shown.path}{OFFICE}/")


def files_of(shown: Shown) -> list[Any]:
    """Return the files beside a page, oldest first."""
    rows = Attachment.objects.filter(articles=shown.place.article, current_revision__deleted=False)
    return list(rows.select_related("current_revision").order_by("pk"))


def file_of(shown: Shown, file_id: int) -> Any:
    """Return one of them. Raises NotFound."""
    rows = Attachment.objects.filter(articles=shown.place.article, current_revision__deleted=False)
    found = rows.select_related("current_revision").filter(pk=file_id).first() if 0 < file_id < 2**31 else None
    if found is None:
        raise NotFound()
    return found


def cited_in(viewer: Viewer, shown: Shown) -> tuple[int, list[Case]]:
    """Return how many answers rest on the page, and the latest of those cases that the official may read."""
    if not viewer.is_official:
        return 0, []
    streams = list(
        Citation.objects.filter(page=shown.page).order_by("-at").values_list("stream", flat=True)[:MOST_CITED]
    )
    numbers = [stream.partition("-")[2] for stream in streams if stream.startswith("case-")]
    cases = office_cases(viewer).filter(number__in=numbers, confidential=False).order_by("-received_at")
    return Citation.objects.filter(page=shown.page).count(), list(cases[:5])


@dataclass(frozen=True)
class Helped:
    """How readers voted; `words` what those said whom it did not help, for officials only."""

    yes: int
    no: int
    words: list[Vote]
    mine: Vote | None


def helped(viewer: Viewer, shown: Shown) -> Helped:
    """Return the votes of a page."""
    votes = Vote.objects.filter(page=shown.page)
    counts = votes.aggregate(yes=Count("pk", filter=Q(helpful=True)), no=Count("pk", filter=Q(helpful=False)))
    words = list(votes.exclude(words="").order_by("-at")[:WORDS_SHOWN]) if viewer.is_official else []
    known = viewer.person is not None or bool(viewer.visitor)
    return Helped(counts["yes"], counts["no"], words, votes.filter(voter=viewer.key).first() if known else None)


def remarks(viewer: Viewer, shown: Shown, before: int | None = None) -> list[Remark]:
    """Return what was said below a page, newest first; what was hidden only for those who look after the page."""
    found: QuerySet[Remark] = Remark.objects.filter(page=shown.page).select_related("author", "unit", "hidden_by")
    if not may_keep(viewer, shown.page):
        own = Q(author=viewer.person) if viewer.person else Q(pk__in=[])
        found = found.filter(Q(hidden_at__isnull=True) | own)
    if before is not None:
        found = found.filter(pk__lt=before)
    return list(found.order_by("-pk")[:REMARKS_A_PAGE])


def may_follow_remarks(viewer: Viewer, key: str) -> bool:
    """Return whether the viewer may follow the stream remarks-<key>: whoever may read the article where it stands."""
    page = Page.objects.filter(article_id=int(key)).first() if re.fullmatch(r"[0-9]{1,9}", key) else None
    return page is not None and bool(path_of_page(viewer, page))


def remarks_count(shown: Shown) -> int:
    """Return how many remarks everybody may read."""
    return Remark.objects.filter(page=shown.page, hidden_at__isnull=True).count()


def remark_for(viewer: Viewer, remark_id: int) -> tuple[Remark, str]:
    """Return a remark and the path of its page. Raises NotFound."""
    found = Remark.objects.select_related("page").filter(pk=remark_id).first() if 0 < remark_id < 2**63 else None
    path = path_of_page(viewer, found.page) if found and visible_to(viewer).filter(pk=found.page_id).exists() else ""
    if found is None or not path:
        raise NotFound()
    return found, path


def grown_from(shown: Shown) -> Publication | None:
    """Return the published letter that the page grew out of, None when there is none or it is public no more."""
    if shown.page.case_id is None:
        return None
    rows = Publication.objects.filter(case=shown.page.case_id, published_at__isnull=False)
    return rows.select_related("case").first()


def links_of_letter(viewer: Viewer, number: str) -> list[tuple[str, str]]:
    """Return (words, address) of the pages that grew out of a published letter (settings.LETTER_LINKS)."""
    found = visible_to(viewer).filter(case__number=number).select_related("article__current_revision")
    links = [(page.article.current_revision.title, path_of_page(viewer, page)) for page in found[:5]]
    return [(title, f"/wiki/{path}") for title, path in links if path]


def other_pages(nodes: list[Node], page: Page) -> list[Node]:
    """Return the pages that could be the translation of a page: of another language, free, for the same readers."""
    return [
        node for node in nodes
        if node.language != page.language and node.page.audience == page.audience
        and node.page.twin_id in (None, page.pk) and node.depth > 1
    ]  # fmt: skip


def findable_pages() -> Iterator[Text]:
    """Return what can be found of every page, to build the index anew."""
    from ..actions.tree import findable, path_of

    places = URLPath.objects.filter(site_id=settings.SITE_ID, parent__isnull=False, article__page__isnull=False)
    for place in places.select_related("article__current_revision", "article__page").iterator(chunk_size=500):
        text = findable(place, place.article.page, path_of(place))
        if text is not None:
            yield text
