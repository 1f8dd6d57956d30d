"""A conversation on a layer that loses, delays and doubles rings: in the end both sides have read the same, once."""

import pytest

from tests.browsers import session_of
from tests.journal.cast import Hall
from tests.messaging import cast
from tests.messaging.test_live import visitor_session

pytestmark = [pytest.mark.house, pytest.mark.django_db(transaction=True)]
WORDS = 15


def test_a_talk_on_a_layer_that_loses_rings_is_read_whole_by_both(make_house):
    house = make_house(worker=False, DJANGO_SETTINGS_MODULE="tests.lossy_settings")
    dora = cast.on_duty()
    talk = cast.open_talk(by=cast.visitor("visitor-key"), holder=dora)
    hall = Hall(house.port)
    sides = [hall.page(visitor_session("visitor-key", talk.stream_name)), hall.page(session_of(dora.person))]
    for side in sides:
        side.ask(do="follow", stream=talk.stream_name, after=0)
    for number in range(WORDS):
        side = sides[number % 2]
        said = side.ask(do="say", stream=talk.stream_name, key=f"key-{number:05}", text=f"words {number}")
        assert "ok" in said
    last = said["ok"]["seq"]
    for side in sides:
        if last not in side.seqs(talk.stream_name):
            side.until(lambda frame: frame.get("seq") == last, 15)
        assert side.seqs(talk.stream_name) == list(range(1, last + 1))
        words = [entry["data"]["text"] for entry in side.pushed if entry["kind"] == "message.said"]
        assert words[-WORDS:] == [f"words {number}" for number in range(WORDS)]
    hall.close()
