"""live.js in a real browser: nothing lost, nothing twice, with a socket and without."""

import time
from pathlib import Path

import pytest

from journal import tending
from journal.models import Entry
from tests import make

from . import cast

pytestmark = pytest.mark.browser
SCRIPT = Path(__file__).resolve().parents[2] / "journal" / "static" / "journal" / "live.js"
BEGIN = """async () => {
  document.body.innerHTML = `<p data-live-state hidden>offline</p><section id="thread" data-stream="open-9"
    data-after="0" data-live="reload-fragment" data-fragment="/fragment/"><p>before</p>
    <input id="word" value=""></section>`;
  const {live} = await import("/live.js");
  window.live = live;
  window.seen = [];
  window.others = [];
  live.follow("open-1", 0, (entries) => seen.push(...entries.map((entry) => entry.seq)), {
    onTyping: (typing) => others.push(typing), onGone: (stream) => others.push({gone: stream}),
    onReset: (stream) => others.push({reset: stream}),
  });
}"""


@pytest.fixture
def open_page(hall, browser):
    """A function that opens a page of the hall that has loaded live.js, signed in as somebody."""
    contexts = []

    def opened(script: str = ""):
        context = browser.new_context(base_url=hall.origin)
        contexts.append(context)
        session = cast.session_of(make.person(f"p{len(contexts)}"))
        context.add_cookies([{"name": "sessionid", "value": session, "url": hall.origin}])
        context.add_cookies([{"name": "csrftoken", "value": "c" * 32, "url": hall.origin}])
        page = context.new_page()
        page.route("**/live.js", lambda route: route.fulfill(path=SCRIPT, content_type="text/javascript"))
        if script:
            page.add_init_script(script)
        # A page that the house itself has served: Chromium lets no other one reach a loopback socket.
        page.goto("/healthz")
        page.evaluate(BEGIN)
        return page

    yield opened
    for context in contexts:
        context.close()


def waits(page, condition, seconds=15):
    """Wait until the condition holds in the page; our content policy forbids playwright's own way of waiting."""
    end = time.monotonic() + seconds
    while not page.evaluate(condition):
        assert time.monotonic() < end, condition
        page.wait_for_timeout(50)


def test_entries_come_once_and_in_order_over_a_dropped_connection(open_page):
    page = open_page()
    cast.entries("open-1", 3)
    waits(page, "seen.length >= 3")
    running = next(one for one in tending._hubs.values() if "open-1" in one.streams)
    for socket in list(running.sockets):
        running.loop.call_soon_threadsafe(lambda socket=socket: running.spawn(socket.close(4012)))
    waits(page, "live.state !== 'live'")
    cast.entries("open-1", 3)
    waits(page, "live.state === 'live' && seen.length >= 6")
    assert page.evaluate("seen") == [1, 2, 3, 4, 5, 6]


def test_what_is_said_is_stored_once_and_seen_by_the_other(open_page):
    one, other = open_page(), open_page()
    for page in (one, other):
        waits(page, "live.state === 'live'")
    # Typing is lossy by design: it may be sent before the first page is heard of on the layer, so it goes on.
    other.evaluate("void setInterval(() => live.typing('open-1'), 250)")
    waits(one, "others.length >= 1")
    answer = one.evaluate("live.say('open-1', 'key-00001', 'hello')")
    again = one.evaluate("live.say('open-1', 'key-00001', 'hello')")
    assert answer == again
    waits(other, "seen.length === 1")
    refused = one.evaluate("live.say('open-1', 'key-00001', 'other').catch((error) => error.code)")
    assert refused == "key_used"
    one.evaluate("live.read('open-1', 1)")
    waits(other, "seen.length === 2")
    assert list(Entry.objects.order_by("seq").values_list("kind", flat=True)) == ["message.said", "message.read"]


def test_what_was_read_as_the_connection_died_is_told_by_the_next_one(open_page):
    one, other = open_page(), open_page()
    for page in (one, other):
        waits(page, "live.state === 'live'")
    cast.entries("open-1", 1)
    waits(one, "seen.length === 1")
    one.evaluate("""() => {
      const send = WebSocket.prototype.send;
      WebSocket.prototype.send = function (text) {
        if (!text.includes('"read"')) return send.call(this, text);
        WebSocket.prototype.send = send;
        this.close();
      };
      void live.read("open-1", 1);
    }""")
    waits(other, "seen.length === 2")
    assert Entry.objects.order_by("seq").last().kind == "message.read"


def test_what_was_said_while_offline_goes_out_after_a_reload(open_page):
    page = open_page("window.WebSocket = class { static OPEN = 1; constructor() { throw new Error('blocked'); } };")
    # Nothing answers at all: neither socket nor HTTP.
    page.route("**/api/**", lambda route: route.abort())
    page.evaluate("void live.say('open-1', 'key-00001', 'kept')")
    page.unroute("**/api/**")
    page.reload()
    page.evaluate(BEGIN)
    waits(page, "seen.length === 1", 30)
    assert Entry.objects.get().data == {"text": "kept"}


def test_without_websockets_it_polls_by_itself(open_page):
    page = open_page(
        "window.WebSocket = class { static OPEN = 1;"
        " constructor() { setTimeout(() => this.onclose({code: 1006}), 5); } };"
    )
    waits(page, "live.state === 'polling'", 30)
    cast.entries("open-1", 2)
    waits(page, "seen.length === 2")
    assert page.evaluate("live.say('open-1', 'key-00001', 'hello')")["seq"] == 3
    page.evaluate("live.read('open-1', 3)")
    waits(page, "seen.length === 4", 30)
    assert page.evaluate("seen") == [1, 2, 3, 4]


def test_a_long_poll_that_ends_after_the_socket_opened_says_nothing_of_the_connection(open_page):
    page = open_page(
        "window.shut = true; window.WebSocket = new Proxy(WebSocket,"
        " {construct(of, given) { if (window.shut) throw new Error('blocked'); return new of(...given); }});"
    )
    waits(page, "live.state === 'polling'", 30)
    page.evaluate("window.shut = false; dispatchEvent(new Event('online'))")
    waits(page, "live.state === 'live'")
    with page.expect_response("**/entries?*"):
        cast.entries("open-1", 1)
    page.wait_for_timeout(100)
    assert page.evaluate("live.state") == "live"


def test_a_fragment_is_renewed_unless_somebody_writes_in_it(open_page):
    page = open_page()
    page.route(
        "**/fragment/",
        lambda route: route.fulfill(
            body='<section id="thread"><p>after</p><input id="word" value=""></section>', content_type="text/html"
        ),
    )
    waits(page, "live.state === 'live'")
    page.focus("#word")
    cast.entries("open-9", 1)
    waits(page, "document.querySelector('#thread p').textContent === 'after'")
    assert page.evaluate("document.activeElement.id") == "word"
    page.evaluate("document.querySelector('#thread p').textContent = 'mine'")
    page.fill("#word", "half a word")
    cast.entries("open-9", 1)
    page.wait_for_timeout(1000)
    assert page.input_value("#word") == "half a word"
    page.fill("#word", "")
    waits(page, "document.querySelector('#thread p').textContent === 'after'")
