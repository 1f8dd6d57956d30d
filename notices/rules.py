"""What a notice must look like, when the outbox tries again, and the codes that let a reply find its case."""

from __future__ import annotations

import base64
import hashlib
import hmac
import random
import re
from contextlib import suppress
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePublicKey
from django.conf import settings
from django.template import TemplateDoesNotExist
from django.template.loader import get_template
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.rules import BadInput

TITLE = 200
TEXT_MESSAGE = 480
LEASE = timedelta(minutes=5)
RETRY_FIRST, RETRY_MOST = 15.0, 3600.0
GIVE_UP = {"email": timedelta(days=3), "sms": timedelta(days=1), "push": timedelta(days=1)}
DOUBTS_MOST = 4
TRACE_FIRST, TRACE_MOST = timedelta(seconds=30), timedelta(minutes=15)
TRACE_GIVE_UP = timedelta(hours=6)
# What devices may be told of, by what the stream's name begins with; how many may listen to one, one to how many.
PUSHED = ("person", "case", "talk", "desk")
MOST_LISTENERS, MOST_WISHES = 20, 50
MOST_ENDPOINT = 1000
# A push says no more than this: it shows on locked screens.
NEWS = gettext_lazy("There is an answer or other news for you. Open it to read on.")


class NoTemplate(LookupError):
    """A kind of notice has no words: a mistake of the room that sends it, found by its tests."""


def check_kind(kind: str, channel: str = "email") -> None:
    """Raise NoTemplate unless `kind` has its template (and, for the channel "sms", the short one)."""
    for name in template_names(kind)[: 2 if channel == "sms" else 1]:
        try:
            get_template(name)
        except TemplateDoesNotExist:
            raise NoTemplate(name) from None


def template_names(kind: str) -> tuple[str, str]:
    """Return the names of the templates of a kind: for e-mail and list, and for SMS."""
    return f"notices/{kind}.txt", f"notices/{kind}.sms.txt"


def check_url(url: str) -> None:
    """Raise ValueError unless `url` is a path of this site; a foreign link never leaves in a notice."""
    if not url.startswith("/") or url.startswith("//") or len(url) > TITLE:
        raise ValueError(f"not a path of this site: {url!r}")


def usable_email(address: str) -> bool:
    """Return whether mail can be sent to the address at all: one @, no spaces or control characters."""
    return bool(re.fullmatch(r"[^@\s\x00-\x1f\x7f,;<>\"]{1,64}@[^@\s\x00-\x1f\x7f,;<>\"]{3,190}", address))


def dialable(number: str) -> str:
    """Return the number as +<country><number>, or "" if it is none; a bare Chinese mobile number gets +86."""
    digits = re.sub(r"[\s().-]", "", number)
    if digits.startswith("00"):
        digits = f"+{digits[2:]}"
    if re.fullmatch(r"1[3-9]\d{9}", digits):
        digits = f"+{settings.SMS_COUNTRY}{digits}"
    return digits if re.fullmatch(r"\+[1-9]\d{6,14}", digits) else ""


def retry_after(attempts: int, asked: float | None = None) -> timedelta:
    """Return how long to wait after try number `attempts` that was provably not accepted.

    Doubling from 15 s to one hour, at least the seconds `asked` for by the other side, and up to a quarter more
    by chance so that a queue does not return in one crowd.
    """
    seconds = max(min(RETRY_FIRST * 2.0 ** min(attempts - 1, 20), RETRY_MOST), min(asked or 0.0, 86400.0))
    return timedelta(seconds=seconds * (1 + random.random() / 4))  # noqa: S311 - spreads load, guards nothing


def trace_after(age: timedelta) -> timedelta:
    """Return when to look again for a message of unknown fate: after as long as it has been unknown."""
    return min(max(age, TRACE_FIRST), TRACE_MOST)


def reference_of(pk: int, created_at: datetime) -> str:
    """Return what a delivery is called to other machines, the same on each try.

    The moment is part of it: after a restore the same number may come to mean another message.
    """
    return f"{pk}.{int(created_at.timestamp() * 1_000_000):x}"


def reply_code(number: str) -> str:
    """Return the signed code that a citizen's SMS reply must carry to reach the case `number`: "#NUMBER-SIGNATURE"."""
    return f"#{number}-{_signature(number)}"


def case_of_reply(text: str) -> tuple[str, str]:
    """Return the case number that a reply's signed code names, and the words without the code; ("", text) if none."""
    # ASCII: between a code and the Chinese written right behind it there is an edge of a word only that way.
    for match in re.finditer(r"#?\b([0-9A-Za-z]{4,20})-([A-Za-z2-7]{8})\b", text, re.ASCII):
        number, given = match.group(1).upper(), match.group(2).upper()
        if hmac.compare_digest(given.encode(), _signature(number).encode()):
            return number, (text[: match.start()] + text[match.end() :]).strip()
    return "", text


def check_device(endpoint: str, p256dh: str, auth: str) -> None:
    """Raise BadInput unless this is a browser's subscription: an https address, a key on the curve P-256, a secret."""
    told = BadInput(_("Your browser's answer cannot be used for messages."), field="endpoint", code="bad_device")
    if not push_target(endpoint):
        raise told
    try:
        EllipticCurvePublicKey.from_encoded_point(SECP256R1(), plain_base64(p256dh))
        secret = plain_base64(auth)
    except ValueError:
        raise told from None
    if len(secret) != 16 or len(p256dh) > 100:
        raise told


def push_target(endpoint: str) -> tuple[str, str, int] | None:
    """Return scheme, host and port of a push service; None for what none may have: only https on its usual port.

    Where the installation says so, for tests, http on this machine is one too.
    """
    if len(endpoint) > MOST_ENDPOINT or not re.fullmatch(r"https?://[!-~]+", endpoint, re.ASCII):
        return None
    with suppress(ValueError):
        parts = urlsplit(endpoint)
        host, port = parts.hostname or "", parts.port
        if parts.username is not None or parts.password is not None or not host:
            return None
        if parts.scheme == "https" and port in (None, 443):
            return "https", host, 443
        if settings.PUSH_TO_LOOPBACK and parts.scheme == "http" and host == "127.0.0.1":
            return "http", host, port or 80
    return None


def plain_base64(text: str) -> bytes:
    """Return what unpadded, URL-safe base64 says, as browsers write keys. Raises ValueError."""
    if not re.fullmatch(r"[A-Za-z0-9_-]*", text, re.ASCII):
        raise ValueError("not base64url")
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def device_digest(endpoint: str) -> str:
    """Return what a device is known by; the endpoint itself is as good as a password."""
    return hmac.new(settings.SECRET_KEY.encode(), b"device " + endpoint.encode(), hashlib.sha256).hexdigest()


def _signature(number: str) -> str:
    """Return 40 bits of proof: short enough to type, too many to guess at the rate that SMS can be sent."""
    made = hmac.new(settings.SECRET_KEY.encode(), b"reply " + number.encode(), hashlib.sha256).digest()
    return base64.b32encode(made[:5]).decode()
