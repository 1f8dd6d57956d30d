"""Tags, polls, pictures, mentions, reactions."""

import io
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from PIL import Image

from accounts.rules import BadInput, NotYours, WrongStatus
from accounts.viewers import Viewer, person_viewer
from forums import actions, queries, rules
from forums.models import Picture, Poll, Reply, Writer
from forums.queries.pictures import path_of
from notices.models import Notice
from tests import make
from tests.forums import cast

pytestmark = pytest.mark.django_db


@pytest.fixture
def wang() -> Viewer:
    return cast.viewer("wang")


def opened(viewer: Viewer, **given):
    words = {"title": "The lift", "text": "It stands.", "board_id": cast.board().pk}
    return actions.open_topic(viewer=viewer, **(words | given))


def test_tags_narrow_a_board(client, wang):
    opened(wang, title="Tagged one", tags="电梯，Noise, noise")
    opened(wang, title="Another one", tags=["电梯", "24/7"])
    page = client.get("/forums/housing-board/?tag=noise").content.decode()
    assert "Tagged one" in page
    assert "Another one" not in page
    assert queries.tags_of(cast.board()) == ["电梯", "24/7", "noise"]
    # Over all boards, within rights.
    inner = cast.board("members", members_only=True)
    cast.member(inner, wang)
    opened(wang, title="Inner one", tags="noise, inner", board_id=inner.pk)
    assert queries.tags_everywhere(Viewer()) == [("电梯", 2), ("24/7", 1), ("noise", 1)]
    assert ("noise", 2) in queries.tags_everywhere(wang)
    page = client.get("/forums/tags/noise/").content.decode()
    assert "Tagged one" in page
    assert "Inner one" not in page
    assert [client.get(f"/forums/tags/{tag}/").status_code for tag in ("Noise", "24/7", "inner", "nobody")] == [
        200, 200, 404, 404
    ]  # fmt: skip
    assert "电梯" in client.get("/forums/tags/").content.decode()
    for bad in ("a,b,c,d,e,f", "x" * 21):
        with pytest.raises(BadInput):
            opened(wang, tags=bad)


def test_pictures_are_drawn_anew_without_their_place(wang, client):
    exif = Image.Exif()
    exif[0x8825] = {1: "N", 2: (30.0, 15.0, 0.0)}
    topic = opened(wang, pictures=[make.picture(size=(2000, 1000), exif=exif.tobytes())])
    key = topic.pictures[0]["key"]
    content = b"".join(client.get(f"/forums/pictures/{key}/").streaming_content)
    with Image.open(io.BytesIO(content)) as shown:
        assert (shown.format, shown.size, dict(shown.getexif())) == ("WEBP", (1600, 800), {})
    assert path_of(key, small=True).exists()
    assert f"/forums/pictures/{key}/?small=1" in client.get(topic.get_absolute_url()).content.decode()
    actions.hide_topic(by=person_viewer(cast.moderator()), topic_id=topic.pk, reason="x")
    assert client.get(f"/forums/pictures/{key}/").status_code == 404


def test_what_is_no_picture_is_refused_and_nothing_stays(wang):
    folder = path_of("00").parent.parent
    before = set(folder.rglob("*.webp"))
    script = SimpleUploadedFile("a.svg", b"<svg onload='x'/>", "image/svg+xml")
    fake = SimpleUploadedFile("a.jpg", b"GIF89a<script>", "image/jpeg")
    for bad in ([script], [fake], [make.picture(), fake], [make.picture() for _n in range(7)]):
        with pytest.raises(BadInput):
            opened(wang, pictures=bad)
    with pytest.raises(BadInput):
        actions.open_topic(
            viewer=wang, board_id=cast.board().pk, title="ok title", text="x" * 10_001, pictures=[make.picture()]
        )
    assert not Picture.objects.exists()
    assert set(folder.rglob("*.webp")) == before


def test_a_poll_counts_each_person_once_and_closes(wang, client):
    now = timezone.now()
    topic = opened(wang, question="Which?", options=["Tea", "Coffee", " ", "Tea"], closes_at=now + timedelta(days=1))
    tea, coffee = Poll.objects.get().options.all()
    for name, option in (("a", tea), ("b", tea), ("a", coffee), ("a", coffee)):
        actions.vote(viewer=cast.viewer(name), topic_id=topic.pk, option_ids=[option.pk])
    view = queries.poll_of(cast.viewer("a"), queries.topic_for(Viewer(), topic.pk))
    assert [(option.text, option.votes, share, mine) for option, share, mine in view.options] == [
        ("Tea", 1, 50, False), ("Coffee", 1, 50, True)
    ]  # fmt: skip
    assert (view.poll.voters, view.voted, view.closed) == (2, True, False)
    with pytest.raises(BadInput):
        actions.vote(viewer=wang, topic_id=topic.pk, option_ids=[tea.pk, coffee.pk])
    with pytest.raises(BadInput):
        actions.vote(viewer=wang, topic_id=topic.pk, option_ids=[2**40])
    with pytest.raises(WrongStatus):
        actions.vote(viewer=wang, topic_id=topic.pk, option_ids=[tea.pk], at=now + timedelta(days=2))
    with pytest.raises(NotYours):
        actions.vote(viewer=wang, topic_id=cast.topic().pk, option_ids=[tea.pk])
    # Strangers see the question, not the result before they could vote.
    page = client.get(topic.get_absolute_url()).content.decode()
    assert "Coffee" in page
    assert "50%" not in page
    for options in (["one"], [str(n) for n in range(13)]):
        with pytest.raises(BadInput):
            opened(wang, question="Which?", options=options)


