"""An official asks the citizen of a case now: only who works on it, only somebody who is there, only once."""

from datetime import timedelta

import pytest

from accounts.rules import NotFound, WrongStatus
from accounts.viewers import Viewer
from engagement.actions import load_processes
from messaging import actions, queries
from messaging.models import Talk
from notices.models import Notice
from tests import make
from tests.engagement import cast as cases
from tests.messaging import cast
from tests.messaging.test_duty_page import client_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def office():
    """The office of cases, with a desk."""
    load_processes()
    cast.desk(unit=make.unit())
    return cases.office()


def ask(case, by, text="Which entrance is it?", token="form-1", **more):
    return actions.ask_now(case_id=case.pk, by=by, text=text, token=token, **more)


def test_a_citizen_who_is_there_is_asked_at_once_and_answers(office, client):
    case = cases.case_at("signed", office)
    with pytest.raises(WrongStatus):
        ask(case, office.hana)
    actions.note_readers([office.wang])
    assert queries.way_to_ask(case, office.hana).here
    talk = ask(case, office.hana)
    assert ask(case, office.hana).pk == talk.pk
    assert (talk.status, talk.asked, talk.case_id, talk.citizen) == ("open", True, case.pk, office.wang.person)
    assert cast.kinds(talk.stream_name) == ["talk.asked", "message.said"]
    called = cast.entries(case.stream_name)[-1]
    assert (called.kind, called.data["url"]) == ("case.called", f"/chat/{talk.number}/")
    assert Notice.objects.get(kind="talk_asked").url == called.data["url"]
    assert queries.unread_of(office.wang).count == 1
    actions.say(viewer=office.wang, key=talk.number, client_key="answer-1", text="The second one.")
    assert queries.unread_of(office.hana).count == 1
    client.force_login(office.hana.person, backend="accounts.backends.PersonBackend")
    page = client.get(f"/chat/{talk.number}/").content.decode()
    assert 'data-side="officer"' in page
    assert "The second one." in page
    assert client.get("/chat/unread/").json()["url"] == f"/chat/{talk.number}/"
    assert client.get(f"/chat/ask/{case.number}/").status_code == 200
    assert client.post(f"/chat/{talk.number}/end/").status_code == 302
    assert Talk.objects.get(pk=talk.pk).status == "ended"


def test_who_holds_only_the_code_is_asked_too(office):
    filed = cases.letter(Viewer(visitor="v", language="en"))
    coded = Viewer(grants=frozenset({filed.case.stream_name}))
    actions.note_readers([coded])
    talk = ask(filed.case, office.ida)
    actions.say(viewer=coded, key=talk.number, client_key="answer-1", text="Here I am.")
    assert queries.unread_of(office.ida).count == 1
    assert queries.unread_of(coded).count == 1
    with pytest.raises(NotFound):
        queries.talk_for(cast.visitor(), talk.number)


def test_only_who_works_on_the_case_asks_and_never_about_a_report(office):
    case = cases.case_at("signed", office)
    actions.note_readers([office.wang])
    for stranger in (office.wang, office.walt, office.sven, office.adam, office.lin, cast.on_duty(), Viewer()):
        with pytest.raises(NotFound):
            ask(case, stranger)
        assert queries.way_to_ask(case, stranger) is None
    iris, _ivan = cases.integrity()
    report = cases.letter(office.wang, kind="report").case
    assert queries.way_to_ask(report, iris) is None
    assert not Talk.objects.exists()


def test_it_needs_no_duty_is_no_part_of_the_queue_and_ends_when_the_citizen_leaves(office, settings):
    case = cases.case_at("signed", office)
    actions.note_readers([office.wang])
    talk = ask(case, office.hana)
    with pytest.raises(WrongStatus):
        actions.hand_back(talk_id=talk.pk, by=office.hana)
    soon = talk.taken_at + timedelta(minutes=settings.CHAT_OFFICER_GONE_MINUTES + 1)
    actions.sweep_queues(soon)
    assert Talk.objects.get(pk=talk.pk).status == "open"
    actions.sweep_queues(talk.taken_at + timedelta(minutes=settings.CHAT_PLACE_KEPT_MINUTES + 1))
    assert Talk.objects.get(pk=talk.pk).status == "ended"


def test_counts_are_of_one_reader_whatever_tab_or_device(office):
    dora = cast.on_duty()
    talk = cast.open_talk(by=office.wang, holder=dora)
    actions.say(viewer=dora, key=talk.number, client_key="question-1", text="Which house?")
    actions.say(viewer=dora, key=talk.number, client_key="question-2", text="And which floor?")
    before = queries.unread_of(office.wang)
    assert (before.count, before.talk) == (2, talk.number)
    assert {talk.stream_name, f"person-{office.wang.person.pk}"} <= set(before.streams)
    actions.mark_read(viewer=office.wang, key=talk.number, seq=before.streams[talk.stream_name])
    assert queries.unread_of(make.viewer(office.wang.person)).count == 0
    assert queries.unread_of(dora).count == 1
    assert queries.unread_of(Viewer()).count == 0


def test_an_officer_finds_a_past_talk_by_what_was_said_and_nobody_else_does(office, client):
    dora, emil = cast.on_duty(), cast.on_duty("emil")
    cases.integrity()
    talk = cast.open_talk(by=office.wang, holder=dora)
    seq = actions.say(viewer=office.wang, key=talk.number, client_key="secret-1", text="my number is 8848")[0]
    actions.say(viewer=dora, key=talk.number, client_key="answer-1", text="Please ring the caretaker 王师傅")
    actions.change_words(viewer=office.wang, key=talk.number, client_key="change-1", seq=seq, text=None)
    assert queries.past_talks(dora) == []
    actions.end_talk(talk_id=talk.pk, by=dora)
    assert queries.past_talks(dora, "caretaker 王师傅") == [talk]
    assert queries.past_talks(dora, "8848") == []
    assert queries.past_talks(emil, "caretaker") == []
    client.force_login(dora.person, backend="accounts.backends.PersonBackend")
    assert talk.number in client.get("/duty/archive/?q=caretaker").content.decode()
    assert talk.number not in client.get("/duty/archive/?q=8848").content.decode()
    assert talk.number not in client.get("/search/?q=caretaker").content.decode()
    actions.make_case(talk_id=talk.pk, by=dora, kind="report")
    assert queries.past_talks(dora, "caretaker") == []


def test_both_sides_find_the_talk_on_their_page_of_the_case_and_only_the_citizen_rates_it(office):
    case = cases.case_at("signed", office)
    actions.note_readers([office.wang])
    citizen, official = client_of(office.wang.person), client_of(office.hana.person)
    waits, rate = "waiting to talk to you", "Did this help you?"
    assert waits not in citizen.get(f"/cases/{case.number}/").content.decode()
    talk = ask(case, office.hana)
    assert waits in citizen.get(f"/cases/{case.number}/").content.decode()
    assert f"/chat/{talk.number}/" in official.get(f"/work/{case.number}/").content.decode()
    actions.end_talk(talk_id=talk.pk, by=office.hana)
    assert waits not in citizen.get(f"/cases/{case.number}/").content.decode()
    shown = official.get(f"/chat/{talk.number}/").content.decode()
    assert f"/work/{case.number}/" in shown
    assert rate not in shown
    assert rate in citizen.get(f"/chat/{talk.number}/").content.decode()
