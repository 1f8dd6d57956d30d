"""Putting one message for one address into the outbox."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from accounts.sealing import seal

from .. import rules, worker
from ..models import CONTEXT, Delivery, Notice


def queue_parcel(
    channel: str, address: str, subject: str, body: str, language: str, notice: Notice | None, at: datetime
) -> Delivery:
    """Write the row of the outbox, address and body sealed, and wake the worker once it is committed."""
    made = Delivery.objects.create(
        notice=notice,
        channel=channel,
        address=seal(address.encode(), CONTEXT),
        language=language,
        subject=subject[: rules.TITLE],
        body=seal(body.encode(), CONTEXT),
        not_before=at,
        created_at=at,
    )
    transaction.on_commit(worker.wake)
    return made
