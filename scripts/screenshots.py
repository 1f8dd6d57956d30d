"""Takes the pictures of docs/pictures from a demo house of its own.

.venv/bin/python scripts/screenshots.py [--url http://127.0.0.1:8000] [name …]
"""

import argparse
import contextlib
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

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
    "duty-zh": ("/duty/", "duty_officer", DESKTOP, "zh-CN"),
    "forums-zh": ("/forums/", "", DESKTOP, "zh-CN"),
}


def free_port() -> int:
    """Return a loopback port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def demo_house() -> Iterator[str]:
    """Run a demo house on data of its own and give its address."""
    port, folder = free_port(), tempfile.mkdtemp(prefix="openhall-pictures-")
    environment = {**os.environ, "OPENHALL_DATA_DIR": folder, "OPENHALL_DEMO": "1", "OPENHALL_DATABASE_URL": ""}
    environment["OPENHALL_PUBLIC_URL"] = url = f"http://127.0.0.1:{port}"
    command = [sys.executable, "manage.py", "serve", "--prepare", "--port", str(port)]
    process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL)
    try:
        wait_for(url, process)
        yield url
    finally:
        process.terminate()
        process.wait(15)
        shutil.rmtree(folder, ignore_errors=True)


def wait_for(url: str, process: subprocess.Popen[bytes]) -> None:
    """Wait until the house answers. Raises SystemExit when it ends first."""
    while process.poll() is None:
        with contextlib.suppress(OSError):
            urllib.request.urlopen(f"{url}/healthz", timeout=2).close()
            return
        time.sleep(0.3)
    raise SystemExit("The house did not start.")


def account(role: str) -> tuple[str, str]:
    """Return the demo account of the role and its password, as `serve` prints them."""
    from portal.management.commands.load_demo import ACCOUNTS, PASSWORD

    return ACCOUNTS[role], PASSWORD


def main() -> None:
    """Take the pictures that are asked for, or all."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", help=", ".join(PICTURES))
    parser.add_argument("--url", help="a demo house that runs already")
    asked = parser.parse_args()
    house = contextlib.nullcontext(asked.url) if asked.url else demo_house()
    with house as url:
        take(url, asked.names or list(PICTURES))


def take(url: str, names: list[str]) -> None:
    """Visit each page as its role and write docs/pictures/<name>.png."""
    from playwright.sync_api import sync_playwright

    TARGET.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        chromium = os.environ.get("OPENHALL_CHROMIUM") or shutil.which("chromium") or "/usr/bin/chromium"
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        for name in names:
            path, role, size, language = PICTURES[name]
            page = browser.new_context(base_url=url, viewport=size, locale=language).new_page()
            if role:
                sign_in(page, *account(role))
            page.goto(path)
            page.wait_for_timeout(600)
            page.screenshot(path=TARGET / f"{name}.png")
            print(TARGET / f"{name}.png")
            page.context.close()
        browser.close()


def sign_in(page: object, username: str, password: str) -> None:
    """Sign in by the form."""
    page.goto("/sign-in/")
    page.fill("input[name=username]", username)
    page.fill("input[name=password]", password)
    page.click("main button[type=submit]")
    page.wait_for_load_state()


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    main()
