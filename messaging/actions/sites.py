"""Setting up which web sites may show a desk, and letting their visitors in."""

from __future__ import annotations

from collections.abc import Iterable
from importlib import import_module

from django.conf import settings
from django.db import transaction

from accounts.viewers import Viewer, become_visitor
from journal.doors import pass_of

from .. import queries, rules
from ..models import Desk, DeskSite


@transaction.atomic
def set_sites(*, by: Viewer, desk_id: int, origins: Iterable[str]) -> list[str]:
    """Let these web sites, and no others, show the desk; return their origins as browsers write them.

    Raises NotFound for a desk that the viewer does not administer, BadInput for what is no web site.
    """
    desk = queries.desks_configured_by(by).filter(pk=desk_id).first()
    if desk is None:
        raise rules.NotFound()
    Desk.objects.select_for_update(no_key=True).get(pk=desk.pk)
    wanted = rules.check_origins(origins)
    DeskSite.objects.filter(desk=desk).exclude(origin__in=wanted).delete()
    DeskSite.objects.bulk_create([DeskSite(desk=desk, origin=origin) for origin in wanted], ignore_conflicts=True)
    return wanted


def let_in() -> str:
    """Return a pass for a new visitor of a frame: a session of its own, apart from every cookie."""
    session = import_module(settings.SESSION_ENGINE).SessionStore()
    become_visitor(session)
    session.save()
    return pass_of(str(session.session_key))
