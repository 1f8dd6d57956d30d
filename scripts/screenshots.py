"""Takes the pictures of docs/pictures from a demo house of its own.

.venv/bin/python scripts/screenshots.py [name …]
"""

import argparse
import contextlib
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
TARGET = ROOT / "docs" / "pictures"
PHONE, DESKTOP = {"width": 390, "height": 844}, {"width": 1280, "height": 800}
# name: (address, role that looks, or "" for a visitor, size, language)
PICTURES = {
    "home-zh": ("/", "", DESKTOP, "zh-CN"),
    "home-en": ("/", "", DESKTOP, "en"),
    "home-phone-zh": ("/", "", PHONE, "zh-CN"),
    "leaders-zh": ("/leaders/", "", DESKTOP, "zh-CN"),
    "letters-en": ("/letters/", "", DESKTOP, "en"),
    "figures-zh": ("/figures/", "", DESKTOP, "zh-CN"),
    "chat-phone-zh": ("/chat/", "", PHONE, "zh-CN"),
    "work-zh": ("/work/", "handler", DESKTOP, "zh-CN"),
    "work-en": ("/work/", "dispatcher", DESKTOP, "en"),
    "sign-phone-zh": ("/sign/", "leader", PHONE, "zh-CN"),
    "forums-zh": ("/forums/", "", DESKTOP, "zh-CN"),
    "topic-phone-zh": ("/forums/topics/1/", "", PHONE, "zh-CN"),
    "moderation-zh": ("/forums/queue/", "moderator", DESKTOP, "zh-CN"),
    "board-zh": ("/board/", "supervisor", DESKTOP, "zh-CN"),
    "editor-zh": ("/processes/letter/", "supervisor", DESKTOP, "zh-CN"),
    "handbook-phone-en": ("/wiki/", "", PHONE, "en"),
    "review-zh": ("/wiki/_reviews/", "moderator", DESKTOP, "zh-CN"),
}
# A talk that begins on another web site, as its visitor and the duty officer see it.
TALK = ("widget-zh", "widget-phone-zh", "duty-zh")


def free_port() -> int:
    """Return a loopback port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def demo_house() -> Iterator[tuple[str, dict[str, str]]]:
    """Run a demo house on data of its own; give its address and what it prints of accounts: role to name, password."""
    port, folder = free_port(), Path(tempfile.mkdtemp(prefix="openhall-pictures-"))
    environment = {**os.environ, "OPENHALL_DATA_DIR": str(folder), "OPENHALL_DEMO": "1", "OPENHALL_DATABASE_URL": ""}
    environment["OPENHALL_PUBLIC_URL"] = f"http://127.0.0.1:{port}"
    command = [sys.executable, "manage.py", "serve", "--prepare", "--port", str(port)]
    with (folder / "said").open("w") as said:
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=said)
    try:
        yield f"http://127.0.0.1:{port}", accounts(folder / "said", process)
    finally:
        process.terminate()
        process.wait(15)
        shutil.rmtree(folder, ignore_errors=True)


def accounts(said: Path, process: subprocess.Popen[bytes]) -> dict[str, str]:
    """Wait until the house is open and return the accounts it prints. Raises SystemExit when it ends first."""
    while "Stop with Ctrl-C" not in said.read_text(encoding="utf-8"):
        if process.poll() is not None:
            raise SystemExit("The house did not start.")
        time.sleep(0.3)
    words = said.read_text(encoding="utf-8")
    found = {role.strip(): name for name, role in re.findall(r"^  (\S+) +([a-z ]+)", words, re.M)}
    return {**found, "password": words.partition("the password ")[2].split()[0]}


def main() -> None:
    """Take the pictures that are asked for, or all."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", help=", ".join((*PICTURES, *TALK)))
    names = parser.parse_args().names or [*PICTURES, *TALK]
    TARGET.mkdir(parents=True, exist_ok=True)
    from playwright.sync_api import sync_playwright

    with demo_house() as (url, known), sync_playwright() as playwright:
        installed = shutil.which("chromium-headless-shell") or shutil.which("chromium") or "/usr/bin/chromium"
        chromium = os.environ.get("OPENHALL_CHROMIUM") or installed
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        visitors = Visitors(browser, url, known)
        for name in names:
            if name in PICTURES:
                visitors.take(name)
        if set(names) & set(TALK):
            visitors.take_talk()
        browser.close()


