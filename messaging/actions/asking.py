"""An official asks the citizen of a case now: the citizen has a page open, and a conversation appears on it."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.viewers import Viewer
from engagement.models import Case
from journal.actions import append
from notices.actions import notify

from .. import queries, rules
from ..models import Here, Talk
from .locks import record
from .saying import say
from .talks import ALPHABET, digest_of_token

BATCH = 500


@transaction.atomic
def ask_now(*, case_id: int, by: Viewer, text: str, token: str, at: datetime | None = None) -> Talk:
    """Open a conversation with the citizen of the case, with a question; the same form `token` gives the same talk.

    Raises NotYours, BadInput, and WrongStatus when the citizen has no page open any more: then a question in writing
    reaches them.
    """
    at = at or timezone.now()
    case = Case.objects.select_related("unit", "citizen").get(pk=case_id)
    if by.person is None or not queries.may_ask(case, by):
        raise rules.NotYours()
    words = rules.check_words(text)
    known = Talk.objects.filter(token=digest_of_token(token)).first()
    if known is not None:
        if known.officer_id != by.person.pk:
            raise rules.Conflict()
        return known
    desk = queries.desk_for(case, by)
    if desk is None or not queries.is_citizen_here(case, at):
        raise rules.WrongStatus(_("The citizen is not here any more. Please ask in writing."), code="not_here")
    talk = Talk.objects.create(
        number="".join(secrets.choice(ALPHABET) for _n in range(12)),
        desk=desk,
        citizen=case.citizen,
        opened_by=queries.reader_of(case),
        subject=case.title[:200],
        language=case.language,
        status=Talk.Status.OPEN,
        officer=by.person,
        requested_at=at,
        seen_at=at,
        taken_at=at,
        asked=True,
        case=case,
        token=digest_of_token(token),
    )
    _tell(talk, case, by, at)
    say(viewer=by, key=talk.number, client_key="first-words", text=words, at=at)
    return talk


def _tell(talk: Talk, case: Case, by: Viewer, at: datetime) -> None:
    # The case's stream before the talk's: the order of the names.
    told = {"talk": talk.number, "url": f"/chat/{talk.number}/"}
    entry = append(case.stream_name, "case.called", told, by=by.person, at=at)
    if case.citizen is not None:
        about = {"case": case}
        notify(entry=entry, kind="talk_asked", person=case.citizen, channels=(), context=about, url=told["url"])
    data = {"case": case.number, "name": str(by.person), "side": rules.OFFICER}
    record(talk, "talk.asked", data, by=by, at=at)


def note_readers(viewers: Iterable[Viewer]) -> None:
    """Note that these viewers have a page open, as the sockets tell."""
    note_here(reader for viewer in viewers for reader in queries.readers_of(viewer))


def note_here(readers: Iterable[str], at: datetime | None = None) -> None:
    """Note that pages of these readers ("person-5", "case-…") are open."""
    rows = [Here(reader=reader, seen_at=at or timezone.now()) for reader in sorted(set(readers))]
    for start in range(0, len(rows), BATCH):
        Here.objects.bulk_create(
            rows[start : start + BATCH], update_conflicts=True, unique_fields=["reader"], update_fields=["seen_at"]
        )
