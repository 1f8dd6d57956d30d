"""Keeping order."""

import pytest

import search.queries
from accounts.rules import BadInput, NotFound, NotYours, WrongStatus
from accounts.viewers import Viewer, person_viewer
from engagement.models import Case
from forums import actions, queries
from forums.models import Topic
from journal.models import Entry
from tests import make
from tests.forums import cast

pytestmark = pytest.mark.django_db


@pytest.fixture
def mona() -> Viewer:
    return person_viewer(cast.moderator())


def found(words: str) -> int:
    return len(search.queries.find(words, audiences=["public"]))


def test_a_hidden_topic_is_gone_for_everybody_and_from_search(mona):
    topic = cast.topic(title="quokka for sale")
    actions.hide_topic(by=mona, topic_id=topic.pk, reason="advertising")
    with pytest.raises(NotFound):
        queries.topic_for(Viewer(), topic.pk)
    assert not queries.may_follow_topic(Viewer(), str(topic.pk))
    assert queries.topic_for(mona, topic.pk).hidden
    assert found("quokka") == 0
    actions.show_topic(by=mona, topic_id=topic.pk)
    assert found("quokka") == 1


def test_a_hidden_reply_leaves_a_line_and_no_words(client, mona):
    topic = cast.topic()
    reply = actions.reply_to(viewer=person_viewer(make.person("wang")), topic_id=topic.pk, text="numbat cheap")
    assert found("numbat") == 1
    actions.hide_reply(by=mona, reply_id=reply.pk, reason="advertising")
    page = client.get(f"/forums/topics/{topic.pk}/", headers={"accept-language": "en"}).content.decode()
    assert "numbat" not in page
    assert "A moderator took this reply away." in page
    assert found("numbat") == 0
    # Nor do its words come back to whoever asks to cite it.
    client.force_login(make.person("li"), backend="accounts.backends.PersonBackend")
    assert "numbat" not in client.get(f"/forums/topics/{topic.pk}/?quote={reply.pk}").content.decode()


def test_hiding_the_official_answer_takes_its_badge(mona):
    topic = cast.topic()
    olga = person_viewer(make.official("olga"))
    reply = actions.reply_to(viewer=olga, topic_id=topic.pk, text="We mend it.", official=True)
    actions.hide_reply(by=mona, reply_id=reply.pk, reason="wrong topic")
    topic.refresh_from_db()
    assert topic.official_reply is None


def test_it_needs_a_reason(mona):
    topic = cast.topic()
    with pytest.raises(BadInput):
        actions.hide_topic(by=mona, topic_id=topic.pk, reason="  ")
    topic.refresh_from_db()
    assert not topic.hidden


def test_it_refuses_everybody_else():
    topic = cast.topic()
    reply = actions.reply_to(viewer=person_viewer(make.person("wang")), topic_id=topic.pk, text="x")
    for viewer in (Viewer(), person_viewer(make.person("wang")), person_viewer(make.official("olga"))):
        with pytest.raises(NotYours):
            actions.hide_topic(by=viewer, topic_id=topic.pk, reason="x")
        with pytest.raises(NotYours):
            actions.hide_reply(by=viewer, reply_id=reply.pk, reason="x")
        with pytest.raises(NotYours):
            actions.lock_topic(by=viewer, topic_id=topic.pk)


def test_acts_are_recorded_once(mona):
    topic = cast.topic()
    actions.lock_topic(by=mona, topic_id=topic.pk, reason="heated")
    actions.lock_topic(by=mona, topic_id=topic.pk, reason="again")
    actions.unlock_topic(by=mona, topic_id=topic.pk)
    entries = Entry.objects.filter(stream__name=topic.stream_name).order_by("seq")
    assert list(entries.values_list("kind", flat=True)) == ["topic.opened", "topic.locked", "topic.unlocked"]


def test_a_topic_becomes_its_authors_case_once():
    author = make.person("author")
    topic = cast.topic(author=author, title="The lift in block 7", text="It stands still since Monday.")
    olga = person_viewer(make.official("olga"))
    case = actions.raise_case(by=olga, topic_id=topic.pk, kind=Case.Kind.COMPLAINT)
    topic.refresh_from_db()
    assert topic.case == case
    assert (case.channel, case.citizen, case.title) == ("forum", author, topic.title)
    with pytest.raises(WrongStatus):
        actions.raise_case(by=olga, topic_id=topic.pk, kind=Case.Kind.COMPLAINT)


def test_citizens_and_administrators_make_no_cases_of_topics():
    topic = cast.topic()
    for person in (make.person("wang"), make.official("adam", "administrator")):
        with pytest.raises(NotYours):
            actions.raise_case(by=person_viewer(person), topic_id=topic.pk, kind="complaint")


def test_counts_after_each_step_are_what_counting_all_would_give():
    """The short way for one reply agrees with the long one, whatever was hidden, given back or official."""
    from forums.actions.counting import COUNTED, settle

    mona, olga = person_viewer(cast.moderator()), person_viewer(make.official("olga"))
    topic = cast.topic()
    replies = [actions.reply_to(viewer=cast.viewer(f"r{n}"), topic_id=topic.pk, text=f"word{n}") for n in range(3)]
    replies += [actions.reply_to(viewer=olga, topic_id=topic.pk, text="Answer.", official=True) for _n in range(2)]
    steps = [(actions.hide_reply, 4), (actions.hide_reply, 3), (actions.hide_reply, 1), (actions.show_reply, 3),
             (actions.show_reply, 4), (actions.hide_reply, 0), (actions.show_reply, 1)]  # fmt: skip
    for act, place in steps:
        more = {"reason": "x"} if act is actions.hide_reply else {}
        act(by=mona, reply_id=replies[place].pk, **more)
        short = Topic.objects.get(pk=topic.pk)
        settle(topic := Topic.objects.get(pk=topic.pk))
        assert [getattr(short, name) for name in COUNTED] == [getattr(topic, name) for name in COUNTED], (act, place)
