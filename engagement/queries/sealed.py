"""Opening what is sealed: how to reach who wrote a case, and the words of a report. It asks nobody for their rights."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from typing import Any

from django.conf import settings

from accounts.sealing import SealBroken, unseal

from ..models import Case, Contact

NOBODY = {"name": "", "phone": "", "email": "", "wants": "none"}


def keyed_hash(purpose: str, value: str) -> str:
    """Return an HMAC-SHA256 of the value under the installation's secret, of another kind for each purpose."""
    key = hashlib.sha256(f"openhall {purpose} {settings.SECRET_KEY}".encode()).digest()
    return hmac.new(key, value.encode("utf-8", "replace"), hashlib.sha256).hexdigest()


def case_key(case: Case, contact: Contact | None = None) -> bytes:
    """Return the case's own 32-byte key. Raises Contact.DoesNotExist for a case that has nothing sealed."""
    contact = contact or case.contact
    return unseal(contact.key, f"case-key-{case.number}")


def kept_contact(case: Case) -> Contact | None:
    """Return the sealed contact, asked for once however many parts of a page need it; None for a case without."""
    try:
        return case.contact
    except Contact.DoesNotExist:
        return None


def open_contact(case: Case) -> dict[str, str]:
    """Return name, phone, email and wants; empty ones for a case without. For the office's own letters and checks."""
    contact = kept_contact(case)
    if contact is None:
        return dict(NOBODY)
    opened: dict[str, str] = json.loads(unseal(contact.sealed, f"contact-{case.number}", case_key(case, contact)))
    return NOBODY | opened


def open_words(case: Case, contact: Contact) -> tuple[str, str]:
    """Return a report's title and text."""
    opened = json.loads(unseal(contact.words or b"", f"words-{case.number}", case_key(case, contact)))
    return opened["title"], opened["text"]


def open_data(case: Case, data: dict[str, Any]) -> dict[str, Any]:
    """Return an entry's data with what was sealed in it put back."""
    if "sealed" not in data:
        return data
    try:
        opened = unseal(base64.b64decode(data["sealed"]), f"entry-{case.number}", case_key(case))
    except (SealBroken, Contact.DoesNotExist):
        return {key: value for key, value in data.items() if key != "sealed"}
    plain: dict[str, Any] = json.loads(opened)
    return {**{key: value for key, value in data.items() if key != "sealed"}, **plain}
