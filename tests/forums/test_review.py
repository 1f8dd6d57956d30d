"""Flags, the moderators' queue, appeals."""

import pytest

from accounts.models import Role
from accounts.rules import BadInput, NotFound, NotYours, WrongStatus
from accounts.viewers import Viewer, person_viewer
from forums import actions, queries, rules
from forums.models import Reply, Review
from notices.models import Notice
from tests import make
from tests.forums import cast

pytestmark = pytest.mark.django_db


@pytest.fixture
def mona() -> Viewer:
    return person_viewer(cast.moderator())


def test_a_flag_reaches_the_moderators_once_a_person(mona):
    topic = cast.topic()
    li = cast.viewer("li")
    review = actions.flag_post(viewer=li, topic_id=topic.pk, ground="abuse", words="rude")
    assert Notice.objects.get(person=mona.person).kind == "forum_review"
    with pytest.raises(WrongStatus):
        actions.flag_post(viewer=li, topic_id=topic.pk, ground="abuse")
    row = queries.queue(mona)[0]
    assert (row.review, row.author, [flag.words for flag in row.flags]) == (review, topic.author, ["rude"])
    for viewer, error in ((Viewer(), rules.SignInFirst), (person_viewer(topic.author), NotYours)):
        with pytest.raises(error):
            actions.flag_post(viewer=viewer, topic_id=topic.pk, ground="abuse")
    with pytest.raises(BadInput):
        actions.flag_post(viewer=cast.viewer("chen"), topic_id=topic.pk, ground="nonsense")
    with pytest.raises(NotYours):
        queries.queue(li)


def test_without_moderators_a_flag_reaches_somebody_else():
    sven = make.official("sven", Role.SUPERVISOR)
    actions.flag_post(viewer=cast.viewer("li"), topic_id=cast.topic().pk, ground="other")
    assert Notice.objects.get(person=sven).kind == "forum_review"


def test_enough_flags_of_trusted_readers_take_a_post_from_view(mona):
    topic = cast.topic()
    reply = actions.reply_to(viewer=cast.viewer("wang"), topic_id=topic.pk, text="shout")
    for name in ("a", "b"):
        actions.flag_post(
            viewer=person_viewer(cast.trusted(name)), topic_id=topic.pk, reply_id=reply.pk, ground="abuse"
        )
    for name in ("n1", "n2", "n3"):
        actions.flag_post(viewer=cast.viewer(name), topic_id=topic.pk, reply_id=reply.pk, ground="abuse")
    assert not Reply.objects.get(pk=reply.pk).held
    actions.flag_post(viewer=person_viewer(cast.trusted("c")), topic_id=topic.pk, reply_id=reply.pk, ground="abuse")
    topic.refresh_from_db()
    assert (Reply.objects.get(pk=reply.pk).held, topic.replies) == (True, 0)
    actions.decide(by=mona, review_id=Review.objects.get().pk, keep=True)
    topic.refresh_from_db()
    assert (Reply.objects.get(pk=reply.pk).held, topic.replies) == (False, 1)


def test_a_decision_is_made_once_and_its_writer_learns_the_reason(mona):
    topic = cast.topic()
    wang = cast.viewer("wang")
    reply = actions.reply_to(viewer=wang, topic_id=topic.pk, text="buy numbat")
    review = actions.flag_post(viewer=cast.viewer("li"), topic_id=topic.pk, reply_id=reply.pk, ground="advert")
    with pytest.raises(NotYours):
        actions.decide(by=wang, review_id=review.pk, keep=True)
    done = actions.decide(by=mona, review_id=review.pk, keep=False, ground="advert")
    assert (done.decision, done.decided_by, done.ground) == ("hidden", mona.person, "advert")
    with pytest.raises(WrongStatus):
        actions.decide(by=mona, review_id=review.pk, keep=True)
    told = Notice.objects.get(person=wang.person)
    assert (told.kind, told.url) == ("post_hidden", f"/forums/topics/{topic.pk}/appeal/?reply={reply.pk}")


def test_an_appeal_is_made_once_and_decided_by_another_moderator(mona, client):
    wang, topic = cast.viewer("wang"), cast.topic()
    reply = actions.reply_to(viewer=wang, topic_id=topic.pk, text="my honest words")
    actions.hide_reply(by=mona, reply_id=reply.pk, reason="sounds like spam")
    client.force_login(wang.person, backend="accounts.backends.PersonBackend")
    address = f"/forums/topics/{topic.pk}/appeal/?reply={reply.pk}"
    page = client.get(address).content.decode()
    assert "my honest words" in page
    assert "sounds like spam" in page
    assert client.post(address, {"words": "It is not."}).status_code == 302
    appeal = Review.objects.get(cause="appeal")
    with pytest.raises(WrongStatus):
        actions.appeal(viewer=wang, topic_id=topic.pk, reply_id=reply.pk, words="again")
    # The only moderator may decide; as soon as there is another one, that one does.
    max_ = person_viewer(make.official("max", Role.MODERATOR))
    with pytest.raises(WrongStatus):
        actions.decide(by=mona, review_id=appeal.pk, keep=True)
    actions.decide(by=max_, review_id=appeal.pk, keep=True)
    assert not Reply.objects.get(pk=reply.pk).is_removed
    with pytest.raises(NotFound):
        queries.keeping.appealable(wang, topic.pk, reply.pk)


def test_a_refused_appeal_is_final(mona):
    wang = cast.viewer("wang")
    topic = cast.topic(author=wang.person)
    actions.hide_topic(by=mona, topic_id=topic.pk, reason="spam")
    appeal = actions.appeal(viewer=wang, topic_id=topic.pk, words="no spam")
    actions.decide(
        by=person_viewer(make.official("max", Role.MODERATOR)), review_id=appeal.pk, keep=False, reason="It is."
    )
    topic.refresh_from_db()
    assert topic.hidden
    assert Notice.objects.filter(person=wang.person, kind="appeal_refused").exists()
    with pytest.raises(WrongStatus):
        actions.appeal(viewer=wang, topic_id=topic.pk, words="once more")
    with pytest.raises(NotYours):
        actions.appeal(viewer=cast.viewer("li"), topic_id=topic.pk, words="for them")


def test_the_queue_is_a_page_of_moderators_with_forms_that_work_alone(client, mona):
    review = actions.flag_post(viewer=cast.viewer("li"), topic_id=cast.topic(title="Loud").pk, ground="abuse")
    client.force_login(mona.person, backend="accounts.backends.PersonBackend")
    assert "Loud" in client.get("/forums/queue/").content.decode()
    answer = client.post(f"/forums/queue/{review.pk}/", {"do": "keep"}, headers={"x-requested-with": "fetch"})
    assert answer.json() == {"left": 0}
    assert client.post(f"/forums/queue/{review.pk}/", {"do": "keep"}).status_code == 302
    assert "Loud" in client.get("/forums/queue/?show=past").content.decode()
