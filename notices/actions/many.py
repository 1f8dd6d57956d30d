"""Telling people what one moment brought, however many they are: notices, deliveries and badges in a few statements."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import connection, transaction

from accounts.models import Person
from accounts.sealing import seal
from accounts.written import add_all
from journal.history import Past, append_many
from journal.rules import OutsideTransaction

from .. import queries, rules, worker
from ..models import CONTEXT, Delivery, Notice
from .push import push_many
from .words import Words, words_for


@dataclass(frozen=True)
class Telling:
    """One reader is to be told of one entry: a person, or whoever follows `stream` without an account.

    `entry` is the id of an entry, or one still to be written (see `notify_many`). `kind` names the templates,
    `channels` those of "email" and "sms" to use where there is an address: the person's own, or `email` and `phone`.
    `url` is the path that the notice leads to. `stream` is what the entry is about where its reader may answer by SMS:
    a case's own stream.
    """

    person: Person | None
    entry: int | Past
    kind: str
    url: str
    context: Mapping[str, Any] = field(default_factory=dict)
    channels: tuple[str, ...] = ("email",)
    stream: str = ""
    email: str = ""
    phone: str = ""
    language: str = ""

    @property
    def reader(self) -> str:
        """What the notice's reader is called: "person-5", or the stream."""
        return f"person-{self.person.pk}" if self.person else self.stream

    @property
    def spoken(self) -> str:
        """The language in which the reader is told."""
        return (self.person.language if self.person else "") or self.language or settings.LANGUAGE_CODE

    @property
    def addresses(self) -> dict[str, str]:
        """The address of each asked channel that has a usable one."""
        own = self.person
        email, phone = self.email or (own.email if own else ""), self.phone or (own.phone if own else "")
        usable = {"email": email if rules.usable_email(email) else "", "sms": rules.dialable(phone)}
        return {channel: usable[channel] for channel in sorted(set(self.channels)) if usable[channel]}


def notify_many(tellings: Sequence[Telling], *, at: datetime, said: Sequence[Past] = ()) -> list[Notice]:
    """Tell several readers, each once of an entry that is new; return the notices, none for those who are gone.

    `said` are entries that are to be written first, in the same go as those that tell persons of their badge; each
    person hears of it once, however many notices they get. Raises OutsideTransaction, rules.NoTemplate, BadInput for
    entries that `append` would refuse.
    """
    if not connection.in_atomic_block:
        raise OutsideTransaction(f"{len(tellings)} notices")
    told = _once(tellings)
    words = _Said()
    notices = [_notice(each, words.of(each), at) for each in told]
    ears = queries.ears_of({notice.person_id for notice in notices if notice.person_id})
    written = [*said, *_badges(notices, ears, at)]
    ids = {id(past): place.pk for past, place in zip(written, append_many(written) if written else [], strict=True)}
    for notice, each in zip(notices, told, strict=True):
        notice.entry_id = ids[id(each.entry)] if isinstance(each.entry, Past) else each.entry
    add_all(notices)
    parcels = [parcel for notice, each in zip(notices, told, strict=True) for parcel in _parcels(notice, each, words)]
    if parcels:
        add_all(parcels)
        transaction.on_commit(worker.wake)
    heard = [notice for notice in notices if notice.person_id is None or ears[notice.person_id].listens]
    push_many([(notice.reader, rules.NEWS, notice.url, notice) for notice in heard], at=at)
    return notices


def _once(tellings: Sequence[Telling]) -> list[Telling]:
    """Leave out those who are gone, and who is told the same twice."""
    once = {(each.reader, each.kind, _known(each.entry)): each for each in tellings}
    return [each for each in once.values() if each.person is None or each.person.is_active]


def _known(entry: int | Past) -> tuple[str, int]:
    return ("written", entry) if isinstance(entry, int) else ("said", id(entry))


def _notice(telling: Telling, told: Words, at: datetime) -> Notice:
    return Notice(
        reader=telling.reader, person=telling.person, kind=telling.kind, title=told.title, url=telling.url, at=at
    )


def _badges(notices: Iterable[Notice], ears: Mapping[int, queries.Ears], at: datetime) -> list[Past]:
    """Return what tells everybody's pages of their latest notice, and how many are unread with the new ones."""
    latest = {notice.person_id: notice for notice in notices if notice.person_id}
    fresh = Counter(notice.person_id for notice in notices)
    return [
        Past(f"person-{pk}", "notice.made", at, {"kind": notice.kind, "unread": ears[pk].unread + fresh[pk]})
        for pk, notice in latest.items()
    ]


def _parcels(notice: Notice, telling: Telling, words: _Said) -> list[Delivery]:
    told = words.of(telling)
    return [
        Delivery(
            notice=notice, channel=channel, address=seal(address.encode(), CONTEXT), language=telling.spoken,
            subject=told.title[: rules.TITLE],
            body=seal((told.mail if channel == "email" else told.text).encode(), CONTEXT),
            not_before=notice.at, created_at=notice.at,
        )
        for channel, address in telling.addresses.items()
    ]  # fmt: skip


class _Said:
    """Words rendered once for everybody who is told the same in the same language."""

    def __init__(self) -> None:
        self._known: dict[tuple[Any, ...], Words] = {}

    def of(self, each: Telling) -> Words:
        told = (each.kind, each.spoken, each.url, each.stream)
        wanted = tuple(each.addresses)
        key = (*told, wanted, *sorted((name, _key(value)) for name, value in each.context.items()))
        if key not in self._known:
            self._known[key] = words_for(*told, each.context, wanted)
        return self._known[key]


def _key(value: Any) -> Any:
    """Return what a value is the same by: itself, or its place where it is a list or the like."""
    return value if value.__hash__ else id(value)
