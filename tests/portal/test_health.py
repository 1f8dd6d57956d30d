"""What machines ask."""

import pytest
from django.test import override_settings

from portal import queries
from portal.logs import JsonFormatter, masked

pytestmark = pytest.mark.django_db


def test_alive_asks_nothing(client, django_assert_num_queries):
    with django_assert_num_queries(0):
        assert client.get("/healthz").content == b"ok\n"


def test_ready_when_everything_is_there(client):
    answer = client.get("/readyz")
    assert answer.status_code == 200
    assert answer.json() == {"state": "ready", "broken": [], "lagging": []}


@override_settings(SEALING_KEYS=[])
def test_not_ready_without_the_sealing_key(client):
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["broken"] == ["sealing key"]


def test_not_ready_with_a_full_disk(client, monkeypatch):
    monkeypatch.setattr(queries, "LEAST_FREE_BYTES", 10**18)
    assert client.get("/readyz").json()["broken"] == ["disk"]


@override_settings(REDIS_URL="redis://127.0.0.1:1")
def test_a_lost_redis_only_degrades(client, monkeypatch):
    class Lost:
        def set(self, *args: object) -> None:
            raise ConnectionError

    monkeypatch.setattr(queries, "cache", Lost())
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["state"]) == (200, "degraded")


def test_what_was_counted_is_for_this_machine(client):
    client.get("/about/")
    answer = client.get("/metrics")
    text = answer.content.decode()
    assert 'openhall_requests_total{method="GET",status="200"}' in text
    assert "openhall_outbox_pending 0" in text
    assert text.endswith("\n")
    assert client.get("/metrics", REMOTE_ADDR="10.0.0.9").status_code == 404
    assert client.get("/metrics", headers={"x-forwarded-for": "127.0.0.1"}).status_code == 404
    with override_settings(SECURE_PROXY_SSL_HEADER=("HTTP_X_FORWARDED_PROTO", "https")):
        assert client.get("/metrics").status_code == 404


@override_settings(REQUESTS_A_MINUTE=2)
def test_who_asks_for_trial_writes_without_end_is_stopped(client):
    codes = {path: [client.get(path).status_code for _ in range(4)] for path in ("/healthz", "/readyz")}
    assert codes == {"/healthz": [200] * 4, "/readyz": [200, 200, 429, 429]}


@override_settings(METRICS_TOKEN="a-long-token")
def test_what_was_counted_is_for_whoever_has_the_token(client):
    assert client.get("/metrics").status_code == 404
    answer = client.get("/metrics", headers={"authorization": "Bearer a-long-token"}, REMOTE_ADDR="10.0.0.9")
    assert answer.status_code == 200


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("sent to +8613900007788", "sent to ***88"), ("GET /reset?token=abc123&x=1", "GET /reset?token=***&x=1"),
        ("Not Found: /reset/Mg/cyx1ab-0123456789abcdef0123/", "Not Found: /reset/Mg/***/"),
        ("Key (email)=(olga.li@mail.example.org) already exists", "Key (email)=(***@***) already exists"),
        ("code: 482913 wrong", "code: *** wrong"), ("case K7QM2FXP9T", "case K7QM2FXP9T"),
        ("took 1234 ms", "took 1234 ms"),
    ],
)  # fmt: skip
def test_logs_keep_no_secrets(said, kept):
    assert masked(said) == kept


def test_a_log_line_is_json_with_the_requests_id():
    import json
    import logging

    from portal.logs import RequestIds, begin_request

    begin_request("abcdefgh-1")
    record = logging.LogRecord("x", logging.INFO, __file__, 1, "hello %s", ("13900007788",), None)
    RequestIds().filter(record)
    line = json.loads(JsonFormatter().format(record))
    assert (line["request"], line["text"]) == ("abcdefgh-1", "hello ***88")
