"""Telling the citizen and the office of an entry, in its transaction."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction

from accounts.models import Person
from accounts.queries import open_posts
from journal.actions import append
from journal.history import Past
from notices.actions.many import Telling, notify_many

from ..models import Case, Task
from ..processes.engine import definition_of
from ..queries.sealed import open_contact
from ..rules import grouped
from .turns import Turn


def citizen_told(case: Case, entry: int | Past, kind: str, context: Mapping[str, Any]) -> list[Telling]:
    """Return what the citizen is told, in the way they asked for: in their account, by mail or by text message."""
    contact = open_contact(case)
    channels = (contact["wants"],) if contact["wants"] in ("email", "sms") else ()
    if case.citizen is None and not channels:
        return []
    said = {**known(case, context), "number": grouped(case.number)}
    return [
        Telling(
            case.citizen, entry, kind, f"/cases/{case.number}/", said, channels,
            stream=case.stream_name, email=contact["email"], phone=contact["phone"], language=case.language,
        )
    ]  # fmt: skip


@transaction.atomic
def tell_source_changed(*, stream: str, title: str, url: str, at: datetime) -> None:
    """Tell the citizen of a case that a page which its answer rests on says something else now."""
    case = Case.objects.filter(number=stream.partition("-")[2]).first()
    if case is None:
        return
    entry = append(case.stream_name, "case.source_changed", {"title": title, "url": url}, at=at)
    context = {"page": title, "page_url": f"{settings.PUBLIC_URL}{url}"}
    notify_many(citizen_told(case, entry.pk, "case.source_changed", context), at=at)


def known(case: Case, context: Mapping[str, Any]) -> dict[str, Any]:
    """Return what every template may use; a report's title says nothing, its words stay in the house."""
    hidden = {"reply", "question", "reason", "words", "ground"} if case.confidential else set()
    shown = {key: value for key, value in context.items() if key not in hidden}
    return {"number": case.number, "title": case.title, "unit": case.unit, **shown}


def tell_citizen(current: Turn, entry: Past, kind: str, **context: Any) -> None:
    """Tell the citizen at the end of the turn."""
    current.later.append(lambda: citizen_told(current.case, entry, kind, context))


def tell_people(current: Turn, entry: Past, kind: str, people: Iterable[Person], **context: Any) -> None:
    """Tell officials, except whoever did it, at the end of the turn."""
    me, case = current.person.pk if current.person else None, current.case
    others = [person for person in people if person.pk != me]
    channels = ("email",) if settings.MAIL_TO_OFFICIALS else ()

    def told() -> list[Telling]:
        said = known(case, context)
        return [Telling(each, entry, f"office.{kind}", f"/work/{case.number}/", said, channels) for each in others]

    current.later.append(told)


def people_for(task: Task, at: datetime) -> list[Person]:
    """Return who is to do the task: its assignee, or everybody (at most 20) who may."""
    if task.assignee is not None:
        return [task.assignee]
    node = definition_of(task.case.process).nodes[task.node]
    posts = open_posts(at).filter(unit=task.unit, role__in=node.roles).exclude(person_id=task.case.citizen_id or 0)
    return list(Person.objects.filter(pk__in=posts.values("person")).order_by("pk")[:20])


def tell_doers(current: Turn, entry: Past, kind: str, **context: Any) -> None:
    """Tell those who are to do the open task, or the tasks of several units."""
    for task in current.engine.tasks:
        tell_people(current, entry, kind, people_for(task, current.at), **context)


def tell_holder(current: Turn, entry: Past, kind: str, **context: Any) -> None:
    """Tell the handler who has the case, or those who are to do its open task."""
    if current.case.handler is not None:
        tell_people(current, entry, kind, [current.case.handler], **context)
    else:
        tell_doers(current, entry, kind, **context)
