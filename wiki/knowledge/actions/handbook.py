"""The starter handbook: a few pages in Chinese and English, laid once and never overwritten."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.sites.models import Site
from django.db import transaction

from wiki.models import Article, ArticleRevision, URLPath

from ..models import Page
from .pages import index_page, path_of, plant

FOLDER = Path(__file__).resolve().parent.parent / "handbook"
LANGUAGES = {"zh": "zh-hans", "en": "en"}


@transaction.atomic
def load_handbook(*, at: datetime | None = None) -> int:
    """Lay the root and every page of the starter handbook that is not there yet; return how many were laid."""
    name_site()
    root = _root()
    laid = 0
    for folder, language in LANGUAGES.items():
        first, *rest = sorted((FOLDER / folder).glob("*.md"))
        parent, is_new = _laid(root, folder, first, language)
        laid += is_new
        for file in rest:
            laid += _laid(parent, file.stem[3:], file, language)[1]
    return laid


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


def _laid(parent: Any, slug: str, file: Path, language: str) -> tuple[Any, bool]:
    found = URLPath.objects.filter(parent=parent, slug=slug).first()
    if found:
        return found, False
    title, _line, text = file.read_text(encoding="utf-8").partition("\n")
    # Read anew: laying a page moves the numbers of the tree that its parent holds.
    parent = URLPath.objects.get(pk=parent.pk)
    place = plant(parent, slug, ArticleRevision(title=title.lstrip("# "), content=text.strip()), Page.Audience.PUBLIC)
    page = Page.objects.create(article=place.article, audience=Page.Audience.PUBLIC, language=language)
    index_page(place, page, path_of(place))
    return place, True
