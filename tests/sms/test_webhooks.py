"""Webhooks: believed only with the provider's signature of our public address, stored once, then acted on."""

import json
from datetime import timedelta
from urllib.parse import urlencode

import pytest
from django.db import DatabaseError
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from twilio.request_validator import RequestValidator

from accounts.sealing import unseal
from notices import actions as outbox
from notices import rules as outbox_rules
from notices.models import Delivery
from sms import actions, queries, rules
from sms.models import Inbound
from tests.notices import cast
from tests.sms.provider import TOKEN

pytestmark = pytest.mark.django_db
SID = "SM" + "a" * 32
FORM = "application/x-www-form-urlencoded"
INBOUND = "/hooks/sms/twilio/inbound/"
REPLY = {
    "MessageSid": SID,
    "From": "+8613912345678",
    "To": "+15005550006",
    "Body": "thanks 谢谢 + & =",
    "SmsStatus": "received",
}


def post(client, path, fields, public="https://hall.example.org", token=TOKEN, **extra):
    signature = RequestValidator(token).compute_signature(public + path, fields)
    return client.post(path, urlencode(fields), content_type=FORM, headers={"X-Twilio-Signature": signature}, **extra)


def status_path(delivery):
    reference = outbox_rules.reference_of(delivery.pk, delivery.created_at)
    return reverse("sms:status", args=[rules.sign(reference)])


def said(status, sid=SID, **more):
    return {"MessageSid": sid, "MessageStatus": status, "To": "+8613912345678", **more}


def test_a_signed_sms_is_stored_sealed_and_answered(client):
    answer = post(client, INBOUND, REPLY)
    assert (answer.status_code, answer["Content-Type"]) == (200, "text/xml")
    row = Inbound.objects.get()
    assert (row.kind, row.provider_id, row.processed_at) == ("sms", SID, None)
    assert b"thanks" not in bytes(row.raw)
    assert json.loads(unseal(row.raw, "inbound"))["Body"] == "thanks 谢谢 + & ="


def test_csrf_does_not_hinder_the_provider():
    assert post(Client(enforce_csrf_checks=True), INBOUND, REPLY).status_code == 200


def test_a_repeat_is_answered_and_has_no_effect(client):
    for _ in range(3):
        assert post(client, INBOUND, REPLY).status_code == 200
    assert Inbound.objects.count() == 1


@pytest.mark.parametrize(
    "wrong",
    [
        {"token": "another token"},
        {"public": "http://hall.example.org"},
        {"public": "https://testserver"},
        {"public": "https://evil.example"},
    ],
)
def test_a_wrong_signature_is_refused_and_nothing_stored(client, wrong):
    assert post(client, INBOUND, REPLY, **wrong).status_code == 403
    assert not Inbound.objects.exists()


def test_a_changed_body_or_a_missing_signature_is_refused(client):
    signature = RequestValidator(TOKEN).compute_signature("https://hall.example.org" + INBOUND, REPLY)
    changed = urlencode({**REPLY, "Body": "other"})
    heads = {"X-Twilio-Signature": signature}
    assert client.post(INBOUND, changed, content_type=FORM, headers=heads).status_code == 403
    assert client.post(INBOUND, urlencode(REPLY), content_type=FORM).status_code == 403
    assert not Inbound.objects.exists()


def test_the_signature_of_another_address_is_refused(client):
    delivery = cast.sms()
    fields = said("delivered")
    signature = RequestValidator(TOKEN).compute_signature("https://hall.example.org" + INBOUND, fields)
    heads = {"X-Twilio-Signature": signature}
    answer = client.post(status_path(delivery), urlencode(fields), content_type=FORM, headers=heads)
    assert answer.status_code == 403


def test_percent_escapes_count_as_they_were_sent(client):
    path = INBOUND + "?from=%2b86%7e&empty="
    assert post(client, path, REPLY, RAW_URI=path).status_code == 200


def test_a_proxy_that_changes_host_and_scheme_does_not_matter(client, settings):
    settings.ALLOWED_HOSTS = ["10.0.0.7"]
    assert post(client, INBOUND, REPLY, SERVER_NAME="10.0.0.7").status_code == 200


def test_a_json_body_is_refused_although_its_address_is_signed(client):
    path = INBOUND + "?bodySHA256=" + "0" * 64
    signature = RequestValidator(TOKEN).compute_signature("https://hall.example.org" + path, {})
    answer = client.post(
        path, '{"MessageSid": "x"}', content_type="application/json", headers={"X-Twilio-Signature": signature}
    )
    assert answer.status_code == 415


@pytest.mark.parametrize(
    "fields", [{"Body": "x"}, {"MessageSid": "SM1"}, {"MessageSid": SID + "a"}, {"MessageSid": "../" + "a" * 31}]
)
def test_signed_nonsense_is_a_bad_request(client, fields):
    assert post(client, INBOUND, fields).status_code == 400


