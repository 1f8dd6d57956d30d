"""Who sees which talk and which queue."""

import pytest

from accounts.models import Role
from accounts.rules import NotFound
from accounts.viewers import Viewer
from messaging import actions, queries
from tests import make
from tests.messaging import cast

pytestmark = pytest.mark.django_db


def test_a_talk_is_for_its_opener_and_its_officer():
    dora = cast.on_duty()
    talk = cast.open_talk(by=cast.citizen("wang"), holder=dora)
    for party in (cast.citizen("wang"), dora):
        assert queries.talk_for(party, talk.number) == talk
        assert queries.may_follow_talk(party, talk.number)


def test_nobody_else_knows_that_it_exists():
    dora = cast.on_duty()
    talk = cast.open_talk(holder=dora)
    others = [
        cast.visitor("other"),
        cast.visitor(""),
        cast.citizen("chen"),
        cast.on_duty("emil"),
        *(make.viewer(make.official(f"some-{role}", role)) for role in Role.values),
    ]
    for stranger in others:
        assert not queries.may_follow_talk(stranger, talk.number)
        with pytest.raises(NotFound):
            queries.talk_for(stranger, talk.number)


def test_a_grant_of_the_session_opens_it_and_only_it():
    talk, other = cast.talk(by=cast.visitor("a")), cast.talk(by=cast.visitor("b"))
    granted = Viewer(grants=frozenset({talk.stream_name}))
    assert queries.may_follow_talk(granted, talk.number)
    assert not queries.may_follow_talk(granted, other.number)


def test_two_sessions_without_a_key_are_not_the_same_visitor():
    assert list(queries.visible_to(Viewer())) == []


def test_a_waiting_talk_is_read_by_no_officer():
    talk = cast.talk()
    assert not queries.may_follow_talk(cast.on_duty(), talk.number)


def test_a_desk_is_followed_by_those_who_serve_it():
    water = cast.desk("water", unit=make.unit("water"))
    dora, emil = cast.on_duty("dora"), cast.on_duty("emil", water)
    assert queries.may_follow_desk(dora, str(cast.desk().pk))
    assert not queries.may_follow_desk(emil, str(cast.desk().pk))
    for stranger in (cast.visitor(), cast.citizen(), make.viewer(make.official("hugo"))):
        assert not queries.may_follow_desk(stranger, str(water.pk))


@pytest.mark.parametrize("key", ["", "x", "-1", "1e3", "９", "9" * 30, "0"])
def test_a_desk_that_is_not_there_is_followed_by_nobody(key):
    assert not queries.may_follow_desk(cast.on_duty(), key)


def test_earlier_talks_are_shown_for_signed_in_citizens_only():
    dora = cast.on_duty()
    earlier = cast.open_talk(by=cast.citizen("wang"), holder=dora)
    now = cast.open_talk(by=cast.citizen("wang"), holder=dora)
    assert queries.earlier_talks(now) == [earlier]
    assert queries.earlier_talks(cast.open_talk(holder=dora)) == []


def test_unread_counts_are_of_the_other_sides_words_only():
    dora = cast.on_duty()
    talk = cast.open_talk(holder=dora)
    actions.say(viewer=dora, key=talk.number, client_key="key-number-1", text="hello")
    assert queries.unread_counts([talk], dora) == {talk.pk: 1}
    actions.mark_read(viewer=dora, key=talk.number, seq=9)
    assert queries.unread_counts([talk], dora) == {talk.pk: 0}


def test_a_page_of_a_long_talk_holds_a_hundred_lines():
    talk = cast.talk()
    for number in range(120):
        actions.say(viewer=cast.visitor(), key=talk.number, client_key=f"key-number-{number}", text=str(number))
    lines = queries.lines_of(talk, limit=500)
    assert (len(lines), lines[-1].text) == (100, "119")
    before = queries.lines_of(talk, before=lines[0].seq)
    assert before[-1].seq == lines[0].seq - 1
    assert [line.seq for line in queries.lines_of(talk, after=120)] == [121, 122]
