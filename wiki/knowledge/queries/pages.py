"""Who sees which page, and the whole tree of the handbook in one question."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.conf import settings
from django.db.models import CharField, Q, QuerySet

from accounts.prepared import Given, Prepared
from accounts.rules import NotFound
from accounts.viewers import Viewer
from wiki.models import ArticleRevision, URLPath

from ..models import FormerPath, Page
from ..rules import MOST_DEPTH, REMIND_DAYS, may_keep


@dataclass(frozen=True)
class Node:
    """A page in the tree: its place, its title and how deep it stands; depth 1 is a language's first page."""

    url_id: int
    path: str
    title: str
    depth: int
    language: str
    page: Page

    @property
    def url(self) -> str:
        """The page's address."""
        return f"/wiki/{self.path}"


@dataclass(frozen=True)
class Shown:
    """A page as it is read."""

    place: Any
    page: Page
    revision: Any
    path: str
    crumbs: list[tuple[str, str]]

    @property
    def url(self) -> str:
        """The page's address."""
        return f"/wiki/{self.path}"


def visible_to(viewer: Viewer) -> QuerySet[Page]:
    """Return the pages that the viewer may read, wherever they stand; not those that were deleted."""
    found = Page.objects.filter(article__current_revision__deleted=False)
    return found if viewer.is_official else found.filter(audience=Page.Audience.PUBLIC)


def tree(viewer: Viewer) -> list[Node]:
    """Return the pages that the viewer may read, parents before children, in one question.

    What stands below a page that is deleted or closed to the viewer is closed too.
    """
    places = URLPath.objects.filter(site_id=settings.SITE_ID, parent__isnull=False)
    places = places.select_related("article__current_revision", "article__page__unit").order_by("tree_id", "lft")
    paths: dict[int, str] = {}
    found = []
    for place in places:
        if place.level > 1 and place.parent_id not in paths:
            continue
        page = getattr(place.article, "page", None)
        revision = place.article.current_revision
        if page is None or revision.deleted or not (page.audience == Page.Audience.PUBLIC or viewer.is_official):
            continue
        paths[place.pk] = f"{paths.get(place.parent_id, '')}{place.slug}/"
        found.append(Node(place.pk, paths[place.pk], revision.title, place.level, page.language, page))
    return found


def latest_pages(viewer: Viewer, most: int) -> list[Node]:
    """Return the pages in the viewer's language that were changed last, without the first pages of languages.

    Those of one day stand in the order of the contents.
    """
    nodes = [node for node in tree(viewer) if node.depth > 1 and node.language == viewer.language]
    return sorted(nodes, key=lambda node: node.page.article.modified.date(), reverse=True)[:most]


def pages_to_check(viewer: Viewer, today: date) -> list[Node]:
    """Return the pages that the viewer looks after and that must be looked at again soon, the most urgent first."""
    near = today + timedelta(days=REMIND_DAYS)
    due = [node for node in tree(viewer) if node.page.expires_on is not None and node.page.expires_on <= near]
    return sorted((node for node in due if may_keep(viewer, node.page)), key=lambda node: str(node.page.expires_on))


def found_at(viewer: Viewer, path: str) -> Shown | None:
    """Return the page at the path, None if there is none for the viewer."""
    try:
        return page_at(viewer, path)
    except NotFound:
        return None


def page_at(viewer: Viewer, path: str, deleted: bool = False) -> Shown:
    """Return the page at "zh/how-to-write/". Raises NotFound, also if anything above it is closed to the viewer.

    With `deleted` the page itself may be one that was taken away.
    """
    slugs = [slug for slug in path.split("/") if slug]
    if not 0 < len(slugs) <= MOST_DEPTH:
        raise NotFound()
    place = _root()
    crumbs: list[tuple[str, str]] = []
    walked = ""
    for number, slug in enumerate(slugs):
        last = number == len(slugs) - 1
        place = _child(place, slug)
        revision = place.article.current_revision
        if not _open(viewer, place) or (revision.deleted and not (last and deleted)):
            raise NotFound()
        walked += f"{place.slug}/"
        crumbs.append((f"/wiki/{walked}", revision.title))
    return Shown(place, place.article.page, place.article.current_revision, walked, crumbs[:-1])


# The one place without a parent, and the place below another: asked for every part of every address.
ROOT: Prepared[Any] = Prepared(lambda: URLPath.objects.filter(site_id=settings.SITE_ID, parent__isnull=True))
CHILD: Prepared[Any] = Prepared(
    lambda: URLPath.objects.filter(parent=Given("parent"), slug=Given("slug", CharField())).select_related(
        "article__current_revision__user", "article__page__unit", "article__page__reviewed_by"
    )
)


def _root() -> Any:
    root = ROOT.first()
    if root is None:
        raise NotFound()
    return root


def _child(place: Any, slug: str) -> Any:
    found = CHILD.first(parent=place.pk, slug=slug[:50].lower())
    if found is None:
        raise NotFound()
    return found


def _open(viewer: Viewer, place: Any) -> bool:
    page = getattr(place.article, "page", None)
    return page is not None and (page.audience == Page.Audience.PUBLIC or viewer.is_official)


def html_of(shown: Shown) -> str:
    """Return the page rendered from markdown and sanitised by django-wiki, from its cache when it is there."""
    return str(shown.place.article.get_cached_content())


def preview(shown: Shown | None, text: str) -> str:
    """Return what `text` would look like."""
    from wiki.models import Article

    article = shown.place.article if shown else Article(current_revision=ArticleRevision(title="", content=text))
    return str(article.render(preview_content=text or " "))


def former_path(viewer: Viewer, path: str) -> str:
    """Return where the page that once stood at the path can be read now, "" if nowhere for the viewer."""
    former = FormerPath.objects.select_related("page").filter(path=path[:400]).first()
    return path_of_page(viewer, former.page) if former else ""


def path_of_page(viewer: Viewer, page: Page) -> str:
    """Return the path of the page if the viewer may read it, "" if not."""
    place = URLPath.objects.filter(site_id=settings.SITE_ID, article_id=page.article_id).first()
    if place is None:
        return ""
    slugs = place.get_ancestors(include_self=True).filter(parent__isnull=False).values_list("slug", flat=True)
    path = "".join(f"{slug}/" for slug in slugs)
    return path if found_at(viewer, path) else ""


def deleted_pages() -> list[Any]:
    """Return the places of pages that were taken away."""
    places = URLPath.objects.filter(site_id=settings.SITE_ID).filter(Q(article__current_revision__deleted=True))
    return list(
        places.select_related("article__current_revision", "article__page").order_by("-article__modified")[:100]
    )
