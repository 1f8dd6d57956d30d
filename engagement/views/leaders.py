"""The leaders and their mailboxes."""

from __future__ import annotations

from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from engagement import queries
from engagement.models import Case

from .letters import KEPT_SECONDS, found_letters


@require_safe
def mailboxes(request: HttpRequest) -> HttpResponse:
    """List the leaders one can write to."""
    boxes = queries.mailboxes()
    figures = queries.figures_of(boxes)
    return render(request, "engagement/leaders.html", {"leaders": [(box, figures[box.pk]) for box in boxes]})


@require_safe
def mailbox(request: HttpRequest, slug: str) -> HttpResponse:
    """Show one leader: duties, how letters travel, figures, published letters, and the way to write."""
    box = queries.mailbox_for(slug)
    context = {
        "mailbox": box,
        # Thousands open this page, and nobody sees whether an answer of the last minute is counted.
        "figures": cache.get_or_set(f"mailbox-figures-{box.pk}", lambda: queries.mailbox_figures(box), KEPT_SECONDS),
        "due": queries.promise(Case.Kind.ENQUIRY, box, timezone.now()),
        **found_letters(request, box),
    }
    return render(request, "engagement/leader.html", context)
