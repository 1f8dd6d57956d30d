"""What a citizen takes along of their cases: what they see on the case's page, with the files."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from django.utils.translation import gettext as _

from accounts.exporting import Chapter, Item, Line
from accounts.models import Person
from accounts.viewers import Viewer

from .. import rules
from ..models import Attachment, Case
from .files import open_file
from .sealed import kept_contact, open_contact, open_words
from .timeline import timeline


def data_of_person(person: Person) -> Chapter:
    """Return the person's cases, oldest first."""
    return Chapter(_("My cases"), _cases(person))


def open_cases_of(person_id: int) -> list[Case]:
    """Return the person's cases that wait for an answer: what must end before the person is forgotten."""
    done = [*rules.CLOSED, Case.Status.ANSWERED]
    return list(Case.objects.filter(citizen_id=person_id).exclude(status__in=done).order_by("received_at"))


def _cases(person: Person) -> Iterator[Item]:
    # The citizen alone: posts that the person may hold open nothing here.
    viewer = Viewer(person, language=person.language)
    found = Case.objects.filter(citizen=person).select_related("contact", "category", "unit", "process")
    for case in found.order_by("received_at").iterator(100):
        yield _item(case, viewer)


def _item(case: Case, viewer: Viewer) -> Item:
    contact, sealed = open_contact(case), kept_contact(case)
    title, text = (open_words(case, sealed)) if case.confidential and sealed else (case.title, case.text)
    facts = [
        ("number", _("Number"), case.number), ("kind", _("Kind"), case.get_kind_display()),
        ("status", _("Status"), case.get_status_display()), ("received_at", _("Received"), case.received_at),
        ("answered_at", _("Answered"), case.answered_at), ("concluded_at", _("Concluded"), case.concluded_at),
        ("place", _("Place"), case.place), ("public", _("Others may read it"), _("yes") if case.public else _("no")),
        ("name", _("Name"), contact["name"]), ("phone", _("Telephone"), contact["phone"]),
        ("email", _("E-mail"), contact["email"]), ("satisfaction", _("My rating"), case.satisfaction),
        ("text", _("Text"), text),
    ]  # fmt: skip
    lines = [
        Line(line.at, _("I") if line.mine else line.by_label, f"{line.label}\n{line.text}".strip())
        for line in timeline(case, viewer)
        if not line.internal
    ]
    own = case.attachments.filter(audience=Attachment.Audience.PARTIES).select_related("case").order_by("pk")
    return Item("case", case.number, title, facts, lines, [(each.name, partial(open_file, each)) for each in own])
