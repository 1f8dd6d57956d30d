"""Reading along: what is unread is exact, followers are told by the worker, drafts are kept."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.actions import erase_person
from accounts.rules import BadInput, NotFound
from accounts.viewers import Viewer, person_viewer
from forums import actions, marks, queries, rules
from forums.models import Draft, Reading, Reply
from notices.models import Delivery, Notice
from tests.forums import cast

pytestmark = pytest.mark.django_db


@pytest.fixture
def li() -> Viewer:
    return cast.viewer("li")


def sign_in(client, viewer):
    client.force_login(viewer.person, backend="accounts.backends.PersonBackend")


def test_marks_count_exactly():
    read = marks.add(marks.of([3, 9]), [1])
    assert [marks.holds(read, n) for n in (1, 2, 3, 9)] == [True, False, True, True]
    assert marks.unread(10, marks.of([2, 3]), read) == 6
    assert marks.first_unread(10, marks.of([2]), read) == 4
    assert marks.first_unread(3, b"", marks.of([1, 2, 3])) == 0
    assert (marks.unread(0, b"", b""), marks.unread(10_000, b"", b"")) == (0, 10_000)


def test_unread_is_what_was_not_shown_whatever_happens_to_it(client, li):
    topic = cast.topic()
    replies = [actions.reply_to(viewer=cast.viewer(f"w{n}"), topic_id=topic.pk, text=f"reply {n}") for n in range(60)]
    sign_in(client, li)
    topic.refresh_from_db()
    assert queries.unread_counts(li, [topic]) == {}
    client.get(topic.get_absolute_url())
    assert queries.unread_counts(li, [topic]) == {topic.pk: 10}
    own = actions.reply_to(viewer=li, topic_id=topic.pk, text="mine")
    # One in the middle of what was read, one hidden unread, one hidden and given back.
    between = actions.reply_to(viewer=cast.viewer("w0"), topic_id=topic.pk, text="between", parent_id=replies[3].pk)
    mona = person_viewer(cast.moderator())
    actions.hide_reply(by=mona, reply_id=replies[55].pk, reason="x")
    actions.hide_reply(by=mona, reply_id=replies[5].pk, reason="x")
    topic.refresh_from_db()
    assert queries.unread_counts(li, [topic]) == {topic.pk: 10}
    assert topic.replies == 60
    actions.show_reply(by=mona, reply_id=replies[55].pk)
    topic.refresh_from_db()
    assert queries.unread_counts(li, [topic]) == {topic.pk: 11}
    first = client.get(f"{topic.get_absolute_url()}?new=1", follow=True)
    assert f"reply-{replies[50].pk}" in first.redirect_chain[-1][0]
    client.get(f"/forums/topics/{topic.pk}/replies/?ids={between.pk},{own.pk}")
    topic.refresh_from_db()
    assert queries.unread_counts(li, [topic]) == {topic.pk: 0}
    shown = client.get("/forums/housing-board/", headers={"accept-language": "en"}).content.decode()
    assert "1 new" not in shown
    # The bell counts notices, whatever the page itself counts.
    assert "data-unread hidden>0<" in shown


def test_close_followers_are_told_once_of_all_that_came(li):
    topic = cast.topic()
    actions.follow_topic(viewer=li, topic_id=topic.pk, how="now")
    for name in ("a", "b"):
        actions.reply_to(viewer=cast.viewer(name), topic_id=topic.pk, text="news")
    assert [actions.tell_followers() for _again in range(2)] == [1, 0]
    assert Notice.objects.get(person=li.person).title == "2 new replies in “The lift”"
    actions.reply_to(viewer=li, topic_id=topic.pk, text="my own")
    assert actions.tell_followers() == 0
    actions.follow_topic(viewer=li, topic_id=topic.pk, how="")
    actions.reply_to(viewer=cast.viewer("c"), topic_id=topic.pk, text="more")
    assert actions.tell_followers() == 0
    with pytest.raises(BadInput):
        actions.follow_topic(viewer=li, topic_id=topic.pk, how="hourly")
    with pytest.raises(rules.SignInFirst):
        actions.follow_topic(viewer=Viewer(), topic_id=topic.pk, how="now")


def test_a_digest_a_day_goes_through_the_outbox(li):
    topic, now = cast.topic(), timezone.now()
    actions.follow_topic(viewer=li, topic_id=topic.pk, how="daily", at=now)
    actions.follow_board(viewer=li, board_id=topic.board_id, on=True, at=now)
    actions.reply_to(viewer=cast.viewer("a"), topic_id=topic.pk, text="news")
    other = cast.topic(title="The stairs")
    assert actions.send_digests(at=now + timedelta(hours=23)) == 0
    assert [actions.send_digests(at=now + timedelta(hours=25)) for _again in range(2)] == [1, 0]
    told = Notice.objects.get(person=li.person)
    assert (told.kind, told.title) == ("forum_digest", "The forum today: news in 2 topics")
    assert Delivery.objects.filter(notice=told, channel="email").count() == 1
    # Moved where the follower may not go: no word of it.
    actions.reply_to(viewer=cast.viewer("b"), topic_id=topic.pk, text="more")
    actions.hide_topic(by=person_viewer(cast.moderator()), topic_id=topic.pk, reason="x")
    actions.hide_topic(by=person_viewer(cast.moderator()), topic_id=other.pk, reason="x")
    assert actions.send_digests(at=now + timedelta(hours=60)) == 0


def test_drafts_are_kept_until_the_post_is_made(client, li):
    topic = cast.topic()
    sign_in(client, li)
    saved = client.post(
        f"/forums/topics/{topic.pk}/draft/", {"text": "half a thought"}, headers={"x-requested-with": "fetch"}
    )
    assert saved.json() == {"saved": True}
    assert "half a thought" in client.get(topic.get_absolute_url()).content.decode()
    poll = {"question": "When?", "options": "At nine\nAt ten"}
    client.post("/forums/housing-board/draft/", {"title": "A begin", "text": "…", "tags": "lift", **poll})
    begun = client.get("/forums/housing-board/new/").content.decode()
    assert all(words in begun for words in ("A begin", "When?", "At nine\nAt ten"))
    assert "A begin" in client.get("/forums/housing-board/new/").content.decode()
    mine = client.get("/forums/mine/").content.decode()
    assert "half a thought" in mine
    assert "A begin" in mine
    actions.reply_to(viewer=li, topic_id=topic.pk, text="a whole one")
    actions.open_topic(viewer=li, board_id=topic.board_id, title="A begin", text="and an end")
    assert Reading.objects.get(person=li.person).draft == ""
    assert not Draft.objects.exists()
    with pytest.raises(NotFound):
        actions.save_reply_draft(viewer=li, topic_id=2**40, text="x")


def test_an_erased_person_leaves_posts_and_nothing_else(li):
    topic = cast.topic()
    actions.reply_to(viewer=li, topic_id=topic.pk, text="stays")
    actions.follow_topic(viewer=li, topic_id=topic.pk, how="now")
    actions.support_topic(viewer=li, topic_id=topic.pk, on=True)
    erase_person(person_id=li.person.pk)
    assert not Reading.objects.filter(person=li.person).exists()
    assert Reply.objects.get().comment == "stays"
