"""Which web sites may show which desk, and for whom administrators set that up."""

from __future__ import annotations

from django.db.models import QuerySet

from accounts.viewers import Role, Viewer

from .. import rules
from ..models import Desk, DeskSite


def shown_desk(slug: str) -> Desk:
    """Return the desk in use with the slug. Raises NotFound."""
    found = Desk.objects.filter(slug=slug, active=True).select_related("unit").first()
    if found is None:
        raise rules.NotFound()
    return found


def origins_of(desk: Desk) -> list[str]:
    """Return the origins of the web sites that may show the desk."""
    return list(DeskSite.objects.filter(desk=desk).values_list("origin", flat=True))


def desks_configured_by(viewer: Viewer) -> QuerySet[Desk]:
    """Return the desks whose web sites the viewer sets up: those of the units they administer."""
    scope = viewer.scope(Role.ADMINISTRATOR) if viewer.holds(Role.ADMINISTRATOR) else frozenset()
    return Desk.objects.filter(unit_id__in=scope, active=True).select_related("unit").prefetch_related("sites")
