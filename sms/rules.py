"""What a provider's words mean, which webhooks are believed, and how a code proves a number."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from django.conf import settings
from django.http import QueryDict
from django.utils.translation import gettext as _
from twilio.request_validator import RequestValidator

from accounts.rules import BadInput

PROVIDER = "twilio"
STATUS, INCOMING = "status", "sms"
RECEIVED = "received"
# Twilio's message statuses in the outbox's words.
STATES = {
    "accepted": "sent",
    "scheduled": "sent",
    "queued": "sent",
    "sending": "sent",
    "sent": "sent",
    "delivered": "delivered",
    "read": "delivered",
    "undelivered": "refused",
    "failed": "refused",
    "canceled": "refused",
}
# A request that timed out may still be on its way into the provider's list: not "absent" before this age.
GRACE = timedelta(minutes=3)
# Their clock and ours.
SKEW = timedelta(minutes=2)
CODE_LIFE = timedelta(minutes=10)
CODE_TRIES = 5
CODES_AN_HOUR = 5


class WrongCode(BadInput):
    """The code is wrong, used up or too old; which of them is not said."""

    def sentence(self) -> str:
        """Say what to do next."""
        return _("This code is not right or no longer valid. Please ask for a new one.")


def is_open() -> bool:
    """Return whether an SMS provider is configured; without one the webhooks do not exist."""
    return bool(settings.TWILIO_ACCOUNT and settings.TWILIO_TOKEN)


def can_be_called() -> bool:
    """Return whether the provider can reach us; it refuses call-back addresses on a loopback name."""
    return urlsplit(settings.PUBLIC_URL).hostname not in ("127.0.0.1", "localhost", "::1")


def is_genuine(path: str, fields: QueryDict, signature: str) -> bool:
    """Return whether the provider signed this call of `path` (with its query, as sent, not decoded).

    The signature covers the address the provider was given, so it is checked against settings.PUBLIC_URL: what a
    proxy or the Host header says may differ in scheme, host and port.
    """
    return bool(signature) and RequestValidator(settings.TWILIO_TOKEN).validate(
        settings.PUBLIC_URL + path, fields, signature
    )


def check_fields(fields: Mapping[str, str], kind: str) -> tuple[str, str]:
    """Return the provider's id and status of a call. Raises BadInput for what Twilio never sends."""
    provider_id = fields.get("MessageSid", "")
    status = fields.get("MessageStatus", "") if kind == STATUS else RECEIVED
    if not re.fullmatch(r"(SM|MM)[0-9a-fA-F]{32}", provider_id) or not re.fullmatch(r"[a-z_-]{1,20}", status):
        raise BadInput
    return provider_id, status


def sign(reference: str) -> str:
    """Return a delivery's reference with our proof that it is ours, for the call-back's address."""
    return f"{reference}.{_proof(reference)}"


def unsign(signed: str) -> str:
    """Return the reference that `signed` proves, or "" if it proves nothing."""
    reference, _dot, proof = signed.rpartition(".")
    is_ours = hmac.compare_digest(proof.encode("utf-8", "replace"), _proof(reference).encode())
    return reference if is_ours and re.fullmatch(r"\d{1,18}\.[0-9a-f]{1,16}", reference) else ""


def _proof(reference: str) -> str:
    made = hmac.new(settings.SECRET_KEY.encode(), b"outbox " + reference.encode("utf-8", "replace"), hashlib.sha256)
    return base64.b32encode(made.digest()[:15]).decode().lower()


def code_digest(person_id: int, number: str, code: str) -> str:
    """Return what is kept of a code: useless without our secret."""
    said = f"code {person_id} {number} {code}"
    return hmac.new(settings.SECRET_KEY.encode(), said.encode(), hashlib.sha256).hexdigest()


def clean_code(code: object) -> str:
    """Return the six digits, with the spaces that people type taken out. Raises WrongCode."""
    digits = re.sub(r"\s", "", code) if isinstance(code, str) and len(code) < 40 else ""
    if not re.fullmatch(r"[0-9]{6}", digits):
        raise WrongCode(field="code")
    return digits


def is_fresh(expires_at: datetime, tries: int, at: datetime) -> bool:
    """Return whether a code may still be tried at the moment `at`."""
    return at < expires_at and tries < CODE_TRIES
