"""Sealing who wrote a case, and looking at it again where a reason is needed."""

from __future__ import annotations

import json
from datetime import datetime

from accounts.queries import plain_phone
from accounts.sealing import new_key, seal
from accounts.viewers import Viewer
from audit.actions import record

from .. import rules
from ..models import Case, Contact
from ..queries.sealed import case_key, keyed_hash, open_contact
from .turns import turn


def seal_contact(case: Case, contact: dict[str, str], words: tuple[str, str] | None = None) -> Contact:
    """Make the case's own key and seal with it who wrote, and for a report (`words`) its title and text."""
    made = Contact(
        case=case,
        key=new_key(f"case-key-{case.number}"),
        phone_hash=phone_hash(contact["phone"]),
        email_hash=email_hash(contact["email"]),
    )
    key = case_key(case, made)
    made.sealed = seal(json.dumps(contact).encode(), f"contact-{case.number}", key)
    if words is not None:
        said = json.dumps({"title": words[0], "text": words[1]}).encode()
        made.words = seal(said, f"words-{case.number}", key)
    made.save()
    return made


def key_of(case: Case) -> bytes:
    """Return the case's key; an imported case without a contact gets one now."""
    contact = Contact.objects.filter(case=case).first()
    if contact is None:
        contact = seal_contact(case, {"name": "", "phone": "", "email": "", "wants": "none"})
    return case_key(case, contact)


def phone_hash(phone: str) -> str:
    """Return the hash by which cases of one telephone number are found; "" for none."""
    digits = plain_phone(phone).removeprefix("+86").lstrip("+")
    return keyed_hash("phone", digits) if digits else ""


def email_hash(email: str) -> str:
    """Return the hash by which cases of one e-mail address are found; "" for none."""
    return keyed_hash("email", email.strip().lower()) if email else ""


def unmask_contact(*, case_id: int, by: Viewer, reason: str, at: datetime | None = None) -> dict[str, str]:
    """Return who made a report, unmasked; the reason is kept in the file. Raises NotYours."""
    why = rules.clean_text(reason, most=rules.REASON, least=4, field="reason")
    with turn(case_id=case_id, by=by, action="unmask_contact", at=at) as current:
        current.note("contact.unmasked", {"reason": why})
        record("identity.unmasked", subject=current.case.stream_name, by=by.person.pk if by.person else None, at=at)
        return open_contact(current.case)
