"""The outbox: claim, commit, hand to the carrier, record; and settle what nobody knows the fate of."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from datetime import datetime
from functools import partial

from django.conf import settings
from django.db import transaction
from django.db.models import F, QuerySet
from django.utils import timezone
from django.utils.module_loading import import_string

from accounts.sealing import SealBroken, unseal

from .. import queries, rules
from ..carriers import Carrier, NotTaken, Outcome, Parcel, Refused, Sent, Unknown
from ..models import CONTEXT, Delivery

State = Delivery.State
logger = logging.getLogger(__name__)
# What is still to be sent, is being sent, or has an unknown fate.
OPEN = (State.PENDING, State.ATTEMPTING, State.UNKNOWN)


def deliver_due(limit: int = 200, at: datetime | None = None, channels: Iterable[str] | None = None) -> int:
    """Send what is due, at most `limit` deliveries a channel, and settle doubts; return how many were tried.

    Safe in any number of processes at once: each delivery is claimed by a committed change before the call.
    """
    tried = 0
    for channel in settings.CARRIERS if channels is None else channels:
        # Asked every second for every channel: where nothing is open, one question is enough.
        if not Delivery.objects.filter(channel=channel, state__in=OPEN).exists():
            continue
        if queries.outbox_is_paused():
            break
        carrier: Carrier = import_string(settings.CARRIERS[channel])()
        _expire(channel, at or timezone.now())
        _settle(channel, carrier, at)
        tried += _empty(channel, carrier, limit, at)
    return tried


def deliver_mails() -> int:
    """Send the e-mails that are due; apart from the SMS, so that a slow server of one does not delay the other."""
    return deliver_due(channels=("email",))


def deliver_texts() -> int:
    """Send the SMS that are due."""
    return deliver_due(channels=("sms",))


def deliver_pushes() -> int:
    """Send the web pushes that are due."""
    return deliver_due(channels=("push",))


def _empty(channel: str, carrier: Carrier, limit: int, at: datetime | None) -> int:
    """Claim and send batch after batch until nothing is due, `limit` is reached or the outbox is paused."""
    tried, due_by = 0, at or timezone.now()
    while tried < limit and not queries.outbox_is_paused():
        parcels = _claim(channel, min(carrier.batch, limit - tried), due_by, at or timezone.now())
        if not parcels:
            break
        _carry(carrier, parcels, at)
        tried += len(parcels)
    return tried


def _claim(channel: str, most: int, due_by: datetime, at: datetime) -> list[Parcel]:
    """Mark up to `most` due deliveries as being sent, and commit before anything leaves."""
    due = Delivery.objects.filter(channel=channel, state=State.PENDING, not_before__lte=due_by).order_by(
        "not_before", "pk"
    )
    # Looked at first without a lock: an idle outbox must not take SQLite's write lock every second.
    if not due.exists():
        return []
    with transaction.atomic(durable=True):
        ids = list(due.select_for_update(skip_locked=True).values_list("pk", flat=True)[:most])
        Delivery.objects.filter(pk__in=ids, state=State.PENDING).update(
            state=State.ATTEMPTING, attempts=F("attempts") + 1, attempted_at=at, leased_until=at + rules.LEASE
        )
    return _open(Delivery.objects.filter(pk__in=ids).order_by("not_before", "pk"), at)


def _open(rows: Iterable[Delivery], at: datetime) -> list[Parcel]:
    """Unseal the rows; one that no configured key opens is parked."""
    parcels = []
    for row in rows:
        try:
            parcels.append(parcel_of(row))
        except SealBroken as error:
            _change(
                row.pk,
                row.attempts,
                state=State.PARKED,
                error=f"cannot be opened: {error}",
                leased_until=None,
                done_at=at,
            )
    return parcels


def parcel_of(row: Delivery) -> Parcel:
    """Return the delivery opened for its carrier. Raises SealBroken."""
    return Parcel(
        pk=row.pk,
        attempt=row.attempts,
        address=unseal(row.address, CONTEXT).decode(),
        language=row.language,
        subject=row.subject,
        body=unseal(row.body, CONTEXT).decode(),
        created_at=row.created_at,
        attempted_at=row.attempted_at or row.created_at,
        reference=rules.reference_of(row.pk, row.created_at),
    )


def _carry(carrier: Carrier, parcels: list[Parcel], at: datetime | None) -> None:
    """Hand the parcels over; whatever the carrier did not report when it failed is of unknown fate."""
    waiting = {parcel.pk: parcel for parcel in parcels}

    def report(parcel: Parcel, outcome: Outcome) -> None:
        waiting.pop(parcel.pk, None)
        record_outcome(parcel, outcome, at or timezone.now())

    try:
        carrier.carry(parcels, report)
    except Exception as error:
        logger.exception("a carrier failed")
        for parcel in list(waiting.values()):
            report(parcel, Unknown(type(error).__name__))


@transaction.atomic
def record_outcome(parcel: Parcel, outcome: Outcome, at: datetime) -> None:
    """Write down what became of a try, unless something surer, such as a call-back, is known already."""
    attempt = parcel.attempt
    match outcome:
        case Sent(provider_id):
            _free(provider_id, parcel.pk, at)
            known = _change(
                parcel.pk, attempt, state=State.SENT, provider_id=provider_id, error="", leased_until=None, done_at=at
            )
        case Refused(reason):
            known = _change(parcel.pk, attempt, state=State.REFUSED, error=reason[:300], leased_until=None, done_at=at)
        case NotTaken(reason, after):
            known = _again(parcel, reason, after, at)
        case Unknown(reason):
            known = _change(
                parcel.pk,
                attempt,
                state=State.UNKNOWN,
                doubts=F("doubts") + 1,
                error=reason[:300],
                leased_until=None,
                not_before=at + rules.TRACE_FIRST,
            )
    if not known:
        logger.info("delivery %s, try %s: the outcome came after something surer", parcel.pk, attempt)


def _again(parcel: Parcel, reason: str, after: float | None, at: datetime) -> int:
    """Let a parcel that was provably not accepted wait for its next try, or park it when it has become too old."""
    row = Delivery.objects.get(pk=parcel.pk)
    if at - row.created_at > rules.GIVE_UP[row.channel]:
        return _change(row.pk, parcel.attempt, state=State.PARKED, error=reason[:300], leased_until=None, done_at=at)
    due = at + rules.retry_after(parcel.attempt, after)
    return _change(row.pk, parcel.attempt, state=State.PENDING, error=reason[:300], leased_until=None, not_before=due)


def _change(pk: int, attempt: int, **fields: object) -> int:
    """Change the delivery if this try is still the one in hand; return how many rows changed, 1 or 0."""
    mine = Delivery.objects.filter(pk=pk, attempts=attempt, state__in=[State.ATTEMPTING, State.UNKNOWN])
    return mine.update(**fields)


def _free(provider_id: str, pk: int, at: datetime) -> None:
    """Take the provider's id from a delivery that it was only inferred for; the provider itself says whose it is."""
    if provider_id:
        others = Delivery.objects.filter(provider_id=provider_id).exclude(pk=pk)
        others.update(state=State.UNKNOWN, provider_id="", done_at=None, not_before=at + rules.TRACE_FIRST)


