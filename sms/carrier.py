"""The carrier for SMS: Twilio's own client, pointed at settings.TWILIO_URL."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import requests
from django.conf import settings
from django.urls import reverse
from twilio.base.exceptions import TwilioException, TwilioRestException
from twilio.http.http_client import TwilioHttpClient
from twilio.http.response import Response
from twilio.rest import Client
from twilio.rest.api.v2010.account.message import MessageInstance
from urllib3.exceptions import NewConnectionError

from notices.carriers import NotTaken, Outcome, Parcel, Refused, Report, Sent, Unknown

from . import rules

# Newest first; a number that got more than this since the try in doubt is for an operator to look at.
LISTED_MOST = 400


class Redirected(TwilioHttpClient):
    """Twilio's HTTP client with the scheme and host of settings.TWILIO_URL; it remembers a Retry-After."""

    retry_after: float | None = None

    def request(self, method: str, url: str, *args: Any, **kwargs: Any) -> Response:
        """Send the request there."""
        ours, theirs = urlsplit(settings.TWILIO_URL), urlsplit(url)
        moved = urlunsplit((ours.scheme, ours.netloc, ours.path.rstrip("/") + theirs.path, theirs.query, ""))
        response: Response = super().request(method, moved, *args, **kwargs)
        asked = (response.headers or {}).get("Retry-After", "")
        self.retry_after = float(asked) if asked.isascii() and asked.isdigit() else None
        return response


def connect() -> tuple[Client, Redirected]:
    """Return a client for the configured account and the HTTP client below it."""
    http = Redirected(timeout=settings.TWILIO_SECONDS)
    return Client(settings.TWILIO_ACCOUNT, settings.TWILIO_TOKEN, http_client=http), http


class Twilio:
    """Sends SMS and traces those of unknown fate."""

    # The whole batch, each one slow, must end before its lease does.
    batch = 10

    def carry(self, parcels: Sequence[Parcel], report: Report) -> None:
        """Send the parcels one after the other over one connection."""
        client, http = connect() if rules.is_open() else (None, None)
        try:
            for parcel in parcels:
                if client is None or http is None:
                    report(parcel, NotTaken("no SMS provider is configured", after=3600))
                else:
                    report(parcel, _send(client, http, parcel))
        finally:
            if http is not None and http.session is not None:
                http.session.close()

    def trace(self, parcel: Parcel, claimed: Callable[[str], bool], at: datetime) -> Outcome:
        """Look the message up in the provider's list; absent after the grace period means never accepted."""
        if not rules.is_open():
            return Unknown("no SMS provider is configured")
        for message in _sent_to(parcel):
            if message.body.split() == parcel.body.split() and not claimed(message.sid):
                failed = rules.STATES.get(str(message.status)) == "refused"
                return Refused(f"{message.status} {message.error_code or ''}".strip()) if failed else Sent(message.sid)
        if at - parcel.attempted_at < rules.GRACE:
            return Unknown("not in the provider's list yet")
        return NotTaken("not in the provider's list")


def _send(client: Client, http: Redirected, parcel: Parcel) -> Outcome:
    """Ask for one message to be created. The call is not idempotent: only what never arrived is not taken."""
    sender = "messaging_service_sid" if settings.TWILIO_FROM.startswith("MG") else "from_"
    extra = {sender: settings.TWILIO_FROM}
    if rules.can_be_called():
        extra["status_callback"] = settings.PUBLIC_URL + reverse("sms:status", args=[rules.sign(parcel.reference)])
    try:
        message = client.messages.create(to=parcel.address, body=parcel.body, **extra)
    except TwilioException as error:
        return _answered(error, http)
    except requests.ConnectTimeout:
        return NotTaken("no connection")
    except requests.ConnectionError as error:
        reached = not isinstance(getattr(error.args[0] if error.args else None, "reason", None), NewConnectionError)
        return Unknown(type(error).__name__) if reached else NotTaken("no connection")
    except requests.RequestException as error:
        return Unknown(type(error).__name__)
    except ValueError:
        # A yes whose body cannot be read is still a yes to something.
        return Unknown("the answer cannot be read")
    if not message.sid:
        return Unknown("the answer names no message")
    return Sent(message.sid)


def _answered(error: TwilioException, http: Redirected) -> Outcome:
    """Return what the provider's refusal means."""
    status = getattr(error, "status", 0)
    name = f"HTTP {status} {getattr(error, 'code', '') or ''}".strip()
    if status == 429:
        return NotTaken(name, after=http.retry_after)
    if 400 <= status < 500:
        return Refused(name)
    return Unknown(name)


def _sent_to(parcel: Parcel) -> Iterator[MessageInstance]:
    """Yield what the provider sent to the parcel's number since its try, newest first."""
    client, http = connect()
    since = parcel.attempted_at - rules.SKEW
    try:
        # Not filtered by DateSent: a message that still waits at the provider has none.
        for message in client.messages.stream(to=parcel.address, limit=LISTED_MOST, page_size=100):
            known = message.date_created or message.date_sent
            if known is not None and known >= since and str(message.direction).startswith("outbound"):
                yield message
    finally:
        if http.session is not None:
            http.session.close()


def received_since(since: datetime, most: int = 2000) -> Iterator[MessageInstance]:
    """Yield the SMS that the provider took in for us since the moment. Raises TwilioRestException."""
    client, http = connect()
    try:
        for message in client.messages.stream(
            to=settings.TWILIO_FROM, date_sent_after=since, limit=most, page_size=200
        ):
            if message.direction == "inbound":
                yield message
    finally:
        if http.session is not None:
            http.session.close()


__all__ = ["Twilio", "TwilioRestException", "connect", "received_since"]
