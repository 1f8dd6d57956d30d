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
import time
from collections.abc import Iterator
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
    "duty-zh": ("/duty/", "duty officer", DESKTOP, "zh-CN"),
    "forums-zh": ("/forums/", "", DESKTOP, "zh-CN"),
    "topic-phone-zh": ("/forums/topics/1/", "", PHONE, "zh-CN"),
    "moderation-zh": ("/forums/queue/", "moderator", DESKTOP, "zh-CN"),
    "board-zh": ("/board/", "supervisor", DESKTOP, "zh-CN"),
    "editor-zh": ("/processes/letter/", "supervisor", DESKTOP, "zh-CN"),
    "handbook-phone-en": ("/wiki/", "", PHONE, "en"),
    "review-zh": ("/wiki/_reviews/", "moderator", DESKTOP, "zh-CN"),
}


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
    parser.add_argument("names", nargs="*", help=", ".join(PICTURES))
    asked = parser.parse_args()
    with demo_house() as (url, known):
        take(url, known, asked.names or list(PICTURES))


def take(url: str, known: dict[str, str], names: list[str]) -> None:
    """Visit each page as its role and write docs/pictures/<name>.png."""
    from playwright.sync_api import sync_playwright

    TARGET.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        installed = shutil.which("chromium-headless-shell") or shutil.which("chromium") or "/usr/bin/chromium"
        chromium = os.environ.get("OPENHALL_CHROMIUM") or installed
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        for name in names:
            path, role, size, language = PICTURES[name]
            page = browser.new_context(base_url=url, viewport=size, locale=language).new_page()
            if role:
                sign_in(page, known[role], known["password"])
            page.goto(path)
            page.wait_for_timeout(600)
            page.screenshot(path=TARGET / f"{name}.png")
            print(TARGET / f"{name}.png")
            page.context.close()
        browser.close()


def sign_in(page: Any, username: str, password: str) -> None:
    """Sign in by the form."""
    page.goto("/sign-in/")
    page.fill("input[name=username]", username)
    page.fill("input[name=password]", password)
    page.press("input[name=password]", "Enter")
    page.wait_for_load_state()


if __name__ == "__main__":
    main()
