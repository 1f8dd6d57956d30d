"""The outbox and a real SMTP server: what is sent, sent again, given up, and never sent twice unknowingly."""

from datetime import timedelta
from email import message_from_bytes

import pytest

from notices import actions, rules
from notices.actions.deliver import parcel_of
from notices.carriers.mail import message_for
from notices.models import Delivery
from tests.notices import cast

pytestmark = pytest.mark.django_db
LATER = cast.NOON + timedelta(hours=2)


def test_it_sends_a_mail_that_machines_do_not_answer(rough):
    delivery = cast.mail(subject="电梯 moved on", body="已受理。\n.\nA dot and a tail.\n")
    assert actions.deliver_due(at=cast.NOON) == 1
    message = rough.messages[0]
    assert message["Subject"] == "电梯 moved on"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["X-Envelope-To"] == "wang@example.org"
    assert message["Message-ID"].startswith(f"<{delivery.pk}.")
    assert message["Message-ID"].endswith("@localhost>")
    assert rough.text().replace("\r\n", "\n") == "已受理。\n.\nA dot and a tail.\n"
    delivery.refresh_from_db()
    assert (delivery.state, delivery.attempts, delivery.done_at) == ("sent", 1, cast.NOON)


def test_a_batch_goes_over_one_connection(rough):
    for number in range(20):
        cast.mail(to=f"p{number}@example.org")
    assert actions.deliver_due(at=cast.NOON) == 20
    assert len(rough.messages) == 20
    assert len(rough.connections) == 1


def test_what_is_sent_is_not_sent_again(rough):
    cast.mail()
    actions.deliver_due(at=cast.NOON)
    assert actions.deliver_due(at=LATER) == 0
    assert len(rough.messages) == 1


def test_a_temporary_refusal_is_tried_again_later(rough):
    rough.answers = ["451 4.3.0 try later"]
    delivery = cast.mail()
    actions.deliver_due(at=cast.NOON)
    delivery.refresh_from_db()
    assert (delivery.state, delivery.error) == ("pending", "SMTPDataError 451")
    assert timedelta(seconds=15) <= delivery.not_before - cast.NOON <= timedelta(seconds=19)
    assert actions.deliver_due(at=cast.NOON + timedelta(seconds=10)) == 0
    assert actions.deliver_due(at=LATER) == 1
    delivery.refresh_from_db()
    assert (delivery.state, delivery.attempts, len(rough.messages)) == ("sent", 2, 1)


def test_a_final_refusal_is_final_and_hinders_nobody_else(rough):
    rough.recipients = ["550 5.1.1 nobody here"]
    lost, kept = cast.mail(to="nobody@example.org"), cast.mail()
    actions.deliver_due(at=cast.NOON)
    lost.refresh_from_db()
    kept.refresh_from_db()
    assert (lost.state, lost.error, kept.state) == ("refused", "SMTPRecipientRefused 550", "sent")
    assert actions.deliver_due(at=LATER) == 0


def test_a_closed_port_leaves_everything_waiting():
    deliveries = [cast.mail(), cast.mail()]
    actions.deliver_due(at=cast.NOON)
    for delivery in deliveries:
        delivery.refresh_from_db()
        assert (delivery.state, delivery.doubts) == ("pending", 0)


def test_a_lost_answer_is_unknown_and_sent_again_under_the_same_id(rough):
    rough.drops = 1
    delivery = cast.mail()
    actions.deliver_due(at=cast.NOON)
    delivery.refresh_from_db()
    assert (delivery.state, delivery.doubts) == ("unknown", 1)
    actions.deliver_due(at=LATER)
    delivery.refresh_from_db()
    assert (delivery.state, delivery.attempts) == ("sent", 2)
    first, second = rough.messages
    assert first["Message-ID"] == second["Message-ID"]
    assert first["Date"] == second["Date"]


def test_a_mail_that_stays_unknown_is_parked_for_an_operator(rough):
    rough.drops = 99
    delivery, at = cast.mail(), cast.NOON
    for _ in range(20):
        actions.deliver_due(at=at)
        at += timedelta(hours=2)
    delivery.refresh_from_db()
    assert delivery.state == "parked"
    assert len(rough.messages) == rules.DOUBTS_MOST + 1
    rough.drops = 0
    assert actions.retry_deliveries(at=at) == 1
    actions.deliver_due(at=at)
    delivery.refresh_from_db()
    assert delivery.state == "sent"


def test_what_nobody_takes_for_days_is_parked():
    delivery = cast.mail()
    actions.deliver_due(at=cast.NOON + timedelta(days=3, minutes=1))
    delivery.refresh_from_db()
    assert delivery.state == "parked"


def test_a_worker_that_died_while_sending_leaves_no_gap(rough):
    delivery = cast.mail()
    Delivery.objects.update(
        state="attempting", attempts=1, attempted_at=cast.NOON, leased_until=cast.NOON + rules.LEASE
    )
    assert actions.deliver_due(at=cast.NOON + timedelta(minutes=1)) == 0
    assert actions.deliver_due(at=LATER) == 1
    delivery.refresh_from_db()
    assert (delivery.state, delivery.attempts, delivery.doubts, len(rough.messages)) == ("sent", 2, 1, 1)


def test_a_name_that_mail_cannot_carry_is_refused(rough):
    delivery = cast.mail(to="王@example.org")
    actions.deliver_due(at=cast.NOON)
    delivery.refresh_from_db()
    assert delivery.state == "refused"


def test_a_foreign_domain_is_written_in_ascii(rough):
    cast.mail(to="wang@例子.example")
    actions.deliver_due(at=cast.NOON)
    assert rough.messages[0]["X-Envelope-To"] == "wang@xn--fsqu00a.example"


def test_a_subject_cannot_smuggle_headers():
    delivery = cast.mail(subject="Hello\r\nBcc: everybody@example.org")
    message = message_from_bytes(message_for(parcel_of(delivery)).as_bytes())
    assert message["Bcc"] is None


def test_what_no_key_opens_is_parked(settings, rough):
    delivery = cast.mail()
    settings.SEALING_KEYS = ["another key altogether"]
    actions.deliver_due(at=cast.NOON)
    delivery.refresh_from_db()
    assert (delivery.state, rough.messages) == ("parked", [])


def test_a_paused_outbox_sends_nothing_until_resumed(rough):
    cast.mail()
    actions.pause_outbox(reason="moving house")
    assert actions.deliver_due(at=cast.NOON) == 0
    actions.resume_outbox()
    assert actions.deliver_due(at=cast.NOON) == 1


def test_a_restored_backup_sends_nothing_by_itself(rough):
    waiting = cast.mail()
    assert actions.hold_outbox(at=LATER) == 1
    waiting.refresh_from_db()
    assert waiting.state == "unknown"
    assert actions.deliver_due(at=LATER) == 0
    assert rough.messages == []


def test_djangos_own_mail_goes_through_the_outbox(settings, rough):
    from django.core.mail import get_connection, send_mail

    through = get_connection("notices.carriers.outbox.OutboxBackend")
    assert send_mail("Reset", "Use this link.", None, ["wang@example.org"], connection=through) == 1
    assert Delivery.objects.get().state == "pending"
    actions.deliver_due()
    assert "Use this link." in rough.text()