def _expire(channel: str, at: datetime) -> None:
    """Whoever held an expired lease is gone, perhaps between the provider's yes and our commit: unknown."""
    gone = Delivery.objects.filter(channel=channel, state=State.ATTEMPTING, leased_until__lt=at)
    if gone.exists():
        gone.update(
            state=State.UNKNOWN,
            doubts=F("doubts") + 1,
            leased_until=None,
            not_before=at,
            error="the worker was stopped",
        )


def _settle(channel: str, carrier: Carrier, at: datetime | None, most: int = 20) -> None:
    """Ask the carrier what became of deliveries of unknown fate."""
    moment = at or timezone.now()
    doubtful = Delivery.objects.filter(channel=channel, state=State.UNKNOWN, not_before__lte=moment).order_by(
        "not_before"
    )
    for row in _postpone(doubtful, most, moment):
        for parcel in _open([row], moment):
            try:
                outcome = carrier.trace(parcel, partial(_is_claimed, row.pk), moment)
            except Exception:
                logger.exception("delivery %s cannot be traced", row.pk)
                outcome = Unknown("cannot be traced")
            _conclude(row, parcel, outcome, moment)


def _postpone(doubtful: QuerySet[Delivery], most: int, at: datetime) -> list[Delivery]:
    """Take rows by moving their next look ahead, so that one process at a time traces each."""
    if not doubtful.exists():
        return []
    taken = []
    with transaction.atomic(durable=True):
        for row in list(doubtful.select_for_update(skip_locked=True)[:most]):
            row.not_before = at + rules.trace_after(at - (row.attempted_at or row.created_at))
            row.save(update_fields=["not_before"])
            taken.append(row)
    return taken


def _is_claimed(pk: int, provider_id: str) -> bool:
    return Delivery.objects.filter(provider_id=provider_id).exclude(pk=pk).exists()


def _conclude(row: Delivery, parcel: Parcel, outcome: Outcome, at: datetime) -> None:
    """Act on what tracing found: sent after all, never will be, to be sent again, or still unknown."""
    if isinstance(outcome, NotTaken) and row.doubts <= rules.DOUBTS_MOST:
        due = at if row.doubts <= 1 else at + rules.retry_after(row.doubts)
        _change(row.pk, row.attempts, state=State.PENDING, error=outcome.reason[:300], not_before=due)
    elif isinstance(outcome, Sent | Refused):
        record_outcome(parcel, outcome, at)
    elif isinstance(outcome, NotTaken) or at - parcel.attempted_at > rules.TRACE_GIVE_UP:
        _change(row.pk, row.attempts, state=State.PARKED, error=outcome.reason[:300], done_at=at)
