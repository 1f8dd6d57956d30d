"""Entries written by other processes, and a server that goes away and comes back."""

import os

import pytest
from django.db import transaction

from accounts import actions as people
from journal.actions import append
from tests import make

from . import cast

pytestmark = pytest.mark.house


def notice(person, number):
    with transaction.atomic():
        append(f"person-{person.pk}", "notice.made", {"number": number})


def follow(house, session, person, after):
    hall = cast.Hall(house.port)
    page = hall.page(session)
    assert "ok" in page.ask(do="follow", stream=f"person-{person.pk}", after=after)
    return hall, page


def test_what_other_processes_write_is_heard_in_every_process(make_house):
    person = make.person("wang")
    session = cast.session_of(person)
    # Several processes need Redis between them; without it one house hears the test's own process.
    houses = [make_house(worker=False) for _ in range(2 if os.environ["OPENHALL_REDIS_URL"] else 1)]
    opened = [follow(house, session, person, 0) for house in houses]
    for number in range(20):
        notice(person, number)
    for _hall, page in opened:
        page.until(lambda frame: frame.get("seq") == 20)
        assert page.seqs(f"person-{person.pk}") == list(range(1, 21))
    people.sign_out_everywhere(person_id=person.pk)
    for hall, page in opened:
        assert page.closed_with(seconds=2.5) == 4401
        hall.close()


@pytest.mark.parametrize("ending", ["stop", "kill"])
def test_a_restarted_house_goes_on_where_it_was(make_house, ending):
    person = make.person("wang")
    session = cast.session_of(person)
    house = make_house(worker=False)
    hall, page = follow(house, session, person, 0)
    notice(person, 1)
    page.until(lambda frame: frame.get("seq") == 1)
    getattr(house, ending)()
    assert page.closed_with() in ((1012,) if ending == "stop" else (1006,))
    hall.close()
    notice(person, 2)
    house.start()
    hall, page = follow(house, session, person, 1)
    notice(person, 3)
    page.until(lambda frame: frame.get("seq") == 3)
    assert page.seqs(f"person-{person.pk}") == [2, 3]
    hall.close()
