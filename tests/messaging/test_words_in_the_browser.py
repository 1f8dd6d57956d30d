"""What a message may carry, in real browsers; a proxy that blocks sockets; and the desk on another web site."""

import re
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from accounts.models import Role
from messaging import actions
from tests import make
from tests.browsers import PHONE
from tests.messaging import cast
from tests.messaging.test_browser import begin, say, words
from tests.messaging.test_files import picture

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def photo(name="lift.jpg"):
    return {"name": name, "mimeType": "image/jpeg", "buffer": picture().read()}


def unfold(page, line):
    """Show the small buttons beneath a message."""
    page.locator(".bubble", has_text=line).first.locator("[data-more]").focus()
    page.keyboard.press("Enter")


def act(page, line, words):
    """Press one of the small buttons beneath a message."""
    unfold(page, line)
    page.locator("[data-acts] button", has_text=words).click()


def refuse_twice(page):
    """Refuse the next two requests for a line, as a server that is asked too much does; return what was asked for."""
    asked = []

    def answer(route):
        asked.append(route.request.url)
        if len(asked) > 2:
            route.continue_()
        else:
            route.fulfill(status=429, headers={"Retry-After": "60"})

    page.route(re.compile(r"[?]only="), answer)
    return asked


def test_a_picture_an_answer_a_change_and_a_message_taken_back(new_page, axe):
    citizen, officer = begin(new_page)
    citizen.locator("[data-attach]").set_input_files([photo()])
    citizen.wait_for_selector(".composer-file.is-ready")
    say(citizen, "This one")
    shown = officer.locator(".bubble .picture img")
    shown.wait_for()
    officer.wait_for_function("() => document.querySelector('.picture img').naturalWidth === 640")
    citizen.locator(".bubble .picture img").wait_for()
    assert citizen.locator(".bubble .picture img").count() == 1
    act(officer, "This one", "Answer")
    say(officer, "Thank you, see https://city.example/lift")
    citizen.wait_for_selector(".quoted >> text=This one")
    assert citizen.locator(".prose a").get_attribute("rel") == "noopener noreferrer nofollow ugc"
    unfold(officer, "Thank you")
    act(citizen, "This one", "Change")
    say(citizen, "That one")
    officer.wait_for_selector(".bubble .prose >> text=That one")
    officer.wait_for_selector(".quoted >> text=That one")
    assert officer.locator("[data-acts] button").count() == 3  # The line was worded anew beneath open buttons.
    refused = refuse_twice(officer)
    act(citizen, "That one", "Take back")
    citizen.locator("[data-acts] button", has_text="Take back").click()
    officer.wait_for_selector(".bubble-withdrawn")
    officer.wait_for_selector(".quoted em")
    assert officer.locator(".picture").count() == 0
    assert len(refused) >= 4, "the first two were refused, and what was taken back went all the same"
    for page in (citizen, officer):
        page.reload()
        assert words(page) == ["The lift is stuck.", "Thank you, see https://city.example/lift"]
        axe(page)
    officer.locator("#whisper").fill("Was here last week too.")
    officer.locator("[data-whisper] button").click()
    officer.wait_for_selector("[data-aside-list] >> text=last week")
    assert "last week" not in citizen.content()


def test_earlier_messages_come_above_and_what_was_in_front_stays_there(new_page):
    dora = cast.on_duty()
    talk = cast.open_talk(by=cast.citizen("wang"), holder=dora)
    for n in range(120):
        actions.say(viewer=dora, key=talk.number, client_key=f"line-number-{n}", text=f"Line {n}")
    page = new_page(make.person("wang"), size=PHONE)
    page.goto(f"/chat/{talk.number}/")
    first, place = page.locator(".bubble").first, "(line) => Math.round(line.getBoundingClientRect().top)"
    begins = first.inner_text()
    first.scroll_into_view_if_needed()
    page.route(re.compile("[?]before="), lambda route: route.abort(), times=1)
    page.locator("[data-earlier]").click()
    page.wait_for_timeout(100)
    assert page.locator(".bubble").first.inner_text() == begins, "a lost request: nothing came, the way there stays"
    kept = page.locator(".bubble").first.element_handle()
    before = kept.evaluate(place)
    page.locator("[data-earlier]").click()
    page.wait_for_selector("[data-earlier]", state="detached")
    assert words(page)[0] == "The lift is stuck."
    assert [line for line in words(page) if line.startswith("Line")] == [f"Line {n}" for n in range(120)]
    assert abs(kept.evaluate(place) - before) <= 2


def test_the_count_is_the_same_in_every_tab(new_page):
    wang, dora = cast.citizen("wang"), cast.on_duty()
    talk = cast.open_talk(by=wang, holder=dora)
    tabs = [new_page(wang.person), new_page(wang.person, size=PHONE)]
    for tab in tabs:
        tab.goto("/about/")
    actions.say(viewer=dora, key=talk.number, client_key="question-1", text="Which house?")
    for tab in tabs:
        tab.wait_for_selector("[data-talks-unread]:not([hidden]) >> text=1")
    assert tabs[0].title().startswith("(1)")
    tabs[1].locator("[data-talks]").click()
    tabs[1].wait_for_selector("text=Which house?")
    tabs[0].wait_for_selector("[data-talks-unread]", state="hidden")
    assert not tabs[0].title().startswith("(")


