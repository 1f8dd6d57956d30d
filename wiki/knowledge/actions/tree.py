"""The tree of pages below its lock: reading places anew, laying pages, and keeping rights and search in step."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

import search.actions
from accounts.rules import BadInput, NotFound
from accounts.viewers import Viewer
from journal.actions import retract
from search.actions import Text
from wiki.models import Article, ArticleRevision, URLPath

from .. import rules
from ..models import Page

# What begins a list's line, the rule of a table, and signs anywhere; of a link its words stay. Bounded: a page of
# nothing but "[" would otherwise be read to its end from each of them.
_MARKUP = re.compile(
    r"^[ \t]*(?:[-+*]|\d+\.)[ \t]+|^[ \t|:-]{3,}$|[#*_`>|]+|!?\[([^\]]{0,500})\]\([^)]{0,2000}\)|\[TOC\]", re.MULTILINE
)


def lock_tree() -> Any:
    """Lock the root and return it: django-wiki's numbering of the tree breaks when two pages are made at once."""
    root = URLPath.objects.select_for_update().filter(site_id=settings.SITE_ID, parent__isnull=True).first()
    if root is None:
        raise NotFound()
    return root


def place_at(place_id: int) -> Any:
    """Read a place below the tree's lock: numbers of the tree that were read before it are old. Raises NotFound."""
    rows = URLPath.objects.filter(site_id=settings.SITE_ID).select_related("article__current_revision", "article__page")
    found = rows.filter(pk=place_id).first() if 0 < place_id < 2**31 else None
    if found is None:
        raise NotFound()
    return found


def place_of(page: Page) -> Any:
    """Return the place of a page. Raises NotFound."""
    return place_at(URLPath.objects.filter(article_id=page.article_id).values_list("pk", flat=True).first() or 0)


def page_of(by: Viewer, place: Any) -> Page:
    """Return the page at the place if the viewer may read it, and all above it. Raises NotFound."""
    page: Page | None = getattr(place.article, "page", None)
    if page is None or not (by.is_official or is_open(place)):
        raise NotFound()
    return page


def is_open(place: Any) -> bool:
    """Return whether the page and everything above it is for everybody."""
    above = place.get_ancestors(include_self=True)
    return not above.filter(article__page__audience=Page.Audience.OFFICIALS).exists()


def check_place(by: Viewer, parent: Any, slug: str, itself: int = 0) -> None:
    """Raise NotFound or BadInput unless a page may stand below `parent` under this address."""
    if parent.parent_id is not None:
        page_of(by, parent)
        if parent.article.current_revision.deleted:
            raise NotFound()
    if parent.level + 1 > rules.MOST_DEPTH:
        raise BadInput(_("This is nested too deeply."), field="parent")
    if URLPath.objects.filter(parent=parent, slug=slug).exclude(pk=itself).exists():
        raise BadInput(_("There is a page with this address already."), field="slug")


def plant(parent: Any, slug: str, revision: Any, audience: str) -> Any:
    """Store an article with its first revision and its place."""
    article = Article(other_read=audience == Page.Audience.PUBLIC, other_write=False, group_write=False)
    article.add_revision(revision)
    place = URLPath.objects.create(site_id=settings.SITE_ID, parent=parent, slug=slug, article=article)
    article.add_object_relation(place)
    return place


def date_revision(revision: Any, at: datetime) -> None:
    """Give a stored revision the moment of its act; django-wiki writes its own clock's."""
    ArticleRevision.objects.filter(pk=revision.pk).update(created=at, modified=at)
    revision.created = revision.modified = at


def path_of(place: Any) -> str:
    """Return the place's path, "zh/how-to-write/"; "" for the root."""
    slugs = place.get_ancestors(include_self=True).filter(parent__isnull=False).values_list("slug", flat=True)
    return "".join(f"{slug}/" for slug in slugs)


def settle(place: Any) -> None:
    """Make rights flags and search say what is true now of the page and of everything below it."""
    below = place.get_descendants(include_self=True).select_related("article__current_revision", "article__page")
    for each in below:
        index_page(each, each.article.page, path_of(each))
    # Who follows what is said below them may have no place there any more.
    retract(*(each.article.page.talk_name for each in below))


def index_page(place: Any, page: Page, path: str) -> None:
    """Make the page findable for those who may read it, and for nobody while it or one above it is taken away.

    django-wiki's own flag of who may read says the same, so that whatever of it asks agrees.
    """
    opened = is_open(place)
    if place.article.other_read != opened:
        Article.objects.filter(pk=place.article_id).update(other_read=opened)
    search.actions.unindex("article", str(place.article_id))
    text = findable(place, page, path)
    if text is not None:
        search.actions.index_many([text])


def findable(place: Any, page: Page, path: str) -> Text | None:
    """Return what can be found of a page, None while it or one above it is taken away."""
    if place.get_ancestors(include_self=True).filter(article__current_revision__deleted=True).exists():
        return None
    revision = place.article.current_revision
    return Text(
        room="article", ref=str(place.article_id), title=revision.title, text=plain(revision.content),
        url=f"/wiki/{path}", at=revision.created, audience="public" if is_open(place) else "officials",
        language=page.language,
    )  # fmt: skip


def plain(text: str) -> str:
    """Return markdown without its signs, for the index and its excerpts."""
    return _MARKUP.sub(r"\1", text)
