"""The citizen's pages, without JavaScript."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from engagement.models import Case
from messaging import actions
from messaging.forms import new_token
from messaging.models import Duty, Shift, Talk
from tests import make
from tests.messaging import cast

pytestmark = pytest.mark.django_db
EN = {"HTTP_ACCEPT_LANGUAGE": "en"}


@pytest.fixture
def browser():
    return Client(**EN)


def start(browser, **changed):
    form = {"desk": "housing", "as": "talk", "token": new_token(), "text": "The lift is stuck.", "name": "Wang"}
    return browser.post("/chat/", {**form, **changed})


@pytest.fixture
def waiting(browser):
    cast.on_duty()
    start(browser)
    return Talk.objects.get()


class TestDesks:
    def test_it_says_truthfully_who_is_there(self, browser):
        cast.desk()
        cast.desk("water", unit=make.unit("water"))
        assert b"Closed now" in browser.get("/chat/").content
        cast.on_duty()
        page = browser.get("/chat/").content.decode()
        assert "1 officer on duty" in page
        assert "no figure for the wait yet" in page
        Duty.objects.update(seen_at=timezone.now() - timedelta(minutes=1))
        assert "nobody at the desk at this moment" in browser.get("/chat/").content.decode()

    def test_it_says_when_it_opens(self, browser):
        desk, opens = cast.desk(), timezone.now() + timedelta(days=1)
        Shift.objects.create(desk=desk, officer=cast.officer(), starts_at=opens, ends_at=opens + timedelta(hours=8))
        assert b"opens" in browser.get("/chat/").content

    def test_a_desk_that_is_not_there_is_404(self, browser):
        cast.desk()
        assert browser.get("/chat/?desk=nonsense").status_code == 404
        assert browser.get("/chat/?desk=" + "x" * 3000).status_code == 404

    def test_it_costs_the_same_for_twenty_desks(self, browser, django_assert_max_num_queries):
        for number in range(20):
            cast.desk(f"desk-{number}")
        with django_assert_max_num_queries(10):
            browser.get("/chat/")


class TestStarting:
    def test_it_opens_a_talk_and_goes_there(self, browser):
        cast.on_duty()
        answer = start(browser)
        talk = Talk.objects.get()
        assert (answer.status_code, answer.url) == (302, f"/chat/{talk.number}/")
        page = browser.get(answer.url)
        assert b"You are next" in page.content
        assert b"The lift is stuck." in page.content
        assert "no-store" in page["Cache-Control"]

    def test_the_same_form_twice_is_one_talk(self, browser):
        cast.on_duty()
        token = new_token()
        first, again = start(browser, token=token), start(browser, token=token)
        assert first.url == again.url
        assert Talk.objects.count() == 1

    @pytest.mark.parametrize(
        "wrong",
        [
            {"text": ""},
            {"text": "x" * 4001},
            {"name": "x" * 41},
            {"token": "invented"},
            {"token": ""},
            {"text": "\x01"},
        ],
    )
    def test_nonsense_is_a_clear_answer_and_no_talk(self, browser, wrong):
        cast.on_duty()
        answer = start(browser, **wrong)
        assert answer.status_code == 400
        assert not Talk.objects.exists()

    def test_a_token_that_was_refused_is_replaced(self, browser):
        cast.on_duty()
        page = start(browser, token="invented").content.decode()
        assert "The lift is stuck." in page
        assert 'value="invented"' not in page

    def test_a_desk_that_closed_meanwhile_keeps_the_words_and_says_so(self, browser):
        cast.desk()
        answer = start(browser)
        assert answer.status_code == 200
        page = answer.content.decode()
        assert "closed in the meantime" in page
        assert "The lift is stuck." in page
        assert not Talk.objects.exists()

    def test_a_message_at_a_closed_desk_becomes_a_case(self, browser):
        cast.desk()
        answer = start(browser, **{"as": "message", "email": "wang@example.org", "phone": ""})
        talk = Talk.objects.get()
        assert answer.url == f"/chat/{talk.number}/claim/"
        assert Case.objects.get().channel == "chat"

    @pytest.mark.parametrize("wrong", [{"email": "nonsense"}, {"phone": "call me"}, {"email": "x" * 300}])
    def test_a_wrong_contact_leaves_nothing(self, browser, wrong):
        cast.desk()
        assert start(browser, **{"as": "message", "email": "", "phone": "", **wrong}).status_code == 400
        assert not Talk.objects.exists()

    def test_one_address_opens_only_so_many(self, browser, settings):
        settings.CHAT_TALKS_RATE = 3
        cast.on_duty()
        codes = [start(browser).status_code for _ in range(4)]
        assert codes == [302, 302, 302, 429]


class TestTalking:
    def test_a_message_is_sent_by_the_form(self, browser, waiting):
        form = {"text": "It is the one in house 7.", "key": "key-of-the-form"}
        answer = browser.post(f"/chat/{waiting.number}/", form)
        assert answer.url == f"/chat/{waiting.number}/#end"
        browser.post(f"/chat/{waiting.number}/", form)
        assert cast.kinds(waiting.stream_name).count("message.said") == 2

    @pytest.mark.parametrize(("form", "code"), [({"text": "", "key": "k" * 8}, 400), ({"text": "x", "key": "!"}, 400)])
    def test_nonsense_is_refused(self, browser, waiting, form, code):
        assert browser.post(f"/chat/{waiting.number}/", form).status_code == code

    def test_twenty_messages_in_ten_seconds_are_enough(self, browser, waiting):
        codes = [
            browser.post(f"/chat/{waiting.number}/", {"text": "x", "key": f"key-number-{n}"}).status_code
            for n in range(21)
        ]
        assert codes == [302] * 20 + [429]

    def test_markup_is_shown_and_never_run(self, browser, waiting):
        browser.post(f"/chat/{waiting.number}/", {"text": "<script>alert(1)</script>", "key": "key-of-the-form"})
        page = browser.get(f"/chat/{waiting.number}/").content.decode()
        assert "&lt;script&gt;alert(1)" in page
        assert "<script>alert(1)" not in page

    def test_the_state_follows_what_happens(self, browser, waiting):
        url = f"/chat/{waiting.number}/state/"
        assert b"You are next" in browser.get(url).content
        dora = cast.on_duty()
        actions.take_talk(talk_id=waiting.pk, by=dora)
        assert b"Dora" in browser.get(url).content
        actions.end_talk(talk_id=waiting.pk, by=dora)
        assert b"Did this help you?" in browser.get(url).content
        browser.post(f"/chat/{waiting.number}/rate/", {"score": "5", "words": "Quick"})
        assert b"5 of 5" in browser.get(url).content

    def test_lines_come_by_number(self, browser, waiting):
        page = browser.get(f"/chat/{waiting.number}/lines/?after=1").content.decode()
        assert 'data-seq="2"' in page
        assert 'data-seq="1"' not in page
        for wrong in ("x", "-1", "9" * 30, "", "1.5", "٣"):
            assert browser.get(f"/chat/{waiting.number}/lines/?before={wrong}").status_code == 400

    def test_an_opener_who_came_back_too_late_may_leave_a_message(self, browser, waiting):
        actions.sweep_queues(at=timezone.now() + timedelta(hours=1))
        page = browser.get(f"/chat/{waiting.number}/").content
        assert b"no longer in the queue" in page
        answer = browser.post(f"/chat/{waiting.number}/message/", {"email": "", "phone": ""})
        assert answer.url == f"/chat/{waiting.number}/claim/"
        assert Case.objects.exists()

    def test_a_talk_lasts_over_signing_in(self, browser, waiting):
        browser.force_login(make.person("wang"), backend="accounts.backends.PersonBackend")
        assert browser.get(f"/chat/{waiting.number}/").status_code == 200


class TestTheCase:
    def test_one_press_makes_it_and_the_code_is_shown_once(self, browser, waiting):
        actions.take_talk(talk_id=waiting.pk, by=cast.on_duty())
        answer = browser.post(f"/chat/{waiting.number}/case/")
        first = browser.get(answer.url).content.decode()
        assert Case.objects.get().number in first
        assert "data-code" not in first
        assert "data-code" in browser.post(answer.url).content.decode()
        assert "data-code" not in browser.post(answer.url).content.decode()
        assert browser.get(f"/cases/{Case.objects.get().number}/").status_code == 200

    def test_before_there_is_one_there_is_nothing_to_claim(self, browser, waiting):
        assert browser.get(f"/chat/{waiting.number}/claim/").url == f"/chat/{waiting.number}/"


ROUTES = [
    ("get", ""),
    ("post", ""),
    ("get", "state/"),
    ("get", "lines/"),
    ("post", "end/"),
    ("post", "rate/"),
    ("post", "case/"),
    ("post", "message/"),
    ("get", "claim/"),
    ("post", "claim/"),
]


@pytest.mark.parametrize(("method", "route"), ROUTES)
def test_strangers_see_what_they_would_see_of_nothing(waiting, method, route):
    form = {"text": "x", "key": "key-of-the-form", "score": "5"}
    strangers = [Client(**EN) for _ in range(3)]
    for client, person in zip(strangers[1:], (make.person("chen"), cast.officer("emil")), strict=True):
        client.force_login(person, backend="accounts.backends.PersonBackend")
    for client in strangers:
        there = getattr(client, method)(f"/chat/{waiting.number}/{route}", form)
        absent = getattr(client, method)(f"/chat/NOSUCHTALK00/{route}", form)
        assert there.status_code == absent.status_code == 404
        assert there.content.replace(waiting.number.encode(), b"NOSUCHTALK00") == absent.content
    waiting.refresh_from_db()
    assert waiting.status == Talk.Status.WAITING
    assert len(cast.entries(waiting.stream_name)) == 2


@pytest.mark.parametrize("route", ["end/", "rate/", "case/", "message/"])
def test_what_changes_something_is_never_a_get(browser, waiting, route):
    assert browser.get(f"/chat/{waiting.number}/{route}").status_code == 405
