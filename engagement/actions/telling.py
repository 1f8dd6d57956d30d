"""Telling the citizen and the office of an entry, in its transaction."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import partial
from typing import Any

from django.conf import settings
from django.db import transaction

from accounts.models import Person
from journal.actions import append
from journal.models import Entry
from notices.actions import notify

from ..models import Case
from ..processes.engine import people_for
from ..queries.contacts import open_contact
from .turns import Turn


def notify_citizen(case: Case, entry: Entry, kind: str, context: Mapping[str, Any]) -> None:
    """Tell the citizen in the way they asked for: a notice in their account, a mail or a text message."""
    contact = open_contact(case)
    channels = [contact["wants"]] if contact["wants"] in ("email", "sms") else []
    if case.citizen is None and not channels:
        return
    notify(
        entry=entry,
        kind=kind,
        person=case.citizen,
        reader="" if case.citizen else case.stream_name,
        email=contact["email"],
        phone=contact["phone"],
        language=case.language,
        channels=channels,
        context=known(case, context),
        url=f"/cases/{case.number}/",
    )


@transaction.atomic
def tell_source_changed(*, stream: str, title: str, url: str, at: datetime) -> None:
    """Tell the citizen of a case that a page which its answer rests on says something else now."""
    case = Case.objects.filter(number=stream.partition("-")[2]).first()
    if case is None:
        return
    entry = append(case.stream_name, "case.source_changed", {"title": title, "url": url}, at=at)
    notify_citizen(case, entry, "case.source_changed", {"page": title, "page_url": f"{settings.PUBLIC_URL}{url}"})


def known(case: Case, context: Mapping[str, Any]) -> dict[str, Any]:
    """Return what every template may use; a report's title says nothing, its words stay in the house."""
    hidden = {"reply", "question", "reason", "words", "ground"} if case.confidential else set()
    shown = {key: value for key, value in context.items() if key not in hidden}
    return {"number": case.number, "title": case.title, "unit": case.unit, **shown}


def tell_citizen(current: Turn, entry: Entry, kind: str, **context: Any) -> None:
    """Tell the citizen at the end of the turn."""
    case = current.case
    current.later.append((case.citizen_id or 0, lambda: notify_citizen(case, entry, kind, context)))


def tell_people(current: Turn, entry: Entry, kind: str, people: Iterable[Person], **context: Any) -> None:
    """Tell officials, except whoever did it, at the end of the turn."""
    for person in people:
        if current.person is None or person.pk != current.person.pk:
            current.later.append((person.pk, partial(_notify_official, current.case, entry, kind, person, context)))


def _notify_official(case: Case, entry: Entry, kind: str, person: Person, context: Mapping[str, Any]) -> None:
    notify(
        entry=entry,
        kind=f"office.{kind}",
        person=person,
        channels=("email",) if settings.MAIL_TO_OFFICIALS else (),
        context=known(case, context),
        url=f"/work/{case.number}/",
    )


def tell_doers(current: Turn, entry: Entry, kind: str, **context: Any) -> None:
    """Tell those who are to do the open task, or the tasks of several units."""
    for task in current.engine.tasks:
        tell_people(current, entry, kind, people_for(task, current.at), **context)


def tell_holder(current: Turn, entry: Entry, kind: str, **context: Any) -> None:
    """Tell the handler who has the case, or those who are to do its open task."""
    if current.case.handler is not None:
        tell_people(current, entry, kind, [current.case.handler], **context)
    else:
        tell_doers(current, entry, kind, **context)
