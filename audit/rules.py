"""What a record may hold, how its hash is made, and how a checkpoint is signed."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from django.conf import settings
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from .guards import LEAST_DAYS

# What is recorded, with the words that the auditor reads.
KINDS = {
    "session.opened": _("Signed in"),
    "session.failed": _("Wrong password"),
    "session.closed": _("Signed out"),
    "account.made": _("Account made"),
    "account.password": _("Password changed"),
    "account.signed_out": _("Signed out everywhere"),
    "account.closed": _("Account closed"),
    "account.opened": _("Account opened again"),
    "account.looked_at": _("Account looked at by an administrator"),
    "account.erased": _("Account erased"),
    "post.added": _("Post given"),
    "post.ended": _("Post ended"),
    "unit.placed": _("Unit changed"),
    "settings.changed": _("Settings changed"),
    "process.published": pgettext_lazy("audit", "Process published"),
    "identity.unmasked": _("Identity of a reporter looked at"),
    "talk.watched": _("Began to supervise a talk"),
    "talk.unwatched": _("Stopped supervising a talk"),
    "words.opened": _("Opened words that were taken back"),
    "data.exported": _("Own data exported"),
    "case.shredded": _("Contents of a case destroyed"),
    "data.retained": _("Data removed at the end of their period"),
    "keys.rotated": _("Sealing key changed"),
    "backup.made": _("Backup made"),
    "backup.restored": _("Backup restored"),
    "outbox.switched": _("Sending stopped or resumed"),
    "audit.exported": _("Checkpoints of the audit log taken along"),
    "audit.pruned": _("Old records of the audit log removed"),
}
# Before the first record.
START = "0" * 64
# An id, a code, a number: never a sentence, so that nobody's words can end up here.
_TOKEN = re.compile(r"[A-Za-z0-9_.:+-]{0,64}", re.ASCII)
_SUBJECT = re.compile(r"[A-Za-z0-9_.:+-]{0,80}", re.ASCII)
MOST_FACTS = 12


class NotARecord(ValueError):
    """Something was to be recorded that is no id: a mistake of the room that records."""


def check_record(kind: str, subject: str, facts: Mapping[str, Any]) -> None:
    """Raise NotARecord for an unknown kind, and for a subject or fact that could hold somebody's words."""
    if kind not in KINDS:
        raise NotARecord(kind)
    if not _SUBJECT.fullmatch(subject):
        raise NotARecord(subject)
    if len(facts) > MOST_FACTS:
        raise NotARecord(f"{len(facts)} facts")
    for name, value in facts.items():
        if not _TOKEN.fullmatch(name) or not (isinstance(value, int) or _TOKEN.fullmatch(str(value))):
            raise NotARecord(f"{name}={value!r}")


def hash_of(before: str, seq: int, record: Any) -> str:
    """Return SHA-256 over the hash before, the number in the chain and every field of the record."""
    at = record.at.astimezone(UTC).isoformat(timespec="microseconds")
    fields = [before, seq, record.pk, at, record.kind, record.actor, record.subject, record.facts, record.via]
    text = json.dumps([*fields, record.request], sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def signed_text(seq: int, digest: str, at: datetime) -> bytes:
    """Return what a checkpoint's signature is over."""
    return f"openhall audit {seq} {digest} {at.astimezone(UTC).isoformat(timespec='microseconds')}".encode()


def signing_key() -> Ed25519PrivateKey:
    """Return the key that signs checkpoints, made from OPENHALL_AUDIT_KEY."""
    seed = hashlib.scrypt(settings.AUDIT_KEY.encode(), salt=b"openhall audit", n=2**12, r=8, p=1, dklen=32)
    return Ed25519PrivateKey.from_private_bytes(seed)


def public_key(key: Ed25519PrivateKey) -> str:
    """Return the half of the key that everybody may have, as base64."""
    return base64.b64encode(key.public_key().public_bytes_raw()).decode()


def sign(seq: int, digest: str, at: datetime) -> tuple[str, str]:
    """Return a checkpoint's signature and the public key that verifies it."""
    key = signing_key()
    return base64.b64encode(key.sign(signed_text(seq, digest, at))).decode(), public_key(key)


def is_signed(seq: int, digest: str, at: datetime, signature: str, key: str) -> bool:
    """Return whether the signature is right for the public key."""
    try:
        public = Ed25519PublicKey.from_public_bytes(base64.b64decode(key, validate=True))
        public.verify(base64.b64decode(signature, validate=True), signed_text(seq, digest, at))
    except (InvalidSignature, ValueError):
        return False
    return True


def kept_for() -> timedelta:
    """Return how long records are kept: what the settings say, and six months at least."""
    return timedelta(days=max(settings.AUDIT_DAYS, LEAST_DAYS))