def test_without_a_token_the_webhooks_do_not_exist(client, settings):
    path = status_path(cast.sms())
    settings.TWILIO_TOKEN = ""
    assert post(client, INBOUND, REPLY, token="").status_code == 404
    assert post(client, path, said("delivered"), token="").status_code == 404


def test_only_post_is_answered(client):
    assert client.get(INBOUND).status_code == 405


@pytest.mark.parametrize("signed", ["1.abc.forged", "x", "1", ".."])
def test_a_call_back_for_an_outbox_id_that_we_did_not_sign_is_not_found(client, signed):
    assert post(client, f"/hooks/sms/twilio/status/{signed}/", said("delivered")).status_code == 404


def test_a_database_error_is_no_yes(client, monkeypatch):
    def broken(**_):
        raise DatabaseError("the disk is full")

    monkeypatch.setattr("sms.actions.store_inbound", broken)
    client.raise_request_exception = False
    assert post(client, INBOUND, REPLY).status_code >= 500


@pytest.mark.parametrize(
    ("states", "ends"),
    [
        (["queued", "sent", "delivered"], "delivered"),
        (["delivered", "sent", "queued"], "delivered"),
        (["sent", "undelivered"], "refused"),
        (["failed", "sent"], "refused"),
        (["undelivered", "delivered"], "delivered"),
        (["delivered", "failed"], "delivered"),
        (["delivered", "delivered", "delivered"], "delivered"),
        (["something-new"], "sent"),
    ],
)
def test_call_backs_in_any_order_end_the_same(client, states, ends):
    delivery = cast.sms()
    Delivery.objects.update(state="sent", provider_id=SID, attempts=1)
    for state in states:
        assert post(client, status_path(delivery), said(state, ErrorCode="30003")).status_code == 200
        actions.process_inbound()
    delivery.refresh_from_db()
    assert delivery.state == ends
    assert not Inbound.objects.filter(processed_at=None).exists()


@pytest.mark.parametrize("state", ["attempting", "unknown", "pending", "parked"])
def test_a_call_back_settles_a_doubt(client, state):
    delivery = cast.sms()
    Delivery.objects.update(state=state, attempts=1, leased_until=timezone.now())
    post(client, status_path(delivery), said("sent"))
    actions.process_inbound()
    delivery.refresh_from_db()
    assert (delivery.state, delivery.provider_id) == ("sent", SID)
    assert outbox.deliver_due(at=timezone.now() + timedelta(days=1), channels=("sms",)) == 0


def test_a_late_word_on_an_earlier_try_changes_nothing_but_an_arrival(client):
    delivery = cast.sms()
    Delivery.objects.update(state="sent", provider_id=SID, attempts=2)
    other = "SM" + "b" * 32
    post(client, status_path(delivery), said("failed", other))
    actions.process_inbound()
    delivery.refresh_from_db()
    assert (delivery.state, delivery.provider_id) == ("sent", SID)
    post(client, status_path(delivery), said("delivered", other))
    actions.process_inbound()
    delivery.refresh_from_db()
    assert delivery.state == "delivered"


def test_a_call_back_for_a_row_that_a_restore_replaced_is_ignored(client):
    delivery = cast.sms()
    path = status_path(delivery)
    Delivery.objects.update(created_at=timezone.now())
    assert post(client, path, said("delivered")).status_code == 200
    actions.process_inbound()
    delivery.refresh_from_db()
    assert delivery.state == "pending"


@pytest.mark.parametrize("body", ["hello", "", "#K7QM2FXP9T-AAAAAAAA hello", "x" * 5000, "\x00"])
def test_an_sms_without_a_valid_code_attaches_to_nothing_and_operators_see_it(client, body):
    assert post(client, INBOUND, {**REPLY, "Body": body}).status_code in (200, 400)
    actions.process_inbound()
    assert [row.error != "" for row in queries.parked()] == [True] * Inbound.objects.count()


def test_parked_messages_can_be_tried_again(client):
    post(client, INBOUND, REPLY)
    actions.process_inbound()
    assert actions.process_inbound() == 0
    assert actions.retry_inbound() == 1
    assert actions.process_inbound() == 1


def test_a_missed_webhook_is_made_up_for_by_the_poll(client, provider):
    provider.take({"To": "+15005550006", "From": "+8613912345678", "Body": "missed"}, "inbound", "received")
    provider.take({"To": "+15005550006", "From": "+8613912345678", "Body": "not missed"}, "inbound", "received")
    post(client, INBOUND, {**REPLY, "MessageSid": provider.messages[0]["sid"]})
    assert actions.poll_inbound() == 1
    assert actions.poll_inbound() == 0
    assert Inbound.objects.count() == 2


def test_a_poll_survives_the_providers_failure(provider):
    provider.moods = ["list-500"]
    assert actions.poll_inbound() == 0
