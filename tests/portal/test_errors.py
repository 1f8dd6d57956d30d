"""Error pages: plain, in the reader's language, and telling nothing."""

import pytest
from django.test import Client

from tests import make
from tests.forums import cast

pytestmark = pytest.mark.django_db


def test_what_is_hidden_looks_like_what_was_never_there(client):
    topic = cast.topic(hidden=True)
    members = cast.topic(board=cast.board("members", members_only=True))
    client.force_login(make.person("li"), backend="accounts.backends.PersonBackend")
    hidden = client.get(f"/forums/topics/{topic.pk}/")
    nowhere = client.get("/forums/topics/999999/")
    assert (hidden.status_code, hidden.content) == (nowhere.status_code, nowhere.content)
    assert Client().get(f"/forums/topics/{members.pk}/").content == Client().get("/no/such/address/").content
    assert hidden["Cache-Control"] == "no-store"


def test_a_rules_refusal_looks_the_same_as_no_such_thing(client):
    topic = cast.topic()
    refused = client.post(f"/forums/topics/{topic.pk}/moderate/", {"do": "hide", "reason": "x"})
    nowhere = client.post("/forums/topics/999999/moderate/", {"do": "hide", "reason": "x"})
    assert refused.status_code == 404
    assert refused.content == nowhere.content == client.get("/no/such/address/").content


@pytest.mark.parametrize(
    ("accept", "words"), [("zh-CN", "这个地址没有内容"), ("en", "There is nothing at this address")]
)
def test_it_speaks_the_readers_language(client, accept, words):
    assert words in client.get("/no/such/", headers={"accept-language": accept}).content.decode()


def test_a_form_from_elsewhere_is_explained():
    answer = Client(enforce_csrf_checks=True).post("/sign-in/", {"username": "x"}, headers={"accept-language": "en"})
    assert answer.status_code == 403
    assert "did not come from our own page" in answer.content.decode()


def test_programs_get_json(client):
    answer = client.get("/no/such/", headers={"accept": "application/json"})
    assert answer.json() == {"error": {"code": "not_found", "text": answer.json()["error"]["text"]}}


def test_a_mistake_of_ours_says_so_without_details(settings):
    from portal.views import errors

    client = Client(raise_request_exception=False)
    request = client.get("/about/").wsgi_request
    answer = errors.failed(request)
    assert answer.status_code == 500
    assert b"Traceback" not in answer.content
