"""Closed for maintenance: everybody is told so, in their own way, and nothing asks the database."""

import asyncio
import re

import pytest
from django.core.management import call_command

from accounts.closing import close_house, open_house
from journal.consumer import consumer
from journal.sockets import NOT_NOW
from journal.waiting import patient
from portal.views import errors

# No database: a question to one would fail these tests.


@pytest.fixture
def closed(settings, tmp_path):
    settings.DATA_DIR = tmp_path
    assert close_house()


@pytest.mark.parametrize(("language", "title"), [("en", "Closed for maintenance"), ("zh-CN", "正在维护")])
def test_people_get_a_calm_page(closed, client, language, title):
    for path in ("/", "/forums/", "/no/such/page/"):
        answer = client.get(path, headers={"accept-language": language})
        assert (answer.status_code, answer["Retry-After"]) == (503, "120")
        page = answer.content.decode()
        assert f"<h1>{title}</h1>" in page
        # The skip link and "Try again": every other way would only lead back here.
        assert re.findall(r'<(?:a|form)\b[^>]*? (?:href|action)="([^"]*)"', page) == ["#main", ""]
    assert client.post("/sign-in/", headers={"accept-language": language}).status_code == 503


def test_a_house_that_was_never_prepared_has_its_page(closed, client, settings, tmp_path):
    (tmp_path / "static").mkdir()
    settings.STATIC_ROOT = tmp_path / "static"
    settings.STORAGES = settings.STORAGES | {"staticfiles": {"BACKEND": "portal.static_files.StaticFiles"}}
    errors._written.cache_clear()
    answer = client.get("/")
    assert (answer.status_code, "/static/portal/base.css" in answer.content.decode()) == (503, True)


def test_programs_get_json_and_supervisors_leave_the_process_alone(closed, client):
    for path in ("/api/v1/streams/talk-1/entries", "/hooks/sms/inbound/", "/readyz"):
        answer = client.post(path) if "hooks" in path else client.get(path)
        assert (answer.status_code, answer.json()["error"]["code"]) == (503, "closed")
        assert answer["Retry-After"]
    assert client.get("/healthz").status_code == 200


def test_sockets_are_refused_before_the_handshake(closed):
    said = []

    async def receive():
        return {"type": "websocket.connect"}

    async def send(message):
        said.append(message)

    headers = [(b"host", b"127.0.0.1")]
    asyncio.run(consumer({"type": "websocket", "path": "/ws/", "headers": headers}, receive, send))
    assert said == [{"type": "websocket.close", "code": NOT_NOW}]


def test_long_polls_are_not_held(closed):
    asked = []

    async def django(scope, receive, send):
        asked.append(receive)

    scope = {
        "method": "GET",
        "path": "/api/v1/streams/talk-1/entries",
        "query_string": b"after=0&wait=25",
        "headers": [],
    }
    asyncio.run(patient(django)(scope, "as it came", None))
    assert asked == ["as it came"]


def test_the_command_closes_and_opens(settings, tmp_path, capsys):
    settings.DATA_DIR = tmp_path / "new"
    for verb, told in (
        ("status", "open"),
        ("close", "closed"),
        ("close", "closed"),
        ("open", "open"),
        ("open", "open"),
    ):
        call_command("house", verb)
        assert capsys.readouterr().out.strip() == told
    open_house()
