"""The main pages ask the database few questions, and as many for many rows as for few."""

from datetime import timedelta

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from engagement import actions
from engagement.models import Case
from tests.engagement.cast import MONDAY, Office, case_at, office

# (address, who, how many questions at most)
PAGES = (
    ("/", "", 8),
    ("/", "hana", 12),
    ("/leaders/", "", 4),
    ("/leaders/mayor/", "", 13),
    ("/letters/", "", 6),
    ("/letters/?unit=housing&year=2026", "", 7),
    # Of these PostgreSQL is asked some only about how to look.
    ("/letters/?words=Lift", "", 16),
    ("/letters/{published}/", "", 2),
    ("/search/?q=Lift", "", 16),
    ("/figures/", "", 8),
    ("/my/", "wang", 8),
    ("/my/cases/", "wang", 5),
    ("/cases/{signed}/", "wang", 11),
    ("/work/?tab=units", "hana", 10),
    ("/work/{signed}/", "hana", 20),
    ("/work/?tab=units", "ida", 9),
    ("/sign/", "lin", 15),
)


def published(by: Office) -> Case:
    """Return a case that was answered and whose public copy was approved."""
    case = case_at("concluded", by, public=True)
    at = MONDAY + timedelta(days=1)
    words = {"title": "Lift repaired", "text": "The lift stood still.", "reply": "It was repaired."}
    actions.prepare_publication(case_id=case.pk, by=by.hana, at=at, **words)
    actions.approve_publication(case_id=case.pk, by=by.rita, at=at)
    return case


def grow(by: Office) -> dict[str, str]:
    """Add a case at every place that a list shows."""
    cases = {name: case_at(name, by) for name in ("received", "signed", "to_sign")}
    return {name: case.number for name, case in {**cases, "published": published(by)}.items()}


def asked(address: str, person: object) -> list[str]:
    """Return what the page asks the database, nothing coming from a cache."""
    client = Client()
    if person is not None:
        client.force_login(person, backend="accounts.backends.PersonBackend")
    client.get(address)
    cache.clear()
    with CaptureQueriesContext(connection) as captured:
        assert client.get(address).status_code == 200, address
        return [query["sql"] for query in captured.captured_queries]


@pytest.mark.django_db
def test_the_main_pages_ask_few_questions_and_no_more_for_more_rows():
    by = office()
    places = grow(by)

    def counted() -> dict[tuple[str, str], int]:
        people = {"": None, "wang": by.wang.person, "hana": by.hana.person, "ida": by.ida.person, "lin": by.lin.person}
        return {(page, who): len(asked(page.format(**places), people[who])) for page, who, _most in PAGES}

    few = counted()
    grow(by)
    many = counted()
    assert {page: (few[page], number) for page, number in many.items() if number > few[page]} == {}
    most = {(page, who): number for page, who, number in PAGES}
    assert {page: (number, most[page]) for page, number in many.items() if number > most[page]} == {}
