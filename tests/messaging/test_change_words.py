"""Changing and taking back what one said: seen live, gone from everywhere, kept for the record."""

import base64
import json
import uuid
from datetime import timedelta

import pytest

from accounts.rules import BadInput, Conflict, NotFound, WrongStatus
from accounts.sealing import unseal
from messaging import actions, queries
from tests.messaging import cast
from tests.messaging.test_files import add

pytestmark = pytest.mark.django_db


def say(viewer, talk, text="my number is 110", **more):
    return actions.say(viewer=viewer, key=talk.number, client_key=uuid.uuid4().hex, text=text, **more)[0]


def change(viewer, talk, seq, text=None, key=None, at=None):
    key = key or uuid.uuid4().hex
    return actions.change_words(viewer=viewer, key=talk.number, client_key=key, seq=seq, text=text, at=at)


def stored(talk):
    return json.dumps([entry.data for entry in cast.entries(talk.stream_name)])


def test_a_changed_message_reads_new_everywhere_and_old_nowhere_but_in_the_record(settings):
    talk = cast.open_talk()
    seq = say(cast.visitor(), talk)
    key = uuid.uuid4().hex
    told = change(cast.visitor(), talk, seq, "my number is 120", key)
    assert change(cast.visitor(), talk, seq, "my number is 120", key) == told
    with pytest.raises(Conflict):
        change(cast.visitor(), talk, seq, "my number is 119", key)
    last = cast.entries(talk.stream_name)[-1]
    assert (last.kind, last.seq, last.data["seq"], last.data["text"]) == (
        "message.edited", told[0], seq, "my number is 120",
    )  # fmt: skip
    [line] = queries.line_of(talk, seq)
    assert line.text == "my number is 120"
    assert line.data["edited"]
    assert "is 110" not in stored(talk)
    [kept] = cast.entries(f"kept-{talk.number}")
    assert "is 110" not in json.dumps(kept.data)
    old = json.loads(unseal(base64.b64decode(kept.data["sealed"]), f"kept-{talk.number}-{seq}"))
    assert old["text"] == "my number is 110"
    # A new key reaches them too.
    settings.SEALING_KEYS = ["a-new-key-of-more-than-32-characters-9f2c", *settings.SEALING_KEYS]
    assert actions.reseal_kept() == (1, 0)
    assert actions.reseal_kept() == (0, 0)
    settings.SEALING_KEYS = settings.SEALING_KEYS[:1]
    [kept] = cast.entries(f"kept-{talk.number}")
    assert unseal(base64.b64decode(kept.data["sealed"]), f"kept-{talk.number}-{seq}")


def test_a_message_taken_back_never_comes_again():
    dora = cast.on_duty()
    talk = cast.open_talk(holder=dora)
    row = add(cast.visitor(), talk)
    seq = say(cast.visitor(), talk, files=[row.key])
    answer = say(dora, talk, "I see", quotes=seq)
    change(cast.visitor(), talk, seq)
    assert "is 110" not in stored(talk)
    assert row.key not in stored(talk)
    lines = {line.seq: line for line in queries.lines_of(talk)}
    assert lines[seq].is_withdrawn
    assert lines[answer].quoted.text == ""
    assert queries.unread_counts([talk], dora)[talk.pk] == 1, "only the first words are left to read"
    with pytest.raises(NotFound):
        queries.file_for(cast.visitor(), row.key)
    for text in (None, "back again"):
        with pytest.raises(BadInput):
            change(cast.visitor(), talk, seq, text)
    with pytest.raises(BadInput):
        say(dora, talk, "and this?", quotes=seq)


def test_only_ones_own_words_and_the_citizens_only_for_a_while(settings):
    dora = cast.on_duty()
    talk = cast.open_talk(holder=dora)
    mine, theirs = say(cast.visitor(), talk), say(dora, talk, "Yes?")
    with pytest.raises(BadInput):
        change(dora, talk, mine)
    with pytest.raises(BadInput):
        change(cast.visitor(), talk, theirs, "No.")
    with pytest.raises(NotFound):
        change(cast.visitor("other"), talk, mine)
    with pytest.raises(BadInput):
        change(cast.visitor(), talk, 1)
    limit = timedelta(minutes=settings.CHAT_CHANGE_MINUTES)
    with pytest.raises(WrongStatus):
        change(cast.visitor(), talk, mine, "later", at=cast.NOW() + limit + timedelta(seconds=5))
    change(cast.visitor(), talk, mine, "in time", at=cast.NOW() + limit - timedelta(seconds=5))
    change(dora, talk, theirs, "officers may", at=cast.NOW() + limit * 3)
    actions.end_talk(talk_id=talk.pk, by=dora)
    with pytest.raises(WrongStatus):
        change(dora, talk, theirs, "not after the end")


@pytest.mark.parametrize("text", ["", " ", "x" * 4001, "\0", "\ud800"])
def test_it_refuses_words_that_cannot_be_kept(text):
    talk = cast.talk()
    seq = say(cast.visitor(), talk)
    before = stored(talk)
    with pytest.raises(BadInput):
        change(cast.visitor(), talk, seq, text)
    assert stored(talk) == before


def test_a_quotation_reads_as_the_message_reads_now(client):
    dora = cast.on_duty()
    wang = cast.citizen("wang")
    talk = cast.open_talk(by=wang, holder=dora)
    seq = say(wang, talk, "See https://city.example/rent. And <b>this</b> https://good.example@evil.example/")
    answer = say(dora, talk, "Thank you", quotes=seq)
    with pytest.raises(BadInput):
        say(dora, talk, "x", quotes=1)
    change(wang, talk, seq, "See https://city.example/rents。")
    [line] = queries.line_of(talk, answer)
    assert line.quoted.text == "See https://city.example/rents。"
    client.force_login(wang.person, backend="accounts.backends.PersonBackend")
    shown = client.get(f"/chat/{talk.number}/lines/?only={seq}").content.decode()
    assert 'href="https://city.example/rents" title="city.example" target="_blank" rel="noopener' in shown
    assert "good.example" not in shown
    assert shown.count("<li") == 2
