"""What the tests of notices and of SMS share: an entry to tell of, deliveries, and a rough SMTP server."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.db import transaction

from accounts.sealing import unseal
from journal.actions import append
from journal.models import Entry
from notices import actions
from notices.models import Delivery
from tests.mail import Postbox

TEMPLATES = Path(__file__).parent / "templates"
NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


def with_words(settings: Any) -> None:
    """Let Django find the templates of the kinds that only tests know."""
    settings.TEMPLATES = [{**settings.TEMPLATES[0], "DIRS": [TEMPLATES]}]
    settings.CITY_NAME, settings.CITY_NAME_EN = "明湖市", "Minghu City"


def entry(stream: str = "case-K7QM2FXP9T", at: datetime = NOON) -> Entry:
    """Return a new entry of a case."""
    with transaction.atomic():
        return append(stream, "case.accepted", at=at)


def mail(
    to: str = "wang@example.org", subject: str = "Hello", body: str = "A body.\n", at: datetime = NOON
) -> Delivery:
    """Return a mail that waits in the outbox."""
    with transaction.atomic():
        return actions.deliver_mail(to=to, subject=subject, body=body, at=at)


def sms(to: str = "+8613912345678", body: str = "Your case moved on.", at: datetime = NOON) -> Delivery:
    """Return an SMS that waits in the outbox."""
    with transaction.atomic():
        return actions.deliver_text(to=to, body=body, at=at)


def opened(delivery: Delivery) -> tuple[str, str]:
    """Return the address and body of a delivery."""
    return unseal(delivery.address, "delivery").decode(), unseal(delivery.body, "delivery").decode()


class RoughPostbox(Postbox):
    """An SMTP server that can refuse recipients, and lose the connection after it has taken a message."""

    def __init__(self) -> None:
        super().__init__()
        self.recipients: list[str] = []
        self.drops = 0
        self.connections: set[tuple[str, int]] = set()

    async def handle_RCPT(self, server, session, envelope, address, options) -> str:  # noqa: N802
        self.connections.add(session.peer)
        if self.recipients:
            return self.recipients.pop(0)
        envelope.rcpt_tos.append(address)
        return "250 fine"

    async def handle_DATA(self, server, session, envelope) -> str:  # noqa: N802
        answer = await super().handle_DATA(server, session, envelope)
        if self.drops:
            self.drops -= 1
            server.transport.abort()
            await asyncio.sleep(0)
        return answer
