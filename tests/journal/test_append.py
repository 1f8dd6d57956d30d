"""Appending: inside a transaction, gapless, once per key, and only what every database keeps."""

import contextlib
import threading
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.utils import timezone

from accounts.rules import BadInput, Conflict
from journal import actions, queries
from journal.models import Entry, Retraction, Stream
from journal.rules import OutsideTransaction
from tests import make


@pytest.mark.django_db(transaction=True)
def test_it_refuses_to_write_apart_from_a_change():
    with pytest.raises(OutsideTransaction):
        actions.append("open-1", "message.said", {})
    assert not Entry.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_numbers_have_no_gaps_when_eight_threads_append_and_some_roll_back():
    def work(number):
        try:
            for turn in range(15):
                try:
                    with transaction.atomic():
                        actions.append("open-1", "message.said", {"by": number, "turn": turn})
                        if turn % 5 == 4:
                            raise KeyError
                except KeyError:
                    continue
        except Exception as error:
            failed.append(error)
        finally:
            connection.close()

    failed = []
    threads = [threading.Thread(target=work, args=[number]) for number in range(8)]
    [thread.start() for thread in threads]
    [thread.join(60) for thread in threads]
    assert not failed
    assert list(Entry.objects.order_by("seq").values_list("seq", flat=True)) == list(range(1, 8 * 12 + 1))
    assert queries.head("open-1")[1] == 96


@pytest.mark.django_db
def test_a_rollback_gives_the_number_back():
    with contextlib.suppress(ZeroDivisionError), transaction.atomic():
        actions.append("open-1", "message.said", {})
        1 / 0  # noqa: B018
    assert actions.append("open-1", "message.said", {}).seq == 1


def nested(levels):
    value = "x"
    for _ in range(levels):
        value = [value]
    return value


@pytest.mark.django_db
@pytest.mark.parametrize(
    "value",
    [
        "a\0b", "\ud800", 2**63, -(2**63), float("inf"), float("nan"), object(), b"bytes", nested(20), {1: 2},
        {"a\0": 1}, "x" * 300_000,
    ],
    ids=["nul", "surrogate", "2**63", "-2**63", "inf", "nan", "object", "bytes", "deep", "key", "nul key", "big"],
)  # fmt: skip
def test_it_refuses_what_not_every_database_and_reader_keeps(value):
    with pytest.raises(BadInput), transaction.atomic():
        actions.append("open-1", "message.said", {"value": value})
    assert not Stream.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize("value", ["水质 🚰\n", 2**63 - 1, -1.5, None, True, nested(19), {"a": [1]}, "字" * 20_000])
def test_it_keeps_everything_else_as_it_is(value):
    actions.append("open-1", "message.said", {"value": value})
    assert queries.entries_after("open-1", 0)[0]["data"] == {"value": value}


@pytest.mark.django_db
@pytest.mark.parametrize(
    "stream", ["", "open", "open-", "-1", "Open-1", "open-1 ", "open-a/b", "open-" + "x" * 60, "o\0-1"]
)
def test_it_refuses_names_that_are_none(stream):
    with pytest.raises(BadInput):
        actions.append(stream, "message.said", {})


@pytest.mark.django_db
def test_the_same_key_is_the_same_entry_and_another_body_a_conflict():
    said = {"sender": "visitor-a", "key": "key-00001"}
    first, is_new = actions.append_once("open-1", "message.said", {"text": "a"}, **said)
    again, is_new_again = actions.append_once("open-1", "message.said", {"text": "a"}, **said)
    assert (first.pk, is_new, is_new_again) == (again.pk, True, False)
    with pytest.raises(Conflict):
        actions.append_once("open-1", "message.said", {"text": "b"}, **said)
    other, is_new = actions.append_once("open-1", "message.said", {"text": "b"}, sender="visitor-b", key="key-00001")
    assert (other.seq, is_new) == (2, True)


@pytest.mark.django_db(transaction=True)
def test_of_eight_repeats_at_once_one_is_written():
    def work():
        try:
            with transaction.atomic():
                seqs.append(actions.append_once("open-1", "message.said", {"a": 1}, sender="v", key="same-key")[0].seq)
        finally:
            connection.close()

    seqs = []
    threads = [threading.Thread(target=work) for _ in range(8)]
    [thread.start() for thread in threads]
    [thread.join(60) for thread in threads]
    assert seqs == [1] * 8
    assert Entry.objects.count() == 1


@pytest.mark.django_db
def test_pruning_moves_the_floor_and_a_restore_the_epoch():
    for _ in range(5):
        actions.append("open-1", "message.said", {})
    epoch, head = queries.head("open-1")
    assert actions.prune("open-1", up_to=3) == 3
    mark = queries.mark_of("open-1")
    assert (head, mark.floor) == (5, 3)
    assert [queries.check_cursor(mark, after, epoch) for after in (0, 2, 3, 5, 6)] == [False, False, True, True, False]
    actions.renew_epochs()
    assert not queries.check_cursor(queries.mark_of("open-1"), 5, epoch)


@pytest.mark.django_db
def test_retractions_are_kept_for_an_hour():
    with transaction.atomic():
        actions.retract("open-1")
    seen = Retraction.objects.get().at
    assert [actions.retain(seen + timedelta(minutes=minutes)) for minutes in (59, 61)] == [0, 1]


@pytest.mark.django_db
def test_entries_come_in_pages_of_at_most_a_hundred(django_assert_num_queries):
    with transaction.atomic():
        for _ in range(130):
            actions.append("open-1", "message.said", {}, by=make.person())
    with django_assert_num_queries(1):
        page = queries.entries_after("open-1", 5, 1000)
    assert [entry["seq"] for entry in page] == list(range(6, 106))
    assert page[0]["by"] == {"key": make.viewer(make.person()).key}


@pytest.mark.django_db
def test_a_ticket_opens_once_and_not_late():
    ticket = actions.issue_ticket(session_key="s")
    assert [actions.use_ticket(ticket), actions.use_ticket(ticket), actions.use_ticket("x")] == ["s", "", ""]
    late = actions.issue_ticket(session_key="s", at=timezone.now() - timedelta(seconds=31))
    assert actions.use_ticket(late) == ""


@pytest.mark.django_db
def test_a_page_of_a_long_stream_is_read_by_the_index_of_its_numbers():
    with transaction.atomic():
        actions.append("open-1", "message.said", {})
    page = queries.entries_of("open-1").filter(seq__gt=5).order_by("seq")[:100]
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            # So few rows it would rather read one by one, or as a bitmap: the question is whether the index can.
            cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off")
    plan = page.explain().lower()
    assert "entry_seq_once" in plan or "using index" in plan
    assert "sort" not in plan, plan
    assert "b-tree for order" not in plan, plan
