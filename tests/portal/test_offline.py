"""What a browser keeps: a page for when there is no connection, and messages while pages are closed."""

import json

import pytest

from tests import make
from tests.browsers import PHONE

pytestmark = pytest.mark.django_db(transaction=True)

READY = "() => navigator.serviceWorker.ready.then(one => Boolean(one.active))"


def test_the_worker_is_looked_at_anew_and_keeps_only_what_belongs_to_nobody(client):
    client.force_login(make.person("wang"))
    answer = client.get("/worker.js")
    assert answer["Content-Type"].startswith("text/javascript")
    assert answer["Cache-Control"] == "no-cache"
    kept = client.get("/offline/").content.decode()
    assert "wang" not in kept.lower()
    assert "没有网络连接" in kept
    assert "No connection" in kept


@pytest.mark.browser
def test_without_a_connection_a_page_says_so_and_a_message_shows_while_it_is_closed(new_page, axe, live_house):
    page = new_page(size=PHONE)
    page.goto("/about/")
    assert page.evaluate(READY)
    page.context.set_offline(True)
    page.goto("/letters/")
    assert page.get_by_role("heading", name="No connection").is_visible()
    assert page.evaluate("() => document.documentElement.scrollWidth <= innerWidth")
    axe(page)
    page.context.set_offline(False)
    # By itself: at once where the browser tells, else after a look some seconds later.
    page.wait_for_selector("header.top", timeout=20_000)
    assert page.url.endswith("/letters/")
    # As a push service would bring it; Chromium delivers it to the worker itself.
    tools = page.context.new_cdp_session(page)
    found = []
    tools.on("ServiceWorker.workerRegistrationUpdated", lambda event: found.extend(event["registrations"]))
    tools.send("ServiceWorker.enable")
    page.wait_for_timeout(200)
    message = json.dumps({"title": "Minghu City", "body": "A new answer.", "url": "/my/", "tag": "case-1"})
    registration = found[0]["registrationId"]
    asked = {"origin": live_house.url, "registrationId": registration, "data": message}
    # The headless browser has no place to show it: what the worker would show is caught instead.
    worker = page.context.service_workers[0]
    worker.evaluate("() => { self.registration.showNotification = async (...said) => { self.said = said; }; }")
    tools.send("ServiceWorker.deliverPushMessage", asked)
    for _try in range(100):
        if worker.evaluate("() => self.said"):
            break
        page.wait_for_timeout(50)
    title, options = worker.evaluate("() => self.said")
    assert (title, options["body"], options["data"]) == ("Minghu City", "A new answer.", {"url": "/my/"})