def test_reactions_count_each_person_once_and_can_be_taken_back(wang, client):
    topic = cast.topic()
    reply = actions.reply_to(viewer=cast.viewer("li"), topic_id=topic.pk, text="good")
    client.force_login(wang.person, backend="accounts.backends.PersonBackend")
    address = f"/forums/replies/{reply.pk}/react/"
    told = [client.post(address, {"agree": on}, headers={"x-requested-with": "fetch"}).json() for on in "1101"]
    assert [one["count"] for one in told] == [1, 1, 0, 1]
    assert client.post(address, {"thanks": "1"}).status_code == 302
    found = Reply.objects.get(pk=reply.pk)
    assert (found.agrees, found.thanks) == (1, 1)
    assert client.post(address, {"nonsense": "1"}).status_code == 400
    actions.hide_reply(by=person_viewer(cast.moderator()), reply_id=reply.pk, reason="x")
    with pytest.raises(NotYours):
        actions.react(viewer=cast.viewer("b"), topic_id=topic.pk, reply_id=reply.pk, kind="agree", on=True)
    with pytest.raises(rules.SignInFirst):
        actions.support_topic(viewer=Viewer(), topic_id=topic.pk, on=True)


def test_a_mention_tells_whom_it_names_once(wang):
    li = make.person("li")
    li.nickname = "小李"
    li.save()
    topic = cast.topic(author=wang.person)
    first = actions.reply_to(viewer=person_viewer(li), topic_id=topic.pk, text="hello")
    actions.reply_to(viewer=cast.viewer("chen"), topic_id=topic.pk, text="@小李你好", parent_id=first.pk)
    assert '<span class="mention">@小李</span>你好' in Reply.objects.last().html
    assert list(Notice.objects.filter(person=li).values_list("kind", flat=True)) == ["topic_replied_you"]
    actions.reply_to(viewer=cast.viewer("chen"), topic_id=topic.pk, text="and again @小李 @nobody")
    assert Notice.objects.filter(person=li, kind="topic_mentioned").count() == 1


def test_one_takes_a_reply_back_for_good(wang, client):
    topic = cast.topic()
    reply = actions.reply_to(viewer=wang, topic_id=topic.pk, text="numbat", pictures=[make.picture()])
    below = actions.reply_to(viewer=cast.viewer("li"), topic_id=topic.pk, text="below", parent_id=reply.pk)
    with pytest.raises(NotYours):
        actions.withdraw_reply(viewer=wang, reply_id=below.pk)
    actions.withdraw_reply(viewer=wang, reply_id=reply.pk)
    page = client.get(topic.get_absolute_url()).content.decode()
    assert "numbat" not in page
    assert "below" in page
    assert not Picture.objects.exists()
    with pytest.raises(WrongStatus):
        actions.show_reply(by=person_viewer(cast.moderator()), reply_id=reply.pk)


def test_only_its_writers_open_articles_in_a_blog(client, wang):
    blog = cast.board("blog")
    blog.kind = "blog"
    blog.save()
    with pytest.raises(NotYours):
        cast.topic(board=blog, author=wang.person)
    expert = make.person("expert", name="Dr Chen")
    Writer.objects.create(board=blog, person=expert, title="Doctor")
    article = cast.topic(
        board=blog, author=expert, title="Winter colds", text="## Tea\n\n| a | b |\n|---|---|\n| 1 | 2 |"
    )
    page = client.get(article.get_absolute_url()).content.decode()
    assert "<h3>Tea</h3>" in page
    assert "<table>" in page
    listed = client.get("/forums/blog/").content.decode()
    assert "Dr Chen" in listed
    assert "Doctor" in listed
    client.force_login(wang.person, backend="accounts.backends.PersonBackend")
    assert client.get("/forums/blog/new/").status_code == 404


def test_library_pages_of_comments_are_not_there(client):
    for path in ("/comments/confirm/x/", "/comments/mute/x/", "/comments/post/", "/comments/reply/1/"):
        assert client.get(path).status_code == 404
