"""The bulletin of a period as a page, a PDF and a workbook; and the findings about how figures came to be."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from engagement import bulletins, queries
from engagement.forms.board import PeriodForm
from engagement.queries.bulletin import Bulletin, Line, bulletin, last_month
from engagement.queries.findings import findings as found_in
from engagement.queries.findings import period

from .base import private, viewer_of

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
FINDING_DAYS = (7, 30, 90)


def _asked(request: HttpRequest) -> PeriodForm:
    first, last = last_month()
    given = request.GET if request.GET.get("first") or request.GET.get("last") else {"first": first, "last": last}
    return PeriodForm(given)


def _bulletin(request: HttpRequest, scope: str, form: PeriodForm) -> Bulletin | None:
    viewer = viewer_of(request)
    found = queries.scope_of(viewer, scope)
    return bulletin(found, viewer, **form.cleaned_data) if form.is_valid() else None


@require_safe
def page(request: HttpRequest, scope: str) -> HttpResponse:
    """Show the bulletin; it prints as it stands."""
    form = _asked(request)
    made = _bulletin(request, scope, form)
    heads = bulletins.heads()
    context: dict[str, Any] = {
        "form": form,
        "scope": queries.scope_of(viewer_of(request), scope),
        "made": made,
        "heads": heads,
        "title": bulletins.title_of(made) if made else "",
        "how": bulletins.how_counted(),
        "lines": [(line, _under(heads, line)) for line in made.lines] if made else [],
        "total": _under(heads, made.total) if made else [],
        "query": f"first={made.first.isoformat()}&last={made.last.isoformat()}" if made else "",
    }
    return private(render(request, "engagement/board/bulletin.html", context, status=200 if made else 422))


def _under(heads: list[str], line: Line) -> list[tuple[str, Any]]:
    return list(zip(heads, bulletins.cells_said(line), strict=True))


@require_safe
def pdf(request: HttpRequest, scope: str) -> HttpResponse:
    """Send the bulletin as PDF."""
    return _file(request, scope, "application/pdf", "pdf")


@require_safe
def workbook(request: HttpRequest, scope: str) -> HttpResponse:
    """Send the bulletin as xlsx."""
    return _file(request, scope, XLSX, "xlsx")


def _file(request: HttpRequest, scope: str, media_type: str, ending: str) -> HttpResponse:
    form = _asked(request)
    made = _bulletin(request, scope, form)
    if made is None:
        return page(request, scope)
    content = bulletins.as_pdf(made) if ending == "pdf" else bulletins.as_workbook(made)
    answer = HttpResponse(content, content_type=media_type)
    name = f"bulletin-{made.first.isoformat()}-{made.last.isoformat()}.{ending}"
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    answer["X-Content-Type-Options"] = "nosniff"
    return private(answer)


@require_safe
def findings(request: HttpRequest, scope: str) -> HttpResponse:
    """Show findings with their evidence."""
    found = queries.scope_of(viewer_of(request), scope)
    wanted = request.GET.get("days", "")
    days = int(wanted) if wanted in {str(each) for each in FINDING_DAYS} else 30
    context = {"scope": found, "days": days, "choices": FINDING_DAYS, "found": found_in(found, *period(days))}
    return private(render(request, "engagement/board/findings.html", context))
