"""The workbench's list: filters, further pages, what is next, and how little it asks."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from tests.engagement.cast import Office, case_at, letter, office
from tests.engagement_pages.cast import act, browser_of, text_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def by() -> Office:
    """Everybody of the office."""
    return office()


def test_the_next_case_is_in_front_after_a_step_and_the_filter_stays(by):
    first, second, third = (case_at("received", by, mailbox=box) for box in (True, False, True))
    answer = browser_of(by.ida).post(
        f"/work/{first.number}/accept-case/?tab=unclaimed&kind=complaint", {"version": first.version}
    )
    assert answer["Location"] == f"/work/{second.number}/?tab=unclaimed&kind=complaint"
    page = text_of(browser_of(by.ida).get(answer["Location"]))
    assert f'data-number="{second.number}" aria-current="true"' in page
    assert f'data-number="{first.number}"' not in page
    assert f'data-number="{third.number}"' in page


def test_the_last_case_leads_back_to_the_list(by):
    case = case_at("received", by)
    assert act(case, by.ida, "accept-case")["Location"] == "/work/"


def test_who_takes_cases_from_the_pile_begins_there(by):
    assert browser_of(by.ida).get("/work/").status_code == 200
    case_at("received", by)
    assert browser_of(by.ida).get("/work/")["Location"] == "/work/?tab=unclaimed"
    # Not where somebody asks for their own, or has some.
    assert "Nothing is yours yet" in text_of(browser_of(by.ida).get("/work/?tab=mine"))
    case_at("signed", by)
    assert browser_of(by.hana).get("/work/").status_code == 200


def test_citizens_and_visitors_find_no_workbench(by):
    case = case_at("signed", by)
    for client in (Client(), browser_of(by.wang)):
        for path in ("/work/", "/work/list/", f"/work/{case.number}/", f"/work/{case.number}/pane/"):
            assert client.get(path).status_code == 404, path


def test_nonsense_in_the_filter_is_no_fault(by):
    case_at("received", by)
    ida = browser_of(by.ida)
    for query in ("tab=nonsense", "light=blue", "kind=x&status=y", "after=abc", "words=" + "x" * 500):
        assert ida.get(f"/work/?{query}").status_code == 200, query
        assert ida.get(f"/work/list/?{query}").status_code == 200, query
    assert ida.get("/work/?words=%00").status_code == 400


def many(by: Office, count: int) -> None:
    """Let `count` cases wait at intake."""
    now = timezone.now()
    for number in range(count):
        letter(by.wang, by.mailbox if number % 2 else None, title=f"Case {number}", at=now - timedelta(minutes=number))


def test_the_list_asks_as_many_queries_for_sixty_rows_as_for_three(by, django_assert_max_num_queries):
    ida = browser_of(by.ida)
    many(by, 3)
    ida.get("/work/list/?tab=units")
    with django_assert_max_num_queries(20) as few:
        ida.get("/work/list/?tab=units")
    many(by, 57)
    with django_assert_max_num_queries(20) as lots:
        page = text_of(ida.get("/work/list/?tab=units"))
    assert page.count('class="bench-item"') == 50
    assert len(few) == len(lots)
    assert "More" in page


def test_the_case_page_asks_few_queries(by, django_assert_max_num_queries):
    many(by, 60)
    case = case_at("review", by, mailbox=True)
    rita = browser_of(by.rita)
    rita.get(f"/work/{case.number}/")
    with django_assert_max_num_queries(20):
        rita.get(f"/work/{case.number}/")
    with django_assert_max_num_queries(16):
        rita.get(f"/work/{case.number}/pane/")


def test_further_pages_follow_by_cursor_and_lead_back(by):
    many(by, 60)
    ida = browser_of(by.ida)
    page = text_of(ida.get("/work/?tab=units"))
    following = page.split('rel="next" href="')[1].split('"')[0]
    later = text_of(ida.get(following))
    assert later.count('class="bench-item"') == 10
    assert "First page" in later
    assert "First page" not in page
