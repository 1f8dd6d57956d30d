"""The duty desk's pages."""

import pytest
from django.test import Client

from engagement.models import CannedReply, Case
from engagement.rules import grouped
from messaging import actions
from messaging.models import Duty, Talk
from tests import make
from tests.messaging import cast

pytestmark = pytest.mark.django_db


def client_of(person) -> Client:
    client = Client(HTTP_ACCEPT_LANGUAGE="en")
    client.force_login(person, backend="accounts.backends.PersonBackend")
    return client


@pytest.fixture
def dora():
    return cast.on_duty()


@pytest.fixture
def desk(dora):
    return client_of(dora.person)


def test_it_shows_the_queue_without_the_words(desk):
    cast.talk(text="CANARY")
    page = desk.get("/duty/").content.decode()
    assert "Visitor" in page
    assert "CANARY" not in page
    assert "CANARY" not in desk.get("/duty/queue/").content.decode()


def test_taking_opens_the_talk_in_the_middle(desk, dora):
    talk = cast.talk(text="The lift is stuck.")
    answer = desk.post(f"/duty/{talk.number}/take/")
    assert answer.url == f"/duty/{talk.number}/"
    assert b"The lift is stuck." in desk.get(answer.url).content
    assert desk.post(f"/duty/{talk.number}/take/").url == answer.url


def test_somebody_was_quicker_is_said_in_words(desk):
    talk = cast.talk()
    actions.take_talk(talk_id=talk.pk, by=cast.on_duty("emil"))
    answer = desk.post(f"/duty/{talk.number}/take/")
    assert answer.status_code == 409
    assert b"Somebody else has taken this conversation" in answer.content


def test_the_next_one_is_one_key_away(desk):
    talk = cast.talk()
    assert desk.post("/duty/next/").url == f"/duty/{talk.number}/"
    assert desk.post("/duty/next/").status_code == 409


def test_the_citizen_hears_an_answer_by_form(desk, dora):
    talk = cast.open_talk(holder=dora)
    desk.post(f"/duty/{talk.number}/", {"text": "On our way", "key": "key-of-the-form"})
    assert cast.entries(talk.stream_name)[-1].data["text"] == "On our way"
    assert desk.post(f"/duty/{talk.number}/", {"text": "", "key": "key-of-the-form"}).status_code == 400


def test_visitors_without_a_name_are_told_apart_by_what_they_said_last(desk, dora):
    for number in range(2):
        visitor = cast.visitor(f"v-{number}")
        talk = cast.open_talk(by=visitor, holder=dora)
        actions.say(viewer=visitor, key=talk.number, client_key="other-words", text=f"It is house {number}.")
        actions.say(viewer=dora, key=talk.number, client_key="dora-writes", text="Thank you.")
    page = desk.get("/duty/queue/").content.decode()
    assert all(f"It is house {number}." in page for number in range(2))
    assert "Thank you." not in page


def test_opening_a_talk_reads_it(desk, dora):
    talk = cast.open_talk(holder=dora)
    assert b"data-count" in desk.get("/duty/queue/").content
    desk.get(f"/duty/{talk.number}/")
    assert b"data-count" not in desk.get("/duty/queue/").content


def test_who_this_is_and_what_to_answer(desk, dora):
    CannedReply.objects.create(unit=cast.desk().unit, title="Greeting", language="en", text="Hello there")
    CannedReply.objects.create(unit=make.unit("water"), title="Foreign", language="en", text="Not yours")
    actions.end_talk(talk_id=cast.open_talk(by=cast.citizen(), holder=dora).pk, by=dora)
    talk = cast.open_talk(by=cast.citizen(), holder=dora)
    page = desk.get(f"/duty/{talk.number}/").content.decode()
    assert "Earlier conversations" in page
    assert "Hello there" in page
    assert "Not yours" not in page


