"""The carrier for e-mail: one SMTP connection for a batch, and an outcome for each message."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import SMTP as CRLF
from email.utils import format_datetime, parseaddr

import aiosmtplib
from asgiref.sync import async_to_sync, sync_to_async
from django.conf import settings

from . import NotTaken, Outcome, Parcel, Refused, Report, Sent, Unknown

SECONDS = 20.0
# A batch ends well before its lease does; what is left goes with the next one.
BATCH_SECONDS = 120.0
TRANSPORT = (aiosmtplib.SMTPException, OSError, asyncio.TimeoutError)


class Mail:
    """Sends by SMTP to settings.SMTP_HOST."""

    batch = 50

    def carry(self, parcels: Sequence[Parcel], report: Report) -> None:
        """Send the parcels over one connection."""
        # async_to_sync lets `report` run on this thread again, where its database connection is.
        async_to_sync(self._carry)(parcels, report)

    def trace(self, parcel: Parcel, claimed: Callable[[str], bool], at: datetime) -> Outcome:
        """Say that it may be sent again: the Message-ID is the same, so mail systems drop the second copy."""
        return NotTaken("sent again under the same Message-ID")

    async def _carry(self, parcels: Sequence[Parcel], report: Report) -> None:
        tell = sync_to_async(report)
        client, end, closed = _client(), time.monotonic() + BATCH_SECONDS, None
        try:
            for parcel in parcels:
                # One failed connection answers for the rest of the batch: nothing of it was handed over.
                closed = closed or await _connect(client, end)
                await tell(parcel, closed or await _send(client, parcel))
        finally:
            await _close(client)


def message_for(parcel: Parcel) -> EmailMessage:
    """Return the mail: plain text, and on each try the same to the last byte."""
    message = EmailMessage(policy=CRLF)
    message["From"] = settings.MAIL_FROM
    message["To"] = _address(parcel.address)
    message["Subject"] = parcel.subject
    message["Date"] = format_datetime(parcel.created_at.astimezone(UTC))
    message["Message-ID"] = f"<{parcel.reference}@{parseaddr(settings.MAIL_FROM)[1].rpartition('@')[2]}>"
    # RFC 3834: asks other machines not to answer this one.
    message["Auto-Submitted"] = "auto-generated"
    message["Content-Language"] = parcel.language
    message.set_content(parcel.body, charset="utf-8", cte="base64" if not parcel.body.isascii() else "quoted-printable")
    return message


def _address(address: str) -> str:
    """Return the address in ASCII. Raises UnicodeError for a name that only SMTPUTF8 could carry."""
    name, _, domain = address.rpartition("@")
    return f"{name.encode('ascii').decode()}@{domain.encode('idna').decode()}"


class Line(aiosmtplib.SMTP):
    """A connection that is gone as soon as it is closed."""

    def close(self) -> None:
        """Close without TLS's farewell: its answer would come after the loop of this batch has ended."""
        if isinstance(self.transport, asyncio.WriteTransport):
            self.transport.abort()
        super().close()


def _client() -> Line:
    return Line(
        hostname=settings.SMTP_HOST,
        port=settings.SMTP_PORT,
        username=settings.SMTP_USER or None,
        password=settings.SMTP_PASSWORD or None,
        use_tls=settings.SMTP_TLS == "tls",
        # Never None, which would go on in the clear with a server that offers no STARTTLS, or hides it.
        start_tls=settings.SMTP_TLS == "starttls",
        cert_bundle=settings.SMTP_CA or None,
        timeout=SECONDS,
    )


async def _connect(client: aiosmtplib.SMTP, end: float) -> Outcome | None:
    """Connect if need be, until the monotonic time `end`; return why not, whatever the server said to us."""
    if time.monotonic() > end:
        return NotTaken("the batch took too long", after=1)
    try:
        if not client.is_connected:
            await client.connect()
    except TRANSPORT as error:
        client.close()
        return NotTaken(_named(error))
    return None


async def _send(client: aiosmtplib.SMTP, parcel: Parcel) -> Outcome:
    """Send one message; whatever fails before DATA is provably not accepted."""
    try:
        message = message_for(parcel)
    except (UnicodeError, ValueError) as error:
        return Refused(f"cannot be written as a mail: {type(error).__name__}")
    try:
        await client.mail(parseaddr(settings.MAIL_FROM)[1])
        await client.rcpt(str(message["To"]))
    except TRANSPORT as error:
        return await _answered(client, error) or NotTaken(_named(error))
    try:
        await client.data(message.as_bytes())
    except TRANSPORT as error:
        return await _answered(client, error) or Unknown(_named(error))
    return Sent()


async def _answered(client: aiosmtplib.SMTP, error: BaseException) -> Outcome | None:
    """Return what the server's own answer means, or None if it gave none."""
    if isinstance(error, aiosmtplib.SMTPServerDisconnected) or not isinstance(error, aiosmtplib.SMTPResponseException):
        # A late answer would be taken for that to the next message: this connection is over.
        client.close()
        return None
    try:
        await client.rset()
    except TRANSPORT:
        client.close()
    if 400 <= error.code < 500:
        return NotTaken(_named(error))
    return Refused(_named(error)) if 500 <= error.code < 600 else None


def _named(error: BaseException) -> str:
    code = getattr(error, "code", "")
    return f"{type(error).__name__} {code}".strip()


async def _close(client: aiosmtplib.SMTP) -> None:
    try:
        if client.is_connected:
            await client.quit()
    except TRANSPORT:
        client.close()
