"""The conversation in real browsers: a phone and the duty desk at the same time."""

import pytest
from django.conf import settings

from engagement.models import CannedReply
from messaging import actions
from messaging.models import Talk
from tests import make
from tests.browsers import PHONE
from tests.messaging import cast

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def say(page, text):
    page.locator("[data-say]").fill(text)
    page.keyboard.press("Enter")


def words(page):
    """Return what the page shows, once nothing is on its way any more."""
    page.wait_for_function("() => !document.querySelector('.is-sending')")
    return page.locator("[data-thread] .bubble .prose").all_inner_texts()


def begin(new_page):
    dora = cast.on_duty()
    citizen, officer = new_page(size=PHONE), new_page(dora.person)
    officer.goto("/duty/")
    citizen.goto("/chat/")
    citizen.locator("[name=text]").fill("The lift is stuck.")
    citizen.locator("main form .button-primary").click()
    citizen.wait_for_selector("[data-talk]")
    officer.wait_for_selector("form.duty-row")
    officer.keyboard.press("t")
    officer.wait_for_selector("[data-talk]")
    citizen.wait_for_selector("text=Dora has joined")
    return citizen, officer


def write_until_seen(writer, reader):
    """Write until the other side sees it: on the lossy layer a sign of writing may be lost, and the next one tells."""
    from playwright.sync_api import TimeoutError

    is_lossy = settings.SETTINGS_MODULE == "tests.lossy_settings"
    for left in reversed(range(5 if is_lossy else 1)):
        writer.locator("[data-say]").press_sequentially("W")
        try:
            reader.locator("[data-typing]").wait_for(timeout=3200 if left else 10_000)
        except TimeoutError:
            assert left, "no sign of writing was seen"
        else:
            return


def test_a_talk_from_the_first_word_to_the_rating(new_page, axe):
    citizen, officer = begin(new_page)
    say(officer, "Which house?")
    citizen.wait_for_selector("text=Which house?")
    say(citizen, "Number 7")
    officer.wait_for_selector("text=Number 7")
    officer.wait_for_selector(".bubble-mine.is-read")
    # Longer than the pause between two signs of writing.
    officer.wait_for_timeout(3200)
    write_until_seen(officer, citizen)
    assert officer.locator("[data-typing]").is_hidden(), "one's own writing is no news"
    for page in (citizen, officer):
        assert words(page) == ["The lift is stuck.", "Which house?", "Number 7"]
        axe(page)
    officer.locator("[data-case] .button").click()
    citizen.wait_for_selector("text=This conversation became case")
    officer.locator("[data-end]").click()
    citizen.locator(".star").nth(4).click()
    citizen.wait_for_selector("text=You rated this conversation 5 of 5")
    citizen.get_by_role("link", name="Show number and access code").click()
    citizen.get_by_role("button", name="Show the access code now").click()
    assert len(citizen.locator("[data-code]").inner_text()) == len("7F3K-9QPM-2XWD-8RTN")
    assert Talk.objects.get().rating == 5
    axe(citizen)


# The timers of a page that nobody looks at hardly run; its clock does, here a thousand times as fast.
ASLEEP = """window.setInterval = () => 0;
  const real = performance.now.bind(performance); performance.now = () => real() * 1000;"""
PASTE = """(words) => {
  const data = new DataTransfer();
  data.setData("text/plain", words);
  data.items.add(new File(["x"], "image.png", {type: "image/png"}));
  const paste = new ClipboardEvent("paste", {clipboardData: data, bubbles: true, cancelable: true});
  return !document.querySelector("[data-say]").dispatchEvent(paste);
}"""
CHOOSES = """(box) => box.dispatchEvent(
  new KeyboardEvent("keydown", {key: "Enter", keyCode: 229, bubbles: true, cancelable: true}))"""


