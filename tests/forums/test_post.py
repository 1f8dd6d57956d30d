"""Opening topics and replying."""

import pytest

import search.queries
from accounts.rules import BadInput, Conflict, NotFound, NotYours, TooMany, WrongStatus
from accounts.viewers import Viewer, person_viewer
from forums import actions, queries, rules
from forums.models import Reply, Topic
from journal.models import Entry
from notices.models import Notice
from tests import make
from tests.forums import cast

pytestmark = pytest.mark.django_db


@pytest.fixture
def wang() -> Viewer:
    return person_viewer(make.person("wang"))


@pytest.fixture
def li() -> Viewer:
    return person_viewer(make.person("li"))


def kinds(topic: Topic) -> list[str]:
    return list(Entry.objects.filter(stream__name=topic.stream_name).order_by("seq").values_list("kind", flat=True))


def test_a_topic_is_opened_recorded_and_found(wang):
    topic = actions.open_topic(viewer=wang, board_id=cast.board().pk, title="电梯停了", text="七号楼")
    assert kinds(topic) == ["topic.opened"]
    assert [hit.document.url for hit in search.queries.find("电梯", audiences=["public"])] == [
        f"/forums/topics/{topic.pk}/"
    ]


def test_the_same_form_opens_one_topic(wang, li):
    make_one = {"board_id": cast.board().pk, "title": "The lift", "text": "Stands", "token": "same"}
    first = actions.open_topic(viewer=wang, **make_one)
    assert actions.open_topic(viewer=wang, **make_one) == first
    assert actions.open_topic(viewer=li, **make_one) != first


def test_strangers_are_asked_to_sign_in(client):
    topic = cast.topic()
    with pytest.raises(rules.SignInFirst):
        actions.open_topic(viewer=Viewer(), board_id=cast.board().pk, title="The lift", text="Stands")
    with pytest.raises(rules.SignInFirst):
        actions.reply_to(viewer=Viewer(), topic_id=topic.pk, text="Hello")
    page = client.post(
        f"/forums/topics/{topic.pk}/reply/", {"text": "My words", "token": "t"}, headers={"accept-language": "en"}
    )
    assert page.status_code == 400
    assert "Please sign in" in page.content.decode()


@pytest.mark.parametrize(
    ("title", "text"), [("", "x"), ("a", "x"), ("x" * 201, "x"), ("The lift", ""), ("The lift", "x" * 10_001),
                        ("The lift", "a\0b"), ("The\nlift", "x"), ("The lift", "\ud800")],
)  # fmt: skip
def test_it_refuses_nonsense(wang, title, text):
    with pytest.raises(BadInput):
        actions.open_topic(viewer=wang, board_id=cast.board().pk, title=title, text=text)
    assert not Topic.objects.exists()


def test_replies_hang_below_what_they_answer(wang, li):
    topic = cast.topic()
    first = actions.reply_to(viewer=wang, topic_id=topic.pk, text="one")
    second = actions.reply_to(viewer=li, topic_id=topic.pk, text="two")
    below = actions.reply_to(viewer=li, topic_id=topic.pk, text="below one", parent_id=first.pk)
    found = [(reply.comment, reply.level) for reply in queries.replies_of(topic)]
    assert found == [("one", 0), ("below one", 1), ("two", 0)]
    topic.refresh_from_db()
    assert (topic.replies, below.parent_id, second.level) == (3, first.pk, 0)
    assert kinds(topic) == ["topic.opened", "topic.replied", "topic.replied", "topic.replied"]


def test_what_is_too_deep_hangs_beside_what_it_answers():
    topic = cast.topic()
    reply = None
    for number in range(12):
        viewer = person_viewer(make.person(f"deep{number}"))
        reply = actions.reply_to(
            viewer=viewer, topic_id=topic.pk, text=str(number), parent_id=reply.pk if reply else None
        )
    assert max(reply.level for reply in queries.replies_of(topic)) <= 8


def test_a_reply_sent_twice_stands_once(wang):
    topic = cast.topic()
    first = actions.reply_to(viewer=wang, topic_id=topic.pk, text="one", token="same")
    assert actions.reply_to(viewer=wang, topic_id=topic.pk, text="one", token="same") == first
    with pytest.raises(Conflict):
        actions.reply_to(viewer=wang, topic_id=topic.pk, text="other", token="same")
    assert Reply.objects.count() == 1


def test_it_refuses_a_parent_of_another_topic(wang):
    elsewhere = actions.reply_to(viewer=wang, topic_id=cast.topic().pk, text="one")
    with pytest.raises(BadInput):
        actions.reply_to(viewer=wang, topic_id=cast.topic().pk, text="two", parent_id=elsewhere.pk)
    with pytest.raises(BadInput):
        actions.reply_to(viewer=wang, topic_id=cast.topic().pk, text="two", parent_id=2**40)


def test_it_refuses_locked_and_hidden_topics(wang):
    locked, hidden = cast.topic(), cast.topic(hidden=True)
    actions.lock_topic(by=person_viewer(cast.moderator()), topic_id=locked.pk)
    with pytest.raises(WrongStatus):
        actions.reply_to(viewer=wang, topic_id=locked.pk, text="x")
    with pytest.raises(NotYours):
        actions.reply_to(viewer=wang, topic_id=hidden.pk, text="x")
    with pytest.raises(NotFound):
        actions.reply_to(viewer=wang, topic_id=2**40, text="x")


def test_somebody_who_is_too_quick_must_wait(wang):
    topic = cast.topic()
    for number in range(rules.POSTS[rules.NEWCOMER]):
        actions.reply_to(viewer=wang, topic_id=topic.pk, text=str(number))
    with pytest.raises(TooMany):
        actions.reply_to(viewer=wang, topic_id=topic.pk, text="more")


def test_an_official_answers_in_the_name_of_the_unit(wang):
    topic = cast.topic(author=make.person("author"))
    olga = person_viewer(make.official("olga"))
    reply = actions.reply_to(viewer=olga, topic_id=topic.pk, text="We mend it.", official=True)
    topic.refresh_from_db()
    assert topic.official_reply == reply.pk
    assert reply.unit == make.unit()
    assert Notice.objects.get(person=topic.author).kind == "topic_answered"
    with pytest.raises(NotYours):
        actions.reply_to(viewer=wang, topic_id=topic.pk, text="So do I.", official=True)


def test_the_author_is_told_of_a_reply_but_not_of_their_own(wang):
    topic = cast.topic(author=wang.person)
    actions.reply_to(viewer=wang, topic_id=topic.pk, text="me again")
    assert not Notice.objects.exists()
    actions.reply_to(viewer=person_viewer(make.person("li")), topic_id=topic.pk, text="hello")
    assert Notice.objects.get().person == wang.person


def test_a_reply_is_changed_by_its_author_without_being_given_back(wang, li):
    topic = cast.topic()
    reply = actions.reply_to(viewer=wang, topic_id=topic.pk, text="one")
    below = actions.reply_to(viewer=li, topic_id=topic.pk, text="below", parent_id=reply.pk)
    actions.hide_reply(by=person_viewer(cast.moderator()), reply_id=below.pk, reason="spam")
    actions.edit_reply(viewer=wang, reply_id=reply.pk, text="changed")
    below.refresh_from_db()
    assert below.is_removed
    assert Reply.objects.get(pk=reply.pk).comment == "changed"
    with pytest.raises(NotYours):
        actions.edit_reply(viewer=li, reply_id=reply.pk, text="mine now")
