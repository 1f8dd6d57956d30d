"""The carrier for web push: encrypted for one browser (RFC 8291), signed as ours (RFC 8292), sent to its service."""

from __future__ import annotations

import base64
import hashlib
import http.client
import ipaddress
import json
import socket
import ssl
import time
from collections.abc import Callable, Sequence
from datetime import datetime
from email.utils import parseaddr
from functools import cache
from urllib.parse import urlsplit

import http_ece
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.conf import settings
from py_vapid import Vapid02

from .. import queries, rules
from ..actions.push import forget_device, forget_wish
from . import NotTaken, Outcome, Parcel, Refused, Report, Sent, Unknown

SECONDS = 10.0
# A batch ends well before its lease does; what is left goes with the next one.
BATCH_SECONDS = 120.0
SIGNED_SECONDS = 12 * 3600


class WebPush:
    """Sends to the push service of each browser; it opens no connection unless a browser asked to be told."""

    batch = 50

    def carry(self, parcels: Sequence[Parcel], report: Report) -> None:
        """Send each parcel; one that its browser may not hear any more is refused here."""
        end = time.monotonic() + BATCH_SECONDS
        for parcel in parcels:
            late = time.monotonic() > end
            report(parcel, NotTaken("the batch took too long", after=1) if late else _send(parcel))

    def trace(self, parcel: Parcel, claimed: Callable[[str], bool], at: datetime) -> Outcome:
        """Say that it may be sent again: it has the same topic and tag, so the browser shows one of them."""
        return NotTaken("sent again under the same topic")


def public_key() -> str:
    """Return what browsers know our signature by."""
    point = _signer().public_key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    return base64.urlsafe_b64encode(point).rstrip(b"=").decode()


@cache
def _signer() -> Vapid02:
    signer: Vapid02 = Vapid02.from_raw(settings.PUSH_KEY.encode())
    return signer


def _send(parcel: Parcel) -> Outcome:
    device, _space, stream = parcel.address.partition(" ")
    ear = queries.ear_of(int(device), stream)
    if ear is None:
        forget_wish(int(device), stream)
        return Refused("nobody hears it any more")
    target = rules.push_target(ear.endpoint)
    if target is None:
        forget_device(int(device))
        return Refused("not the address of a push service")
    told = json.loads(parcel.body)
    seconds = int(told.pop("seconds"))
    body = _sealed(ear, json.dumps(told, ensure_ascii=False).encode())
    outcome = _post(target, ear.endpoint, body, _headers(target, stream, seconds))
    if isinstance(outcome, Refused) and outcome.reason.startswith(("404", "410")):
        forget_device(int(device))
    return outcome


def _sealed(ear: queries.Ear, body: bytes) -> bytes:
    """Encrypt for the browser alone, with a key of ours that is used once."""
    ours, theirs = generate_private_key(SECP256R1()), rules.plain_base64(ear.p256dh)
    secret = rules.plain_base64(ear.auth)
    made: bytes = http_ece.encrypt(body, private_key=ours, dh=theirs, auth_secret=secret, version="aes128gcm")
    return made


def _headers(target: tuple[str, str, int], stream: str, seconds: int) -> dict[str, str]:
    scheme, host, port = target
    audience = f"{scheme}://{host}" if scheme == "https" else f"{scheme}://{host}:{port}"
    ours = settings.PUBLIC_URL
    reached_at = ours if ours.startswith("https://") else f"mailto:{parseaddr(settings.MAIL_FROM)[1]}"
    claims = {"aud": audience, "sub": reached_at, "exp": int(time.time()) + SIGNED_SECONDS}
    # A later message on the same stream replaces one that the service still keeps (RFC 8030, at most 32 letters).
    topic = base64.urlsafe_b64encode(hashlib.sha256(stream.encode()).digest()[:24]).decode()
    return {
        **_signer().sign(claims),
        "TTL": str(seconds),
        "Urgency": "high",
        "Topic": topic,
        "Content-Type": "application/octet-stream",
        "Content-Encoding": "aes128gcm",
    }


def _post(target: tuple[str, str, int], endpoint: str, body: bytes, headers: dict[str, str]) -> Outcome:
    """Post to the address that was checked; redirects are not followed."""
    scheme, host, port = target
    try:
        address = public_address(host, port)
        line = _Plain(host, port, address) if scheme == "http" else _Secure(host, port, address)
        line.connect()
    except Foreign:
        return Refused("the push service is no public host")
    except OSError as error:
        return NotTaken(type(error).__name__)
    try:
        parts = urlsplit(endpoint)
        line.request("POST", parts.path + (f"?{parts.query}" if parts.query else ""), body, headers)
        return _outcome(line.getresponse())
    except (OSError, http.client.HTTPException) as error:
        return Unknown(type(error).__name__)
    finally:
        line.close()


def _outcome(answer: http.client.HTTPResponse) -> Outcome:
    asked = answer.getheader("Retry-After") or ""
    after = float(asked) if asked.isascii() and asked.isdigit() and len(asked) < 6 else None
    if 200 <= answer.status < 300:
        return Sent()
    if answer.status == 429 or answer.status >= 500:
        return NotTaken(f"{answer.status} {answer.reason}", after)
    return Refused(f"{answer.status} {answer.reason}")


class Foreign(Exception):
    """The host is none that messages may be sent to."""


def public_address(host: str, port: int) -> str:
    """Return an address of the host to connect to. Raises Foreign unless all it has are public, OSError for none.

    The very address that was looked at is used, so that a second look-up cannot lead elsewhere.
    """
    found = [str(row[4][0]) for row in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
    for each in found:
        address = ipaddress.ip_address(each.partition("%")[0])
        tunnel = isinstance(address, ipaddress.IPv6Address) and (
            address.ipv4_mapped or address.sixtofour or address.teredo or address in _TRANSLATED
        )
        if settings.PUSH_TO_LOOPBACK and address.is_loopback:
            continue
        if tunnel or not address.is_global or address.is_multicast:
            raise Foreign(host)
    return found[0]


_TRANSLATED = ipaddress.ip_network("64:ff9b::/96")


class _Plain(http.client.HTTPConnection):
    """A connection to an address that was looked up before."""

    def __init__(self, host: str, port: int, address: str) -> None:
        super().__init__(host, port, timeout=SECONDS)
        self._address = address

    def connect(self) -> None:
        """Connect to the address."""
        self.sock = socket.create_connection((self._address, self.port), SECONDS)


class _Secure(http.client.HTTPSConnection):
    """The same under TLS, where the certificate must be the host's."""

    def __init__(self, host: str, port: int, address: str) -> None:
        self._tls = ssl.create_default_context()
        super().__init__(host, port, timeout=SECONDS, context=self._tls)
        self._address = address

    def connect(self) -> None:
        """Connect to the address and greet the host by its name."""
        raw = socket.create_connection((self._address, self.port), SECONDS)
        self.sock = self._tls.wrap_socket(raw, server_hostname=self.host)
