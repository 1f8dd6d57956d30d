"""What a provider told us: stored raw first, worked on afterwards."""

from __future__ import annotations

import json
import logging
from collections.abc import Collection, Mapping
from datetime import datetime, timedelta

from django.conf import settings
from django.db import OperationalError, transaction
from django.utils import timezone

from accounts.rules import RuleBroken, clean_text
from accounts.sealing import seal, unseal
from accounts.viewers import Viewer
from notices.actions import confirm_delivery
from notices.rules import case_of_reply

from .. import rules
from ..models import CONTEXT, Inbound, Poll

TEXT_MOST = 4000
# Read again from before the last time: the provider's list may lag behind its webhooks.
OVERLAP = timedelta(minutes=15)
FIRST_LOOK = timedelta(days=1)

logger = logging.getLogger(__name__)


@transaction.atomic
def store_inbound(
    *, kind: str, provider_id: str, status: str, raw: Mapping[str, str], at: datetime | None = None
) -> bool:
    """Store a verified call as it came; return False if it was stored before."""
    _row, is_new = Inbound.objects.get_or_create(
        provider=rules.PROVIDER,
        kind=kind,
        provider_id=provider_id,
        status=status,
        defaults={"raw": seal(json.dumps(dict(raw)).encode(), CONTEXT), "received_at": at or timezone.now()},
    )
    return is_new


def process_inbound(limit: int = 100, at: datetime | None = None) -> int:
    """Act on what was stored, each row in its own transaction together with what it causes; return how many."""
    moment = at or timezone.now()
    waiting = Inbound.objects.filter(processed_at__isnull=True).order_by("pk")
    ids = list(waiting.values_list("pk", flat=True)[:limit])
    return sum(_process(pk, moment) for pk in ids)


def _process(pk: int, at: datetime) -> bool:
    """Act on one row unless somebody else does; what cannot be used is parked with its reason."""
    try:
        with transaction.atomic():
            row = Inbound.objects.select_for_update(skip_locked=True).filter(pk=pk, processed_at__isnull=True).first()
            if row is None:
                return False
            error = _act(row, at)
            Inbound.objects.filter(pk=pk).update(processed_at=at, error=error[:300])
    except OperationalError:
        # The database is in trouble, not the message: it stays for the next call.
        raise
    except Exception as error:
        reason = str(error) if isinstance(error, RuleBroken) else type(error).__name__
        logger.exception("inbound %s cannot be processed", pk)
        Inbound.objects.filter(pk=pk).update(processed_at=at, error=reason[:300])
    return True


def _act(row: Inbound, at: datetime) -> str:
    """Do what the row asks for; return why nothing could be done, or ""."""
    raw: dict[str, str] = json.loads(unseal(row.raw, CONTEXT))
    if row.kind == rules.STATUS:
        return _note_status(row, raw, at)
    return _attach(raw, f"inbound-{row.pk}")


def _note_status(row: Inbound, raw: Mapping[str, str], at: datetime) -> str:
    state = rules.STATES.get(row.status)
    if state is None:
        return f"status {row.status} is not known"
    confirm_delivery(
        reference=raw["reference"], provider_id=row.provider_id, state=state, error=raw.get("ErrorCode", ""), at=at
    )
    return ""


def _attach(raw: Mapping[str, str], key: str) -> str:
    """Add a reply to the case that its signed code names: never by the sender's number, which anybody can forge."""
    text = clean_text(raw.get("Body", ""), most=TEXT_MOST)
    number, words = case_of_reply(text)
    if not number:
        return "no valid reply code"
    if not words:
        return "no words"
    # Engagement loads the notices; imported when needed so that neither waits for the other at start.
    from engagement.actions import add_to_case
    from engagement.queries import case_for

    viewer = Viewer(grants=frozenset({f"case-{number}"}), language=settings.LANGUAGE_CODE)
    add_to_case(case_id=case_for(viewer, number).pk, by=viewer, text=words, client_key=key)
    return ""


def poll_inbound(at: datetime | None = None) -> int:
    """Fetch the SMS whose webhook never reached us (the provider does not repeat it); return how many were new."""
    if not rules.is_open() or not settings.TWILIO_FROM:
        return 0
    # The provider's library takes its time to load: only a house that sends SMS waits for it.
    from twilio.base.exceptions import TwilioException

    from ..carrier import received_since

    moment = at or timezone.now()
    poll, _made = Poll.objects.get_or_create(provider=rules.PROVIDER, defaults={"read_until": moment - FIRST_LOOK})
    found = 0
    try:
        for message in received_since(poll.read_until - OVERLAP):
            raw = {"From": message.from_ or "", "To": message.to or "", "Body": message.body or ""}
            found += store_inbound(
                kind=rules.INCOMING, provider_id=message.sid or "", status=rules.RECEIVED, raw=raw, at=moment
            )
    except (TwilioException, OSError) as error:
        logger.warning("the list of SMS cannot be read: %s", type(error).__name__)
        return found
    Poll.objects.filter(pk=poll.pk).update(read_until=moment)
    return found


@transaction.atomic
def retry_inbound(*, ids: Collection[int] | None = None) -> int:
    """Process again what could not be used: exactly `ids`, or all that have an error. Returns how many."""
    parked = Inbound.objects.filter(processed_at__isnull=False).exclude(error="")
    return (parked.filter(pk__in=ids) if ids else parked).update(processed_at=None, error="")
