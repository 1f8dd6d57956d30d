"""Duty, presence, the worker's sweep and fair assignment."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import Post
from accounts.rules import BadInput, NotFound
from messaging import actions, queries
from messaging.models import Desk, Duty, Shift, Talk
from tests import make
from tests.messaging import cast

pytestmark = pytest.mark.django_db


def status(talk):
    return Talk.objects.get(pk=talk.pk).status


class TestDuty:
    def test_it_is_told_to_the_desks(self):
        dora = cast.on_duty()
        actions.set_duty(by=dora, state="busy")
        last = cast.entries(cast.desk().stream_name)[-1]
        assert (last.kind, last.data) == ("duty.changed", {"officer": dora.person.pk, "state": "busy"})

    def test_saying_the_same_again_tells_nobody(self):
        dora = cast.on_duty()
        actions.set_duty(by=dora, state="on")
        assert not cast.entries(cast.desk().stream_name)

    @pytest.mark.parametrize("state", ["", "off", None, "ON", "\0"])
    def test_it_refuses_what_is_no_state(self, state):
        with pytest.raises(BadInput):
            actions.set_duty(by=cast.on_duty(), state=state)

    def test_only_duty_officers_have_it(self):
        for stranger in (cast.citizen(), cast.visitor(), make.viewer(make.official("hugo"))):
            with pytest.raises(NotFound):
                actions.set_duty(by=stranger, state="on")
            assert actions.heartbeat(viewer=stranger) is None
        assert not Duty.objects.exists()

    def test_a_page_that_comes_back_is_news(self):
        now = timezone.now()
        dora = cast.on_duty(moment=now - timedelta(minutes=2))
        actions.heartbeat(viewer=dora, at=now)
        actions.heartbeat(viewer=dora, at=now + timedelta(seconds=15))
        assert cast.kinds(cast.desk().stream_name) == ["duty.changed"]


class TestTheTruthAboutADesk:
    def test_nobody_rostered_is_closed_and_says_when_it_opens(self):
        now = timezone.now()
        desk = cast.desk()
        opens = now + timedelta(hours=3)
        Shift.objects.create(desk=desk, officer=cast.officer(), starts_at=opens, ends_at=opens + timedelta(hours=4))
        state = queries.desk_state(desk, now)
        assert (state.open, state.on_duty, state.opens_at) == (False, 0, opens)

    @pytest.mark.parametrize(("what", "there"), [("on", 1), ("busy", 1), ("away", 0), ("silent", 0), ("post ended", 0)])
    def test_it_counts_only_who_is_really_there(self, what, there):
        now = timezone.now()
        dora = cast.on_duty(moment=now)
        if what in Duty.State.values:
            Duty.objects.update(state=what)
        if what == "silent":
            now += timedelta(seconds=46)
        if what == "post ended":
            Post.objects.filter(person=dora.person).update(until=now)
        state = queries.desk_state(cast.desk(), now)
        assert (state.open, state.on_duty) == (True, there)

    def test_there_is_no_figure_until_three_talks_have_been_taken(self):
        now = timezone.now()
        dora = cast.on_duty(at=cast.desk(limit=9))
        for number, waited in enumerate((60, 120, 600)):
            assert queries.desk_state(cast.desk(), now).wait_seconds is None
            talk = cast.talk(by=cast.visitor(f"v{number}"), at=now - timedelta(seconds=waited))
            actions.take_talk(talk_id=talk.pk, by=dora, at=now)
        state = queries.desk_state(cast.desk(), now)
        assert (state.wait_seconds, state.wait_minutes) == (120, 2)

    def test_the_wait_is_that_of_the_place_once_nobody_is_free(self):
        now = timezone.now()
        dora = cast.on_duty(at=cast.desk(limit=2), moment=now)
        for number in range(5):
            begun = now - timedelta(minutes=60 - number)
            talk = cast.talk(by=cast.visitor(f"v{number}"), at=begun)
            actions.take_talk(talk_id=talk.pk, by=dora, at=begun + timedelta(seconds=40))
            if number < 3:
                actions.end_talk(talk_id=talk.pk, by=dora, at=begun + timedelta(seconds=640))
        state = queries.desk_state(cast.desk(), now)
        # Talks took ten minutes, and two go on at once: one ends every five minutes.
        assert (state.free, state.pace_seconds) == (0, 300)
        assert [state.wait_at(place) for place in (1, 2, 6)] == [5, 10, 30]
        cast.talk(by=cast.visitor("waits"), at=now)
        assert queries.desk_state(cast.desk(), now).wait_minutes == 10, "who comes now is second"
        cast.on_duty("emil", moment=now)
        assert queries.desk_state(cast.desk(), now).wait_minutes == 1, "Emil is free"

    def test_the_place_in_the_queue_is_by_time(self):
        now = timezone.now()
        second = cast.talk(by=cast.visitor("b"), at=now)
        first = cast.talk(by=cast.visitor("a"), at=now - timedelta(minutes=1))
        assert (queries.queue_place(first), queries.queue_place(second)) == (1, 2)

    def test_fifty_desks_cost_as_many_queries_as_one(self, django_assert_num_queries):
        some = [cast.desk(f"desk-{number}") for number in range(50)]
        with django_assert_num_queries(4):
            queries.desk_states(some[:1])
        with django_assert_num_queries(4):
            queries.desk_states(some)

    def test_a_queue_row_never_shows_the_words(self):
        cast.talk(text="CANARY")
        (row,) = queries.queue_rows([cast.desk()])
        assert "CANARY" not in repr(row)


class TestSweep:
    def test_a_silent_opener_loses_the_place_after_long(self, settings):
        now = timezone.now()
        kept = timedelta(minutes=settings.CHAT_PLACE_KEPT_MINUTES)
        gone, here = cast.talk(by=cast.visitor("gone"), at=now - kept - timedelta(seconds=1)), cast.talk()
        actions.sweep_queues(at=now)
        assert (status(gone), status(here)) == (Talk.Status.ABANDONED, Talk.Status.WAITING)
        assert cast.entries(gone.stream_name)[-1].data == {"reason": "gone"}

    def test_asking_for_the_page_keeps_the_place(self, settings):
        now = timezone.now()
        talk = cast.talk(at=now - timedelta(minutes=settings.CHAT_PLACE_KEPT_MINUTES + 5))
        actions.note_presence(talk_id=talk.pk, by=cast.visitor("other"), at=now)
        assert Talk.objects.get().seen_at == talk.seen_at
        actions.note_presence(talk_id=talk.pk, by=cast.visitor(), at=now)
        actions.sweep_queues(at=now)
        assert status(talk) == Talk.Status.WAITING

    @pytest.mark.parametrize("how", ["silent", "post ended"])
    def test_a_lost_officers_talk_waits_again(self, how):
        now = timezone.now()
        dora = cast.on_duty(moment=now)
        talk = cast.open_talk(holder=dora)
        if how == "silent":
            now += timedelta(minutes=4)
        else:
            Post.objects.filter(person=dora.person).update(until=now)
        Talk.objects.update(seen_at=now)
        actions.sweep_queues(at=now)
        assert status(talk) == Talk.Status.WAITING
        assert "talk.returned" in cast.kinds(talk.stream_name)

    def test_an_officer_who_is_there_keeps_the_talk(self):
        talk = cast.open_talk()
        actions.sweep_queues()
        assert status(talk) == Talk.Status.OPEN

    def test_whoever_nobody_is_left_for_is_offered_a_message_once(self):
        talk = cast.talk()
        actions.sweep_queues()
        actions.sweep_queues()
        assert cast.kinds(talk.stream_name).count("talk.message_offered") == 1

    def test_it_is_offered_again_when_an_officer_came_and_was_lost(self):
        now = timezone.now()
        talk = cast.talk(at=now)
        actions.sweep_queues(at=now)
        actions.take_talk(talk_id=talk.pk, by=cast.on_duty(moment=now), at=now)
        actions.sweep_queues(at=now + timedelta(minutes=4))
        told = [kind for kind in cast.kinds(talk.stream_name) if kind != "message.said"]
        assert told == ["talk.opened", "talk.message_offered", "talk.taken", "talk.returned", "talk.message_offered"]

    def test_nothing_is_offered_while_somebody_is_on_duty(self):
        cast.on_duty()
        talk = cast.talk()
        assert actions.sweep_queues() == 0
        assert cast.kinds(talk.stream_name) == ["talk.opened", "message.said"]


class TestAssignment:
    def test_the_longest_waiting_goes_to_whoever_holds_the_fewest(self):
        now = timezone.now()
        desk = cast.desk(automatic=True)
        dora, emil = cast.on_duty("dora"), cast.on_duty("emil")
        taken = cast.talk(by=cast.visitor("x"))
        actions.take_talk(talk_id=taken.pk, by=dora)
        late, early = (
            cast.talk(by=cast.visitor("b"), at=now),
            cast.talk(by=cast.visitor("a"), at=now - timedelta(hours=1)),
        )
        Talk.objects.filter(pk=late.pk).update(status=Talk.Status.ABANDONED)
        assert actions.assign_waiting(desk_id=desk.pk) == 1
        assert Talk.objects.get(pk=early.pk).officer == emil.person

    def test_it_shares_out_evenly_and_stops_at_the_limit(self):
        desk = cast.desk(automatic=True, limit=2)
        officers = [cast.on_duty(name) for name in ("dora", "emil")]
        for number in range(6):
            cast.talk(by=cast.visitor(f"v{number}"))
        assert actions.assign_waiting(desk_id=desk.pk) == 4
        held = [Talk.objects.filter(officer=one.person).count() for one in officers]
        assert held == [2, 2]
        assert Talk.objects.filter(status=Talk.Status.WAITING).count() == 2

    @pytest.mark.parametrize("what", ["busy", "away", "silent", "no shift"])
    def test_it_gives_nothing_to_whoever_is_not_free(self, what):
        desk = cast.desk(automatic=True)
        cast.on_duty()
        if what in Duty.State.values:
            Duty.objects.update(state=what)
        elif what == "silent":
            Duty.objects.update(seen_at=timezone.now() - timedelta(seconds=50))
        else:
            Shift.objects.all().delete()
        cast.talk()
        assert actions.assign_waiting(desk_id=desk.pk) == 0

    def test_a_desk_without_it_leaves_the_taking_to_officers(self):
        cast.on_duty()
        cast.talk()
        assert actions.assign_waiting(desk_id=cast.desk().pk) == 0

    def test_the_queue_drains_when_somebody_ends_comes_or_asks(self, django_capture_on_commit_callbacks):
        desk = cast.desk(automatic=True, limit=1)
        dora = cast.on_duty()
        with django_capture_on_commit_callbacks(execute=True):
            first = cast.talk(by=cast.visitor("a"))
        assert status(first) == Talk.Status.OPEN
        with django_capture_on_commit_callbacks(execute=True):
            second, third = cast.talk(by=cast.visitor("b")), cast.talk(by=cast.visitor("c"))
        assert status(second) == Talk.Status.WAITING
        with django_capture_on_commit_callbacks(execute=True):
            actions.end_talk(talk_id=first.pk, by=dora)
        assert (status(second), status(third)) == (Talk.Status.OPEN, Talk.Status.WAITING)
        emil = cast.on_duty("emil", desk)
        Duty.objects.filter(officer=emil.person).update(state=Duty.State.AWAY)
        with django_capture_on_commit_callbacks(execute=True):
            actions.set_duty(by=emil, state="on")
        assert status(third) == Talk.Status.OPEN

    def test_the_sweep_forgets_nobody(self):
        Desk.objects.filter(pk=cast.desk(automatic=True).pk)
        cast.on_duty()
        talk = cast.talk()
        actions.sweep_queues()
        assert status(talk) == Talk.Status.OPEN
