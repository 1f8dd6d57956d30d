"""The workbench in a real browser: keys, live lists, words that nothing sweeps away; the leader's phone."""

from datetime import timedelta
from typing import Any

import pytest

from engagement import actions
from engagement.models import Case
from tests import make
from tests.browsers import DESKTOP, PHONE
from tests.engagement.cast import MONDAY, Office, case_at, kinds, letter, office

pytestmark = [pytest.mark.browser, pytest.mark.half("first"), pytest.mark.django_db(transaction=True)]


@pytest.fixture
def by() -> Office:
    """Everybody of the office; housing has a prepared answer."""
    return office()


def current(page: Any) -> str:
    """Return the number of the case that is marked in the list."""
    return str(page.locator(".bench-item[aria-current=true]").get_attribute("data-number"))


def test_the_keys_go_on_past_the_end_of_a_page_and_the_list_stays_as_long(by, new_page):
    for number in range(52):
        letter(by.wang, None, title=f"Case {number}", at=MONDAY + timedelta(minutes=number))
    page = new_page(by.ida.person, DESKTOP)
    page.goto("/work/?tab=units")
    items = page.locator(".bench-item")
    assert items.count() == 50
    items.nth(49).click()
    page.locator("#case-title", has_text="Case 49").wait_for()
    page.keyboard.press("j")
    page.locator("#case-title", has_text="Case 50").wait_for()
    page.keyboard.press("k")
    page.locator("#case-title", has_text="Case 49").wait_for()
    # A colleague takes one: what was read further down is still there.
    first = items.nth(0).get_attribute("data-number")
    colleague = new_page(by.ida.person)
    colleague.goto(f"/work/{first}/?tab=units")
    colleague.keyboard.press("a")
    page.locator(f'.bench-item[data-number="{first}"]').wait_for(state="detached")
    assert items.count() == 51


def test_a_day_at_the_keys(by, new_page, axe):
    cases = [case_at("signed", by, mailbox=False, title=f"Lift {number}") for number in range(3)]
    page = new_page(by.hana.person, DESKTOP)
    page.goto("/work/")
    axe(page)
    page.keyboard.press("j")
    page.locator("#case-title").wait_for()
    assert current(page) == cases[0].number
    page.keyboard.press("v")
    assert page.inner_text(".bench-together [data-count]") == "1"
    page.keyboard.press("j")
    page.wait_for_url(f"**/work/{cases[1].number}/")
    page.keyboard.press("k")
    # The next key need not wait for the case; its form opens when the case is there.
    page.keyboard.press("n")
    page.wait_for_url(f"**/work/{cases[0].number}/")
    page.locator("#case-title", has_text="Lift 0").wait_for()
    page.locator("#add-note-text").wait_for()
    assert page.evaluate("document.activeElement.id") == "add-note-text"
    page.keyboard.press("Escape")
    axe(page)
    page.keyboard.press("?")
    page.locator("#bench-keys[open]").wait_for()
    axe(page)
    page.keyboard.press("Escape")
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.name") == "words"
    page.keyboard.type("jr?")
    assert page.input_value("[name=words]") == "jr?"
    assert current(page) == cases[0].number
    page.keyboard.press("Escape")
    page.keyboard.press("r")
    assert page.evaluate("document.activeElement.id") == "submit-reply-text"
    page.keyboard.type("It runs again, just so.")
    page.keyboard.press("Escape")
    assert not page.locator("#submit-reply-text").is_visible()
    page.keyboard.press("r")
    assert page.input_value("#submit-reply-text") == "It runs again, just so."
    page.select_option("#submit-reply-outcome", "solved")
    axe(page)
    page.click("text=Send to review")
    page.wait_for_url(f"**/work/{cases[1].number}/")
    assert current(page) == cases[1].number
    assert page.locator(".bench-item").count() == 2
    cases[0].refresh_from_db()
    assert cases[0].status == Case.Status.IN_REVIEW


def test_one_key_takes_a_step_and_the_next_case_is_in_front(by, new_page):
    first, second = (letter(by.wang, by.mailbox, title=title).case for title in ("One", "Two"))
    page = new_page(by.ida.person)
    page.goto("/work/?tab=unclaimed")
    page.keyboard.press("o")
    page.locator("#case-title", has_text="One").wait_for()
    page.keyboard.press("a")
    page.locator("#case-title", has_text="Two").wait_for()
    page.wait_for_load_state()
    assert second.number in page.url
    page.keyboard.press("x")
    assert page.evaluate("document.activeElement.id") == "refuse-case-ground"
    first.refresh_from_db()
    assert first.status == Case.Status.ACCEPTED


