"""Taking, handing back, ending and rating a talk."""

import pytest

from accounts.rules import BadInput, Conflict, NotFound, WrongStatus
from messaging import actions, queries
from messaging.models import Talk
from notices.models import Notice
from tests import make
from tests.messaging import cast

pytestmark = pytest.mark.django_db


def test_an_officer_takes_a_waiting_talk():
    dora = cast.on_duty()
    talk = cast.open_talk(holder=dora)
    assert (talk.status, talk.officer) == (Talk.Status.OPEN, dora.person)
    taken = cast.entries(talk.stream_name)[-1]
    assert (taken.kind, taken.data["name"]) == ("talk.taken", "Dora")
    assert cast.entries(talk.desk.stream_name)[-1].data == {"talk": talk.number, "what": "taken", "waiting": 0}


def test_the_second_one_gets_a_conflict():
    talk = cast.open_talk()
    with pytest.raises(Conflict):
        actions.take_talk(talk_id=talk.pk, by=cast.on_duty("emil"))


def test_nobody_takes_more_than_the_desks_limit():
    dora = cast.on_duty(at=cast.desk(limit=2))
    for number in range(2):
        cast.open_talk(by=cast.visitor(f"v{number}"), holder=dora)
    third = cast.talk(by=cast.visitor("v3"))
    with pytest.raises(Conflict) as told:
        actions.take_talk(talk_id=third.pk, by=dora)
    assert told.value.code == "at_limit"


@pytest.mark.parametrize("who", ["citizen", "visitor", "handler", "elsewhere"])
def test_only_those_who_serve_the_desk_may_take(who):
    talk = cast.talk()
    stranger = {
        "citizen": lambda: cast.citizen("chen"),
        "visitor": lambda: cast.visitor(),
        "handler": lambda: make.viewer(make.official("hugo")),
        "elsewhere": lambda: cast.on_duty("emil", cast.desk("water", unit=make.unit("water"))),
    }[who]()
    with pytest.raises(NotFound):
        actions.take_talk(talk_id=talk.pk, by=stranger)


def test_a_shift_at_another_units_desk_is_enough():
    water = cast.desk("water", unit=make.unit("water"))
    emil = cast.on_duty("emil", water)
    from messaging.models import Shift

    Shift.objects.filter(officer=emil.person).update(desk=cast.desk())
    assert actions.take_talk(talk_id=cast.talk().pk, by=emil).officer == emil.person


def test_a_citizen_who_left_the_page_is_told(settings):
    from datetime import timedelta

    from django.utils import timezone

    talk = cast.talk(by=cast.citizen(), at=timezone.now() - timedelta(minutes=5))
    actions.take_talk(talk_id=talk.pk, by=cast.on_duty())
    assert Notice.objects.filter(person=talk.citizen, kind="talk_taken", url=f"/chat/{talk.number}/").count() == 1


def test_a_citizen_who_is_there_is_not_told_twice():
    talk = cast.talk(by=cast.citizen())
    actions.take_talk(talk_id=talk.pk, by=cast.on_duty())
    assert not Notice.objects.exists()


class TestHandingBack:
    def test_it_waits_in_its_old_place(self):
        dora = cast.on_duty()
        talk = cast.open_talk(holder=dora)
        cast.talk(by=cast.visitor("later"))
        back = actions.hand_back(talk_id=talk.pk, by=dora)
        assert (back.status, back.officer, queries.queue_place(back)) == (Talk.Status.WAITING, None, 1)
        assert not queries.may_follow_talk(dora, talk.number)

    def test_the_first_joining_stays_the_measure_of_the_wait(self):
        dora = cast.on_duty()
        talk = cast.open_talk(holder=dora)
        actions.hand_back(talk_id=talk.pk, by=dora)
        again = actions.take_talk(talk_id=talk.pk, by=cast.on_duty("emil"))
        assert again.taken_at == talk.taken_at

    def test_only_the_holder_may(self):
        talk = cast.open_talk()
        with pytest.raises(NotFound):
            actions.hand_back(talk_id=talk.pk, by=cast.on_duty("emil"))


class TestEnding:
    @pytest.mark.parametrize("side", ["citizen", "officer"])
    def test_either_side_ends_it(self, side):
        dora = cast.on_duty()
        talk = cast.open_talk(holder=dora)
        ended = actions.end_talk(talk_id=talk.pk, by=dora if side == "officer" else cast.visitor())
        assert ended.status == Talk.Status.ENDED
        assert cast.entries(talk.stream_name)[-1].data == {"side": side}

    def test_it_ends_once(self):
        talk = cast.open_talk()
        actions.end_talk(talk_id=talk.pk, by=cast.visitor())
        with pytest.raises(WrongStatus):
            actions.end_talk(talk_id=talk.pk, by=cast.visitor())

    def test_leaving_the_queue_is_an_abandoned_talk(self):
        talk = cast.talk()
        assert actions.end_talk(talk_id=talk.pk, by=cast.visitor()).status == Talk.Status.ABANDONED
        assert cast.entries(talk.desk.stream_name)[-1].data["what"] == "left"

    def test_nobody_else_ends_it(self):
        talk = cast.open_talk()
        for stranger in (cast.visitor("other"), cast.citizen("chen"), cast.on_duty("emil")):
            with pytest.raises(NotFound):
                actions.end_talk(talk_id=talk.pk, by=stranger)


class TestRating:
    def ended(self):
        talk = cast.open_talk()
        return actions.end_talk(talk_id=talk.pk, by=cast.visitor())

    def test_it_is_kept_with_its_words_and_told_without_them(self):
        talk = actions.rate_talk(talk_id=self.ended().pk, by=cast.visitor(), score=4, words="Quick")
        assert (talk.rating, talk.rating_words) == (4, "Quick")
        last = cast.entries(talk.stream_name)[-1]
        assert (last.kind, last.data) == ("talk.rated", {"score": 4})

    def test_it_counts_once(self):
        talk = self.ended()
        actions.rate_talk(talk_id=talk.pk, by=cast.visitor(), score=4)
        with pytest.raises(Conflict):
            actions.rate_talk(talk_id=talk.pk, by=cast.visitor(), score=1)

    def test_not_before_the_end(self):
        talk = cast.open_talk()
        with pytest.raises(WrongStatus):
            actions.rate_talk(talk_id=talk.pk, by=cast.visitor(), score=4)

    def test_not_by_the_officer(self):
        talk = self.ended()
        with pytest.raises(NotFound):
            actions.rate_talk(talk_id=talk.pk, by=cast.on_duty(), score=5)

    @pytest.mark.parametrize("score", [0, 6, -1, 2**70, True, "5", None, 4.5])
    def test_it_refuses_what_is_no_score(self, score):
        talk = self.ended()
        with pytest.raises(BadInput):
            actions.rate_talk(talk_id=talk.pk, by=cast.visitor(), score=score)
