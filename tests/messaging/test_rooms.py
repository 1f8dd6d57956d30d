"""Rooms of officials: direct talks, groups, exact unread counts, presence."""

import base64
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import Post
from accounts.rules import BadInput, Conflict, NotFound, WrongStatus
from accounts.sealing import unseal
from messaging import actions, queries
from messaging.models import Room
from tests import make
from tests.messaging import cast
from tests.messaging.test_files import picture
from tests.messaging.test_races import at_once

pytestmark = pytest.mark.django_db


def official(name: str):
    return make.viewer(make.official(name))


def say(by, room, text, key="key-number-1"):
    return actions.say_in_room(viewer=by, key=str(room.pk), client_key=key, text=text)


def rows(viewer, at=None):
    return [(row.title, row.unread, row.present) for row in queries.rooms_of(viewer, at)]


def test_two_have_one_direct_talk_with_unread_counts_and_presence():
    now = timezone.now()
    hugo, olga = official("hugo"), official("olga")
    room = actions.open_direct(by=hugo, person_id=olga.person.pk)
    assert actions.open_direct(by=olga, person_id=hugo.person.pk) == room
    first = say(hugo, room, "Coming?")
    assert say(hugo, room, "Coming?") == first
    with pytest.raises(Conflict):
        say(hugo, room, "Other words")
    say(hugo, room, "At ten.", "key-number-2")
    assert rows(olga) == [(str(hugo.person), 2, True)]
    assert rows(olga, now + timedelta(minutes=2)) == [(str(hugo.person), 2, False)]
    assert rows(hugo)[0][:2] == (str(olga.person), 0)
    actions.read_room(viewer=olga, key=str(room.pk), seq=first[0])
    assert queries.unread_in_rooms(olga) == 1
    actions.read_room(viewer=olga, key=str(room.pk), seq=99)
    actions.read_room(viewer=olga, key=str(room.pk), seq=1)
    assert queries.unread_in_rooms(olga) == 0
    assert cast.kinds(room.stream_name) == ["room.opened", "message.said", "message.said"]


def test_a_group_grows_shrinks_and_shows_nothing_to_others():
    hugo, olga, ivan = official("hugo"), official("olga"), official("ivan")
    group = actions.open_group(by=hugo, title="Flood", people=[olga.person.pk])
    say(hugo, group, "CANARY")
    assert not queries.may_follow_room(ivan, str(group.pk))
    for act in (lambda: say(ivan, group, "Hello"), lambda: queries.room_for(ivan, group.pk),
                lambda: actions.leave_room(room_id=group.pk, by=ivan)):  # fmt: skip
        with pytest.raises(NotFound):
            act()
    assert actions.add_members(room_id=group.pk, by=olga, people=[ivan.person.pk, hugo.person.pk]) == 1
    assert rows(ivan) == [("Flood", 1, True)]
    actions.leave_room(room_id=group.pk, by=ivan)
    assert not queries.may_follow_room(ivan, str(group.pk))
    assert actions.add_members(room_id=group.pk, by=hugo, people=[ivan.person.pk]) == 1
    assert queries.may_follow_room(ivan, str(group.pk))
    Post.objects.filter(person=ivan.person).delete()
    assert not queries.may_follow_room(make.viewer(ivan.person), str(group.pk))


def test_files_are_carried_by_a_message_and_read_by_members_alone(client: Client):
    hugo, olga, ivan = official("hugo"), official("olga"), official("ivan")
    room = actions.open_direct(by=hugo, person_id=olga.person.pk)
    client.force_login(hugo.person)
    sent = {"key": "upload-of-a-plan", "file": picture("plan.jpg")}
    told = client.post(f"/rooms/{room.pk}/files/", sent).json()
    assert told["name"] == "plan.jpg"
    assert client.post(f"/rooms/{room.pk}/files/", {"key": "short", "file": picture()}).status_code == 400
    with pytest.raises(NotFound):
        queries.file_for(olga, told["key"])
    with pytest.raises(BadInput):
        actions.say_in_room(viewer=olga, key=str(room.pk), client_key="not-of-mine", text="", files=[told["key"]])
    carried = {"viewer": hugo, "key": str(room.pk), "client_key": "with-a-plan", "text": "", "files": [told["key"]]}
    seq, _at = actions.say_in_room(**carried)
    assert actions.say_in_room(**carried)[0] == seq
    with pytest.raises(Conflict):
        actions.say_in_room(**{**carried, "files": [], "text": "Other words"})
    assert cast.entries(room.stream_name)[-1].data["files"][0]["key"] == told["key"]
    row = queries.file_for(olga, told["key"])
    assert queries.file_content(row).startswith(b"\xff\xd8")
    assert b"JFIF" not in queries.file_path(row.key).read_bytes()
    with pytest.raises(NotFound):
        queries.file_for(ivan, told["key"])
    # Without JavaScript: the form carries words and file, and the page links what is an address.
    words = {"key": "form-of-the-page", "text": "See https://city.example/plan", "files": [picture("two.jpg")]}
    assert client.post(f"/rooms/{room.pk}/", words).status_code == 302
    shown = client.get(f"/rooms/{room.pk}/").content.decode()
    assert 'href="https://city.example/plan"' in shown
    assert shown.count('class="picture"') == 2
    line = client.get(f"/rooms/{room.pk}/lines/", {"only": seq}).content.decode()
    assert "plan.jpg" in line
    assert "two.jpg" not in line
    actions.leave_room(room_id=_group(hugo, olga, told).pk, by=olga)


