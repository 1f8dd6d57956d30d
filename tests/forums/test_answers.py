"""Official answers with their own clock, and topics that become cases whose answers come back."""

from datetime import datetime, timedelta

import pytest

import engagement.actions
from accounts.models import Role
from accounts.rules import NotYours, WrongStatus
from accounts.viewers import Viewer, person_viewer
from engagement.models import Case
from forums import actions, queries
from forums.models import Reply
from journal.models import Entry
from notices.models import Notice
from tests import make
from tests.engagement import cast as office_cast
from tests.engagement.cast import HOUR, MONDAY, SHANGHAI
from tests.forums import cast
from tests.wiki import cast as wiki_cast
from wiki.knowledge import actions as pages
from wiki.knowledge.models import Citation

pytestmark = pytest.mark.django_db


def asked(supports_needed: int = 3):
    """Return a topic of a board of the housing office that needs three supporters, and its handler."""
    board = cast.board()
    board.unit, board.supports_needed, board.answer_days = make.unit(), supports_needed, 2
    board.save()
    return cast.topic(board=board), person_viewer(make.official("olga"))


def test_enough_support_starts_the_clock_once():
    topic, olga = asked()
    for name in ("a", "b", "b", "c", "d"):
        actions.support_topic(viewer=cast.viewer(name), topic_id=topic.pk, on=True, at=MONDAY)
    topic.refresh_from_db()
    assert (topic.supports, topic.asked_at) == (4, MONDAY)
    assert topic.due_at == datetime(2026, 3, 11, 17, 0, tzinfo=SHANGHAI)
    assert Notice.objects.get(person=olga.person).kind == "topic_to_answer"
    actions.support_topic(viewer=cast.viewer("d"), topic_id=topic.pk, on=False)
    topic.refresh_from_db()
    assert (topic.supports, topic.asked_at) == (3, MONDAY)
    assert queries.to_answer(olga, at=MONDAY) == [(topic, "green")]
    assert queries.to_answer(person_viewer(make.official("tom", Role.HANDLER, make.unit("transport")))) == []


def test_the_unit_is_warned_once_a_light_and_the_answer_stops_the_clock():
    topic, olga = asked(1)
    sven = make.official("sven", Role.SUPERVISOR, make.unit("city"))
    actions.support_topic(viewer=cast.viewer("a"), topic_id=topic.pk, on=True, at=MONDAY)
    topic.refresh_from_db()
    assert actions.watch_answers(at=MONDAY + HOUR) == 0
    assert [actions.watch_answers(at=topic.yellow_at + HOUR) for _again in range(2)] == [1, 0]
    assert [actions.watch_answers(at=topic.due_at + HOUR) for _again in range(2)] == [1, 0]
    assert list(Notice.objects.filter(kind="topic_late").order_by("pk").values_list("person__username", flat=True)) == [
        "olga", *sorted(["olga", "sven"], key=lambda name: make.person(name).pk)
    ]  # fmt: skip
    assert sven.pk
    actions.reply_to(viewer=olga, topic_id=topic.pk, text="We mend it. Call 0571-88881234.", official=True)
    topic.refresh_from_db()
    assert topic.answered_at is not None
    assert queries.to_answer(olga) == []
    # An office gives its number on purpose.
    assert "88881234" in Reply.objects.get().html


def test_a_board_may_promise_an_answer_to_every_topic():
    board = cast.board("ask")
    board.answers_all = True
    board.save()
    assert cast.topic(board=board).due_at is not None
    assert cast.topic().due_at is None


def test_one_post_becomes_its_writers_case_and_its_office_reads_the_topic():
    topic, olga = asked()
    reply = actions.reply_to(viewer=cast.viewer("wang"), topic_id=topic.pk, text="My heating is cold.")
    case = actions.raise_case(by=olga, topic_id=topic.pk, reply_id=reply.pk)
    assert (case.citizen.username, case.text, case.kind) == ("wang", "My heating is cold.", Case.Kind.HELP_REQUEST)
    assert [line.text for line in queries.thread_of_case(case)][-1] == "My heating is cold."
    with pytest.raises(WrongStatus):
        actions.raise_case(by=olga, topic_id=topic.pk, reply_id=reply.pk)
    with pytest.raises(NotYours):
        actions.raise_case(by=cast.viewer("wang"), topic_id=topic.pk)


