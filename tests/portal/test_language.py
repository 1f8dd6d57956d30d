"""Which language a reader gets, and how they change it."""

import pytest
from django.test import Client

from tests import make

pytestmark = pytest.mark.django_db
ZH, EN = "有什么可以帮您", "What can we do for you?"


def heading(client: Client, accept: str = "") -> str:
    page = client.get("/", headers={"accept-language": accept} if accept else {})
    return page.headers["Content-Language"]


@pytest.mark.parametrize(
    ("accept", "language"),
    [
        ("zh-CN,zh;q=0.9,en;q=0.8", "zh-hans"), ("zh", "zh-hans"), ("zh-TW", "zh-hans"), ("en-GB,en", "en"),
        ("fr-FR,fr;q=0.9,en;q=0.8", "en"), ("de", "en"), ("", "zh-hans"), ("*", "zh-hans"), ("x" * 2000, "en"),
    ],
)  # fmt: skip
def test_it_is_chosen_by_the_browser(client, accept, language):
    assert heading(client, accept) == language


def test_a_reader_switches_it_and_comes_back_to_the_same_page(client):
    answer = client.post("/language/", {"language": "en", "next": "/forums/?x=1"})
    assert answer.status_code == 302
    assert answer["Location"] == "/forums/?x=1"
    assert heading(client, "zh-CN") == "en"


def test_a_person_is_written_to_in_the_language_they_chose(client):
    person = make.person("wang")
    client.force_login(person, backend="accounts.backends.PersonBackend")
    client.post("/language/", {"language": "zh-hans"})
    person.refresh_from_db()
    assert person.language == "zh-hans"


def test_a_new_browser_speaks_the_persons_language_from_signing_in_on(client):
    person = make.person("wang")
    client.force_login(person, backend="accounts.backends.PersonBackend")
    assert heading(client, "zh-CN") == "en"
    assert client.cookies["openhall_language"].value == "en"


@pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example", "javascript:alert(1)", ""])
def test_it_never_leads_elsewhere(client, target):
    answer = client.post("/language/", {"language": "en", "next": target})
    assert answer["Location"] == "/"


def test_it_refuses_a_language_that_is_not_there(client):
    client.post("/language/", {"language": "xx"})
    assert "openhall_language" not in client.cookies


def test_it_is_changed_by_post_only(client):
    assert client.get("/language/").status_code == 405


def test_larger_type_is_kept(client):
    client.post("/type/", {"type": "large"})
    assert 'class="large ' in client.get("/").content.decode()
    client.post("/type/", {"type": "normal"})
    assert 'class="large ' not in client.get("/").content.decode()
