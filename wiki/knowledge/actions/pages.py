"""Writing and reordering pages, each below the lock of the tree's root."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

import search.actions
from accounts.rules import BadInput, NotFound, clean_text
from accounts.viewers import Viewer
from journal.actions import append
from wiki.models import Article, ArticleRevision, URLPath

from .. import rules
from ..models import Page

_MARKUP = re.compile(r"[#*_`>|]+|\[([^\]]*)\]\([^)]*\)|\[TOC\]")


@transaction.atomic
def create_page(
    *,
    by: Viewer,
    parent_id: int,
    slug: str,
    title: str,
    text: str,
    audience: str = Page.Audience.PUBLIC,
    language: str = "",
    at: datetime | None = None,
) -> Any:
    """Create a page below the place `parent_id` (a URLPath's id) and return its URLPath.

    Raises NotFound for those who may not write or where there is no such place, BadInput.
    """
    rules.check_write(by)
    slug, title, text = rules.clean_slug(slug), _title(title), _text(text)
    if audience not in Page.Audience.values:
        raise BadInput(field="audience")
    _lock_tree()
    parent = _place(parent_id)
    _check_place(by, parent, slug)
    revision = ArticleRevision(title=title, content=text, user=by.person)
    place = plant(parent, slug, revision, audience)
    page = Page.objects.create(
        article=place.article, unit=by.posts[0].unit if by.posts else None, audience=audience,
        language=language or by.language,
    )  # fmt: skip
    path = path_of(place)
    append(page.stream_name, "page.created", {"path": path, "revision": revision.pk}, by=by.person, at=at)
    index_page(place, page, path)
    return place


@transaction.atomic
def change_page(
    *, by: Viewer, place_id: int, seen: int, title: str, text: str, summary: str = "", at: datetime | None = None
) -> None:
    """Write a new revision; `seen` is the id of the revision that the editor showed.

    Raises NotFound, Conflict if somebody else was quicker, BadInput.
    """
    rules.check_write(by)
    title, text = _title(title), _text(text)
    summary = clean_text(summary, most=rules.MOST_SUMMARY, field="summary", newlines=False)
    _lock_tree()
    place = _place(place_id)
    page = _page(by, place)
    before = place.article.current_revision
    rules.check_unchanged(before.pk, seen)
    if (before.title, before.content) == (title, text):
        return
    revision = ArticleRevision(title=title, content=text, user=by.person, user_message=summary)
    place.article.add_revision(revision)
    append(page.stream_name, "page.changed", {"revision": revision.pk, "before": before.pk}, by=by.person, at=at)
    index_page(place, page, path_of(place))


@transaction.atomic
def move_page(*, by: Viewer, place_id: int, parent_id: int, slug: str, at: datetime | None = None) -> Any:
    """Put the page, with everything below it, below another one. Raises NotFound, BadInput."""
    slug = rules.clean_slug(slug)
    _lock_tree()
    place, parent = _place(place_id), _place(parent_id)
    page = _page(by, place)
    rules.check_keep(by, page)
    if parent.pk == place.pk or parent.is_descendant_of(place):
        raise BadInput(_("A page cannot stand below itself."), field="parent")
    _check_place(by, parent, slug, place.pk)
    before = path_of(place)
    place.parent, place.slug = parent, slug
    place.save()
    place = _place(place_id)
    append(page.stream_name, "page.moved", {"before": before, "path": path_of(place)}, by=by.person, at=at)
    for below in place.get_descendants(include_self=True).select_related("article__current_revision", "article__page"):
        index_page(below, below.article.page, path_of(below))
    return place


@transaction.atomic
def delete_page(*, by: Viewer, place_id: int, at: datetime | None = None) -> None:
    """Take the page away; it and what stands below it can be given back. Raises NotFound."""
    _set_deleted(by, place_id, True, at)


@transaction.atomic
def restore_page(*, by: Viewer, place_id: int, at: datetime | None = None) -> None:
    """Give back a page that was taken away. Raises NotFound."""
    _set_deleted(by, place_id, False, at)


def _set_deleted(by: Viewer, place_id: int, deleted: bool, at: datetime | None) -> None:
    _lock_tree()
    place = _place(place_id)
    page = _page(by, place)
    rules.check_keep(by, page)
    if place.parent_id is None:
        raise NotFound()
    if place.article.current_revision.deleted == deleted:
        return
    revision = ArticleRevision()
    revision.inherit_predecessor(place.article)
    revision.deleted, revision.user = deleted, by.person
    place.article.add_revision(revision)
    kind = "page.deleted" if deleted else "page.restored"
    append(page.stream_name, kind, {"path": path_of(place)}, by=by.person, at=at)
    for below in place.get_descendants(include_self=True).select_related("article__current_revision", "article__page"):
        index_page(below, below.article.page, path_of(below))


@transaction.atomic
def review_page(*, by: Viewer, place_id: int, at: datetime | None = None) -> None:
    """Note that the page, as it stands, was looked at and is right. Raises NotFound."""
    rules.check_write(by)
    place = _place(place_id)
    page = _page(by, place)
    page.reviewed_at, page.reviewed_revision = at or timezone.now(), place.article.current_revision_id
    page.save(update_fields=["reviewed_at", "reviewed_revision"])
    append(page.stream_name, "page.reviewed", {"revision": page.reviewed_revision}, by=by.person, at=at)


def _lock_tree() -> Any:
    # django-wiki's numbering of the tree breaks when two pages are made at once.
    root = URLPath.objects.select_for_update().filter(site_id=settings.SITE_ID, parent__isnull=True).first()
    if root is None:
        raise NotFound()
    return root


def _place(place_id: int) -> Any:
    """Read a place below the tree's lock: numbers of the tree that were read before it are old."""
    rows = URLPath.objects.filter(site_id=settings.SITE_ID).select_related("article__current_revision", "article__page")
    found = rows.filter(pk=place_id).first() if 0 < place_id < 2**31 else None
    if found is None:
        raise NotFound()
    return found


def _page(by: Viewer, place: Any) -> Page:
    page: Page | None = getattr(place.article, "page", None)
    if page is None or not rules.may_read(by, page):
        raise NotFound()
    return page


def _check_place(by: Viewer, parent: Any, slug: str, itself: int = 0) -> None:
    if parent.parent_id is not None:
        _page(by, parent)
    if parent.level + 1 > rules.MOST_DEPTH:
        raise BadInput(_("This is nested too deeply."), field="parent")
    if URLPath.objects.filter(parent=parent, slug=slug).exclude(pk=itself).exists():
        raise BadInput(_("There is a page with this address already."), field="slug")


def plant(parent: Any, slug: str, revision: Any, audience: str) -> Any:
    """Store an article with its first revision and its place; django-wiki's own flags say what our page says."""
    article = Article(other_read=audience == Page.Audience.PUBLIC, other_write=False, group_write=False)
    article.add_revision(revision)
    place = URLPath.objects.create(site_id=settings.SITE_ID, parent=parent, slug=slug, article=article)
    article.add_object_relation(place)
    return place


def path_of(place: Any) -> str:
    """Return the place's path, "zh/how-to-write/"; "" for the root."""
    slugs = place.get_ancestors(include_self=True).filter(parent__isnull=False).values_list("slug", flat=True)
    return "".join(f"{slug}/" for slug in slugs)


def index_page(place: Any, page: Page, path: str) -> None:
    """Make the page findable for those who may read it, and for nobody while it or one above it is taken away."""
    search.actions.unindex("article", str(place.article_id))
    above = place.get_ancestors(include_self=True)
    if above.filter(article__current_revision__deleted=True).exists():
        return
    closed = above.filter(article__page__audience=Page.Audience.OFFICIALS).exists()
    revision = place.article.current_revision
    search.actions.index(
        room="article", ref=str(place.article_id), title=revision.title, text=plain(revision.content),
        url=f"/wiki/{path}", at=revision.created, audience="officials" if closed else "public", language=page.language,
    )  # fmt: skip


def plain(text: str) -> str:
    """Return markdown without its signs, for the index and its excerpts."""
    return _MARKUP.sub(r"\1", text)


def _title(title: str) -> str:
    return clean_text(title, most=rules.MOST_TITLE, least=1, field="title", newlines=False)


def _text(text: str) -> str:
    return clean_text(text, most=rules.MOST_TEXT, least=1, field="text")
