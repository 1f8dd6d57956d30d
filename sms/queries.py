"""What came in by SMS and could not be used, for operators."""

from __future__ import annotations

from django.db.models import QuerySet

from accounts.sealing import unseal
from accounts.viewers import Viewer

from .models import Code, Inbound


def visible_to(viewer: Viewer) -> QuerySet[Inbound]:
    """Return nothing: raw messages are for operators at the command line, not for anybody in the browser."""
    return Inbound.objects.none()


def parked() -> QuerySet[Inbound]:
    """Return what came in and could not be used, newest first; `error` says why."""
    return Inbound.objects.filter(processed_at__isnull=False).exclude(error="").order_by("-pk")


def waiting_number(viewer: Viewer) -> str:
    """Return the number that waits for the viewer's code, all but its last four digits hidden; "" if none does."""
    row = Code.objects.filter(person=viewer.person).first() if viewer.person else None
    return f"••• {unseal(row.phone, 'code').decode()[-4:]}" if row else ""