def _group(hugo, olga, told):
    group = actions.open_group(by=hugo, title="Flood", people=[olga.person.pk])
    with pytest.raises(BadInput):
        # A file of another room, although one's own.
        actions.say_in_room(viewer=hugo, key=str(group.pk), client_key="elsewhere", text="", files=[told["key"]])
    return group


def change(by, room, seq, text=None, key="key-of-a-change"):
    return actions.change_in_room(viewer=by, key=str(room.pk), client_key=key, seq=seq, text=text)


def test_one_s_own_words_change_are_taken_back_and_are_kept_sealed(client: Client):
    hugo, olga, ivan = official("hugo"), official("olga"), official("ivan")
    room = actions.open_direct(by=hugo, person_id=olga.person.pk)
    seq = say(hugo, room, "It is room 110")[0]
    answer = actions.say_in_room(viewer=olga, key=str(room.pk), client_key="an-answer", text="Sure?", quotes=seq)[0]
    told = change(hugo, room, seq, "It is room 120")
    assert change(hugo, room, seq, "It is room 120") == told
    with pytest.raises(Conflict):
        change(hugo, room, seq, "It is room 130")
    for other, number in ((olga, seq), (hugo, answer), (hugo, 1)):
        with pytest.raises(BadInput):
            change(other, room, number, "Mine now", "another-key")
    with pytest.raises(NotFound):
        change(ivan, room, seq, "Mine now", "another-key")
    with pytest.raises(BadInput):
        actions.say_in_room(viewer=hugo, key=str(room.pk), client_key="no-such-words", text="?", quotes=99)
    client.force_login(olga.person)
    page = client.get(f"/rooms/{room.pk}/").content.decode()
    assert page.count("It is room 120") == 2
    assert "room 110" not in page
    change(hugo, room, seq, None, "taken-back")
    lines = {line.seq: line for line in queries.lines_of(room)}
    assert lines[seq].is_withdrawn
    assert lines[answer].quoted.text == ""
    assert "It is room" not in str([entry.data for entry in cast.entries(room.stream_name)][:2])
    kept = cast.entries(f"kept-room-{room.pk}")
    words = [unseal(base64.b64decode(one.data["sealed"]), f"kept-room-{room.pk}-{seq}").decode() for one in kept]
    assert ["110" in words[0], "120" in words[1]] == [True, True]
    assert not queries.may_follow_room(olga, f"kept-{room.pk}")
    assert queries.unread_in_rooms(olga) == 0


def test_it_refuses_citizens_empty_groups_and_leaving_a_direct_talk():
    hugo, olga, chen = official("hugo"), official("olga"), make.person("chen")
    with pytest.raises(NotFound):
        actions.open_direct(by=make.viewer(chen), person_id=olga.person.pk)
    for nobody in (chen.pk, hugo.person.pk, 999999):
        with pytest.raises(NotFound):
            actions.open_direct(by=hugo, person_id=nobody)
    with pytest.raises(NotFound):
        actions.open_group(by=hugo, title="Mixed", people=[olga.person.pk, chen.pk])
    for title, people in (("", [olga.person.pk]), ("Alone", []), ("x" * 121, [olga.person.pk])):
        with pytest.raises(BadInput):
            actions.open_group(by=hugo, title=title, people=people)
    room = actions.open_direct(by=hugo, person_id=olga.person.pk)
    ivan = [official("ivan").person.pk]
    for act in (lambda: actions.leave_room(room_id=room.pk, by=hugo),
                lambda: actions.add_members(room_id=room.pk, by=hugo, people=ivan)):  # fmt: skip
        with pytest.raises(WrongStatus):
            act()
    assert Room.objects.count() == 1


def test_the_pages_work_without_javascript(client: Client):
    hugo, olga = official("hugo"), official("olga")
    client.force_login(hugo.person, backend="accounts.backends.PersonBackend")
    assert str(olga.person) in client.get("/rooms/?q=olg").content.decode()
    made = client.post("/rooms/begin/", {"people": [olga.person.pk]}, follow=True)
    room = Room.objects.get()
    assert made.redirect_chain[-1][0] == f"/rooms/{room.pk}/"
    form = {"text": "By hand", "key": "key-of-the-form"}
    for _twice in range(2):
        page = client.post(f"/rooms/{room.pk}/", form, follow=True).content.decode()
        assert page.count("By hand") == 1
    other = Client()
    other.force_login(official("ivan").person, backend="accounts.backends.PersonBackend")
    assert other.get(f"/rooms/{room.pk}/").status_code == 404
    assert Client().get("/rooms/").status_code == 404
    assert client.post(f"/rooms/{room.pk}/", {**form, "text": " "}).status_code == 400


@pytest.mark.django_db(transaction=True)
def test_two_who_begin_at_once_share_one_room():
    hugo, olga = official("hugo"), official("olga")
    begin = [
        lambda: actions.open_direct(by=hugo, person_id=olga.person.pk),
        lambda: actions.open_direct(by=olga, person_id=hugo.person.pk),
    ] * 4
    assert len(set(at_once(begin))) == 1
    assert cast.kinds(Room.objects.get().stream_name) == ["room.opened"]
