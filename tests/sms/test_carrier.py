"""The outbox and an SMS provider in every mood: exactly one SMS, or an operator who knows."""

import os
import signal
import subprocess
import sys
from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from notices import actions, rules
from notices.models import Delivery
from sms.rules import sign
from tests.houses import ROOT, database_url
from tests.notices import cast
from tests.sms.provider import ACCOUNT, FROM, TOKEN

pytestmark = pytest.mark.django_db


@pytest.fixture
def start() -> datetime:
    return timezone.now()


def deliver(at: datetime, minutes: float = 0) -> Delivery:
    """Run the outbox, `minutes` after the start, and return the one delivery."""
    actions.deliver_texts() if not minutes else actions.deliver_due(
        at=at + timedelta(minutes=minutes), channels=("sms",)
    )
    return Delivery.objects.get()


def test_it_sends_an_sms_with_a_signed_call_back(provider, start):
    waiting = cast.sms(at=start)
    sent = deliver(start)
    reference = rules.reference_of(waiting.pk, waiting.created_at)
    assert (sent.state, sent.provider_id) == ("sent", provider.messages[0]["sid"])
    assert provider.requests == [
        {
            "To": "+8613912345678",
            "From": FROM,
            "Body": "Your case moved on.",
            "StatusCallback": f"https://hall.example.org/hooks/sms/twilio/status/{sign(reference)}/",
        }
    ]


def test_it_names_a_messaging_service_as_one(provider, settings, start):
    settings.TWILIO_FROM = "MG" + "1" * 32
    cast.sms(at=start)
    deliver(start)
    assert provider.requests[0]["MessagingServiceSid"] == "MG" + "1" * 32
    assert "From" not in provider.requests[0]


def test_too_many_requests_waits_as_long_as_asked(provider, start):
    provider.moods = ["429"]
    cast.sms(at=start)
    waiting = deliver(start)
    assert waiting.state == "pending"
    assert timedelta(seconds=120) <= waiting.not_before - start <= timedelta(seconds=160)
    sent = deliver(start, minutes=5)
    assert (sent.state, sent.attempts, len(provider.messages)) == ("sent", 2, 1)


@pytest.mark.parametrize("status", ["400", "401", "404"])
def test_another_refusal_is_final(provider, start, status):
    provider.moods = [status]
    cast.sms(at=start)
    assert deliver(start).state == "refused"
    assert deliver(start, minutes=60).state == "refused"
    assert len(provider.requests) == 1


def test_a_closed_port_is_tried_again(settings, start):
    settings.TWILIO_URL = "http://127.0.0.1:9"
    cast.sms(at=start)
    waiting = deliver(start)
    assert (waiting.state, waiting.doubts, waiting.error) == ("pending", 0, "no connection")


@pytest.mark.parametrize("mood", ["slow", "accept-500", "accept-reset", "garbled"])
def test_what_was_taken_without_a_clear_yes_is_found_and_not_sent_again(provider, start, mood):
    provider.moods = [mood]
    cast.sms(at=start)
    assert deliver(start).state == "unknown"
    found = deliver(start, minutes=2)
    assert (found.state, found.provider_id) == ("sent", provider.messages[0]["sid"])
    assert len(provider.messages) == 1


@pytest.mark.parametrize("mood", ["500", "reset"])
def test_what_was_not_taken_is_sent_again_once_that_is_sure(provider, start, mood):
    provider.moods = [mood]
    cast.sms(at=start)
    assert deliver(start).state == "unknown"
    assert deliver(start, minutes=1).state == "unknown", "the list may lag: not yet"
    assert deliver(start, minutes=10).state == "sent"
    assert len(provider.messages) == 1


def test_an_unreadable_list_leaves_the_doubt_until_an_operator_is_asked(provider, start):
    provider.moods = ["500", "list-500", "list-500"]
    cast.sms(at=start)
    deliver(start)
    assert deliver(start, minutes=10).state == "unknown"
    assert deliver(start, minutes=60 * 7).state == "parked"
    assert provider.messages == []


def test_two_equal_messages_in_doubt_share_no_trace(provider, start):
    provider.moods = ["accept-500", "500"]
    cast.sms(at=start)
    cast.sms(at=start)
    actions.deliver_texts()
    actions.deliver_due(at=start + timedelta(minutes=10), channels=("sms",))
    actions.deliver_due(at=start + timedelta(minutes=20), channels=("sms",))
    assert {row.state for row in Delivery.objects.all()} == {"sent"}
    assert len(provider.messages) == 2
    assert len({row.provider_id for row in Delivery.objects.all()}) == 2


def test_an_older_equal_message_is_no_trace(provider, start):
    provider.clock = start - timedelta(hours=1)
    provider.take({"To": "+8613912345678", "From": FROM, "Body": "Your case moved on."})
    provider.clock = None
    provider.moods = ["500"]
    cast.sms(at=start)
    deliver(start)
    assert deliver(start, minutes=10).state == "sent"
    assert len(provider.messages) == 2


def test_without_a_provider_an_sms_waits(settings, start):
    settings.TWILIO_TOKEN = ""
    cast.sms(at=start)
    assert deliver(start).state == "pending"


def test_a_restored_backup_sends_no_sms_twice(provider, start):
    cast.sms(at=start)
    deliver(start)
    Delivery.objects.update(state="pending", attempts=0, provider_id="", attempted_at=None)
    actions.hold_outbox()
    actions.resume_outbox()
    assert deliver(start, minutes=30).state == "sent"
    assert len(provider.messages) == 1


@pytest.mark.django_db(transaction=True)
def test_a_worker_killed_between_the_providers_yes_and_our_commit_sends_exactly_one(provider, settings, start):
    provider.moods = ["hang"]
    cast.sms(at=start)
    worker = subprocess.Popen(
        [sys.executable, "manage.py", "worker"],
        cwd=ROOT,
        env={
            **os.environ,
            "OPENHALL_DATABASE_URL": database_url(),
            "OPENHALL_TWILIO_ACCOUNT": ACCOUNT,
            "OPENHALL_TWILIO_TOKEN": TOKEN,
            "OPENHALL_TWILIO_FROM": FROM,
            "OPENHALL_TWILIO_URL": settings.TWILIO_URL,
            "OPENHALL_TWILIO_SECONDS": "25",
            "OPENHALL_LOG_LEVEL": "CRITICAL",
        },
    )
    try:
        assert provider.accepted.wait(40), "the worker never sent it"
    finally:
        worker.send_signal(signal.SIGKILL)
        worker.wait(10)
    assert Delivery.objects.get().state == "attempting"
    found = deliver(start, minutes=20)
    assert (found.state, found.provider_id) == ("sent", provider.messages[0]["sid"])
    assert len(provider.messages) == 1
