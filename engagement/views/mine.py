"""The reader's own cases: a page, and the part of "my matters" that the front rooms show."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from engagement import queries

from .base import private, viewer_of
from .words import sentence_of

MOST = 50


@require_safe
def mine(request: HttpRequest) -> HttpResponse:
    """List the cases of the reader: of their account, or opened in this browser with number and code."""
    return private(render(request, "engagement/mine.html", my_cases(request, MOST)))


def my_cases(request: HttpRequest, most: int = 5) -> dict[str, Any]:
    """Return the context of engagement/parts/my_cases.html: the latest cases with a sentence each."""
    cases = queries.own_cases(viewer_of(request), most)
    return {"my_cases": [(case, sentence_of(case)) for case in cases]}
