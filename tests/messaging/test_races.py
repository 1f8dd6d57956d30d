"""Many at once: threads with connections of their own, on the database the suite runs on."""

import threading
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, connections
from django.utils import timezone

from accounts.rules import Conflict, RuleBroken
from accounts.viewers import Viewer, person_viewer
from engagement.models import Case
from journal.models import Entry
from messaging import actions
from messaging.models import Duty, Talk
from tests.messaging import cast

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(work: list[Callable[[], Any]]) -> list[Any]:
    """Run all of `work` at the same moment; return each result or the rule that was broken."""
    results: list[Any] = [None] * len(work)
    start = threading.Barrier(len(work))

    def run(index: int) -> None:
        try:
            start.wait()
            results[index] = work[index]()
        except RuleBroken as broken:
            results[index] = broken
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=[index]) for index in range(len(work))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def broken(results: list[Any]) -> list[RuleBroken]:
    return [result for result in results if isinstance(result, RuleBroken)]


def test_of_fifty_officers_who_take_one_talk_one_wins():
    talk = cast.talk()
    officers = [cast.on_duty(f"officer-{number}") for number in range(50)]
    results = at_once([lambda by=by: actions.take_talk(talk_id=talk.pk, by=by) for by in officers])
    winners = [result for result in results if isinstance(result, Talk)]
    assert len(winners) == 1
    assert len(broken(results)) == 49
    assert all(isinstance(result, Conflict) for result in broken(results))
    assert Talk.objects.get().officer == winners[0].officer
    assert cast.kinds(talk.stream_name).count("talk.taken") == 1


def test_one_officer_who_takes_many_never_passes_the_limit():
    dora = cast.on_duty(at=cast.desk(limit=3))
    talks = [cast.talk(by=cast.visitor(f"v{number}")) for number in range(12)]
    results = at_once([lambda pk=talk.pk: actions.take_talk(talk_id=pk, by=dora) for talk in talks])
    assert len(broken(results)) == 9
    assert Talk.objects.filter(status=Talk.Status.OPEN).count() == 3


def test_assignment_by_many_processes_doubles_and_forgets_nobody():
    desk = cast.desk(automatic=True, limit=4)
    for number in range(5):
        cast.on_duty(f"officer-{number}")
    for number in range(24):
        cast.talk(by=cast.visitor(f"v{number}"))
    at_once([lambda: actions.assign_waiting(desk_id=desk.pk)] * 8)
    # Somebody who found the only row locked goes home: the sweep is what forgets nobody.
    actions.sweep_queues()
    taken = Talk.objects.filter(status=Talk.Status.OPEN)
    assert taken.count() == 20
    assert Talk.objects.filter(status=Talk.Status.WAITING).count() == 4
    for officer_id in set(taken.values_list("officer_id", flat=True)):
        assert taken.filter(officer_id=officer_id).count() == 4
    for talk in Talk.objects.all():
        assert cast.kinds(talk.stream_name).count("talk.taken") == (1 if talk.officer_id else 0)


def _counted_by_the_journal(limits: dict[int, int]) -> dict[str, int]:
    """Return how often talks were taken and ended, having seen that nobody held too many, and no two the same one."""
    held: dict[int, set[str]] = {pk: set() for pk in limits}
    holder: dict[str, int] = {}
    counted = {"taken": 0, "ended": 0}
    for entry in Entry.objects.filter(stream__name__startswith="talk-").select_related("stream").order_by("pk"):
        name = entry.stream.name
        if entry.kind == "talk.taken" or (entry.kind == "talk.transferred" and entry.data["to"] == "officer"):
            assert entry.kind == "talk.transferred" or name not in holder, "two officers at once"
            if name in holder:
                held[holder.pop(name)].discard(name)
            holder[name] = entry.data["officer"]
            held[holder[name]].add(name)
            assert len(held[holder[name]]) <= limits[holder[name]], "above a limit"
            counted["taken"] += 1
        elif entry.kind in ("talk.returned", "talk.transferred", "talk.ended"):
            held[holder.pop(name)].discard(name)
            counted["ended"] += entry.kind == "talk.ended"
    assert not holder
    return counted


