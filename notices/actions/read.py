"""Marking notices as read."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from accounts.rules import NotYours
from accounts.viewers import Viewer
from journal.actions import append

from .. import queries
from ..models import Notice


@transaction.atomic
def mark_read(*, viewer: Viewer, notice_id: int | None = None, url: str = "", at: datetime | None = None) -> int:
    """Mark one notice, those that lead to the path `url`, or (with neither) all of the viewer's as read.

    Returns how many were unread until now. Raises NotYours for a notice that the viewer may not see.
    """
    found = queries.visible_to(viewer)
    if notice_id is not None:
        found = found.filter(pk=notice_id)
        if not found.exists():
            raise NotYours
    if url:
        found = found.filter(url=url)
    changed = Notice.objects.filter(pk__in=found.filter(read_at__isnull=True).values("pk")).update(
        read_at=at or timezone.now()
    )
    if changed and viewer.person is not None:
        append(
            f"person-{viewer.person.pk}",
            "notice.read",
            {"unread": queries.unread_count(viewer.person)},
            by=viewer.person,
            at=at,
        )
    return changed
