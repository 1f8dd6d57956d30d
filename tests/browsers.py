"""A real browser (Debian's Chromium, headless) and axe, the accessibility checker."""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parent.parent
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
PHONE, DESKTOP = {"width": 390, "height": 844}, {"width": 1280, "height": 900}
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--no-default-browser-check",
]
# Only what is broken is worth gathering, and no foreign style sheet is there to be fetched.
AXE_RUN = """tags => axe.run(document, {
    runOnly: {type: 'tag', values: tags}, resultTypes: ['violations'], preload: false, elementRef: false,
})"""
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]


def chromium() -> str:
    """Return the browser to drive: OPENHALL_CHROMIUM, else the headless shell, else the whole browser."""
    named = os.environ.get("OPENHALL_CHROMIUM")
    return named or shutil.which("chromium-headless-shell") or shutil.which("chromium") or "/usr/bin/chromium"


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """A running Chromium: one for all, since its tests come last and no other has to live beside playwright's loop."""
    from playwright.sync_api import sync_playwright

    # Playwright's sync API keeps a loop on this thread, which makes Django refuse database work beside it.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=chromium(), args=ARGUMENTS)
        yield running
        running.close()
    os.environ.pop("DJANGO_ALLOW_ASYNC_UNSAFE", None)


@pytest.fixture
def new_page(browser: Any, live_house: Any) -> Iterator[Callable[..., Any]]:
    """A function that opens a page in a browser profile of its own.

    `new_page(person=None, size=DESKTOP, language="en")`: signed in as the person if one is given. A script error, or
    anything our content policy had to block, fails the test when it ends.
    """
    contexts, faults = [], []

    def note(message: Any) -> None:
        if "Content Security Policy" in message.text:
            faults.append(message.text)

    def open_page(person: Any = None, size: dict[str, int] = DESKTOP, language: str = "en") -> Any:
        context = browser.new_context(base_url=live_house.url, viewport=size, locale=language)
        context.set_default_timeout(10_000)
        contexts.append(context)
        if person is not None:
            context.add_cookies([{"name": "sessionid", "value": session_of(person), "url": live_house.url}])
        page = context.new_page()
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("console", note)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert not faults, faults


@pytest.fixture
def page(new_page: Callable[..., Any]) -> Any:
    """One page of a visitor at desktop width, in English."""
    return new_page()


def session_of(person: Any) -> str:
    """Return the session cookie of the person, signed in without the form."""
    from django.test import Client

    client = Client()
    client.force_login(person, backend="accounts.backends.PersonBackend")
    return client.cookies["sessionid"].value


@pytest.fixture
def axe() -> Callable[[Any], None]:
    """A function that fails with the names of the rules that a page breaks (WCAG 2.2 A and AA)."""
    if not AXE.exists():
        pytest.skip("axe-core is not installed: make setup")

    def check(page: Any) -> None:
        page.evaluate(AXE.read_text(encoding="utf-8"))
        found = page.evaluate(AXE_RUN, RULES)
        told = [
            f"{rule['id']}: {rule['help']} – {[n['target'] for n in rule['nodes'][:5]]}" for rule in found["violations"]
        ]
        assert not told, f"{page.url}\n" + "\n".join(told)

    return check