def test_what_the_pages_leave_alone_and_a_sleeping_one_that_says_it_is_there(new_page):
    CannedReply.objects.create(unit=cast.desk().unit, title="Greeting", text="Good morning", language="en")
    dora = cast.on_duty()
    talk = cast.open_talk(by=cast.citizen("wang"), holder=dora)
    for number in range(30):
        actions.say(viewer=dora, key=talk.number, client_key=f"key-{number:05}", text=f"Word {number}")
    citizen, officer = new_page(make.person("wang"), size=PHONE), new_page(dora.person)
    officer.add_init_script(ASLEEP)
    officer.goto(f"/duty/{talk.number}/")
    citizen.goto(f"/chat/{talk.number}/")
    citizen.locator("[data-say]").fill("Thank you")
    with officer.expect_request("**/duty/here/"):
        citizen.keyboard.press("Enter")
    # The list is renewed beneath a finger: its button keeps the focus.
    take = officer.locator(f"form[action$='/{cast.talk(by=cast.visitor('b')).number}/take/'] button")
    take.focus()
    officer.evaluate("document.querySelector('[data-part=queue]').dataset.old = ''")
    cast.talk(by=cast.visitor("c"))
    officer.wait_for_selector("[data-part=queue]:not([data-old])")
    assert take.evaluate("(button) => button === document.activeElement")
    # A word being chosen from an input method, and a picture that Word puts beside the words it copies.
    officer.locator("[data-canned-search]").evaluate(CHOOSES)
    assert officer.locator("[data-say]").input_value() == ""
    assert not officer.evaluate(PASTE, "Our yearly report")
    assert officer.evaluate(PASTE, "image.png"), "what a file manager copies is a file"
    officer.locator("[data-file-drop]").click()
    # The page is renewed when the talk becomes a case, but not under what somebody writes.
    officer.locator("#whisper").fill("half a note")
    actions.make_case(talk_id=talk.pk, by=cast.citizen("wang"))
    officer.wait_for_selector("[data-thread] >> text=Became case")
    officer.wait_for_timeout(300)
    assert officer.locator("#whisper").input_value() == "half a note"
    officer.locator("#whisper").fill("")
    officer.wait_for_selector(".duty-right >> text=The citizen gets number and access code")
    # Head and foot of the page change as the talk ends; who reads further up stays there.
    citizen.wait_for_selector(".bubble-mine.is-read")
    unfolded = citizen.locator("[data-part=after] details[open] > summary", has_text="Something was wrong")
    citizen.locator("[data-part=after] summary", has_text="Something was wrong").press("Enter")
    citizen.evaluate("document.querySelector('[data-scroll]').scrollTop = 40")
    officer.locator("[data-end]").click()
    citizen.wait_for_selector(".star")
    citizen.wait_for_selector("text=The officer has ended")
    assert citizen.evaluate("document.querySelector('[data-scroll]').scrollTop") == 40
    assert unfolded.evaluate("(summary) => summary === document.activeElement"), "unfolded, and the focus is kept"


def test_nothing_is_lost_or_doubled_by_a_killed_server_a_dead_line_and_a_reload(new_page, live_house):
    citizen, officer = begin(new_page)
    live_house.kill()
    say(citizen, "one")
    say(citizen, "two")
    say(officer, "three")
    assert citizen.locator(".is-sending").count() == 2
    live_house.start()
    citizen.wait_for_selector("text=three", timeout=40_000)
    officer.wait_for_selector("text=two", timeout=40_000)
    citizen.context.set_offline(True)
    say(citizen, "four")
    say(citizen, "five")
    citizen.context.set_offline(False)
    citizen.reload()
    officer.wait_for_selector("text=five", timeout=40_000)
    officer.reload()
    shown = words(citizen)
    assert shown == words(officer)
    assert sorted(shown) == sorted(["The lift is stuck.", "one", "two", "three", "four", "five"])
    mine = [text for text in shown if text not in ("three", "The lift is stuck.")]
    assert mine == ["one", "two", "four", "five"]