@contextlib.contextmanager
def other_site(house: str) -> Iterator[str]:
    """Serve a page of another origin with the desk's tag; give its address."""
    tag = f'<script src="{house}/static/messaging/widget.js" data-desk="general" async></script>'

    class Page(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.end_headers()
            self.wfile.write((CITY.replace("TAG", tag)).encode())

        def log_message(self, *_words: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Page)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://localhost:{server.server_port}"
    finally:
        server.shutdown()


class Visitors:
    """Look at a demo house as one role or another, and write docs/pictures/<name>.png."""

    def __init__(self, browser: Any, url: str, known: dict[str, str]) -> None:
        self.browser, self.url, self.known = browser, url, known

    def page(self, role: str, size: dict[str, int], language: str) -> Any:
        """Return a new page of somebody with the role, or of a visitor."""
        page = self.browser.new_context(base_url=self.url, viewport=size, locale=language).new_page()
        if role:
            sign_in(page, self.known[role], self.known["password"])
        return page

    def shoot(self, page: Any, name: str) -> None:
        """Write what the page shows."""
        page.wait_for_timeout(600)
        page.screenshot(path=TARGET / f"{name}.png")
        print(TARGET / f"{name}.png")

    def take(self, name: str) -> None:
        """Visit the page as its role."""
        path, role, size, language = PICTURES[name]
        page = self.page(role, size, language)
        page.goto(path)
        self.shoot(page, name)
        page.context.close()

    def take_talk(self) -> None:
        """Let somebody ask on another web site and the duty officer answer."""
        with other_site(self.url) as site:
            self._allow(site)
            self._talk(site)

    def _allow(self, site: str) -> None:
        """Let the administrator name the web site."""
        admin = self.page("administrator", DESKTOP, "zh-CN")
        admin.goto("/duty/sites/")
        desk = admin.locator("section.card", has=admin.locator("textarea[readonly]", has_text='data-desk="general"'))
        desk.locator("textarea[name=origins]").fill(site)
        desk.locator("form .button-primary").click()
        admin.context.close()

    def _talk(self, site: str) -> None:
        officer = self.page("duty officer", DESKTOP, "zh-CN")
        officer.goto("/duty/")
        officer.get_by_role("button", name="在岗").click()
        visitor = self.page("", PHONE, "zh-CN")
        visitor.goto(site)
        visitor.get_by_role("button").first.click()
        desk = visitor.frame_locator("#openhall-desk")
        desk.locator("[name=text]").fill("你好，7号楼的电梯又停了，能帮忙问一下吗？")
        desk.locator("main form .button-primary").click()
        desk.locator("[data-talk]").wait_for()
        officer.goto("/duty/")
        officer.locator("form.duty-row button, a.duty-row").first.click()
        officer.locator("[data-say]").fill("您好，请问是哪个小区？我马上联系物业。")
        officer.locator("[data-say]").press("Enter")
        desk.get_by_text("我马上联系").wait_for()
        self.shoot(visitor, "widget-phone-zh")
        visitor.set_viewport_size(DESKTOP)
        self.shoot(visitor, "widget-zh")
        self.shoot(officer, "duty-zh")


# The city's own page, not ours.
CITY = """<!doctype html><html lang="zh-Hans"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>明湖市人民政府</title><style>body{margin:0;font:17px/1.8 sans-serif;color:#222}
header{background:#8a1c1c;color:#fff}header,main{padding:1rem 2rem}</style>
<header><strong>明湖市人民政府</strong></header><main><h1>居民服务</h1>
<p>居住证、社保、公租房、电梯与供水：在这里找到办事指南。没有找到答案，可以直接问值班员。</p></main>TAG</html>"""


def sign_in(page: Any, username: str, password: str) -> None:
    """Sign in by the form."""
    page.goto("/sign-in/")
    page.fill("input[name=username]", username)
    page.fill("input[name=password]", password)
    page.press("input[name=password]", "Enter")
    page.wait_for_load_state()


if __name__ == "__main__":
    main()
