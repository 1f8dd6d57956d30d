"""Open supervision of a talk: a supervisor reads along and whispers to the officer; all of it is logged."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.rules import clean_text
from accounts.viewers import Role, Viewer
from audit import actions as audit
from journal.actions import append_once, retract
from journal.rules import check_client_key

from .. import queries, rules
from ..models import Watch
from .locks import lock_talk, record


@transaction.atomic
def open_watch(*, talk_id: int, by: Viewer, reason: str, at: datetime | None = None) -> Watch:
    """Begin to supervise a talk that is going on, or read one that is over, for a stated reason; the talk shows it.

    Afterwards it lasts a day at most. Raises NotYours for whoever does not supervise the desk's unit and for a talk
    that became a report of wrongdoing, WrongStatus, BadInput.
    """
    at = at or timezone.now()
    why = clean_text(reason, most=300, least=2, field="reason", newlines=False)
    talk = lock_talk(pk=talk_id)
    if by.person is None or talk.desk.unit_id not in by.scope(Role.SUPERVISOR):
        raise rules.NotYours()
    if rules.is_holder(talk, by) or rules.is_opener(talk, by):
        raise rules.NotYours()
    if talk.case is not None and talk.case.confidential:
        raise rules.NotYours()
    rules.check_possible(talk, "watch")
    found = queries.watched_by(by, at).filter(talk=talk).first()
    if found is not None:
        return found
    watch = Watch.objects.create(talk=talk, supervisor=by.person, reason=why, opened_at=at)
    record(talk, "talk.watched", {"name": str(by.person), "side": rules.WATCHER}, by=by, at=at)
    audit.record("talk.watched", subject=talk.stream_name, by=by.person.pk, at=at)
    return watch


@transaction.atomic
def close_watch(*, talk_id: int, by: Viewer, at: datetime | None = None) -> Watch:
    """Stop supervising the talk. Raises NotYours."""
    at = at or timezone.now()
    talk = lock_talk(pk=talk_id)
    watch = Watch.objects.filter(talk=talk, supervisor=by.person, closed_at=None).first() if by.person else None
    if watch is None:
        raise rules.NotYours()
    watch.closed_at = at
    watch.save(update_fields=["closed_at"])
    record(talk, "talk.unwatched", {"name": str(by.person), "side": rules.WATCHER}, by=by, at=at)
    audit.record("talk.unwatched", subject=talk.stream_name, by=watch.supervisor_id, at=at)
    retract(talk.stream_name)
    retract(talk.aside_name)
    return watch


@transaction.atomic
def whisper(
    *, viewer: Viewer, key: str, client_key: str, text: str, files: list[Any] | None = None, at: datetime | None = None
) -> tuple[int, datetime]:
    """Say something that only the officer and supervisors of the talk read; return its number and time.

    Raises NotYours for citizen and guests, WrongStatus, BadInput, Conflict for the same key with other words.
    """
    client_key = check_client_key(client_key)
    words = rules.check_words(text)
    rules.check_files(files)
    talk = lock_talk(number=key)
    side = queries.seat_of(talk, viewer)
    if side not in (rules.OFFICER, rules.WATCHER):
        raise rules.NotYours()
    rules.check_possible(talk, "whisper")
    said, _new = append_once(
        talk.aside_name,
        "aside.said",
        {"text": words, "side": side, "name": str(viewer.person), "key": client_key},
        sender=viewer.key,
        key=client_key,
        by=viewer.person,
        at=at or timezone.now(),
    )
    return said.seq, said.at
