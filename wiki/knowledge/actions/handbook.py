"""The starter handbook: a few pages in Chinese and English, laid once and never overwritten."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.sites.models import Site
from django.db import transaction

from accounts.models import Unit
from wiki.models import Article, ArticleRevision, URLPath

from ..models import Page
from .care import pair
from .tree import index_page, path_of, plant

FOLDER = Path(__file__).resolve().parent.parent / "handbook"
# What lies in the folder of this name is for officials only.
FOR_OFFICIALS = "20-officials"
LANGUAGES = {"zh": "zh-hans", "en": "en"}


@transaction.atomic
def load_handbook(*, starter: Path = FOLDER) -> int:
    """Lay the root and every page of the starter handbook that is not there yet; return how many were laid.

    In the folder `starter` lies one folder for each language, in which a folder's first file is the page itself. What
    stands in both languages under one address is a pair.
    """
    name_site()
    root = _root()
    laid: dict[str, list[Page]] = {}
    for folder, language in LANGUAGES.items():
        _lay_folder(root, starter / folder, folder, language, laid)
    new = 0
    for pages in laid.values():
        new += len(pages)
        if len(pages) == len(LANGUAGES):
            pair(*pages)
    return new


def _lay_folder(parent: Any, folder: Path, slug: str, language: str, laid: dict[str, list[Page]]) -> None:
    first, *rest = sorted(folder.iterdir())
    place = _lay(parent, first, slug, language, laid)
    for each in rest:
        if each.is_dir():
            _lay_folder(place, each, _slug(each), language, laid)
        else:
            _lay(place, each, _slug(each), language, laid)


def _slug(path: Path) -> str:
    return path.stem[3:]


def _lay(parent: Any, file: Path, slug: str, language: str, laid: dict[str, list[Page]]) -> Any:
    place, page = _laid(parent, slug, file, language)
    if page is not None:
        laid.setdefault(path_of(place).partition("/")[2], []).append(page)
    return place


def name_site() -> None:
    """Give the site's row the real host; a fresh database says example.com."""
    host = urlsplit(settings.PUBLIC_URL).netloc
    Site.objects.update_or_create(
        pk=settings.SITE_ID, defaults={"domain": host[:100], "name": (settings.CITY_NAME or "Openhall")[:50]}
    )
    Site.objects.clear_cache()


def _root() -> Any:
    found = URLPath.objects.select_for_update().filter(site_id=settings.SITE_ID, parent__isnull=True).first()
    if found:
        return found
    article = Article(other_read=True, other_write=False, group_write=False)
    article.add_revision(ArticleRevision(title="Handbook", content=" "))
    root = URLPath.objects.create(site_id=settings.SITE_ID, article=article)
    article.add_object_relation(root)
    return root


def _laid(parent: Any, slug: str, file: Path, language: str) -> tuple[Any, Page | None]:
    """Return the place, and its page when it is new."""
    found = URLPath.objects.filter(parent=parent, slug=slug).first()
    if found:
        return found, None
    title, _line, text = file.read_text(encoding="utf-8").partition("\n")
    # Read anew: laying a page moves the numbers of the tree that its parent holds.
    parent = URLPath.objects.get(pk=parent.pk)
    audience = Page.Audience.OFFICIALS if FOR_OFFICIALS in file.parts else Page.Audience.PUBLIC
    place = plant(parent, slug, ArticleRevision(title=title.lstrip("# "), content=text.strip()), audience)
    city = Unit.objects.filter(parent=None).order_by("pk").first()
    page = Page.objects.create(article=place.article, audience=audience, language=language, unit=city)
    index_page(place, page, path_of(place))
    return place, page
