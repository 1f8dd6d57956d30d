"""Moving, merging, splitting and archiving: nothing is lost, and every count stays exact."""

from datetime import timedelta

import pytest

from accounts.rules import BadInput, NotYours
from accounts.viewers import Viewer, person_viewer
from forums import actions, queries
from forums.models import Board, Reply, Topic
from tests import make
from tests.forums import cast

pytestmark = pytest.mark.django_db


@pytest.fixture
def mona() -> Viewer:
    return person_viewer(cast.moderator())


def words(topic: Topic) -> list[tuple[str, int]]:
    return [(reply.comment, reply.level) for reply in queries.replies_of(topic) if not reply.is_removed]


def say(topic: Topic, name: str, text: str, parent: Reply | None = None) -> Reply:
    parent_id = parent.pk if parent else None
    return actions.reply_to(viewer=cast.viewer(name), topic_id=topic.pk, text=text, parent_id=parent_id)


def test_a_split_takes_a_reply_and_all_below_it_along(mona):
    topic = cast.topic()
    stays = say(topic, "a", "stays")
    goes = say(topic, "b", "goes", stays)
    below = say(topic, "c", "below", goes)
    deeper = say(topic, "d", "deeper", below)
    made = actions.split_topic(by=mona, reply_id=goes.pk, title="A matter of its own")
    assert (made.text, made.author.username) == ("goes", "b")
    assert words(topic) == [("stays", 0)]
    assert words(made) == [("below", 0), ("deeper", 1)]
    kept = Reply.objects.get(pk=deeper.pk)
    assert (kept.number, kept.answers, kept.thread_id, kept.parent_id) == (2, 1, below.pk, below.pk)
    topic.refresh_from_db()
    made.refresh_from_db()
    assert (topic.replies, made.replies, topic.board.topic_count) == (1, 2, 2)
    say(made, "e", "one more", kept)
    assert [level for _text, level in words(made)] == [0, 1, 2]
    with pytest.raises(NotYours):
        actions.split_topic(by=cast.viewer("a"), reply_id=stays.pk, title="Mine now")


def test_a_merge_brings_the_first_post_and_the_replies_at_their_own_times(mona, client):
    first, second = cast.topic(title="Lift broken"), cast.topic(title="The lift again", text="Still broken.")
    Topic.objects.filter(pk=second.pk).update(opened_at=second.opened_at - timedelta(hours=1))
    one = say(second, "a", "one")
    say(second, "b", "below one", one)
    say(first, "c", "other")
    actions.merge_topics(by=mona, topic_id=second.pk, into_id=first.pk, reason="same lift")
    first.refresh_from_db()
    second.refresh_from_db()
    assert [text.split("\n")[-1] for text, _level in words(first)] == ["Still broken.", "one", "below one", "other"]
    assert (first.replies, second.replies, first.board.topic_count) == (4, 0, 1)
    assert client.get(second.get_absolute_url())["Location"] == first.get_absolute_url()
    numbers = list(Reply.objects.filter(topic=first).values_list("number", flat=True))
    assert sorted(numbers) == [1, 2, 3, 4]
    with pytest.raises(BadInput):
        actions.merge_topics(by=mona, topic_id=first.pk, into_id=first.pk)


def test_a_topic_moves_into_a_members_board_and_out_of_strangers_sight(mona, client):
    topic = cast.topic(title="quokka")
    inner = cast.board("members", members_only=True)
    actions.move_topic(by=mona, topic_id=topic.pk, board_id=inner.pk)
    assert client.get(topic.get_absolute_url()).status_code == 404
    counts = dict(Board.objects.values_list("slug", "topic_count"))
    assert counts == {"housing-board": 0, "members": 1}


