"""Rows written with statements compiled once: what is stored is what `save` would store."""

from datetime import timedelta

import pytest
from django.db import DatabaseError, connection, models
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import Post, Role
from accounts.written import add, add_all, change
from journal.models import Entry, Stream
from notices.models import Delivery
from tests import make

pytestmark = pytest.mark.django_db

ENTRIES = [{}, {"words": "明湖 it's 100 % \\ {a,b} NULL"}, {"deep": [1, None, {"x": 1.5}]}]


def posts(count: int) -> list[models.Model]:
    unit, now = make.unit("city"), timezone.now()
    people = [make.person(f"somebody{number}") for number in range(count)]
    # A choice beside plain text, and nothing beside a moment.
    roles, ends = [Role.HANDLER, "reviewer"], [None, now + timedelta(days=3)]
    return [
        Post(person=person, unit=unit, role=roles[place % 2], since=now, until=ends[place % 2])
        for place, person in enumerate(people)
    ]


def deliveries(count: int) -> list[models.Model]:
    now, addresses = timezone.now(), [b"\0\xff", b"", "明湖".encode()]
    return [
        Delivery(
            channel=Delivery.Channel.EMAIL, address=addresses[place % 3], body=b"words", attempts=place * 9000,
            not_before=now, created_at=now,
        )
        for place in range(count)
    ]  # fmt: skip


def entries(count: int) -> list[models.Model]:
    stream = Stream.objects.create(name="case-AAAAAAAAAA")
    numbers = (place * 2**40 for place in range(count))
    return [
        Entry(stream=stream, seq=number, kind="case.noted", at=timezone.now(), data=ENTRIES[place % 3])
        for place, number in enumerate(numbers)
    ]


def values(one: models.Model) -> list[object]:
    found = [getattr(one, field.attname) for field in one._meta.concrete_fields]
    return [bytes(value) if isinstance(value, memoryview) else value for value in found]


@pytest.mark.parametrize("made", [posts, deliveries, entries])
@pytest.mark.parametrize("count", [1, 4])
def test_new_rows_are_stored_in_their_order_and_known_by_their_ids(made, count):
    rows = made(count)
    with CaptureQueriesContext(connection) as captured:
        add_all(rows)
    assert len(captured) <= 2
    assert [row.pk for row in rows] == sorted({row.pk for row in rows})
    for row in rows:
        assert values(type(row).objects.get(pk=row.pk)) == values(row)  # type: ignore[attr-defined]
        assert not row._state.adding


def test_only_what_is_named_is_changed_and_only_in_that_row():
    one, other = entries(2)
    add(one)
    add(other)
    one.kind, one.data, one.sender = "case.told", {"now": True}, "nobody"  # type: ignore[attr-defined]
    change(one, "kind", "data")
    change(one)
    kept = Entry.objects.get(pk=one.pk)
    assert (kept.kind, kept.data, kept.sender) == ("case.told", {"now": True}, "")
    assert values(Entry.objects.get(pk=other.pk)) == values(other)


def test_a_row_that_is_gone_is_not_changed_in_silence():
    [one] = entries(1)
    add(one)
    Entry.objects.all().delete()
    with pytest.raises(DatabaseError):
        change(one, "kind")
