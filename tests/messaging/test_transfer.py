"""A talk is handed over to an officer, a desk or a unit, with a note and its history."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.rules import BadInput, Conflict, NotFound, WrongStatus
from messaging import actions, queries
from messaging.models import Duty, Talk
from notices.models import Notice
from tests import make
from tests.messaging import cast

pytestmark = pytest.mark.django_db


def test_an_officer_who_is_there_gets_it_with_the_note():
    dora, emil = cast.on_duty("dora"), cast.on_duty("emil")
    talk = cast.open_talk(holder=dora)
    actions.transfer_talk(talk_id=talk.pk, by=dora, officer_id=emil.person.pk, note="Knows the lifts.")
    talk.refresh_from_db()
    assert (talk.officer, talk.status) == (emil.person, Talk.Status.OPEN)
    assert queries.may_follow_talk(emil, talk.number)
    assert not queries.may_follow_talk(dora, talk.number)
    told = cast.entries(talk.stream_name)[-1]
    assert (told.kind, told.data["to"], told.data["name"]) == ("talk.transferred", "officer", str(emil.person))
    assert "Knows the lifts." not in str([entry.data for entry in cast.entries(talk.stream_name)])
    note = cast.entries(talk.aside_name)[0]
    assert (note.kind, note.data["text"], note.by) == ("aside.handed_over", "Knows the lifts.", dora.person)
    assert note.data["name"] == str(dora.person), "whoever takes it sees who wrote it"
    assert [entry.data["text"] for entry in queries.asides_of(talk)] == ["Knows the lifts."]
    assert [entry.kind for entry in queries.way_of(talk)] == [
        "talk.opened", "talk.taken", "aside.handed_over", "talk.transferred",
    ]  # fmt: skip


def test_at_another_desk_it_waits_in_its_old_place_and_both_desks_hear():
    now = timezone.now()
    water = cast.desk("water", unit=make.unit("water"))
    dora, emil = cast.on_duty("dora"), cast.on_duty("emil", water)
    cast.talk(by=cast.visitor("later"), desk_=water, at=now)
    talk = cast.talk(at=now - timedelta(minutes=5))
    actions.take_talk(talk_id=talk.pk, by=dora)
    actions.transfer_talk(talk_id=talk.pk, by=dora, desk_id=water.pk, note="A pipe.")
    talk.refresh_from_db()
    assert (talk.desk, talk.status, talk.officer) == (water, Talk.Status.WAITING, None)
    assert queries.queue_place(talk) == 1
    for desk in (cast.desk(), water):
        assert cast.entries(desk.stream_name)[-1].data["what"] == "transferred"
    actions.take_talk(talk_id=talk.pk, by=emil)
    assert queries.may_follow_aside(emil, talk.number)
    assert not queries.may_follow_aside(cast.visitor(), talk.number)


def test_of_a_units_desks_the_one_that_answers_soonest_is_chosen():
    water = make.unit("water")
    busy, calm, empty = (cast.desk(slug, unit=water) for slug in ("w-busy", "w-calm", "w-empty"))
    dora = cast.on_duty("dora")
    cast.on_duty("emil", busy), cast.on_duty("finn", calm)
    cast.talk(by=cast.visitor("x"), desk_=busy)
    talk = cast.open_talk(holder=dora)
    found = queries.receivers(talk)
    assert [unit.pk for unit in found.units] == [water.pk]
    assert {desk.pk for desk, _state in found.desks} == {busy.pk, calm.pk}
    actions.transfer_talk(talk_id=talk.pk, by=dora, unit_id=water.pk, note="Yours.")
    talk.refresh_from_db()
    assert talk.desk == calm
    assert empty.talks.count() == 0


def test_nobody_is_sent_where_nobody_is_or_above_a_limit():
    water = cast.desk("water", unit=make.unit("water"), limit=1)
    dora, emil = cast.on_duty("dora"), cast.on_duty("emil", water)
    talk = cast.open_talk(holder=dora)
    full = cast.talk(by=cast.visitor("x"), desk_=water)
    actions.take_talk(talk_id=full.pk, by=emil)
    with pytest.raises(Conflict) as at_limit:
        actions.transfer_talk(talk_id=talk.pk, by=dora, officer_id=emil.person.pk, note="Please.")
    assert at_limit.value.code == "at_limit"
    Duty.objects.filter(officer=emil.person).update(state=Duty.State.AWAY)
    for target, code in (({"officer_id": emil.person.pk}, "absent"), ({"desk_id": water.pk}, "unmanned")):
        with pytest.raises(Conflict) as refused:
            actions.transfer_talk(talk_id=talk.pk, by=dora, note="Please.", **target)
        assert refused.value.code == code
    assert Talk.objects.get(pk=talk.pk).officer == dora.person


def test_it_refuses_everybody_else_and_what_is_no_target():
    dora, emil = cast.on_duty("dora"), cast.on_duty("emil")
    talk = cast.open_talk(holder=dora)
    to = {"officer_id": emil.person.pk, "note": "Please."}
    for other in (emil, cast.visitor(), cast.citizen()):
        with pytest.raises(NotFound):
            actions.transfer_talk(talk_id=talk.pk, by=other, **to)
    for wrong in ({}, {**to, "desk_id": cast.desk().pk}, {**to, "note": " "}, {**to, "note": "x\0y"}):
        with pytest.raises(BadInput):
            actions.transfer_talk(talk_id=talk.pk, by=dora, **{"note": "Please.", **wrong})
    for nobody in ({"officer_id": 999999}, {"desk_id": 999999}, {"unit_id": 999999}):
        with pytest.raises(NotFound):
            actions.transfer_talk(talk_id=talk.pk, by=dora, note="Please.", **nobody)
    actions.end_talk(talk_id=talk.pk, by=dora)
    with pytest.raises(WrongStatus):
        actions.transfer_talk(talk_id=talk.pk, by=dora, **to)


class TestGuests:
    def test_a_units_officer_is_asked_joins_speaks_and_goes_seen_by_all(self):
        dora = cast.on_duty("dora")
        hugo = make.viewer(make.official("hugo", at=make.unit("water")))
        talk = cast.open_talk(holder=dora)
        asked = {"talk_id": talk.pk, "by": dora, "person_id": hugo.person.pk, "unit_id": make.unit("water").pk}
        guest = actions.invite_guest(**asked)
        assert actions.invite_guest(**asked) == guest
        assert Notice.objects.get(person=hugo.person).url == f"/beside/{talk.number}/"
        assert [one.talk for one in queries.invitations_of(hugo)] == [talk]
        assert not queries.may_follow_talk(hugo, talk.number)
        actions.join_talk(talk_id=talk.pk, by=hugo)
        actions.join_talk(talk_id=talk.pk, by=hugo)
        assert queries.may_follow_talk(hugo, talk.number)
        assert not queries.may_follow_aside(hugo, talk.number)
        actions.say(viewer=hugo, key=talk.number, client_key="key-number-1", text="It is fixed by six.")
        said = cast.entries(talk.stream_name)[-1]
        assert (said.data["side"], said.data["name"]) == ("guest", str(hugo.person))
        actions.leave_talk(talk_id=talk.pk, by=hugo)
        assert not queries.may_follow_talk(hugo, talk.number)
        kinds = cast.kinds(talk.stream_name)
        assert kinds[3:] == ["talk.invited", "talk.joined", "message.said", "talk.left"]
        with pytest.raises(NotFound):
            actions.say(viewer=hugo, key=talk.number, client_key="key-number-2", text="More.")

    def test_a_guest_neither_ends_hands_over_nor_makes_a_case_and_is_out_when_it_ends(self):
        dora = cast.on_duty("dora")
        hugo = make.viewer(make.official("hugo"))
        talk = cast.open_talk(holder=dora)
        actions.invite_guest(talk_id=talk.pk, by=dora, person_id=hugo.person.pk, unit_id=make.unit().pk)
        actions.join_talk(talk_id=talk.pk, by=hugo)
        for act in (actions.end_talk, actions.hand_back, actions.make_case):
            with pytest.raises(NotFound):
                act(talk_id=talk.pk, by=hugo)
        with pytest.raises(NotFound):
            actions.whisper(viewer=hugo, key=talk.number, client_key="key-number-1", text="Psst.")
        actions.end_talk(talk_id=talk.pk, by=dora)
        assert not queries.may_follow_talk(hugo, talk.number)
        assert queries.invitations_of(hugo) == []

    def test_only_the_holder_asks_and_only_officials(self):
        dora, emil = cast.on_duty("dora"), cast.on_duty("emil")
        talk = cast.open_talk(holder=dora)
        hugo = make.official("hugo")
        for by in (emil, cast.visitor()):
            with pytest.raises(NotFound):
                actions.invite_guest(talk_id=talk.pk, by=by, person_id=hugo.pk, unit_id=make.unit().pk)
        for person, unit in ((make.person("chen"), make.unit()), (hugo, make.unit("water"))):
            with pytest.raises(NotFound):
                actions.invite_guest(talk_id=talk.pk, by=dora, person_id=person.pk, unit_id=unit.pk)
        with pytest.raises(NotFound):
            actions.join_talk(talk_id=talk.pk, by=make.viewer(hugo))
        guest = actions.invite_guest(talk_id=talk.pk, by=dora, person_id=hugo.pk, unit_id=make.unit().pk)
        actions.show_out(talk_id=talk.pk, by=dora, guest_id=guest.pk)
        with pytest.raises(NotFound):
            actions.join_talk(talk_id=talk.pk, by=make.viewer(hugo))
