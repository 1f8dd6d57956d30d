"""Telling somebody of an entry, and mails and texts without one, in the transaction of the cause."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from accounts.models import Person
from journal.models import Entry
from journal.rules import OutsideTransaction

from .. import rules
from ..models import Delivery, Notice
from .many import Telling, notify_many
from .queue import queue_parcel
from .words import one_line


def notify(
    *,
    entry: Entry,
    kind: str,
    person: Person | None = None,
    reader: str = "",
    email: str = "",
    phone: str = "",
    language: str = "",
    channels: Iterable[str] = ("email",),
    context: Mapping[str, Any] | None = None,
    url: str = "/",
    at: datetime | None = None,
) -> Notice | None:
    """Tell a person, or a reader without an account ("case-K7QM2FXP9T"), of `entry`; a repeat changes nothing.

    The other arguments are those of a `Telling`. Returns None for somebody who is gone. Raises OutsideTransaction,
    rules.NoTemplate. To tell several persons use `notify_many`, or call it in the order of their ids: each call locks
    the person's stream.
    """
    if not connection.in_atomic_block:
        raise OutsideTransaction(kind)
    if person is None and not reader:
        raise ValueError("a notice needs a person or a reader")
    telling = Telling(
        person, entry.pk, kind, url, context or {}, tuple(channels), reader or entry.stream.name, email, phone, language
    )
    told = Notice.objects.filter(reader=telling.reader, entry=entry, kind=kind)
    found = told.first()
    if found is not None:
        return found
    try:
        with transaction.atomic():
            return next(iter(notify_many([telling], at=at or entry.at)), None)
    except IntegrityError:
        # Somebody else has told them at the same moment.
        return told.get()


def deliver_mail(*, to: str, subject: str, body: str, language: str = "", at: datetime | None = None) -> Delivery:
    """Put a mail without a notice into the outbox, for example a password reset. Raises ValueError for no address."""
    if not rules.usable_email(to):
        raise ValueError("not an e-mail address")
    return queue_parcel(
        "email", to, one_line(subject), body, language or settings.LANGUAGE_CODE, None, at or timezone.now()
    )


def deliver_text(*, to: str, body: str, language: str = "", at: datetime | None = None) -> Delivery:
    """Put an SMS without a notice into the outbox, for example a code. Raises ValueError for no number."""
    number = rules.dialable(to)
    if not number:
        raise ValueError("not a telephone number")
    return queue_parcel("sms", number, "", body, language or settings.LANGUAGE_CODE, None, at or timezone.now())
