"""Django's own way to send mail, leading into the outbox."""

from __future__ import annotations

from collections.abc import Sequence

from django.core.mail.backends.base import BaseEmailBackend
from django.core.mail.message import EmailMessage
from django.utils.translation import get_language


class OutboxBackend(BaseEmailBackend):
    """Queues the plain text of each message once per recipient; attachments are not supported."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        """Queue the messages and return for how many that was possible."""
        # The actions import the models, which are not there yet while Django reads its settings.
        from ..actions import deliver_mail

        queued = 0
        for message in email_messages:
            for address in message.recipients():
                deliver_mail(
                    to=address, subject=str(message.subject), body=str(message.body), language=get_language() or ""
                )
            queued += bool(message.recipients())
        return queued
