"""A real SMTP server that keeps what it is sent."""

import os
from collections.abc import Iterator
from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest
from aiosmtpd.controller import Controller


class Postbox:
    """aiosmtpd's handler: accepts mail unless told to answer otherwise."""

    def __init__(self) -> None:
        self.messages: list[EmailMessage] = []
        self.answers: list[str] = []
        self.port = int(os.environ["OPENHALL_SMTP_PORT"])

    async def handle_DATA(self, server, session, envelope) -> str:  # noqa: N802
        """Answer with the next of `answers` ("451 later") or keep the message."""
        if self.answers:
            answer = self.answers.pop(0)
            if not answer.startswith("2"):
                return answer
        message = message_from_bytes(envelope.content, policy=policy.default)
        message["X-Envelope-From"], message["X-Envelope-To"] = envelope.mail_from or "", ", ".join(envelope.rcpt_tos)
        self.messages.append(message)
        return "250 kept"

    def text(self, number: int = -1) -> str:
        """Return the plain text of one of the messages, the last unless told."""
        body = self.messages[number].get_body(("plain",))
        return body.get_content() if body else ""


@pytest.fixture
def smtp() -> Iterator[Postbox]:
    """A running SMTP server at the address the settings name; `.messages` holds what arrived."""
    box = Postbox()
    controller = Controller(box, hostname="127.0.0.1", port=box.port)
    controller.start()
    yield box
    controller.stop()
