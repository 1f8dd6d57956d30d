"""Laying, changing and reordering pages, each below the lock of the tree's root."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Person, Unit
from accounts.rules import BadInput, NotFound, clean_text
from accounts.viewers import Viewer
from journal.actions import append
from wiki.models import ArticleRevision

from .. import rules
from ..models import Citation, FormerPath, Page
from .tree import (
    check_place,
    date_revision,
    index_page,
    lock_tree,
    page_of,
    path_of,
    place_at,
    plant,
    settle,
)


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
    reviewer: Person | None = None,
    unit: Unit | None = None,
    at: datetime | None = None,
) -> Any:
    """Create a page below the place `parent_id` (a URLPath's id) and return its URLPath.

    It stands at once: pages of people go by `propose_page` and a reviewer, who calls this in the writer's name.
    Raises NotFound for those who may not write or where there is no such place, BadInput.
    """
    rules.check_write(by)
    slug, title, text = rules.clean_slug(slug), rules.clean_title(title), rules.clean_words(text)
    if audience not in Page.Audience.values:
        raise BadInput(field="audience")
    at = at or timezone.now()
    lock_tree()
    parent = place_at(parent_id)
    check_place(by, parent, slug)
    revision = ArticleRevision(title=title, content=text, user=by.person)
    place = plant(parent, slug, revision, audience)
    date_revision(revision, at)
    page = Page.objects.create(
        article=place.article, unit=unit or (by.posts[0].unit if by.posts else None), audience=audience,
        language=language or by.language, expires_on=rules.next_check(timezone.localdate(at)),
        reviewed_by=reviewer, reviewed_at=at if reviewer else None, reviewed_revision=revision.pk if reviewer else None,
    )  # fmt: skip
    path = path_of(place)
    FormerPath.objects.filter(path=path).delete()
    append(page.stream_name, "page.created", {"path": path, "revision": revision.pk}, by=by.person, at=at)
    index_page(place, page, path)
    return place


@transaction.atomic
def change_page(
    *,
    by: Viewer,
    place_id: int,
    seen: int,
    title: str,
    text: str,
    summary: str = "",
    minor: bool = False,
    same: bool = False,
    reviewer: Person | None = None,
    at: datetime | None = None,
) -> None:
    """Write a new revision; `seen` is the id of the revision that the editor showed.

    It stands at once: changes of people go by `propose_change` and a reviewer, who calls this in the writer's name.
    `minor` says that the meaning stays, `same` that it now says what the other language says.
    Raises NotFound, Conflict if somebody else was quicker, BadInput.
    """
    if reviewer is None:
        rules.check_write(by)
    title, text = rules.clean_title(title), rules.clean_words(text)
    summary = clean_text(summary, most=rules.MOST_SUMMARY, field="summary", newlines=False)
    at = at or timezone.now()
    lock_tree()
    place = place_at(place_id)
    page = page_of(by, place)
    before = place.article.current_revision
    rules.check_unchanged(before.pk, seen)
    if before.deleted:
        raise NotFound()
    if (before.title, before.content) == (title, text):
        return
    revision = ArticleRevision(title=title, content=text, user=by.person, user_message=summary)
    place.article.add_revision(revision)
    date_revision(revision, at)
    if reviewer:
        page.reviewed_at, page.reviewed_by, page.reviewed_revision = at, reviewer, revision.pk
        page.expires_on = rules.next_check(timezone.localdate(at))
    _follow(page, revision.pk, minor, same)
    page.save()
    append(page.stream_name, "page.changed", {"revision": revision.pk, "before": before.pk}, by=by.person, at=at)
    index_page(place, page, path_of(place))


def _follow(page: Page, revision: int, minor: bool, same: bool) -> None:
    """Mark the translation and the answers that rest on the words before; the worker tells people later."""
    twin = page.twin
    if twin is not None:
        in_step = twin.matches == page.article.current_revision.previous_revision_id
        if same:
            page.matches = twin.article.current_revision_id
        if same or (minor and in_step):
            Page.objects.filter(pk=twin.pk).update(matches=revision)
    if not minor:
        Citation.objects.filter(page=page).exclude(revision=revision).update(newer=revision, told_at=None)


@transaction.atomic
def move_page(*, by: Viewer, place_id: int, parent_id: int, slug: str, at: datetime | None = None) -> Any:
    """Put the page, with everything below it, below another one; old addresses lead on. Raises NotFound, BadInput."""
    slug = rules.clean_slug(slug)
    lock_tree()
    place, parent = place_at(place_id), place_at(parent_id)
    page = page_of(by, place)
    rules.check_keep(by, page)
    if parent.pk == place.pk or parent.is_descendant_of(place):
        raise BadInput(_("A page cannot stand below itself."), field="parent")
    check_place(by, parent, slug, place.pk)
    before = path_of(place)
    below = place.get_descendants(include_self=True).select_related("article__page")
    former = [FormerPath(path=path_of(each), page=each.article.page) for each in below]
    FormerPath.objects.filter(path__in=[each.path for each in former]).delete()
    FormerPath.objects.bulk_create(former)
    place.parent, place.slug = parent, slug
    place.save()
    place = place_at(place_id)
    FormerPath.objects.filter(path=path_of(place)).delete()
    append(page.stream_name, "page.moved", {"before": before, "path": path_of(place)}, by=by.person, at=at)
    settle(place)
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
    lock_tree()
    place = place_at(place_id)
    page = page_of(by, place)
    rules.check_keep(by, page)
    if place.parent_id is None:
        raise NotFound()
    if place.article.current_revision.deleted == deleted:
        return
    revision = ArticleRevision()
    revision.inherit_predecessor(place.article)
    revision.deleted, revision.user = deleted, by.person
    before = place.article.current_revision_id
    place.article.add_revision(revision)
    # Its words are the same: reviews and translations of them hold.
    Page.objects.filter(matches=before, twin=page).update(matches=revision.pk)
    Page.objects.filter(pk=page.pk, reviewed_revision=before).update(reviewed_revision=revision.pk)
    kind = "page.deleted" if deleted else "page.restored"
    append(page.stream_name, kind, {"path": path_of(place)}, by=by.person, at=at)
    settle(place)
