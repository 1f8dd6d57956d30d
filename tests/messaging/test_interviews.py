"""Live interviews: announced, asked, screened, answered, read along, published and found."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import Role
from accounts.rules import BadInput, Conflict, NotFound, WrongStatus
from messaging import actions, queries
from messaging.models import Interview, Question
from search.actions import reindex
from search.queries import find
from tests import make
from tests.messaging import cast

pytestmark = pytest.mark.django_db


def host(name: str = "mona"):
    return make.viewer(make.official(name, Role.MODERATOR))


def guest(name: str = "gu"):
    return make.viewer(make.official(name, Role.LEADER))


def announced(by=None, **more) -> Interview:
    now = timezone.now()
    asked = {
        "unit_id": make.unit().pk, "title": "Lifts in old houses", "about": "Who pays, and when.",
        "guests": "Director Gu", "starts_at": now + timedelta(hours=1), "ends_at": now + timedelta(hours=2),
        "people": [guest().person.pk], **more,
    }  # fmt: skip
    return actions.announce_interview(by=by or host(), **asked)


def ask(interview, who=None, text="Who pays?", token="a-token-of-a-form"):
    return actions.ask_question(
        viewer=who or cast.visitor(), interview_id=interview.pk, text=text, name="Li", token=token
    )


def test_the_whole_way_from_the_announcement_to_a_transcript_that_search_finds():
    mona, gu, reader = host(), guest(), cast.visitor()
    interview = announced()
    room = str(interview.room_id)
    assert queries.may_follow_room(cast.visitor("anybody"), room)
    question = ask(interview)
    assert ask(interview) == question
    refused = ask(interview, text="A name and a telephone number", token="another-form")
    assert queries.may_follow_screen(mona, str(interview.pk))
    assert not queries.may_follow_screen(reader, str(interview.pk))
    actions.screen_question(question_id=question.pk, by=mona, put=True)
    actions.screen_question(question_id=refused.pk, by=mona, put=False, ground="Names somebody")
    with pytest.raises(WrongStatus):
        actions.answer_question(question_id=question.pk, by=gu, text="The city.", client_key="key-number-1")
    actions.move_interview(interview_id=interview.pk, by=mona, step="start")
    greeted, _at = actions.say_in_room(viewer=gu, key=room, client_key="key-number-0", text="Good morning.")
    with pytest.raises(WrongStatus):
        actions.change_in_room(viewer=gu, key=room, client_key="changed-mind", seq=greeted, text=None)
    for _twice in range(2):
        actions.answer_question(question_id=question.pk, by=gu, text="The aardvark fund.", client_key="key-number-1")
    actions.move_interview(interview_id=interview.pk, by=mona, step="end")
    assert find("aardvark", audiences=["public"]) == []
    interview = actions.publish_transcript(interview_id=interview.pk, by=mona)
    items = queries.items_of(interview)
    assert [(one.text, [answer.text for answer in one.answers]) for one in items] == [
        ("Who pays?", ["The aardvark fund."]), ("Good morning.", []),
    ]  # fmt: skip
    assert cast.kinds(interview.room.stream_name) == [
        "interview.announced", "question.put", "interview.started", "message.said", "question.answered",
        "interview.ended", "interview.published",
    ]  # fmt: skip
    public = str([entry.data for entry in cast.entries(interview.room.stream_name)])
    assert "telephone" not in public
    assert reindex(["interview"]) == {"interview": 1}
    assert [hit.document.url for hit in find("aardvark", audiences=["public"])] == [f"/interviews/{interview.slug}/"]
    for room, count in (("interview", 1), ("blog", 0)):
        page = Client().get(f"/search/?q=aardvark&room={room}").content.decode()
        assert page.count(f'href="/interviews/{interview.slug}/"') == count
    assert [one.ground for one in queries.own_questions(interview, reader)] == ["Names somebody", ""]


def test_every_question_comes_to_an_end():
    mona, interview = host(), announced()
    reader, late = cast.visitor(), cast.visitor("late")
    put, _waiting = ask(interview), ask(interview, text="And when?", token="another-form")
    actions.screen_question(question_id=put.pk, by=mona, put=True)
    actions.move_interview(interview_id=interview.pk, by=mona, step="start")
    actions.move_interview(interview_id=interview.pk, by=mona, step="end")
    # Guests may still answer what was put, until the transcript is out.
    assert [one.status for one in queries.own_questions(interview, reader)] == ["unanswered", "put"]
    assert queries.waiting_questions(interview) == []
    actions.publish_transcript(interview_id=interview.pk, by=mona)
    assert [one.status for one in queries.own_questions(interview, reader)] == ["unanswered", "unanswered"]
    forgotten = announced()
    ask(forgotten, who=late, token="a-third-form")
    actions.move_interview(interview_id=forgotten.pk, by=mona, step="start")
    assert actions.close_forgotten(timezone.now() + timedelta(hours=9)) == 1
    assert [one.status for one in queries.own_questions(forgotten, late)] == ["unanswered"]


def test_who_asked_still_finds_an_interview_that_was_cancelled():
    browser, interview = Client(headers={"accept-language": "en"}), announced()
    page = f"/interviews/{interview.slug}/"
    token = re.search(r'name="token" value="([^"]+)"', browser.get(page).content.decode())[1]
    browser.post(page, {"token": token, "text": "Who pays?", "name": ""})
    actions.move_interview(interview_id=interview.pk, by=host(), step="cancel")
    assert "Ask in writing" in browser.get(page).content.decode()
    assert Client().get(page).status_code == 404


def test_readers_do_nothing_but_ask_and_guests_do_not_screen():
    interview, question = announced(), ask(announced())
    interview = question.interview
    for other in (cast.visitor(), cast.citizen(), make.viewer(make.official("hugo")), guest()):
        for act in (
            lambda by=other: actions.screen_question(question_id=question.pk, by=by, put=True),
            lambda by=other: actions.move_interview(interview_id=interview.pk, by=by, step="start"),
            lambda by=other: actions.publish_transcript(interview_id=interview.pk, by=by),
        ):
            with pytest.raises(NotFound):
                act()
    actions.move_interview(interview_id=interview.pk, by=host(), step="start")
    with pytest.raises(NotFound):
        actions.say_in_room(
            viewer=cast.citizen(), key=str(interview.room_id), client_key="key-number-1", text="I am here too"
        )
    assert Question.objects.get(pk=question.pk).status == "waiting"


def test_what_cannot_be_is_refused():
    mona, now = host(), timezone.now()
    for wrong in ({"title": ""}, {"about": "x\0"}, {"starts_at": now - timedelta(hours=1)}, {"ends_at": now}):
        with pytest.raises(BadInput):
            announced(**wrong)
    for other in (cast.citizen(), make.viewer(make.official("hugo")), cast.on_duty()):
        with pytest.raises(NotFound):
            announced(by=other)
    interview = announced()
    question = ask(interview)
    with pytest.raises(BadInput):
        actions.screen_question(question_id=question.pk, by=mona, put=False, ground="")
    actions.screen_question(question_id=question.pk, by=mona, put=True)
    with pytest.raises(Conflict):
        actions.screen_question(question_id=question.pk, by=mona, put=True)
    for number in range(3):
        ask(interview, token=f"form-{number}")
    with pytest.raises(Conflict):
        ask(interview, token="form-4")
    actions.move_interview(interview_id=interview.pk, by=mona, step="cancel")
    with pytest.raises(WrongStatus):
        ask(interview, who=cast.visitor("late"), token="form-5")
    assert not queries.may_follow_room(cast.visitor(), str(interview.room_id))


def test_one_that_nobody_ended_is_ended():
    mona, interview = host(), announced()
    actions.move_interview(interview_id=interview.pk, by=mona, step="start")
    assert actions.close_forgotten(at=interview.ends_at + timedelta(hours=5)) == 0
    assert actions.close_forgotten(at=interview.ends_at + timedelta(hours=7)) == 1
    assert actions.close_forgotten(at=interview.ends_at + timedelta(hours=7)) == 0
    assert Interview.objects.get().status == "ended"


def test_the_pages_work_without_an_account_and_without_javascript():
    mona, reader = host(), Client()
    interview = announced()
    page = reader.get(f"/interviews/{interview.slug}/").content.decode()
    assert "Lifts in old houses" in reader.get("/interviews/").content.decode()
    token = page.partition('name="token" value="')[2].partition('"')[0]
    form = {"token": token, "text": "Who pays?", "name": "Li"}
    for _twice in range(2):
        assert reader.post(f"/interviews/{interview.slug}/", form).status_code == 302
    question = Question.objects.get()
    assert reader.post(f"/interviews/{interview.slug}/", {**form, "text": ""}).status_code == 400
    assert reader.get(f"/interviews/{interview.slug}/desk/").status_code == 404
    desk = Client()
    desk.force_login(mona.person, backend="accounts.backends.PersonBackend")
    at = f"/interviews/{interview.slug}"
    assert "Who pays?" in desk.get(f"{at}/desk/").content.decode()
    assert "Who pays?" in reader.get(f"{at}/").content.decode()
    assert "Who pays?" not in Client().get(f"{at}/").content.decode()
    desk.post(f"{at}/questions/{question.pk}/", {"put": "1"})
    desk.post(f"{at}/desk/start/")
    desk.post(f"{at}/questions/{question.pk}/", {"text": "The city.", "key": "key-of-the-form"})
    assert "The city." in Client().get(f"{at}/").content.decode()
    desk.post(f"{at}/desk/end/")
    desk.post(f"{at}/desk/publish/")
    assert Interview.objects.get().status == "published"
    assert desk.post(f"{at}/desk/nonsense/").status_code == 404
