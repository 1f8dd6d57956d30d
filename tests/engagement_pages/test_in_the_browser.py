"""A letter in a real browser: on a phone, live in two windows, and without JavaScript."""

from typing import Any

import pytest

from tests import make
from tests.browsers import PHONE

from . import cast

pytestmark = [pytest.mark.browser, pytest.mark.half("first"), pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def _city() -> None:
    """The city and its mayor stand ready."""
    cast.mailbox()
    cast.category()
    make.unit("housing")


def fill_and_send(page: Any) -> str:
    """Write a letter from the leader's page on, send it and return its number."""
    page.goto("/leaders/mayor/")
    page.click("text=Write a letter")
    page.check("[name=kind][value=help_request]")
    page.fill("[name=title]", "Lift in building 7 is stuck")
    page.fill("[name=text]", "The lift has been stuck for two weeks.")
    page.check("[name=readers][value=private]")
    page.click("[name=stage][value=check]")
    page.click("[name=stage][value=send]")
    page.wait_for_url("**/filed/")
    return str(page.url.split("/")[-3])


def test_a_letter_on_a_phone_from_the_leaders_page_to_the_case(new_page, axe):
    page = new_page(size=PHONE)
    for path in ("/leaders/", "/leaders/mayor/", "/leaders/mayor/write/", "/cases/new/", "/letters/", "/track/"):
        page.goto(path)
        axe(page)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
    number = fill_and_send(page)
    axe(page)
    assert page.locator(".code").count() == 2
    page.click("text=Go to my case")
    assert page.locator("[data-sentence]").inner_text() == "We have it and are deciding who handles it."
    axe(page)
    assert number in page.url


def test_the_draft_survives_a_closed_window_and_holds_no_contact(new_page):
    page = new_page()
    page.goto("/cases/new/")
    page.fill("[name=text]", "The lift has been stuck for two weeks.")
    page.fill("[name=email]", "min@example.org")
    page.locator("text=Your draft is kept on this device.").wait_for()
    page.goto("/leaders/")
    page.goto("/cases/new/")
    assert page.input_value("[name=text]") == "The lift has been stuck for two weeks."
    assert page.input_value("[name=email]") == ""
    assert "min@example.org" not in page.evaluate("JSON.stringify({...localStorage})")


def test_a_report_hides_the_choice_of_readers(new_page):
    page = new_page()
    page.goto("/cases/new/")
    assert page.locator("[data-readers]").is_visible()
    page.check("[name=kind][value=report]")
    assert not page.locator("[data-readers]").is_visible()
    assert page.locator(".confidential").is_visible()


def test_mistakes_are_told_together_and_take_the_focus(new_page, axe):
    page = new_page()
    page.goto("/cases/new/")
    page.click("[name=stage][value=check]")
    page.locator(".error-summary").wait_for()
    assert page.evaluate("document.activeElement.className").endswith("error-summary")
    axe(page)


def test_an_open_page_shows_new_words_and_keeps_half_written_ones(new_page):
    page = new_page()
    fill_and_send(page)
    page.click("text=Go to my case")
    other = page.context.new_page()
    other.goto(page.url)
    page.locator("summary", has_text="Add words or files").click()
    page.fill("#add-text", "half a sen")
    other.locator("summary", has_text="Add words or files").click()
    other.fill("#add-text", "It is lift B.")
    other.locator("form[action$='/add/'] button").click()
    page.locator(".bubble", has_text="It is lift B.").wait_for()
    assert page.input_value("#add-text") == "half a sen"
    page.locator("text=Your case has moved on.").wait_for()


def test_everything_works_without_javascript(browser, live_house):
    context = browser.new_context(base_url=live_house.url, java_script_enabled=False, locale="en")
    page = context.new_page()
    number = fill_and_send(page)
    code = page.locator(".code").nth(1).inner_text()
    page.click("text=Go to my case")
    page.locator("summary", has_text="Take the case back").click()
    page.check("#withdraw-sure")
    page.click("form[action$='/withdraw/'] button")
    assert "You have taken it back" in page.locator("[data-sentence]").inner_text()
    context.close()
    fresh = browser.new_context(base_url=live_house.url, java_script_enabled=False, locale="en")
    page = fresh.new_page()
    page.goto("/track/")
    page.fill("[name=number]", number)
    page.fill("[name=code]", code)
    page.click("text=Show my case")
    assert "You have taken it back" in page.locator("[data-sentence]").inner_text()
    fresh.close()