def test_a_storm_of_citizens_and_officers_keeps_every_limit_and_forgets_nobody():
    """Eight officers, 48 citizens: opened, taken, handed on and back, ended, all at once, until all is done."""
    soon = timezone.now() + timedelta(minutes=30)
    desks = [cast.desk(slug, automatic=True, limit=2) for slug in ("storm-a", "storm-b")]
    officers = [cast.on_duty(f"officer-{n}", desks[n % 2], moment=soon) for n in range(8)]
    Duty.objects.filter(officer=officers[0].person).update(languages=["en"], limit=1)
    limits = {one.person.pk: 1 if one is officers[0] else 2 for one in officers}

    def ask(number: int) -> Talk:
        return cast.talk(by=cast.visitor(f"v{number}"), desk_=desks[number % 2])

    def work(by: Viewer, number: int) -> int:
        done = 0
        for turn in range(24):
            talk = Talk.objects.filter(officer=by.person, status=Talk.Status.OPEN).order_by("pk").first()
            if talk is None:
                actions.sweep_queues()
                continue
            with suppress(RuleBroken):
                if turn % 4 == 1:
                    other = officers[(number + 3) % 8].person.pk
                    actions.transfer_talk(talk_id=talk.pk, by=by, officer_id=other, note="Yours, please.")
                elif turn % 4 == 2:
                    actions.transfer_talk(talk_id=talk.pk, by=by, desk_id=desks[turn // 4 % 2].pk, note="Over there.")
                elif turn % 4 == 3:
                    actions.hand_back(talk_id=talk.pk, by=by)
                else:
                    actions.end_talk(talk_id=talk.pk, by=by)
                    done += 1
        return done

    results = at_once(
        [lambda number=number: ask(number) for number in range(48)]
        + [lambda by=by, number=number: work(by, number) for number, by in enumerate(officers)]
    )
    assert not broken(results)
    # What is left is handed out by the sweep alone, and ended, until nothing waits.
    for _round in range(30):
        actions.sweep_queues()
        for talk in Talk.objects.filter(status=Talk.Status.OPEN).select_related("officer"):
            actions.end_talk(talk_id=talk.pk, by=person_viewer(talk.officer))
        if not Talk.objects.exclude(status=Talk.Status.ENDED).exists():
            break
    assert Talk.objects.filter(status=Talk.Status.ENDED).count() == 48
    counted = _counted_by_the_journal(limits)
    assert counted["ended"] == 48
    assert counted["taken"] >= 48


def test_both_sides_who_write_at_once_are_numbered_without_gaps():
    dora = cast.on_duty()
    talk = cast.open_talk(holder=dora)
    sides = [dora, cast.visitor()]
    work = [
        lambda side=sides[number % 2], number=number: actions.say(
            viewer=side, key=talk.number, client_key=f"message-{number}", text=str(number)
        )
        for number in range(30)
    ]
    results = at_once(work)
    assert not broken(results)
    numbers = [entry.seq for entry in cast.entries(talk.stream_name)]
    assert numbers == list(range(1, 34))
    assert sorted(seq for seq, _at in results) == numbers[3:]


def test_one_key_sent_twenty_times_is_one_message():
    talk = cast.talk()
    work = [lambda: actions.say(viewer=cast.visitor(), key=talk.number, client_key="the-same-key", text="once")] * 20
    results = at_once(work)
    assert len(set(results)) == 1
    assert cast.kinds(talk.stream_name).count("message.said") == 2


def test_one_form_sent_ten_times_is_one_talk():
    desk = cast.desk()
    work = [lambda: actions.open_talk(viewer=cast.visitor(), desk_id=desk.pk, text="Hello", token="one-form")] * 10
    results = at_once(work)
    assert not broken(results)
    assert Talk.objects.count() == 1
    assert len(cast.entries(Talk.objects.get().stream_name)) == 2


def test_both_sides_who_make_a_case_at_once_make_one():
    dora = cast.on_duty()
    talk = cast.open_talk(holder=dora)
    results = at_once([lambda by=by: actions.make_case(talk_id=talk.pk, by=by) for by in [dora, cast.visitor()] * 5])
    assert not broken(results)
    assert Case.objects.count() == 1


def test_taking_and_turning_to_a_message_at_once_is_one_or_the_other():
    dora = cast.on_duty()
    for number in range(8):
        visitor = cast.visitor(f"v{number}")
        talk = cast.talk(by=visitor)
        results = at_once(
            [
                lambda talk=talk: actions.take_talk(talk_id=talk.pk, by=dora),
                lambda talk=talk, visitor=visitor: actions.turn_to_message(talk_id=talk.pk, by=visitor),
            ]
        )
        assert len(broken(results)) == 1
        talk.refresh_from_db()
        assert (talk.status == Talk.Status.MESSAGE) == (talk.officer_id is None) == (talk.case_id is not None)
        if talk.officer_id:
            actions.end_talk(talk_id=talk.pk, by=dora)


def test_ending_while_the_other_side_writes_loses_nothing_that_was_answered():
    dora = cast.on_duty()
    talk = cast.open_talk(holder=dora)
    work: list[Callable[[], Any]] = [lambda: actions.end_talk(talk_id=talk.pk, by=dora)]
    work += [
        lambda number=number: actions.say(
            viewer=cast.visitor(), key=talk.number, client_key=f"message-{number}", text=str(number)
        )
        for number in range(10)
    ]
    results = at_once(work)
    acked = [result for result in results[1:] if isinstance(result, tuple)]
    kinds = cast.kinds(talk.stream_name)
    assert kinds.count("message.said") == 1 + len(acked)
    assert kinds[-1] == "talk.ended"
    assert connection.vendor in ("sqlite", "postgresql")
