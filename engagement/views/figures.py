"""The figures page: how well the city answers."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from engagement import figures as queries
from engagement.columns import facts_between
from engagement.forms.figures import GROUPINGS, FiguresForm

KEPT_SECONDS = 60
# Groups that the chart shows; the table has them all.
CHARTED = 15


@require_safe
def figures(request: HttpRequest) -> HttpResponse:
    """Show three sentences, then charts with the same numbers as tables; works without scripts."""
    form = FiguresForm(request.GET)
    start, end, by = form.asked()
    found, months, spans = _counted(start, end, by)
    groups = [_named(group) for group in found["groups"]]
    context = {
        "form": form,
        "found": found,
        "groups": groups,
        "by_label": dict(GROUPINGS)[by],
        "months": months,
        "spans": [span | {"label": _span(span)} for span in spans],
        "least_ranked": queries.LEAST_RANKED,
        "least_shown": queries.LEAST_SHOWN,
        "charts": _charts(groups, months, spans),
    }
    return render(request, "engagement/figures.html", context, status=400 if form.errors else 200)


def _counted(start: date | None, end: date | None, by: str) -> tuple[dict[str, Any], list[Any], list[Any]]:
    """Return the figures, kept for a minute: the same for all readers of a language, from every finished case."""
    key = f"figures-{start}-{end}-{by}-{get_language()}"
    kept: tuple[dict[str, Any], list[Any], list[Any]] | None = cache.get(key)
    if kept is None:
        facts = facts_between(start, end)
        found = queries.figures(start, end, by, public=True, facts=facts)
        kept = found, queries.months(facts), queries.spans(facts)
        cache.set(key, kept, KEPT_SECONDS)
    return kept


def _named(group: dict[str, Any]) -> dict[str, Any]:
    """Return the group with its name in the reader's language."""
    english = (get_language() or "").startswith("en")
    name = group["label_en"] if english and group["key"] is not None else group["label"]
    return group | {"name": _("not assigned") if group["key"] is None else name}


def _span(span: dict[str, Any]) -> str:
    """Return the words of a bar."""
    if span["to"] is None:
        return _("%(from)d days and more") % span
    if span["from"] == 0:
        return _("less than 1 day")
    return _("%(from)d to %(to)d days") % span


def _charts(groups: list[dict[str, Any]], months: list[Any], spans: list[Any]) -> dict[str, Any]:
    """Return what the charts draw: the same numbers as the tables, with the words on their axes."""
    ranked = [group for group in groups if group["ranked"]][:CHARTED]
    return {
        "spans": {
            "labels": [_span(span) for span in spans],
            "series": [
                {"name": pgettext("chart", "replies"), "type": "bar", "values": [span["count"] for span in spans]},
            ],
            "unit": pgettext("chart", "replies"),
            # Words on a slanting or thinned-out axis are not read; as bars that lie, each has its line.
            "sideways": True,
        },
        "months": {
            "labels": [month["month"] for month in months],
            "series": [
                {"name": _("half within"), "type": "line", "values": [month["median"] for month in months]},
                {"name": _("nine in ten within"), "type": "line", "values": [month["p90"] for month in months]},
            ],
            "unit": _("days"),
        },
        "groups": {
            "labels": [group["name"] for group in ranked],
            "tall": True,
            "series": [
                {"name": _("half within"), "type": "bar",
                 "values": [group["reply_calendar_days"]["median"] for group in ranked]},
                {"name": _("nine in ten within"), "type": "bar",
                 "values": [group["reply_calendar_days"]["p90"] for group in ranked]},
            ],
            "unit": _("days"),
            "sideways": True,
        },
    }  # fmt: skip
