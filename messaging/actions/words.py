"""Changing what was said in a talk, taking it back, and how far it was read."""

from __future__ import annotations

import base64
import json
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from accounts.sealing import SealBroken, is_newest, resealed, seal
from accounts.viewers import Viewer
from journal.actions import append, rewrite
from journal.models import Entry
from journal.queries import entries_of, entry_of_key
from journal.rules import check_client_key, check_number
from notices.actions import notify

from .. import queries, rules
from ..models import ReadMark, Talk, TalkFile
from .locks import lock_talk
from .saying import quoted, tell_readers


def said_before(talk: Talk, sender: str, key: str, digest: str) -> Entry | None:
    """Return the message that this sender already sent with this key. Raises Conflict if its body differs."""
    said = entry_of_key(talk.stream_name, sender, key)
    if said is not None:
        rules.check_repeat(digest, said.digest)
    return said


@transaction.atomic
def change_words(
    *, viewer: Viewer, key: str, client_key: str, seq: int, text: str | None, at: datetime | None = None
) -> tuple[int, datetime]:
    """Change one's own message with the number `seq`, or take it back (`text` None); return the change's number.

    What stood there goes, sealed, to the stream `kept-<number>`, which nobody follows; from now on every page, stream
    and file shows only what is left. The same `client_key` again gives the same answer. Raises NotYours, BadInput for
    a message of somebody else or one taken back, WrongStatus when the talk or the time for it is over, Conflict.
    """
    client_key = check_client_key(client_key)
    words = None if text is None else rules.check_words(text)
    talk = lock_talk(number=key)
    side = queries.seat_of(talk, viewer)
    voice = rules.voice_of(talk, viewer, side)
    digest = rules.digest_of(json.dumps([seq, words]))
    done = said_before(talk, voice, client_key, digest)
    if done is not None:
        return done.seq, done.at
    at = at or timezone.now()
    rules.check_possible(talk, f"say_{side}")
    said = quoted(talk.stream_name, seq)
    rules.check_change(said, voice, side, at)
    _keep_old(talk, said, viewer, voice, at)
    if words is None:
        left = {name: said.data[name] for name in ("side", "key", "name") if name in said.data}
        rewrite(talk.stream_name, seq, kind="message.withdrawn", data=left)
        TalkFile.objects.filter(talk=talk, seq=seq).update(gone_at=at)
        told = {"seq": seq, "side": side, "key": client_key}
    else:
        rewrite(talk.stream_name, seq, kind="message.said", data={**said.data, "text": words, "edited": True})
        told = {"seq": seq, "side": side, "key": client_key, "text": words}
    kind = "message.deleted" if words is None else "message.edited"
    if side == rules.OFFICER and words is not None:
        tell_readers(talk.stream_name, words, viewer, at)
    changed = append(talk.stream_name, kind, told, by=viewer.person, sender=voice, at=at, key=client_key, digest=digest)
    return changed.seq, changed.at


def _keep_old(talk: Talk, said: Entry, viewer: Viewer, voice: str, at: datetime) -> None:
    # Before the talk's own stream: the order of the names.
    old = seal(json.dumps(said.data).encode(), f"kept-{talk.number}-{said.seq}")
    data = {"seq": said.seq, "sealed": base64.b64encode(old).decode()}
    append(f"kept-{talk.number}", "message.kept", data, by=viewer.person, sender=voice, at=at)


def reseal_kept() -> tuple[int, int]:
    """Seal by the newest key the old words that an older one sealed; how many were, and how many nothing opens."""
    done = broken = 0
    for entry in Entry.objects.filter(kind="message.kept").select_related("stream").iterator(500):
        old = base64.b64decode(entry.data["sealed"])
        if is_newest(old):
            continue
        try:
            new = resealed(old, f"{entry.stream.name}-{entry.data['seq']}")
        except SealBroken:
            broken += 1
            continue
        data = {**entry.data, "sealed": base64.b64encode(new).decode()}
        with transaction.atomic():
            rewrite(entry.stream.name, entry.seq, kind=entry.kind, data=data)
        done += 1
    return done, broken


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
    news = entries_of(talk.stream_name).filter(kind="message.said", seq__gt=mark.seq, seq__lte=seq)
    newest = news.exclude(sender=mark.reader).order_by("-seq").values_list("seq", flat=True).first()
    if newest is None:
        return mark.seq
    mark.seq = newest
    mark.save(update_fields=["seq"])
    append(talk.stream_name, "talk.read", {"side": side, "seq": newest}, by=viewer.person, sender=mark.reader, at=at)
    return newest