def test_the_sheet_opens_over_any_page_and_walks_along(new_page, axe):
    cast.on_duty()
    page = new_page()
    page.goto("/about/")
    door, sheet = page.locator("[data-sheet]"), page.frame_locator("#chat-sheet")
    door.press("Enter")
    sheet.locator("[name=text]").fill("The lift is stuck.")
    assert page.evaluate("document.activeElement.id") == "chat-sheet"
    axe(page)
    sheet.locator("#start .button-primary").click()
    sheet.locator("[data-thread] >> text=The lift is stuck.").wait_for()
    page.goto("/letters/")
    sheet.locator("[data-say]").fill("Which house do I name?")
    sheet.locator("[data-say]").press("Enter")
    page.reload()
    sheet.locator("[data-thread] >> text=Which house do I name?").wait_for()
    sheet.locator("[data-say]").press("Escape")
    page.locator("#chat-sheet").wait_for(state="hidden")
    assert page.evaluate("document.activeElement.dataset.sheet") == "/chat/sheet/"
    page.goto("/about/")
    assert page.locator("#chat-sheet").count() == 0, "closed stays closed"
    # Another tab of the same reader begins where the talk is.
    other = page.context.new_page()
    other.goto("/about/")
    other.locator("[data-sheet]").click()
    other.frame_locator("#chat-sheet").locator("[data-thread] >> text=Which house do I name?").wait_for()


def test_where_sockets_are_blocked_the_talk_goes_on_by_long_polls(new_page):
    dora = cast.on_duty()
    talk = cast.open_talk(by=cast.citizen("wang"), holder=dora)
    page = new_page(make.person("wang"), size=PHONE)
    refused = []
    # As an old proxy does: every way to /ws/ is shut at once.
    page.route_web_socket(re.compile("/ws/"), lambda socket: (refused.append(socket.url), socket.close()))
    page.goto(f"/chat/{talk.number}/")
    page.wait_for_selector("[data-live-state] >> text=slower way")
    actions.say(viewer=dora, key=talk.number, client_key="question-1", text="Which house?")
    page.wait_for_selector("text=Which house?")
    say(page, "Number 7")
    page.wait_for_function("() => !document.querySelector('.is-sending, .is-failed')")
    said = [entry.data["text"] for entry in cast.entries(talk.stream_name) if entry.kind == "message.said"]
    assert said[-1] == "Number 7"
    assert refused


@pytest.fixture
def city_site(live_house):
    """A page of another origin and another site (localhost is not 127.0.0.1) with the tag, and nothing else of ours."""
    source = f"{live_house.url}/static/messaging/widget.js"
    tag = f'<script src="{source}" data-desk="housing" data-language="en" async></script>'

    class Page(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            # The strictest policy a city's page is likely to have.
            policy = f"default-src 'none'; script-src {live_house.url}; frame-src {live_house.url}"
            self.send_header("Content-Security-Policy", policy)
            self.end_headers()
            self.wfile.write(f"<!doctype html><html lang=en><title>City</title><h1>Our city</h1>{tag}".encode())

        def log_message(self, *_words):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Page)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://localhost:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize("size", [PHONE, {"width": 1280, "height": 900}], ids=["phone", "desktop"])
def test_the_desk_on_another_web_site(new_page, city_site, size):
    desk, dora = cast.desk(), cast.on_duty()
    admin = make.viewer(make.official("adam", Role.ADMINISTRATOR, make.unit("city")))
    actions.set_sites(by=admin, desk_id=desk.pk, origins=[city_site])
    page, officer = new_page(size=size), new_page(dora.person)
    page.goto(city_site)
    opener = page.get_by_role("button", name="Chat with us")
    opener.focus()
    page.keyboard.press("Enter")
    frame = page.frame_locator("#openhall-desk")
    frame.locator("[name=text]").fill("From the city's page.")
    frame.locator("main form .button-primary").click()
    frame.locator("[data-talk]").wait_for()
    officer.goto("/duty/")
    officer.wait_for_selector("form.duty-row")
    officer.keyboard.press("t")
    officer.wait_for_selector("[data-talk]")
    say(officer, "Which house?")
    frame.locator("text=Which house?").wait_for()
    frame.locator("[data-attach]").set_input_files([photo()])
    frame.locator(".composer-file.is-ready").wait_for()
    frame.locator("[data-say]").fill("Number 7")
    frame.locator("[data-say]").press("Enter")
    officer.wait_for_selector(".picture img")
    frame.locator(".picture img[src^='blob:']").wait_for()
    assert page.context.cookies() == [], "nothing is kept as a cookie on either site"
    # Closed: what comes is counted on the button; on the next page of the city it is all still there.
    frame.locator("[data-talk] [data-say]").press("Escape")
    page.wait_for_selector("#openhall-desk", state="hidden")
    say(officer, "Somebody will come.")
    page.get_by_role("button", name="Chat with us, 1 unread messages").wait_for()
    page.goto(f"{city_site}/another-page")
    page.get_by_role("button", name="Chat with us").click()
    frame.locator("text=Somebody will come.").wait_for()
    assert frame.locator(".bubble .prose").count() == 4


def test_a_web_site_that_is_not_named_shows_nothing(browser, city_site):
    cast.desk()
    page, told = browser.new_page(locale="en"), []
    page.on("console", lambda message: told.append(message.text))
    page.goto(city_site)
    page.get_by_role("button", name="Chat with us").click()
    page.wait_for_timeout(800)
    shown = page.frame_locator("#openhall-desk").locator("[data-frame]").count()
    page.close()
    assert not shown
    assert any("frame-ancestors" in words for words in told)
