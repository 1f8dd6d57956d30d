"""Web push: encrypted for one browser, without a private word, only while the session that asked may read."""

import base64
import json
import os
import threading
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import http_ece
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.db import transaction
from django.test import Client
from django.utils import timezone
from py_vapid import Vapid02

from accounts.viewers import GRANTS
from journal.actions import append
from messaging import actions as talks
from notices import actions, rules
from notices.carriers.push import Foreign, public_address, public_key
from notices.models import Delivery, Device, Wish
from tests import make
from tests.messaging import cast as desk
from tests.notices import cast

pytestmark = pytest.mark.django_db(transaction=True)


def said(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


class Service:
    """A push service on loopback, and a browser that subscribed to it."""

    def __init__(self) -> None:
        self.heard: list[tuple[dict[str, str], bytes]] = []
        self.answers: list[tuple[int, dict[str, str]]] = []
        service = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                service.heard.append((dict(self.headers.items()), body))
                status, headers = service.answers.pop(0) if service.answers else (201, {})
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.end_headers()

            def log_message(self, *args: Any) -> None:
                pass

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.private = ec.generate_private_key(ec.SECP256R1())
        self.secret = os.urandom(16)
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()

    def subscription(self, stream: str) -> dict[str, str]:
        point = self.private.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        endpoint = f"http://127.0.0.1:{self.server.server_port}/send/one"
        return {"stream": stream, "endpoint": endpoint, "p256dh": said(point), "auth": said(self.secret)}

    def opened(self, number: int = -1) -> dict[str, Any]:
        body = self.heard[number][1]
        plain = http_ece.decrypt(body, private_key=self.private, auth_secret=self.secret, version="aes128gcm")
        found: dict[str, Any] = json.loads(plain)
        return found


@pytest.fixture
def service(settings: Any) -> Iterator[Service]:
    settings.PUSH_TO_LOOPBACK = True
    made = Service()
    yield made
    made.server.shutdown()
    made.server.server_close()


def signed_in(person: Any) -> Client:
    client = Client()
    client.force_login(person)
    return client


def tell(person: Any, title: str = "Your report of the mayor's brother") -> None:
    with transaction.atomic():
        about = {"words": title}
        actions.notify(
            entry=cast.entry(at=timezone.now()),
            kind="test.told",
            person=person,
            url="/cases/K7QM2FXP9T/",
            context=about,
        )


def test_a_notice_reaches_the_browser_sealed_signed_and_without_a_private_word(service):
    wang = make.person("wang")
    client = signed_in(wang)
    client.cookies["openhall_language"] = "en"
    assert client.get("/notices/push/").json() == {"key": public_key()}
    asked = service.subscription(f"person-{wang.pk}")
    for _twice in range(2):
        assert client.post("/notices/push/", asked).status_code == 200
    kept = Device.objects.get()
    assert asked["endpoint"].encode() not in bytes(kept.address)
    tell(wang)
    assert actions.deliver_pushes() == 1
    headers, body = service.heard[0]
    assert service.opened() == {
        "title": "Minghu City",
        "body": "There is an answer or other news for you. Open it to read on.",
        "url": "/cases/K7QM2FXP9T/",
        "tag": f"person-{wang.pk}",
    }
    assert b"news" not in body
    assert headers["Content-Encoding"] == "aes128gcm"
    assert Vapid02.verify(headers["Authorization"])
    assert f"k={public_key()}" in headers["Authorization"]
    assert 0 < int(headers["TTL"]) <= 86400
    assert len(headers["Topic"]) == 32
    assert Delivery.objects.get(channel="push").state == "sent"
    # The switch is turned off: nothing more, and nothing is kept.
    assert client.post("/notices/push/stop/", asked).status_code == 200
    tell(wang)
    assert actions.deliver_pushes() == 0
    assert not Device.objects.exists()


def test_it_tries_again_when_asked_to_and_drops_a_browser_that_is_gone(service):
    wang = make.person("wang")
    signed_in(wang).post("/notices/push/", service.subscription(f"person-{wang.pk}"))
    tell(wang)
    now = timezone.now()
    service.answers = [(429, {"Retry-After": "120"}), (503, {}), (410, {})]
    assert actions.deliver_due(at=now, channels=["push"]) == 1
    row = Delivery.objects.get(channel="push")
    assert row.state == "pending"
    assert row.not_before >= now + timedelta(seconds=120)
    later = now + timedelta(minutes=5)
    actions.deliver_due(at=later, channels=["push"])
    actions.deliver_due(at=later + timedelta(minutes=5), channels=["push"])
    row.refresh_from_db()
    assert row.state == "refused"
    assert "410" in row.error
    assert len(service.heard) == 3
    assert not Device.objects.exists()
    assert not Wish.objects.exists()


def test_nothing_goes_to_a_browser_whose_session_ended_or_lost_its_right(service):
    wang = make.person("wang")
    client = signed_in(wang)
    assert client.post("/notices/push/", service.subscription(f"person-{wang.pk}")).status_code == 200
    tell(wang)
    client.post("/sign-out/")
    actions.deliver_pushes()
    assert not service.heard
    assert not Device.objects.exists()
    # Who has a case's code hears of that case, as long as the session has opened it.
    visitor, other = Client(), make.person("zhao")
    session = visitor.session
    session[GRANTS] = ["talk-gone"]
    session.save()
    visitor.cookies["sessionid"] = session.session_key
    for stream in (f"person-{other.pk}", "case-K7QM2FXP9T", "talk-none", "file-1", "x", ""):
        assert visitor.post("/notices/push/", service.subscription(stream)).status_code == 404
    assert not Device.objects.exists()


@pytest.mark.parametrize(
    "endpoint",
    [
        "",
        "http://push.example.org/x",
        "https://user@push.example.org/x",
        "https://push.example.org:8443/x",
        "ftp://push.example.org/x",
        "https:///x",
        "https://push.example.org/ x",
        "https://push.example.org/" + "x" * 1000,
    ],
)
def test_it_refuses_what_is_no_push_service(endpoint, settings):
    wang = make.person("wang")
    asked = {"stream": f"person-{wang.pk}", "endpoint": endpoint, "p256dh": "BA", "auth": "x"}
    assert rules.push_target(endpoint) is None
    assert signed_in(wang).post("/notices/push/", asked).status_code == 400
    assert not Device.objects.exists()


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "10.0.0.8",
        "169.254.169.254",
        "192.168.1.1",
        "::1",
        "::ffff:10.0.0.1",
        "64:ff9b::a00:1",
        "2002:a00:1::",
    ],
)
def test_it_connects_to_no_host_inside(host):
    with pytest.raises(Foreign):
        public_address(host, 443)


