"""What a moderator sees before everybody else, and how trust grows."""

from datetime import timedelta

import pytest
from django.utils import timezone
from django.utils.translation import override

from accounts.rules import BadInput, NotFound, NotYours
from accounts.viewers import Viewer, person_viewer
from forums import actions, queries, rules
from forums.models import Member, Reply, Review, WatchedWord
from notices.models import Notice
from tests.forums import cast

pytestmark = pytest.mark.django_db


@pytest.fixture
def mona() -> Viewer:
    return person_viewer(cast.moderator())


def test_a_first_post_waits_and_then_arrives(settings, mona):
    settings.FORUM_HELD_POSTS = 1
    new = cast.viewer("newcomer")
    with override("en"):
        assert "your first post" in queries.newcomer_hint(new, timezone.now())
    topic = cast.topic(author=new.person, title="quokka found")
    assert topic.held
    with pytest.raises(NotFound):
        queries.topic_for(Viewer(), topic.pk)
    assert queries.topic_for(new, topic.pk).held
    review = Review.objects.get()
    assert (review.cause, queries.queue_count(mona), queries.queue_count(new)) == ("first", 1, 0)
    assert Notice.objects.get(person=mona.person).kind == "forum_review"
    actions.decide(by=mona, review_id=review.pk, keep=True)
    assert queries.topic_for(Viewer(), topic.pk).board.topic_count == 1
    assert queries.queue_count(mona) == 0
    # The second one is read at once.
    assert not cast.topic(author=new.person).held
    with override("en"):
        assert "links" in queries.newcomer_hint(new, timezone.now())
    assert queries.newcomer_hint(Viewer(), timezone.now()) == queries.newcomer_hint(mona, timezone.now()) == ""


def test_a_held_reply_is_read_by_its_writer_and_counted_once_it_stands(settings, mona, client):
    topic = cast.topic(author=cast.trusted())
    settings.FORUM_HELD_POSTS = 1
    new = cast.viewer("newcomer")
    held = actions.reply_to(viewer=new, topic_id=topic.pk, text="numbat")
    topic.refresh_from_db()
    assert (held.held, topic.replies, topic.shown, topic.last_at) == (True, 0, 0, topic.opened_at)
    assert "numbat" not in client.get(topic.get_absolute_url()).content.decode()
    assert [reply.pk for reply in queries.replies_of(topic, new)] == [held.pk]
    assert not Notice.objects.filter(person=topic.author).exists()
    actions.show_reply(by=mona, reply_id=held.pk)
    topic.refresh_from_db()
    assert (topic.replies, topic.shown) == (1, 1)
    assert "numbat" in client.get(topic.get_absolute_url()).content.decode()
    assert Notice.objects.filter(person=topic.author, kind="topic_replied").exists()


def test_watched_words_hold_or_refuse_however_they_are_spread():
    WatchedWord.objects.create(word="代办证", does="hold")
    WatchedWord.objects.create(word="casino", does="refuse")
    topic = cast.topic()
    old = person_viewer(cast.trusted())
    assert actions.reply_to(viewer=old, topic_id=topic.pk, text="代 办-证 找我").held
    with pytest.raises(BadInput):
        actions.reply_to(viewer=old, topic_id=topic.pk, text="Ｃａｓｉｎｏ here")
    with pytest.raises(BadInput):
        cast.topic(title="My C.a.s.i.n.o")
    assert Reply.objects.count() == 1


def test_links_of_newcomers_are_held_and_our_own_are_not():
    topic, new = cast.topic(), cast.viewer("newcomer")
    assert actions.reply_to(viewer=new, topic_id=topic.pk, text="see https://e.example/buy").held
    assert not actions.reply_to(viewer=new, topic_id=topic.pk, text="see http://127.0.0.1:8000/forums/").held
    old = person_viewer(cast.trusted())
    assert not actions.reply_to(viewer=old, topic_id=topic.pk, text="see https://e.example/map").held


def test_trust_grows_with_time_and_falls_with_what_was_taken_away():
    now = timezone.now()

    def trust(days: int, posts: int, hidden: int = 0) -> int:
        return rules.trust_of(Member(since=now - timedelta(days=days), posts=posts, hidden=hidden), now)

    assert [trust(0, 500), trust(1, 2), trust(1, 3), trust(14, 20), trust(59, 400), trust(60, 100)] == [
        0,
        0,
        1,
        2,
        2,
        3,
    ]
    assert trust(400, 100, hidden=20) == rules.NEWCOMER
    assert rules.trust_of(None, now) == rules.NEWCOMER


def test_what_a_moderator_took_away_never_comes_back_by_an_edit(mona):
    wang = cast.viewer("wang")
    topic = cast.topic(author=wang.person)
    reply = actions.reply_to(viewer=wang, topic_id=topic.pk, text="one")
    actions.hide_reply(by=mona, reply_id=reply.pk, reason="spam")
    with pytest.raises(NotYours):
        actions.edit_reply(viewer=wang, reply_id=reply.pk, text="two")
    actions.hide_topic(by=mona, topic_id=topic.pk, reason="spam")
    with pytest.raises(NotYours):
        actions.edit_topic(viewer=wang, topic_id=topic.pk, title="Another", text="two")
    held = actions.reply_to(viewer=wang, topic_id=cast.topic().pk, text="https://e.example")
    actions.edit_reply(viewer=wang, reply_id=held.pk, text="harmless now")
    assert Reply.objects.get(pk=held.pk).held


def test_an_edit_that_adds_what_is_watched_is_held_and_the_old_words_are_kept(mona):
    WatchedWord.objects.create(word="代办证")
    wang = cast.viewer("wang")
    reply = actions.reply_to(viewer=wang, topic_id=cast.topic().pk, text="good morning")
    actions.edit_reply(viewer=wang, reply_id=reply.pk, text="代办证")
    found = Reply.objects.get(pk=reply.pk)
    found.topic.refresh_from_db()
    assert (found.held, found.topic.replies) == (True, 0)
    assert [one.text for one in queries.revisions(mona, found)] == ["good morning"]


def test_somebody_who_was_asked_to_pause_pauses(mona):
    wang = cast.viewer("wang")
    topic = cast.topic(author=wang.person)
    actions.mute_person(by=mona, person_id=wang.person.pk, days=3, reason="calm down")
    with pytest.raises(rules.Muted, match="calm down"):
        actions.reply_to(viewer=wang, topic_id=topic.pk, text="x")
    later = timezone.now() + timedelta(days=4)
    assert actions.reply_to(viewer=wang, topic_id=topic.pk, text="x", at=later)
    with pytest.raises(NotYours):
        actions.mute_person(by=wang, person_id=wang.person.pk, days=0, reason="")
