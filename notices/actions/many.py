"""Telling many people at once of what one moment brought, such as time limits that pass: in a handful of statements."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Count

from accounts.models import Person
from accounts.sealing import seal
from journal.history import Past, append_many
from journal.models import Entry
from journal.rules import OutsideTransaction

from .. import rules, worker
from ..models import CONTEXT, Delivery, Notice
from .push import push_many
from .tell import Words, _addresses, _words


@dataclass(frozen=True)
class Telling:
    """One person is to be told of one entry: the arguments of `notify`, the entry by its id."""

    person: Person
    entry_id: int
    kind: str
    url: str
    context: Mapping[str, Any] = field(default_factory=dict)
    channels: tuple[str, ...] = ("email",)


def notify_many(tellings: Sequence[Telling], *, at: datetime) -> int:
    """Tell several persons as `notify` does, each once of an entry that is new; return how many notices were made.

    Persons hear of their badge once, however many notices they get. Raises OutsideTransaction, rules.NoTemplate.
    """
    if not connection.in_atomic_block:
        raise OutsideTransaction(f"{len(tellings)} notices")
    active = sorted((each for each in tellings if each.person.is_active), key=lambda each: each.person.pk)
    words = _Said(Entry.objects.select_related("stream").in_bulk({each.entry_id for each in active}))
    said = [words.of(each) for each in active]
    notices = Notice.objects.bulk_create(
        Notice(
            reader=f"person-{each.person.pk}",
            person=each.person,
            entry_id=each.entry_id,
            kind=each.kind,
            title=told.title,
            url=each.url,
            at=at,
        )
        for each, told in zip(active, said, strict=True)
    )
    parcels = [
        _parcel(notice, each, told, channel, address, at)
        for notice, each, told in zip(notices, active, said, strict=True)
        for channel, address in _addresses(each.person, "", "", frozenset(each.channels)).items()
    ]
    if parcels:
        Delivery.objects.bulk_create(parcels)
        transaction.on_commit(worker.wake)
    push_many([(notice.reader, rules.NEWS, notice.url, notice) for notice in notices], at=at)
    _badges({notice.person_id or 0: notice for notice in notices}, at)
    return len(notices)


class _Said:
    """Words rendered once for everybody who is told the same in the same language."""

    def __init__(self, entries: Mapping[int, Entry]) -> None:
        self._entries = entries
        self._known: dict[tuple[Any, ...], Words] = {}

    def of(self, telling: Telling) -> Words:
        language = telling.person.language or settings.LANGUAGE_CODE
        key = (telling.kind, language, telling.url, telling.channels, *sorted(telling.context.items()))
        if key not in self._known:
            self._known[key] = _words(
                telling.kind, language, telling.url, self._entries[telling.entry_id], telling.context, telling.channels
            )
        return self._known[key]


def _parcel(notice: Notice, telling: Telling, told: Words, channel: str, address: str, at: datetime) -> Delivery:
    return Delivery(
        notice=notice,
        channel=channel,
        address=seal(address.encode(), CONTEXT),
        language=telling.person.language or settings.LANGUAGE_CODE,
        subject=told.title[: rules.TITLE],
        body=seal((told.mail if channel == "email" else told.text).encode(), CONTEXT),
        not_before=at,
        created_at=at,
    )


def _badges(latest: Mapping[int, Notice], at: datetime) -> None:
    """Tell everybody's pages of their latest notice and how many are unread."""
    unread = Notice.objects.filter(person__in=list(latest), read_at__isnull=True).order_by().values_list("person")
    counts = dict(unread.annotate(unread=Count("pk")))
    told = {
        pk: {"notice": notice.pk, "kind": notice.kind, "unread": counts.get(pk, 0)} for pk, notice in latest.items()
    }
    append_many([Past(f"person-{pk}", "notice.made", at, data) for pk, data in told.items()])
