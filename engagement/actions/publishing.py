"""Publishing answered letters: a redacted copy made by one person and approved by another."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext as _

from accounts.models import Role
from accounts.queries import people_at
from accounts.viewers import Viewer
from journal.queries import entries_of

from .. import rules
from ..models import Case, Publication
from ..queries.letters import findable
from ..queries.timeline import last_act
from .telling import tell_people
from .turns import Turn, turn

ROOM = "case"


def prepare_publication(
    *, case_id: int, by: Viewer, title: str, text: str, reply: str, at: datetime | None = None
) -> Case:
    """Write the public copy of an answered case whose citizen agreed; a second person then approves it.

    Raises NotYours, WrongStatus, BadInput.
    """
    title = rules.clean_text(title, most=rules.TITLE, least=1, field="title", newlines=False)
    text = rules.clean_text(text, most=rules.TEXT, least=1, field="text")
    reply = rules.clean_text(reply, most=rules.REPLY, least=1, field="reply")
    with turn(case_id=case_id, by=by, action="prepare_publication", at=at) as current:
        case = current.case
        current.stays = True
        answered = _answered_at(case)
        Publication.objects.update_or_create(
            case=case,
            defaults={
                "title": title, "text": text, "reply": reply, "prepared_by": current.person,
                "prepared_at": current.at, "approved_by": None, "published_at": None, "mailbox": case.mailbox,
                "unit": case.unit, "category": case.category, "received_at": case.received_at, "answered_at": answered,
            },
        )  # fmt: skip
        entry = current.note("publication.prepared", {"title": title})
        if case.unit_id:
            tell_people(current, entry, "publication.prepared", people_at([case.unit_id], Role.REVIEWER, at=current.at))
    return current.case


def approve_publication(*, case_id: int, by: Viewer, shown: str | None = None, at: datetime | None = None) -> Case:
    """Make the prepared copy public, as a second person; `shown` is the mark of the copy that was looked at.

    Raises NotYours, WrongStatus, and Conflict where another copy was prepared meanwhile.
    """
    with turn(case_id=case_id, by=by, action="approve_publication", at=at) as current:
        current.stays = True
        copy = _waiting(current)
        if shown is not None and shown != copy.mark:
            raise rules.Conflict(last_act(current.case))
        copy.approved_by, copy.published_at = current.person, current.at
        copy.save(update_fields=["approved_by", "published_at"])
        current.tell("case.published")
        index_publication(copy)
    return current.case


def refuse_publication(*, case_id: int, by: Viewer, reason: str, at: datetime | None = None) -> Case:
    """Give the prepared copy back, as the second person; nothing becomes public. Raises NotYours, WrongStatus."""
    reason = rules.clean_text(reason, most=rules.REASON, least=1, field="reason")
    with turn(case_id=case_id, by=by, action="refuse_publication", at=at) as current:
        current.stays = True
        copy = _waiting(current)
        copy.delete()
        entry = current.note("publication.refused", {"reason": reason})
        if copy.prepared_by is not None:
            tell_people(current, entry, "publication.refused", [copy.prepared_by], reason=reason)
    return current.case


def unpublish(*, case_id: int, by: Viewer, at: datetime | None = None) -> Case:
    """Take the public copy down, from the search too. Raises NotYours, WrongStatus."""
    from search.actions import unindex

    with turn(case_id=case_id, by=by, action="unpublish", at=at) as current:
        current.stays = True
        Publication.objects.filter(case=current.case).delete()
        unindex(room=ROOM, ref=current.case.number)
        current.tell("case.unpublished")
    return current.case


def decide_publication(*, case_id: int, by: Viewer, public: bool, at: datetime | None = None) -> Case:
    """Say as the citizen whether others may read the case once names are removed; "no" takes a public copy down.

    A case that began as a talk or a telephone call was never asked. Raises NotYours, WrongStatus.
    """
    from search.actions import unindex

    with turn(case_id=case_id, by=by, action="decide_publication", at=at) as current:
        case = current.case
        current.stays = True
        if case.public == public:
            return case
        case.public = public
        if not public:
            Publication.objects.filter(case=case).delete()
            unindex(room=ROOM, ref=case.number)
        current.tell("case.consented", {"public": public})
    return case


def index_publication(copy: Publication) -> None:
    """Make a public copy findable; only its own words are given, never the case's."""
    from search.actions import index_many

    index_many([findable(copy)])


def _waiting(current: Turn) -> Publication:
    copy = Publication.objects.select_for_update().filter(case=current.case, published_at__isnull=True).first()
    if copy is None:
        raise rules.WrongStatus()
    if copy.prepared_by_id == (current.person.pk if current.person else None):
        raise rules.WrongStatus(_("A second person approves what is published."), code="four_eyes")
    return copy


def _answered_at(case: Case) -> datetime:
    """A round that was reopened has no answer of its own yet: the last one given counts."""
    if case.answered_at is not None:
        return case.answered_at
    last = entries_of(case.stream_name).filter(kind="case.answered").order_by("-seq").first()
    return last.at if last else case.received_at
