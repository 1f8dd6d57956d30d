"""What is said in a talk and how far it was read."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.module_loading import import_string

from accounts.viewers import Viewer
from journal.actions import append
from journal.models import Entry
from journal.rules import check_client_key, check_number
from notices.actions import notify

from .. import queries, rules
from ..models import ReadMark, Talk
from .locks import lock_talk


@transaction.atomic
def say(
    *,
    viewer: Viewer,
    key: str,
    client_key: str,
    text: str,
    files: list[Any] | None = None,
    at: datetime | None = None,
) -> tuple[int, datetime]:
    """Say `text` in the talk with the number `key`; return the message's number and time.

    The same `client_key` again gives the same answer, also after the talk has ended; with another text it raises
    Conflict. Raises NotYours, WrongStatus, BadInput.
    """
    client_key = check_client_key(client_key)
    words = rules.check_words(text)
    rules.check_files(files)
    # Lock first: nobody ends or hands over the talk between the check and the message.
    talk = lock_talk(number=key)
    side = queries.seat_of(talk, viewer)
    digest = rules.digest_of(words)
    said = said_before(talk, rules.voice_of(talk, viewer, side), client_key, digest)
    if said is None:
        rules.check_possible(talk, f"say_{side}")
        said = add_words(talk, viewer, side, words, client_key, at or timezone.now())
    return said.seq, said.at


def said_before(talk: Talk, sender: str, key: str, digest: str) -> Entry | None:
    """Return the message that this sender already sent with this key. Raises Conflict if its body differs."""
    said = Entry.objects.filter(stream__name=talk.stream_name, sender=sender, key=key).first()
    if said is not None:
        rules.check_repeat(digest, said.digest)
    return said


def add_words(talk: Talk, viewer: Viewer, side: str, words: str, key: str, at: datetime) -> Entry:
    """Write the message; the first one of a human officer is the talk's first reply."""
    name = {} if side == rules.CITIZEN else {"name": str(viewer.person)}
    said = append(
        talk.stream_name,
        "message.said",
        {"text": words, "side": side, "key": key, **name},
        by=viewer.person,
        sender=rules.voice_of(talk, viewer, side),
        at=at,
        key=key,
        digest=rules.digest_of(words),
    )
    if side == rules.OFFICER:
        if talk.first_reply_at is None:
            talk.first_reply_at = at
            talk.save(update_fields=["first_reply_at"])
        for path in settings.ANSWER_READERS:
            import_string(path)(stream=talk.stream_name, text=words, by=viewer.person, at=at)
    return said


@transaction.atomic
def tell_source_changed(*, stream: str, title: str, url: str, at: datetime) -> None:
    """Tell the citizen of a talk that a page which an officer named there says something else now.

    Somebody without an account reads it in the talk itself.
    """
    talk = Talk.objects.select_related("citizen").filter(number=stream.partition("-")[2]).first()
    if talk is None:
        return
    entry = append(stream, "talk.source_changed", {"title": title, "url": url}, at=at)
    if talk.citizen is not None:
        context = {"page": title, "page_url": f"{settings.PUBLIC_URL}{url}"}
        notify(entry=entry, kind="talk_source_changed", person=talk.citizen, context=context, url=url)


@transaction.atomic
def mark_read(*, viewer: Viewer, key: str, seq: int, at: datetime | None = None) -> int:
    """Note that the viewer's side has read the talk with the number `key` up to `seq`; return how far it has read.

    A mark never moves back, and nothing is written when there was nothing new of the other side to read.
    Raises NotYours, BadInput.
    """
    talk = lock_talk(number=key)
    side = queries.seat_of(talk, viewer)
    if side == rules.WATCHER:
        return 0
    seq = check_number(seq, "seq")
    mark, _made = ReadMark.objects.get_or_create(talk=talk, reader=rules.voice_of(talk, viewer, side))
    news = Entry.objects.filter(stream__name=talk.stream_name, kind="message.said", seq__gt=mark.seq, seq__lte=seq)
    newest = news.exclude(sender=mark.reader).order_by("-seq").values_list("seq", flat=True).first()
    if newest is None:
        return mark.seq
    mark.seq = newest
    mark.save(update_fields=["seq"])
    append(talk.stream_name, "talk.read", {"side": side, "seq": newest}, by=viewer.person, sender=mark.reader, at=at)
    return newest
