"""The leader's page: signing, sending back and commenting from a card."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from accounts.models import Role
from accounts.viewers import Viewer
from engagement import actions, queries
from engagement.models import Case, Mailbox, Reply
from engagement.views import signing
from tests import make
from tests.engagement.cast import Office, case_at, kinds, office
from tests.engagement_pages.cast import browser_of, text_of

pytestmark = pytest.mark.django_db
WORDS = "The lift was repaired on Monday."


@pytest.fixture
def by() -> Office:
    """Everybody of the office."""
    return office()


def press(case: Case, who: Viewer, slug: str, **data: Any) -> Any:
    """Press a button on the card."""
    return browser_of(who).post(f"/sign/{case.number}/{slug}/", {"version": case.version, **data})


def test_a_card_shows_letter_reply_and_writer(by):
    case_at("to_sign", by)
    page = text_of(browser_of(by.lin).get("/sign/"))
    assert "1 reply waits for you." in page
    assert "It has been stuck for two weeks." in page
    assert WORDS in page
    assert "drafted by Hana, Housing" in page
    assert "checked by Rita" in page


def test_of_many_only_the_most_urgent_are_loaded(by, monkeypatch):
    monkeypatch.setattr(signing, "CARDS", 1)
    first, later = case_at("to_sign", by), case_at("to_sign", by)
    page = text_of(browser_of(by.lin).get("/sign/"))
    assert ("2 replies wait for you." in page, page.count("sign by")) == (True, 1)
    press(first, by.lin, "sign-reply", text=WORDS)
    assert [case for case, _reply in queries.to_sign(by.lin)] == [later]


def test_one_press_signs_the_words_that_were_read(by):
    case = case_at("to_sign", by)
    assert press(case, by.lin, "sign-reply", text=WORDS)["Location"] == "/sign/"
    case.refresh_from_db()
    assert case.status == Case.Status.ANSWERED
    assert WORDS in text_of(browser_of(by.wang).get(f"/cases/{case.number}/"))
    assert "Nothing waits for your signature" in text_of(browser_of(by.lin).get("/sign/"))


def test_the_leader_may_change_the_words(by):
    case = case_at("to_sign", by)
    press(case, by.lin, "sign-reply", text="It runs again. I am sorry.")
    assert "It runs again. I am sorry." in text_of(browser_of(by.wang).get(f"/cases/{case.number}/"))


def test_sending_back_and_commenting_stay_inside_the_house(by):
    case = case_at("to_sign", by)
    assert press(case, by.lin, "comment-case", text="Who paid?").status_code == 302
    assert press(case, by.lin, "send-back", reason="Say when.").status_code == 302
    assert kinds(case.file_stream_name)[-2:] == ["comment.added", "reply.sent_back"]
    page = text_of(browser_of(by.wang).get(f"/cases/{case.number}/"))
    assert "Who paid?" not in page
    assert "Say when." not in page


@pytest.mark.parametrize(("slug", "field"), [("sign-reply", "text"), ("send-back", "reason"), ("comment-case", "text")])
def test_bad_input_is_told_on_the_card(by, slug, field):
    case = case_at("to_sign", by)
    for wrong in ("", "x" * 30_000):
        answer = press(case, by.lin, slug, **{field: wrong})
        assert answer.status_code == 422
        assert f'id="{slug}-{field}_error"' in text_of(answer)


def test_a_letter_that_the_secretary_signed_meanwhile_is_not_signed_twice(by):
    case = case_at("to_sign", by)
    stale = case.version
    actions.sign_reply(case_id=case.pk, version=stale, by=by.sek)
    answer = browser_of(by.lin).post(f"/sign/{case.number}/sign-reply/", {"version": stale, "text": "My own words."})
    assert answer.status_code == 409
    assert "Sek was quicker" in text_of(answer)
    assert "My own words." in text_of(answer)
    assert kinds(case.stream_name).count("case.answered") == 1


def test_a_letter_that_was_changed_can_be_signed_after_another_look(by):
    case = case_at("to_sign", by)
    stale = case.version
    actions.extend_case(case_id=case.pk, version=stale, by=by.rita, days=2, reason="Parts are late.")
    first = browser_of(by.lin).post(f"/sign/{case.number}/sign-reply/", {"version": stale, "text": "My own words."})
    assert first.status_code == 409
    assert "My own words.</textarea>" in text_of(first)
    case.refresh_from_db()
    assert press(case, by.lin, "sign-reply", text="My own words.").status_code == 302


def test_only_leaders_and_secretaries_have_the_page(by):
    case = case_at("to_sign", by)
    for who in (by.wang, by.hana, by.rita, by.sven, by.adam):
        assert browser_of(who).get("/sign/").status_code == 404
        assert press(case, who, "sign-reply", text=WORDS).status_code == 404
    assert Client().get("/sign/").status_code == 404
    assert WORDS in text_of(browser_of(by.sek).get("/sign/"))


def test_another_leader_sees_neither_letter_nor_number(by):
    case = case_at("to_sign", by)
    other = make.viewer(make.official("omar", Role.LEADER, by.water))
    Mailbox.objects.create(slug="water", leader=other.person, unit=by.water, title="局长", title_en="Director")
    page = text_of(browser_of(other).get("/sign/"))
    assert case.number not in page
    assert case.title not in page
    foreign, absent = (
        browser_of(other).post(f"/sign/{number}/sign-reply/", {"version": 1, "text": WORDS})
        for number in (case.number, "0000000000")
    )
    assert foreign.status_code == absent.status_code == 404
    assert foreign.content == absent.content


@pytest.mark.parametrize("slug", ["approve-reply", "nonsense", "unmask-contact"])
def test_no_other_verb_is_done_from_a_card(by, slug):
    case = case_at("to_sign", by)
    assert press(case, by.lin, slug).status_code == 404


def test_leaders_and_secretaries_find_the_page_in_their_menu(by):
    for who, there in ((by.lin, True), (by.sek, True), (by.hana, False)):
        assert ('href="/sign/"' in text_of(browser_of(who).get("/work/"))) is there
        assert 'href="/work/"' in text_of(browser_of(who).get("/work/"))


def test_a_leader_whose_secretary_signed_decides_on_a_card_what_a_citizen_asks_again(by):
    """Whoever signed has no say in it; of the first rung a leader hears nothing."""
    case = case_at("answered", by)
    at = case.answered_at + timedelta(hours=1)
    decided = {"case_id": case.pk, "version": None, "decision": "upheld", "words": "It stands."}
    actions.ask_review(case_id=case.pk, by=by.wang, reason="It still stands.", at=at)
    assert "Ask the leader" not in text_of(browser_of(by.wang).get(f"/cases/{case.number}/"))
    actions.decide_review(by=by.sven, at=at, **decided)
    actions.ask_review(case_id=case.pk, by=by.wang, reason="Nobody came.", at=at)
    assert "Nobody came." not in text_of(browser_of(by.lin).get("/sign/"))
    Reply.objects.filter(case=case).update(signed_by=None)
    assert "Nobody came." in text_of(browser_of(by.lin).get("/sign/"))
    case.refresh_from_db()
    assert press(case, by.lin, "decide-review", decision="redone", words="Again, please.").status_code == 302
    case.refresh_from_db()
    assert case.round == 2
