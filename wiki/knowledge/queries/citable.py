"""Pages that an answer may rest on, found by their words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.urls import reverse
from django.utils.safestring import SafeString

from accounts.viewers import Viewer
from search.queries import find_apart

from ..models import Page
from .pages import visible_to

MOST_CITABLE = 8


@dataclass(frozen=True)
class Citable:
    """The present version of a page for everybody: what names it in an answer, and what shows that it is the one."""

    title: str
    url: str
    at: datetime
    language: str
    marked: SafeString
    snippet: SafeString


def citable(viewer: Viewer, words: str) -> list[Citable]:
    """Return pages with these words, best first; only what everybody may read, for citizens follow the address."""
    hits, _parts = find_apart(words, audiences=["public"], room="article", limit=MOST_CITABLE)
    pages = visible_to(viewer).filter(audience=Page.Audience.PUBLIC)
    pages = pages.filter(article_id__in=[int(hit.document.ref) for hit in hits]).select_related(
        "article__current_revision"
    )
    known = {str(page.article_id): page for page in pages}
    return [
        Citable(
            known[hit.document.ref].article.current_revision.title, version_url(known[hit.document.ref].article),
            known[hit.document.ref].article.current_revision.created, known[hit.document.ref].language,
            hit.title, hit.snippet,
        )
        for hit in hits if hit.document.ref in known
    ]  # fmt: skip


def version_url(article: object) -> str:
    """Return the whole address of an article's present version, which stays what it is."""
    revision = article.current_revision.revision_number  # type: ignore[attr-defined]
    return settings.PUBLIC_URL + reverse("wiki:version", args=(article.pk, revision))  # type: ignore[attr-defined]
