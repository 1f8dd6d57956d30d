"""What no room ever sees: unreadable text, wrong sizes, wrong nesting."""

import json

import pytest
from django.db import OperationalError
from django.test import Client, RequestFactory, override_settings

from accounts.rules import TooMany
from accounts.viewers import grant
from portal.middleware import GuardMiddleware
from portal.rules import MOST_BODY

pytestmark = pytest.mark.django_db
FORM = "application/x-www-form-urlencoded"


@pytest.mark.parametrize(
    "path", ["/search/?q=%00", "/search/?q=%ff%fe", "/search/?q=%ED%A0%80", "/search/?%00=1", "/search/%00/"]
)
def test_it_refuses_unreadable_addresses(client, path):
    answer = client.get(path, headers={"accept-language": "en"})
    assert answer.status_code == 400
    assert "cannot be read" in answer.content.decode()


def test_an_address_that_is_no_utf_8_leads_nowhere(client):
    assert client.get("/x%ff/").status_code in (400, 404)


@pytest.mark.parametrize("body", ["name=%00", "name=%ff", "name=%ED%A0%80", "%00=x"])
def test_it_refuses_unreadable_forms(client, body):
    assert client.post("/language/", body, content_type=FORM).status_code == 400


def test_it_refuses_unreadable_parts_and_file_names(client):
    parts = b'--b\r\nContent-Disposition: form-data; name="text"\r\n\r\na\x00b\r\n--b--\r\n'
    assert client.post("/language/", parts, content_type="multipart/form-data; boundary=b").status_code == 400


def test_it_refuses_a_broken_multipart_body(client):
    assert client.post("/language/", b"nonsense", content_type="multipart/form-data").status_code == 400


@pytest.mark.parametrize("charset", ["utf-16", "gbk", "utf-7", "latin-1"])
def test_it_refuses_forms_that_are_not_utf_8(client, charset):
    assert client.post("/language/", b"a=b", content_type=f"{FORM}; charset={charset}").status_code == 400


def test_it_refuses_nul_in_cookies_and_headers(client):
    assert client.get("/", headers={"x-anything": "a\0b"}).status_code == 400
    client.cookies["sessionid"] = "a\0b"
    assert client.get("/").status_code == 400


@pytest.mark.parametrize(("depth", "status"), [(20, 404), (21, 400), (2000, 400)])
def test_it_refuses_json_that_is_nested_too_deeply(client, depth, status):
    body = "[" * depth + '"]"' + "]" * depth
    answer = client.post("/api/v1/nothing", body, content_type="application/json")
    assert answer.status_code == status
    assert json.loads(answer.content)["error"]["code"] == ("not_found" if status == 404 else "bad_input")


def test_it_refuses_more_than_it_takes(client):
    answer = client.post("/language/", "a=b", content_type=FORM, CONTENT_LENGTH=str(MOST_BODY + 1))
    assert answer.status_code == 413
    assert client.post("/language/", "a=" + "b" * 1_100_000, content_type=FORM).status_code == 413
    assert client.post("/language/", "&".join(["a=b"] * 300), content_type=FORM).status_code == 400
    assert client.get("/?" + "&".join(["a=b"] * 300)).status_code == 400


def test_it_speaks_the_readers_language(client):
    zh = client.get("/search/?q=%00", headers={"accept-language": "zh-CN"}).content.decode()
    assert "无法识别" in zh


def test_a_lost_database_is_not_an_error_of_ours(rf: RequestFactory):
    def view(request):
        raise AssertionError

    guard = GuardMiddleware(view)
    answer = guard.process_exception(rf.get("/"), OperationalError("gone"))
    assert answer is not None
    assert answer.status_code == 503
    assert int(answer["Retry-After"]) > 0


def test_a_rule_that_says_wait_says_how_long(rf: RequestFactory):
    answer = GuardMiddleware(lambda request: None).process_exception(rf.get("/"), TooMany(retry_after=7))
    assert answer is not None
    assert (answer.status_code, answer["Retry-After"]) == (429, "7")


def test_everything_else_is_left_to_django(rf: RequestFactory):
    assert GuardMiddleware(lambda request: None).process_exception(rf.get("/"), ValueError()) is None


@override_settings(REQUESTS_A_MINUTE=3)
def test_everybody_may_ask_so_often(client):
    answers = [client.get("/about/").status_code for _ in range(5)]
    assert answers == [200, 200, 200, 429, 429]
    assert client.get("/healthz").status_code == 200


@override_settings(REQUESTS_A_MINUTE=3)
def test_an_invented_session_does_not_help(client):
    answers = []
    for number in range(5):
        client.cookies["sessionid"] = f"invented{number}"
        answers.append(client.get("/about/").status_code)
    assert answers[-1] == 429


@override_settings(REQUESTS_A_MINUTE=3)
def test_who_opened_a_conversation_is_not_cut_off_by_others_at_the_address(client):
    for _ in range(4):
        client.get("/about/")
    session = client.session
    grant(session, ["talk-K7QM2FXP9T"])
    session.save()
    client.cookies["sessionid"] = session.session_key
    assert [client.get("/about/").status_code for _ in range(4)] == [200, 200, 200, 429]
    # The same again by its code, in another session: it is the same one.
    other = Client()
    session = other.session
    grant(session, ["talk-K7QM2FXP9T"])
    session.save()
    other.cookies["sessionid"] = session.session_key
    assert other.get("/about/").status_code == 429


def test_each_answer_has_an_id_for_the_logs(client):
    assert len(client.get("/about/")["X-Request-ID"]) == 16
    assert client.get("/about/", headers={"x-request-id": "from-the-proxy-1"})["X-Request-ID"] == "from-the-proxy-1"
    assert client.get("/about/", headers={"x-request-id": "a b"})["X-Request-ID"] != "a b"
