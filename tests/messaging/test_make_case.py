"""A talk becomes a case: the same thread, the same clock."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import Role
from accounts.rules import BadInput, Conflict, NotFound, WrongStatus
from accounts.viewers import Viewer
from engagement.actions import open_with_code
from engagement.models import Case
from engagement.queries import visible_to as cases_visible_to
from journal.models import Entry
from messaging import actions, queries
from messaging.models import Talk
from tests import make
from tests.messaging import cast

pytestmark = pytest.mark.django_db


def test_one_click_of_the_officer_makes_a_case_of_the_citizen():
    dora = cast.on_duty()
    talk = cast.open_talk(by=cast.citizen("wang"), holder=dora)
    case = actions.make_case(talk_id=talk.pk, by=dora)
    assert (case.citizen, case.channel, case.kind) == (make.person("wang"), "chat", "enquiry")
    assert case.title == "The lift is stuck."
    assert Talk.objects.get(pk=talk.pk).case == case
    last = cast.entries(talk.stream_name)[-1]
    assert (last.kind, last.data) == ("talk.became_case", {"case": case.number, "side": "officer"})


def test_the_clock_began_when_the_talk_was_asked_for():
    asked = timezone.now() - timedelta(minutes=20)
    dora = cast.on_duty()
    talk = cast.talk(at=asked)
    actions.take_talk(talk_id=talk.pk, by=dora)
    assert actions.make_case(talk_id=talk.pk, by=dora).received_at == asked


def test_the_thread_comes_along():
    dora = cast.on_duty()
    talk = cast.open_talk(holder=dora)
    actions.say(viewer=dora, key=talk.number, client_key="key-of-dora", text="Which house?")
    actions.say(viewer=cast.visitor(), key=talk.number, client_key="key-of-citizen", text="Number 7")
    case = actions.make_case(talk_id=talk.pk, by=dora)
    assert [line.text for line in queries.thread_of_case(case)] == ["The lift is stuck.", "Which house?", "Number 7"]
    assert case.text == "The lift is stuck.\n\nNumber 7"


def test_a_long_thread_comes_along_from_its_first_word():
    talk = cast.open_talk()
    for number in range(120):
        actions.say(viewer=cast.visitor(), key=talk.number, client_key=f"key-{number:05}", text=f"word {number}")
    case = actions.make_case(talk_id=talk.pk, by=cast.visitor())
    said = [line.text for line in queries.thread_of_case(case)]
    assert (len(said), said[0], said[-1]) == (121, "The lift is stuck.", "word 119")


def test_what_is_said_afterwards_is_in_the_thread_too():
    dora = cast.on_duty()
    talk = cast.open_talk(holder=dora)
    case = actions.make_case(talk_id=talk.pk, by=dora)
    actions.say(viewer=cast.visitor(), key=talk.number, client_key="afterwards", text="Thank you")
    assert queries.thread_of_case(case)[-1].text == "Thank you"


def test_a_second_click_gives_the_same_case():
    dora = cast.on_duty()
    talk = cast.open_talk(holder=dora)
    first = actions.make_case(talk_id=talk.pk, by=dora)
    assert actions.make_case(talk_id=talk.pk, by=cast.visitor()) == first
    assert Case.objects.count() == 1


def test_the_opener_gets_the_code_once_and_no_entry_ever_holds_it():
    dora = cast.on_duty()
    talk = cast.open_talk(holder=dora)
    case = actions.make_case(talk_id=talk.pk, by=dora)
    with pytest.raises(NotFound):
        actions.claim_code(talk_id=talk.pk, by=dora)
    _case, code = actions.claim_code(talk_id=talk.pk, by=cast.visitor())
    assert code is not None
    assert open_with_code(number=case.number, code=code) == case
    assert actions.claim_code(talk_id=talk.pk, by=cast.visitor()) == (case, None)
    assert Talk.objects.get(pk=talk.pk).claim is None
    assert not any(code in str(entry.data) for entry in Entry.objects.all())


def test_the_talks_number_does_not_give_the_code_away():
    from engagement.actions import file_case

    dora = cast.on_duty()
    talk = cast.open_talk(holder=dora)
    case = actions.make_case(talk_id=talk.pk, by=dora)
    for token in (talk.number, talk.stream_name, str(talk.pk)):
        filed = file_case(
            viewer=cast.visitor("thief"),
            kind="enquiry",
            title="x",
            text="x",
            channel="form",
            language="en",
            token=token,
        )
        assert filed.case != case


def test_a_visitors_case_is_read_by_the_grant_only():
    talk = cast.open_talk()
    case = actions.make_case(talk_id=talk.pk, by=cast.visitor())
    assert case.citizen is None
    assert not cases_visible_to(cast.visitor()).exists()
    assert cases_visible_to(Viewer(grants=frozenset({case.stream_name}))).get() == case


def test_the_officer_chooses_kind_and_title():
    dora = cast.on_duty()
    talk = cast.open_talk(holder=dora)
    case = actions.make_case(talk_id=talk.pk, by=dora, kind="complaint", title="Lift of house 7")
    assert (case.kind, case.title) == ("complaint", "Lift of house 7")


@pytest.mark.parametrize("wrong", [{"kind": "nonsense"}, {"title": "x" * 201}, {"title": "\0"}])
def test_it_refuses_what_makes_no_sense_and_changes_nothing(wrong):
    dora = cast.on_duty()
    talk = cast.open_talk(holder=dora)
    with pytest.raises(BadInput):
        actions.make_case(talk_id=talk.pk, by=dora, **wrong)
    assert Talk.objects.get(pk=talk.pk).case is None
    assert not Case.objects.exists()


def test_nobody_else_makes_a_case():
    talk = cast.open_talk()
    for stranger in (cast.visitor("other"), cast.citizen("chen"), cast.on_duty("emil")):
        with pytest.raises(NotFound):
            actions.make_case(talk_id=talk.pk, by=stranger)


def test_a_waiting_talk_is_no_case_yet():
    talk = cast.talk()
    with pytest.raises(WrongStatus):
        actions.make_case(talk_id=talk.pk, by=cast.visitor())


def test_intake_begins_at_the_desks_unit_where_somebody_does_it():
    dora = cast.on_duty()
    make.official("ines", Role.INTAKE_OFFICER)
    talk = cast.open_talk(holder=dora)
    case = actions.make_case(talk_id=talk.pk, by=dora)
    assert case in cases_visible_to(make.viewer(make.person("ines")))


class TestMessages:
    def test_one_left_at_a_closed_desk_becomes_a_case_at_once(self):
        contact = {"email": "wang@example.org", "wants": "email"}
        talk = actions.leave_message(viewer=cast.visitor(), desk_id=cast.desk().pk, text="No water", contact=contact)
        assert talk.status == Talk.Status.MESSAGE
        assert talk.case is not None
        assert (talk.case.text, talk.case.received_at) == ("No water", talk.requested_at)
        assert cast.kinds(talk.stream_name) == [
            "talk.opened",
            "message.said",
            "talk.became_message",
            "talk.became_case",
        ]

    def test_the_same_form_twice_gives_one_case(self):
        first = actions.leave_message(viewer=cast.visitor(), desk_id=cast.desk().pk, text="No water", token="form-1")
        again = actions.leave_message(viewer=cast.visitor(), desk_id=cast.desk().pk, text="No water", token="form-1")
        assert again.pk == first.pk
        assert Case.objects.count() == 1

    def test_a_wrong_contact_leaves_nothing_behind(self):
        with pytest.raises(BadInput):
            actions.leave_message(
                viewer=cast.visitor(), desk_id=cast.desk().pk, text="x", contact={"email": "nonsense", "wants": "email"}
            )
        assert not Talk.objects.exists()

    @pytest.mark.parametrize("status", [Talk.Status.WAITING, Talk.Status.ABANDONED])
    def test_whoever_waited_in_vain_can_turn_to_it(self, status):
        talk = cast.talk()
        Talk.objects.filter(pk=talk.pk).update(status=status)
        talk = actions.turn_to_message(talk_id=talk.pk, by=cast.visitor())
        assert talk.status == Talk.Status.MESSAGE
        assert talk.case is not None
        assert talk.case.received_at == talk.requested_at

    def test_twice_is_once(self):
        talk = cast.talk()
        actions.turn_to_message(talk_id=talk.pk, by=cast.visitor())
        actions.turn_to_message(talk_id=talk.pk, by=cast.visitor())
        assert Case.objects.count() == 1

    def test_not_once_an_officer_has_come(self):
        talk = cast.open_talk()
        with pytest.raises(WrongStatus):
            actions.turn_to_message(talk_id=talk.pk, by=cast.visitor())
        with pytest.raises(NotFound):
            actions.turn_to_message(talk_id=talk.pk, by=cast.visitor("other"))

    def test_a_message_is_taken_by_nobody(self):
        talk = cast.talk()
        actions.turn_to_message(talk_id=talk.pk, by=cast.visitor())
        with pytest.raises(Conflict):
            actions.take_talk(talk_id=talk.pk, by=cast.on_duty())