def test_the_cases_public_answer_comes_back_and_goes_again(client):
    by = office_cast.office()
    topic = cast.topic(author=by.wang.person, title="The lift", text="It stands.")
    case = actions.raise_case(by=by.hana, topic_id=topic.pk, at=MONDAY)
    for number, step in enumerate(("accepted", "dispatched", "signed", "review", "answered"), 1):
        case = office_cast._onward(step, case, by, MONDAY + number * HOUR, False)
    assert [actions.bring_answers() for _again in range(2)] == [1, 0]
    topic.refresh_from_db()
    assert topic.case_told_at is not None
    assert not Reply.objects.exists()
    engagement.actions.prepare_publication(
        case_id=case.pk, by=by.hana, title="The lift", text="It stands.", reply="Repaired on Monday."
    )
    assert actions.bring_answers() == 0
    engagement.actions.approve_publication(case_id=case.pk, by=by.rita)
    assert [actions.bring_answers() for _again in range(2)] == [1, 0]
    reply = Reply.objects.get()
    topic.refresh_from_db()
    assert (reply.comment, reply.official, reply.unit, topic.official_reply) == (
        "Repaired on Monday.", True, by.housing, reply.pk
    )  # fmt: skip
    assert Notice.objects.filter(person=by.wang.person, kind="topic_answered").exists()
    page = client.get(topic.get_absolute_url()).content.decode()
    assert "Repaired on Monday." in page
    assert case.number not in page
    engagement.actions.unpublish(case_id=case.pk, by=by.rita)
    assert actions.bring_answers() == 1
    assert "Repaired on Monday." not in client.get(topic.get_absolute_url()).content.decode()
    topic.refresh_from_db()
    assert topic.official_reply is None


def test_an_official_answers_for_a_unit_of_their_own_only():
    topic, olga = asked()
    with pytest.raises(NotYours):
        actions.reply_to(viewer=olga, topic_id=topic.pk, text="x", official=True, unit_id=make.unit("transport").pk)
    adam = person_viewer(make.official("adam", Role.ADMINISTRATOR))
    with pytest.raises(NotYours):
        actions.reply_to(viewer=adam, topic_id=topic.pk, text="x", official=True)
    assert Viewer().units() == frozenset()


def test_the_page_of_what_is_to_be_answered(client):
    topic, olga = asked(1)
    actions.support_topic(viewer=cast.viewer("a"), topic_id=topic.pk, on=True)
    client.force_login(olga.person, backend="accounts.backends.PersonBackend")
    assert topic.title in client.get("/forums/to-answer/").content.decode()
    assert client.post(f"/forums/topics/{topic.pk}/case/").status_code == 302
    topic.refresh_from_db()
    assert topic.case is not None
    assert topic.due_at - topic.asked_at > timedelta(days=1)


def test_who_got_an_official_answer_is_told_when_a_page_it_names_says_something_else(client):
    page, rita = wiki_cast.page(title="Lift rules"), wiki_cast.reviewer()
    topic, olga = asked()
    wang, follower = cast.viewer("wang"), cast.viewer("li")
    question = actions.reply_to(viewer=wang, topic_id=topic.pk, text="Who pays for it? See /wiki/en/water-bill/")
    actions.follow_topic(viewer=follower, topic_id=topic.pk, how="daily")
    given = {"viewer": olga, "topic_id": topic.pk, "parent_id": question.pk, "official": True}
    answer = actions.reply_to(text="It is written in /wiki/en/water-bill/.", **given)
    plain = actions.reply_to(text="Nothing is written.", **given)
    assert list(Citation.objects.values_list("stream", flat=True)) == [f"reply-{answer.pk}"]
    pages.approve_proposal(by=rita, proposal_id=wiki_cast.proposed(page).pk)
    assert [pages.tell_cited(), pages.tell_cited()] == [1, 0]
    told = Notice.objects.filter(kind="topic_source_changed")
    assert {notice.person for notice in told} == {topic.author, wang.person, follower.person}
    said = Entry.objects.get(stream__name=topic.stream_name, kind="topic.source_changed").data
    assert said == {"reply": answer.pk, "title": "Lift rules", "url": "/wiki/en/water-bill/"}
    shown = client.get(topic.get_absolute_url(), headers={"accept-language": "en"}).content.decode()
    assert shown.count('says something else now: <a href="/wiki/en/water-bill/">Lift rules</a>') == 1
    # Another wording rests on the page as it stands now, or on nothing any more.
    actions.edit_reply(viewer=olga, reply_id=answer.pk, text="It is written nowhere.")
    assert "something else now" not in client.get(topic.get_absolute_url()).content.decode()
    actions.edit_reply(viewer=olga, reply_id=plain.pk, text="Oh yes: /wiki/en/water-bill/")
    assert list(Citation.objects.values_list("stream", flat=True)) == [f"reply-{plain.pk}"]


def test_nobody_is_told_of_an_answer_that_was_taken_away():
    page, rita = wiki_cast.page(), wiki_cast.reviewer()
    topic, olga = asked()
    answer = actions.reply_to(viewer=olga, topic_id=topic.pk, text="See /wiki/en/water-bill/", official=True)
    actions.hide_reply(by=person_viewer(cast.moderator()), reply_id=answer.pk, reason="It is wrong.")
    pages.approve_proposal(by=rita, proposal_id=wiki_cast.proposed(page).pk)
    pages.tell_cited()
    assert not Notice.objects.filter(kind="topic_source_changed").exists()
