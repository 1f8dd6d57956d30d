"""What an operator, a restore or the provider's call-back does to the outbox."""

from __future__ import annotations

import logging
from collections.abc import Collection
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from audit.actions import record

from .. import rules, worker
from ..models import Delivery, OutboxSwitch

State = Delivery.State
logger = logging.getLogger(__name__)


@transaction.atomic
def pause_outbox(*, reason: str = "", at: datetime | None = None) -> None:
    """Stop sending: after the batch in hand nothing leaves until `resume_outbox`."""
    OutboxSwitch.objects.update_or_create(
        pk=1, defaults={"paused": True, "reason": reason[:200], "changed_at": at or timezone.now()}
    )
    record("outbox.switched", facts={"to": "paused"}, at=at)


@transaction.atomic
def resume_outbox(*, at: datetime | None = None) -> None:
    """Send again."""
    OutboxSwitch.objects.update_or_create(
        pk=1, defaults={"paused": False, "reason": "", "changed_at": at or timezone.now()}
    )
    record("outbox.switched", facts={"to": "running"}, at=at)
    transaction.on_commit(worker.wake)


@transaction.atomic
def hold_outbox(*, at: datetime | None = None) -> int:
    """After a restore: pause, and doubt every delivery that was waiting when the backup was made.

    Since then they may have been sent; without this a restored backup sends each of them again. Returns how many.
    """
    moment = at or timezone.now()
    pause_outbox(reason="restored from a backup", at=moment)
    waiting = Delivery.objects.filter(state__in=[State.PENDING, State.ATTEMPTING])
    return waiting.update(state=State.UNKNOWN, leased_until=None, not_before=moment, error="restored from a backup")


@transaction.atomic
def retry_deliveries(*, ids: Collection[int] | None = None, at: datetime | None = None) -> int:
    """Send parked deliveries again; with `ids` exactly those, also refused or unknown ones. Returns how many."""
    moment = at or timezone.now()
    found = Delivery.objects.filter(state=State.PARKED)
    if ids is not None:
        found = Delivery.objects.filter(pk__in=ids, state__in=[State.PARKED, State.REFUSED, State.UNKNOWN])
    changed = found.update(state=State.PENDING, doubts=0, not_before=moment, done_at=None, error="")
    transaction.on_commit(worker.wake)
    return changed


@transaction.atomic
def confirm_delivery(
    *, reference: str, provider_id: str, state: str, error: str = "", at: datetime | None = None
) -> bool:
    """Note what the provider says of a message: `state` is "sent", "delivered" or "refused".

    `reference` is the delivery's rules.reference_of, proved to be ours by whoever calls this.
    Late, repeated and reordered words are fine: delivered is final, refused gives way only to delivered. Returns
    whether anything changed.
    """
    row = Delivery.objects.select_for_update().filter(pk=int(reference.partition(".")[0])).first()
    if row is None or rules.reference_of(row.pk, row.created_at) != reference:
        return False
    if not _is_news(row, provider_id, state):
        return False
    moment = at or timezone.now()
    row.state, row.provider_id, row.error = State(state), provider_id, error[:300]
    row.leased_until, row.done_at = None, moment
    row.save(update_fields=["state", "provider_id", "error", "leased_until", "done_at"])
    return True


def _is_news(row: Delivery, provider_id: str, state: str) -> bool:
    """Return whether a call-back changes what is known of the delivery."""
    if row.state == State.DELIVERED:
        return False
    if row.provider_id and row.provider_id != provider_id and state != State.DELIVERED:
        # An earlier try of the same delivery; the later one decides, unless this one arrived.
        logger.warning("delivery %s has more than one message at the provider", row.pk)
        return False
    if state == State.SENT:
        return row.state not in (State.SENT, State.REFUSED)
    return not (row.state == state and row.provider_id == provider_id)
