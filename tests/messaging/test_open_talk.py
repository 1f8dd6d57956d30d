"""Asking for a talk."""

import pytest

from accounts.rules import BadInput, Conflict, NotFound
from messaging import actions
from messaging.models import Talk
from tests.messaging import cast

pytestmark = pytest.mark.django_db


def test_it_waits_with_its_first_words():
    talk = cast.talk(text="The lift is stuck.")
    assert talk.status == Talk.Status.WAITING
    assert cast.kinds(talk.stream_name) == ["talk.opened", "message.said"]
    said = cast.entries(talk.stream_name)[1]
    assert said.data["text"] == "The lift is stuck."
    assert said.data["side"] == "citizen"
    assert said.at == talk.requested_at


def test_it_tells_the_desk_without_the_words():
    talk = cast.talk(text="My neighbour’s secret")
    (told,) = cast.entries(talk.desk.stream_name)
    assert told.kind == "desk.changed"
    assert told.data == {"talk": talk.number, "what": "opened", "waiting": 1}


def test_the_same_form_twice_gives_one_talk():
    first = actions.open_talk(viewer=cast.visitor(), desk_id=cast.desk().pk, text="Hello", token="form-1")
    again = actions.open_talk(
        viewer=cast.visitor("other-session"), desk_id=cast.desk().pk, text="Hello", token="form-1"
    )
    assert again.pk == first.pk
    assert len(cast.entries(first.stream_name)) == 2


def test_another_persons_token_gives_nothing():
    actions.open_talk(viewer=cast.citizen("wang"), desk_id=cast.desk().pk, text="Hello", token="form-1")
    with pytest.raises(Conflict):
        actions.open_talk(viewer=cast.citizen("chen"), desk_id=cast.desk().pk, text="Hello", token="form-1")


def test_a_desk_that_is_not_in_use_cannot_be_found():
    desk = cast.desk()
    desk.active = False
    desk.save()
    with pytest.raises(NotFound):
        cast.talk(desk_=desk)


def test_a_session_without_a_key_opens_nothing():
    with pytest.raises(NotFound):
        cast.talk(by=cast.visitor(""))


@pytest.mark.parametrize("text", ["", "   ", "x" * 4001, "nul\0", "\ud800", None, 7])
def test_it_refuses_words_that_cannot_be_kept(text):
    with pytest.raises(BadInput):
        cast.talk(text=text)
    assert not Talk.objects.exists()


def test_four_thousand_characters_are_welcome():
    assert cast.talk(text="字" * 4000).pk


@pytest.mark.parametrize("name", ["x" * 41, "two\nlines", "\0"])
def test_it_refuses_a_name_that_cannot_be_kept(name):
    with pytest.raises(BadInput):
        actions.open_talk(viewer=cast.visitor(), desk_id=cast.desk().pk, text="Hello", name=name)
