"""Opening what is sealed: who wrote a case and how to reach them, and the words of a report."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from typing import Any

from django.conf import settings
from django.db.models import CharField, QuerySet
from django.db.models.expressions import RawSQL

from accounts.prepared import Given, Prepared
from accounts.sealing import SealBroken, unseal
from accounts.viewers import Viewer

from ..models import Case, Contact
from .rights import office_cases, office_rights, reads_file

NOBODY = {"name": "", "phone": "", "email": "", "wants": "none"}
# The cases of a citizen, of a telephone, of an e-mail address and the newest of a place, each looked up in an index of
# its own: for one condition joined by "or" SQLite reads every case there is.
ALIKE = """SELECT id FROM engagement_case WHERE citizen_id = %s
UNION SELECT case_id FROM engagement_contact WHERE phone_hash = %s AND phone_hash <> ''
UNION SELECT case_id FROM engagement_contact WHERE email_hash = %s AND email_hash <> ''
UNION SELECT id FROM (SELECT id FROM engagement_case WHERE place = %s AND NOT (place = '')
 ORDER BY received_at DESC LIMIT 500) AS newest"""
MOST_EARLIER = 20
# Officials with rights of their own whose question is kept in this process.
MOST_ASKED = 500
# What a line about an earlier case shows, and by what it is known for one.
EARLIER = (
    "number", "title", "status", "received_at", "place", "citizen_id", "contact__phone_hash", "contact__email_hash",
)  # fmt: skip


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


def contact_of(case: Case, viewer: Viewer) -> dict[str, str] | None:
    """Return how to reach the citizen, for the officials who work on the case; masked for a report.

    None for everybody else, also for those who only watch.
    """
    if not reads_file(viewer, case):
        return None
    contact = open_contact(case)
    return (
        {key: masked(value) if key != "wants" else value for key, value in contact.items()}
        if case.confidential
        else contact
    )


def masked(value: str) -> str:
    """Return the value with all but its first sign replaced by stars."""
    return value[:1] + "*" * min(len(value) - 1, 7) if value else ""


def earlier_cases(case: Case, viewer: Viewer) -> list[Case]:
    """Return other cases of the same person or place, newest first, as far as the viewer may see them.

    Each carries `same_person` and `same_place`. None for a report: who else wrote would tell who wrote it.
    """
    if case.confidential or not viewer.is_official:
        return []
    phone, email = _hashes(case)
    known = {"citizen": case.citizen_id, "phone": phone, "email": email, "place": case.place}
    told: list[Any] = _earlier_for(viewer).all(case=case.pk, **known)
    for each in told:
        each.same_place = each.place == case.place != ""
        both = zip((case.citizen_id, phone, email), (each.citizen_id, *_hashes(each)), strict=True)
        each.same_person = any(ours and ours == theirs for ours, theirs in both)
    return told


def _earlier_for(viewer: Viewer) -> Prepared[Case]:
    """Return the question for earlier cases with the viewer's rights in it, written once for all who have the same.

    Everybody at a desk asks it with each case that they open, and to write it takes longer than all else they see.
    """
    rights = office_rights(viewer)
    if rights not in _asked:
        if len(_asked) >= MOST_ASKED:
            _asked.clear()
        _asked[rights] = Prepared(lambda: _earlier(viewer))
    return _asked[rights]


_asked: dict[Any, Prepared[Case]] = {}


def _earlier(viewer: Viewer) -> QuerySet[Case]:
    given = (Given("citizen"), *(Given(name, CharField()) for name in ("phone", "email", "place")))
    alike = RawSQL(ALIKE, given)  # noqa: S611 - our own words
    found = office_cases(viewer).filter(pk__in=alike, confidential=False).exclude(pk=Given("case"))
    return found.select_related("contact").only(*EARLIER).order_by("-received_at", "-pk")[:MOST_EARLIER]


def _hashes(case: Case) -> tuple[str, str]:
    contact = kept_contact(case)
    return (contact.phone_hash, contact.email_hash) if contact else ("", "")