def test_one_press_makes_a_case_and_never_shows_the_code(desk, dora):
    talk = cast.open_talk(holder=dora)
    desk.post(f"/duty/{talk.number}/case/", {"kind": "enquiry", "title": "", "category": ""})
    _case, code = actions.claim_code(talk_id=talk.pk, by=cast.visitor())
    page = desk.get(f"/duty/{talk.number}/").content.decode()
    assert grouped(Case.objects.get().number) in page
    assert code is not None
    assert code not in page


@pytest.mark.parametrize(
    "wrong", [{"kind": "nonsense"}, {"title": "x" * 201}, {"category": "999999"}, {"category": "x"}]
)
def test_a_case_of_nonsense_is_refused(desk, dora, wrong):
    talk = cast.open_talk(holder=dora)
    assert desk.post(f"/duty/{talk.number}/case/", {"kind": "enquiry", **wrong}).status_code == 400
    assert not Case.objects.exists()


def test_ending_and_handing_back(desk, dora):
    talk = cast.open_talk(holder=dora)
    assert desk.post(f"/duty/{talk.number}/back/").url == "/duty/"
    assert desk.get(f"/duty/{talk.number}/").status_code == 404
    other = cast.open_talk(by=cast.visitor("b"), holder=dora)
    desk.post(f"/duty/{other.number}/end/")
    assert Talk.objects.get(pk=other.pk).status == Talk.Status.ENDED
    assert desk.post(f"/duty/{other.number}/end/").url == f"/duty/{other.number}/", "the citizen may have been quicker"


def test_the_switch_and_the_sign_of_life(desk):
    desk.post("/duty/state/", {"state": "busy", "current": "//evil.example"})
    assert Duty.objects.get().state == "busy"
    assert desk.post("/duty/state/", {"state": "on", "current": "//evil.example"}).url == "/duty/"
    assert desk.post("/duty/state/", {"state": "nonsense"}).status_code == 400
    assert desk.post("/duty/here/").json() == {"state": "on"}


def test_the_page_costs_the_same_for_long_queues(desk, dora, django_assert_max_num_queries):
    for number in range(30):
        cast.talk(by=cast.visitor(f"v{number}"))
    for _number in range(3):
        actions.take_talk(talk_id=Talk.objects.filter(status="waiting").first().pk, by=dora)
    with django_assert_max_num_queries(17):
        desk.get("/duty/queue/")


ROUTES = [
    ("get", ""), ("get", "queue/"), ("post", "state/"), ("post", "here/"), ("post", "next/"), ("get", "{number}/"),
    ("post", "{number}/"), ("post", "{number}/take/"), ("post", "{number}/back/"), ("post", "{number}/end/"),
    ("post", "{number}/case/"),
]  # fmt: skip


@pytest.mark.parametrize(("method", "route"), ROUTES)
@pytest.mark.parametrize("who", ["visitor", "citizen", "handler"])
def test_it_is_not_there_for_anybody_else(dora, method, route, who):
    talk = cast.open_talk(holder=dora)
    client = Client()
    if who != "visitor":
        person = make.person("chen") if who == "citizen" else make.official("hugo")
        client.force_login(person, backend="accounts.backends.PersonBackend")
    assert getattr(client, method)(f"/duty/{route.format(number=talk.number)}").status_code == 404
    assert len(cast.entries(talk.stream_name)) == 3


@pytest.mark.parametrize("route", ["", "back/", "end/", "case/"])
def test_a_colleague_gets_nothing_of_it(dora, route):
    talk = cast.open_talk(holder=dora)
    colleague = client_of(cast.on_duty("emil").person)
    form = {"kind": "enquiry", "text": "x", "key": "key-of-the-form"}
    there = colleague.post(f"/duty/{talk.number}/{route}", form)
    absent = colleague.post(f"/duty/NOSUCHTALK00/{route}", form)
    assert there.status_code == absent.status_code == 404
    assert there.content.replace(talk.number.encode(), b"NOSUCHTALK00") == absent.content
