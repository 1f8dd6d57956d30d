"""Following a stream over a real server."""

from django.db import transaction

from journal.actions import append
from journal.models import Stream
from tests.journal import cast


def test_entries_arrive_in_order_without_gaps(hall):
    page = hall.page()
    assert page.ask(do="follow", stream="open-1", after=0)["ok"]["head"] == 0
    cast.entries("open-1", 30)
    page.until(lambda frame: frame.get("seq") == 30)
    assert page.seqs("open-1") == list(range(1, 31))
    assert page.pushed[0]["data"] == {"text": "number 0"}


def test_it_starts_after_the_number_it_names(hall):
    cast.entries("open-1", 5)
    page = hall.page()
    assert page.ask(do="follow", stream="open-1", after=3)["ok"]["head"] == 5
    page.until(lambda frame: frame.get("seq") == 5)
    assert page.seqs("open-1") == [4, 5]