def test_lists_and_cases_move_by_themselves_but_not_under_the_pen(by, new_page):
    case, fresh = case_at("signed", by, mailbox=False), case_at("accepted", by, mailbox=False, title="Just come in")
    page, dispatcher = new_page(by.hana.person), new_page(by.dina.person)
    page.goto(f"/work/{case.number}/?tab=units")
    dispatcher.goto(f"/work/{fresh.number}/")
    dispatcher.keyboard.press("d")
    dispatcher.select_option("[name=unit_id]", str(by.housing.pk))
    dispatcher.click("details[open] .button-primary >> nth=-1")
    dispatcher.locator(".messages, .empty").first.wait_for()
    page.locator(".bench-item", has_text="Just come in").wait_for()
    actions.add_note(case_id=case.pk, by=by.rita, text="They called.")
    page.locator(".thread", has_text="They called.").wait_for()
    page.keyboard.press("r")
    page.keyboard.type("My words")
    actions.extend_case(case_id=case.pk, version=case.version, by=by.rita, days=2, reason="Parts are late.")
    page.locator("[data-changed]", has_text="Something has changed").wait_for()
    assert page.input_value("#submit-reply-text") == "My words"
    page.locator("[data-save-state]", has_text="Draft saved").wait_for()
    page.click("[data-show]")
    page.locator(".thread", has_text="Parts are late.").wait_for()
    assert page.input_value("#submit-reply-text") == "My words"
    assert "draft.started" in kinds(case.file_stream_name)
    assert page.locator(f'.bench-item[data-number="{fresh.number}"]').count() == 1


def test_a_case_that_goes_to_another_desk_says_so(by, new_page):
    dora = make.official("dora", "dispatcher", by.city)
    case = case_at("accepted", by)
    page = new_page(dora)
    page.goto(f"/work/{case.number}/")
    page.wait_for_timeout(1000)
    page.keyboard.press("d")
    page.fill("#dispatch-case-note", "For the water office.")
    actions.dispatch_case(case_id=case.pk, version=case.version, by=by.dina, unit_id=by.housing.pk)
    page.locator("[data-changed]", has_text="another desk").wait_for()
    assert page.input_value("#dispatch-case-note") == "For the water office."


def test_what_cannot_be_taken_back_asks_first(by, new_page, axe):
    # No clock moves a concluded case while the question stands; a colleague does.
    case = case_at("concluded", by, public=True)
    copy = {"title": "Lift", "text": "Stuck.", "reply": "It runs."}
    actions.prepare_publication(case_id=case.pk, by=by.hana, **copy)
    actions.approve_publication(case_id=case.pk, by=by.rita)
    page = new_page(by.rita.person)
    page.goto(f"/work/{case.number}/")
    page.click("[data-verb=unpublish]")
    page.locator("#bench-ask[open]").wait_for()
    axe(page)
    actions.add_note(case_id=case.pk, by=by.hana, text="Somebody asked about it.")
    page.locator("[data-changed]", has_text="Something has changed").wait_for()
    page.click("#bench-ask >> text=No")
    page.locator(".thread", has_text="Somebody asked").wait_for()
    assert "case.unpublished" not in kinds(case.stream_name)
    page.click("[data-verb=unpublish]")
    page.click("#bench-ask >> text=Yes")
    page.locator(".thread", has_text="No longer public").wait_for()


@pytest.mark.parametrize("language", ["en", "zh-CN"])
def test_a_leader_reads_and_signs_on_a_phone(by, new_page, axe, language):
    case = case_at("to_sign", by)
    assert by.lin.person is not None
    by.lin.person.language = "en" if language == "en" else "zh-hans"
    by.lin.person.save()
    page = new_page(by.lin.person, PHONE, language)
    page.goto("/sign/")
    axe(page)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    sizes = [box.bounding_box() for box in page.locator(".sign-verbs .button").all() if box.is_visible()]
    assert min(box["height"] for box in sizes) >= 44
    page.click(".sign-letter summary")
    assert page.locator("text=It has been stuck for two weeks.").first.is_visible()
    page.click(".sign-verbs > form .button-primary")
    page.locator(".empty").wait_for()
    case.refresh_from_db()
    assert case.status == Case.Status.ANSWERED


def test_on_a_phone_list_and_case_are_two_pages(by, new_page, axe):
    case = case_at("signed", by, mailbox=False)
    page = new_page(by.hana.person, PHONE)
    page.goto("/work/")
    axe(page)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.click(f'.bench-item[data-number="{case.number}"]')
    page.locator("#case-title").wait_for()
    assert not page.locator("#bench-list").is_visible()
    axe(page)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.click(".bench-back")
    page.locator("#bench-list").wait_for()
    assert not page.locator("#case-title").is_visible()
