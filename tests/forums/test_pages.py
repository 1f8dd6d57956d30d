"""The pages of the forums, as readers see them."""

import pytest

from accounts.rules import NotFound
from accounts.viewers import Viewer, person_viewer
from forums import actions, queries
from forums.queries.topics import TOPICS_A_PAGE
from notices.models import Notice
from tests import make
from tests.forums import cast

pytestmark = pytest.mark.django_db


def sign_in(client, person):
    client.force_login(person, backend="accounts.backends.PersonBackend")


def test_everybody_reads_and_no_real_name_is_shown(client):
    author = make.person("author", name="Real Name")
    topic = cast.topic(author=author)
    actions.reply_to(viewer=person_viewer(author), topic_id=topic.pk, text="hello")
    for path in ("/forums/", "/forums/housing-board/", f"/forums/topics/{topic.pk}/"):
        page = client.get(path)
        assert page.status_code == 200
        assert "Real Name" not in page.content.decode()


def test_posts_are_text_and_links_are_marked(client):
    topic = cast.topic(
        author=cast.trusted(), text="<script>alert(1)</script> see https://example.org/x and javascript:alert(1)"
    )
    page = client.get(f"/forums/topics/{topic.pk}/").content.decode()
    assert "<script>alert" not in page
    assert '<a href="https://example.org/x" rel="nofollow noopener ugc">' in page
    assert 'href="javascript' not in page


def test_a_long_topic_is_paged_with_as_many_questions_as_a_short_one(client, django_assert_max_num_queries):
    topic = cast.topic()
    made = []
    for number in range(60):
        viewer = person_viewer(make.person(f"reader{number}"))
        made.append(actions.reply_to(viewer=viewer, topic_id=topic.pk, text=f"reply {number}"))
    client.get(f"/forums/topics/{topic.pk}/")
    with django_assert_max_num_queries(5):
        page = client.get(f"/forums/topics/{topic.pk}/").content.decode()
    assert "reply 49" in page
    assert "reply 50" not in page
    there = client.get(f"/forums/topics/{topic.pk}/?reply={made[55].pk}")
    assert there["Location"] == f"/forums/topics/{topic.pk}/?page=2#reply-{made[55].pk}"


def test_a_board_is_paged_by_cursor_without_losing_topics():
    board = cast.board()
    for number in range(TOPICS_A_PAGE + 5):
        cast.topic(title=f"Topic {number}")
    first = queries.topics_of(Viewer(), board)
    second = queries.topics_of(Viewer(), board, first.after)
    assert len({topic.pk for topic in first.topics + second.topics}) == TOPICS_A_PAGE + 5
    assert second.after == ""
    assert queries.topics_of(Viewer(), board, "nonsense").topics == first.topics
    assert queries.topics_of(Viewer(), board, "9" * 17 + ".1").topics == first.topics


def test_a_topic_is_opened_and_answered_in_the_browser(client):
    sign_in(client, make.person("wang"))
    board = cast.board()
    opened = client.post(f"/forums/{board.slug}/new/", {"title": "The lift", "text": "Stands", "token": "t"})
    assert opened.status_code == 302
    answered = client.post(f"{opened['Location']}reply/", {"text": "me again", "token": "u"})
    page = client.get(opened["Location"]).content.decode()
    assert answered.status_code == 302
    assert "me again" in page
    assert 'data-stream="topic-' in page


def test_a_bad_form_keeps_the_words(client):
    sign_in(client, make.person("wang"))
    page = client.post(f"/forums/{cast.board().slug}/new/", {"title": "a", "text": "many words", "token": "t"})
    assert page.status_code == 400
    assert "many words" in page.content.decode()


@pytest.mark.parametrize(
    "path", ["/forums/nothing/", "/forums/topics/0/", f"/forums/topics/{2**63}/", f"/forums/topics/{2**70}/"]
)
def test_what_is_not_there_is_not_found(client, path):
    assert client.get(path).status_code == 404


@pytest.mark.parametrize("query", ["page=0", "page=-1", "page=99999999", "page=x", "reply=99999999", "to=x", "to=123"])
def test_nonsense_in_the_address_does_no_harm(client, query):
    assert client.get(f"/forums/topics/{cast.topic().pk}/?{query}").status_code in (200, 302)


def test_boards_for_members_are_for_members(client):
    topic = cast.topic(board=cast.board("members", members_only=True), title="quokka")
    assert client.get("/forums/members/").status_code == 404
    assert "quokka" not in client.get("/forums/").content.decode()
    assert "quokka" not in client.get("/search/?q=quokka").content.decode().replace('value="quokka"', "").replace(
        "q=quokka", "").replace("<title>quokka", "")  # fmt: skip
    # Who has signed in finds the door, and behind it nothing until a moderator has let them in.
    wang = cast.viewer("wang")
    sign_in(client, wang.person)
    door = client.get("/forums/members/").content.decode()
    assert "/forums/members/join/" in door
    assert "quokka" not in door
    assert client.get(topic.get_absolute_url()).status_code == 404
    for act in (
        lambda: actions.reply_to(viewer=wang, topic_id=topic.pk, text="me too"),
        lambda: actions.support_topic(viewer=wang, topic_id=topic.pk, on=True),
        lambda: actions.flag_post(viewer=wang, topic_id=topic.pk, ground="other"),
        lambda: actions.open_topic(viewer=wang, board_id=topic.board_id, title="Hello", text="me too"),
    ):
        with pytest.raises(NotFound):
            act()
    client.post("/forums/members/join/", {"words": "I live there."})
    asked, _author = queries.members_of(person_viewer(cast.moderator()), topic.board)
    sign_in(client, cast.moderator())
    assert "I live there." in client.get("/forums/members/members/").content.decode()
    client.post("/forums/members/members/", {"member": asked.pk, "do": "let_in"})
    assert Notice.objects.filter(person=wang.person, kind="forum_let_in").exists()
    sign_in(client, wang.person)
    assert client.get(topic.get_absolute_url()).status_code == 200
    assert "quokka" in client.get("/search/?q=quokka").content.decode().partition("<ol")[2]
    mine = actions.open_topic(viewer=wang, board_id=topic.board_id, title="Mine", text="Hello")
    actions.leave_board(viewer=wang, board_id=topic.board_id)
    actions.reply_to(viewer=person_viewer(cast.moderator()), topic_id=mine.pk, text="not for outside")
    assert not Notice.objects.filter(person=wang.person, kind="topic_replied").exists()
    assert client.get(topic.get_absolute_url()).status_code == 404