def test_an_archived_topic_is_read_only_and_out_of_the_list(mona, client):
    topic = cast.topic(title="quokka")
    actions.archive_topic(by=mona, topic_id=topic.pk, on=True)
    page = client.get("/forums/housing-board/").content.decode()
    assert "quokka" not in page
    assert "quokka" in client.get("/forums/housing-board/?show=archive").content.decode()
    assert client.get(topic.get_absolute_url()).status_code == 200
    for field, value in (("pin", True), ("archive", False)):
        do = {"pin": actions.pin_topic, "archive": actions.archive_topic}[field]
        do(by=mona, topic_id=topic.pk, on=value)
    assert queries.topics_of(Viewer(), topic.board).topics == [topic]


def test_moderators_arrange_on_the_pages(mona, client):
    topic, other = cast.topic(title="The lift is stuck"), cast.topic(title="Lift stuck again")
    reply = say(topic, "a", "apart")
    client.force_login(mona.person, backend="accounts.backends.PersonBackend")
    for do in ("pin", "lock", "archive", "unarchive", "unlock", "unpin"):
        assert client.post(f"/forums/topics/{topic.pk}/moderate/", {"do": do}).status_code == 302
    address = f"/forums/replies/{reply.pk}/moderate/"
    assert client.get(address).status_code == 200
    assert client.post(address, {"do": "split", "title": "x"}).status_code == 400
    assert client.post(address, {"do": "split", "title": "A new matter"}).status_code == 302
    assert f'value="{other.get_absolute_url()}"' in client.get(f"/forums/topics/{topic.pk}/moderate/").content.decode()
    given = {"do": "merge", "into": f"http://testserver{other.get_absolute_url()}?page=1"}
    assert client.post(f"/forums/topics/{topic.pk}/moderate/", given).url == topic.get_absolute_url()
    assert Topic.objects.get(pk=topic.pk).merged_into == other


def test_readers_see_why_a_topic_was_closed_and_its_author_why_it_was_taken_away(mona, client):
    topic = cast.topic()
    actions.lock_topic(by=mona, topic_id=topic.pk, reason="The lamp is mended.")
    assert "The lamp is mended." in client.get(topic.get_absolute_url()).content.decode()
    actions.hide_topic(by=mona, topic_id=topic.pk, reason="", ground="advert")
    assert client.get(topic.get_absolute_url()).status_code == 404
    client.force_login(make.person("other"), backend="accounts.backends.PersonBackend")
    assert client.get(topic.get_absolute_url()).status_code == 404
    client.force_login(topic.author, backend="accounts.backends.PersonBackend")
    assert client.get(topic.get_absolute_url()).url == f"/forums/topics/{topic.pk}/appeal/"


def test_search_follows_the_board_under_its_own_filter_and_leaks_no_title(client, mona):
    """Members' topics are found by who has signed in, blogs under their filter, and a closed board at once no more."""
    topic = cast.topic(title="quokka open")
    inner = cast.topic(title="quokka inner", board=cast.board("members", members_only=True))
    blog = cast.board("blog")
    blog.kind = "blog"
    blog.save()
    actions.board_changed(board_id=blog.pk)
    actions.move_topic(by=mona, topic_id=cast.topic(title="quokka article").pk, board_id=blog.pk)

    def found(room: str = "") -> set[str]:
        page = client.get(f"/search/?q=quokka&room={room}", headers={"accept-language": "en"}).content.decode()
        return {word for word in ("open", "inner", "article") if f"</mark> {word}" in page}

    assert (found(), found("topic"), found("blog")) == ({"open", "article"}, {"open"}, {"article"})
    client.force_login(mona.person, backend="accounts.backends.PersonBackend")
    assert (found(), found("topic")) == ({"open", "inner", "article"}, {"open", "inner"})
    client.logout()
    Board.objects.filter(pk=topic.board_id).update(members_only=True)
    actions.board_changed(board_id=topic.board_id)
    assert found() == {"article"}
    Board.objects.filter(pk=inner.board_id).update(active=False, members_only=False)
    actions.board_changed(board_id=inner.board_id)
    assert found() == {"article"}
    assert {(one.room, one.title) for one in [*actions.findable_topics(), *actions.findable_articles()]} == {
        ("topic", "quokka open"), ("blog", "quokka article"),
    }  # fmt: skip
