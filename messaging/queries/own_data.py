"""What a citizen takes along of their talks: what was said to and fro, with the files."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from django.utils.translation import gettext as _

from accounts.exporting import Chapter, Item, Line
from accounts.models import Person

from .. import rules
from ..models import Talk, TalkFile
from .files import file_content
from .threads import whole_thread


def data_of_person(person: Person) -> Chapter:
    """Return the person's talks, oldest first."""
    return Chapter(_("My conversations"), _talks(person))


def _talks(person: Person) -> Iterator[Item]:
    for talk in Talk.objects.filter(citizen=person).select_related("desk").order_by("requested_at").iterator(100):
        facts = [
            ("desk", _("Desk"), talk.desk.label), ("subject", _("What it was about"), talk.subject),
            ("requested_at", _("Started at"), talk.requested_at), ("ended_at", _("Ended"), talk.ended_at),
            ("rating", _("My rating"), talk.rating), ("rating_words", _("My words about it"), talk.rating_words),
        ]  # fmt: skip
        lines = [
            Line(line.at, line.name or (_("I") if line.side == rules.CITIZEN else ""), line.text)
            for line in whole_thread(talk)
            if line.is_message
        ]
        files = (
            TalkFile.objects.filter(talk=talk, seq__isnull=False, gone_at=None).select_related("talk").order_by("pk")
        )
        opened = [(each.name, partial(file_content, each)) for each in files]
        yield Item("talk", talk.number, talk.subject or talk.desk.label, facts, lines, opened)
