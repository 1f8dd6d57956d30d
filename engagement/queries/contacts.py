"""How to reach who wrote a case, for those who work on it, and what else came from the same person or place."""

from __future__ import annotations

from typing import Any

from django.db.models import CharField, QuerySet
from django.db.models.expressions import RawSQL

from accounts.prepared import Given, Prepared
from accounts.viewers import Viewer

from ..models import Case
from .rights import office_cases, office_rights, reads_file
from .sealed import kept_contact, open_contact

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