def test_unread_words_reach_the_phone_once_and_read_ones_do_not(service):
    officer = desk.on_duty()
    citizen = desk.citizen("wang")
    talk = desk.open_talk(by=citizen, holder=officer)
    client = signed_in(citizen.person)
    assert client.post("/notices/push/", service.subscription(talk.stream_name)).status_code == 200
    at = timezone.now()
    later = at + timedelta(seconds=10)
    _seq, _at = talks.say(viewer=officer, key=talk.number, client_key="words-one", text="Secret words.", at=at)
    assert talks.tell_devices(at=at + timedelta(seconds=1)) == 0
    assert talks.tell_devices(at=later) == 1
    assert talks.tell_devices(at=later + timedelta(seconds=10)) == 0
    actions.deliver_due(at=at + timedelta(minutes=5), channels=["push"])
    assert service.opened()["url"] == f"/chat/{talk.number}/"
    assert "Secret" not in json.dumps(service.opened())
    seq, _at = talks.say(viewer=officer, key=talk.number, client_key="words-two", text="More.", at=later)
    talks.mark_read(viewer=citizen, key=talk.number, seq=seq)
    assert talks.tell_devices(at=later + timedelta(minutes=1)) == 0
    # One's own words are no news.
    talks.say(viewer=citizen, key=talk.number, client_key="words-three", text="Thanks.", at=later)
    assert talks.tell_devices(at=later + timedelta(minutes=2)) == 0


def test_an_officer_on_duty_hears_of_who_waits_and_of_the_talks_they_hold(service):
    officer = desk.on_duty()
    client = signed_in(officer.person)
    place = desk.desk()
    assert client.post("/notices/push/", service.subscription(place.stream_name)).status_code == 200
    at = timezone.now()
    waiting = desk.talk(at=at)
    assert talks.tell_devices(at=at + timedelta(seconds=2)) == 0
    assert talks.tell_devices(at=at + timedelta(seconds=9)) == 1
    talk = talks.take_talk(talk_id=waiting.pk, by=officer)
    assert talks.tell_devices(at=at + timedelta(seconds=60)) == 1, "the first words were not read"
    actions.deliver_due(at=at + timedelta(minutes=5), channels=["push"])
    assert {service.opened(n)["url"] for n in (0, 1)} == {"/duty/", f"/duty/{talk.number}/"}
    talks.set_duty(by=officer, state="away")
    desk.talk(by=desk.visitor("another-visitor"), at=at + timedelta(seconds=60))
    assert talks.tell_devices(at=at + timedelta(seconds=120)) == 0


def test_a_foreign_address_is_never_told():
    wish = Wish(device=Device(language="en"), stream="person-1")
    with pytest.raises(ValueError, match="not a path"):
        actions.push_device(wish, "Hello", "https://elsewhere.example/", timezone.now())
    with transaction.atomic():
        append("person-1", "notice.made", {})
    assert actions.push_to(stream="person-1", words="x", url="/", at=timezone.now()) == 0
