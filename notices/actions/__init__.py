"""Telling people, and bringing what was told to its address."""

from .deliver import deliver_due, deliver_mails, deliver_pushes, deliver_texts
from .forget import forget_person, forget_stream, retain
from .operate import confirm_delivery, hold_outbox, pause_outbox, resume_outbox, retry_deliveries
from .push import catch_up, listen, listen_along, push_device, push_to, stop_listening
from .read import mark_read
from .tell import deliver_mail, deliver_text, notify

__all__ = [
    "catch_up",
    "confirm_delivery",
    "deliver_due",
    "deliver_mail",
    "deliver_mails",
    "deliver_pushes",
    "deliver_text",
    "deliver_texts",
    "forget_person",
    "forget_stream",
    "hold_outbox",
    "listen",
    "listen_along",
    "mark_read",
    "notify",
    "pause_outbox",
    "push_device",
    "push_to",
    "resume_outbox",
    "retain",
    "retry_deliveries",
    "stop_listening",
]
