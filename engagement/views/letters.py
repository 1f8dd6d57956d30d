"""Published letters: search, filters, one letter."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.utils.module_loading import import_string
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from engagement import queries
from engagement.forms import LettersForm
from engagement.models import Mailbox

from .base import viewer_of

PAGE = 20
KEPT_SECONDS = 60


@require_safe
def letters(request: HttpRequest) -> HttpResponse:
    """Search and browse what has been published."""
    return render(request, "engagement/letters.html", found_letters(request))


@require_safe
def letter(request: HttpRequest, number: str) -> HttpResponse:
    """Show one published letter: question, answer, days, office."""
    publication = queries.published_letter(number)
    viewer = viewer_of(request)
    links = [link for path in settings.LETTER_LINKS for link in import_string(path)(viewer, publication.case.number)]
    return render(request, "engagement/letter.html", {"letter": publication, "links": links})


def found_letters(request: HttpRequest, mailbox: Mailbox | None = None) -> dict[str, Any]:
    """Return what the list of published letters needs: the form, one page of letters and the way to the next."""
    form = LettersForm(request.GET, choices=_choices(mailbox))
    asked = form.asked()
    if mailbox:
        asked["leader"] = mailbox.slug
    page = queries.published(
        words=asked.get("words"),
        leader=asked.get("leader", ""),
        category=asked.get("category", ""),
        unit=asked.get("unit", ""),
        year=asked.get("year", ""),
        after=request.GET.get("after", ""),
        limit=PAGE,
    )
    return {
        "form": form,
        "page": page,
        "asked": {k: v for k, v in asked.items() if not mailbox or k != "leader"},
        "next": _address(request, page) if page.after else "",
    }


def _choices(mailbox: Mailbox | None) -> dict[str, list[tuple[str, str]]]:
    """Return what letters can be narrowed by, up to a minute old: the same for all readers of a language."""
    key = f"letter-choices-{mailbox.pk if mailbox else 'all'}-{get_language()}"
    return cache.get_or_set(key, lambda: queries.letter_choices(mailbox), KEPT_SECONDS) or {}


def _address(request: HttpRequest, page: queries.LetterPage) -> str:
    query: QueryDict = request.GET.copy()
    query["after"] = page.after
    if page.parts:
        query["words"] = page.parts
    return f"?{query.urlencode()}"
