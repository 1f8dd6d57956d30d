"""Changing what was said in a talk or a room, taking it back, and how far it was read."""

from __future__ import annotations

import base64
import json
from datetime import datetime
from typing import NamedTuple

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
from ..models import ReadMark, Room, Talk
from .locks import lock_room, lock_talk, seat_in
from .saying import quoted, tell_readers


def said_before(home: Talk | Room, sender: str, key: str, digest: str) -> Entry | None:
    """Return the message that this sender already sent with this key. Raises Conflict if its body differs."""
    said = entry_of_key(home.stream_name, sender, key)
    if said is not None:
        rules.check_repeat(digest, said.digest)
    return said


class Change(NamedTuple):
    """Words that their author changes, or takes back (`words` None), with the place where they stand."""

    home: Talk | Room
    viewer: Viewer
    voice: str
    side: str
    client_key: str
    seq: int
    words: str | None
    at: datetime


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
    change = Change(talk, viewer, voice, side, client_key, seq, words, at or timezone.now())
    done = _done(change)
    if done is not None:
        return done.seq, done.at
    rules.check_possible(talk, f"say_{side}")
    changed = _carry_out(change)
    if side == rules.OFFICER and words is not None:
        tell_readers(talk.stream_name, words, viewer, change.at)
    return changed.seq, changed.at


@transaction.atomic
def change_in_room(
    *, viewer: Viewer, key: str, client_key: str, seq: int, text: str | None, at: datetime | None = None
) -> tuple[int, datetime]:
    """Change or take back one's own message in a room of officials, as `change_words` does in a talk.

    The old words go to `kept-room-<id>`. Raises WrongStatus in a live interview: what was said in public stands.
    """
    client_key = check_client_key(client_key)
    words = None if text is None else rules.check_words(text)
    room = lock_room(int(key))
    seat_in(room, viewer)
    if room.kind == Room.Kind.INTERVIEW:
        raise rules.WrongStatus()
    change = Change(room, viewer, viewer.key, viewer.key, client_key, seq, words, at or timezone.now())
    done = _done(change) or _carry_out(change)
    return done.seq, done.at


def _digest(change: Change) -> str:
    return rules.digest_of(json.dumps([change.seq, change.words]))


def _done(change: Change) -> Entry | None:
    """Return the change if it was made already. Raises Conflict if its key came with another one."""
    return said_before(change.home, change.voice, change.client_key, _digest(change))


def _carry_out(change: Change) -> Entry:
    home, _viewer, voice, side, client_key, seq, words, at = change
    said = quoted(home.stream_name, seq)
    rules.check_change(said, voice, side, at)
    _keep_old(change, said)
    told = {"seq": seq, "side": side, "key": client_key}
    if words is None:
        left = {name: said.data[name] for name in ("side", "key", "name") if name in said.data}
        rewrite(home.stream_name, seq, kind="message.withdrawn", data=left)
        home.files.filter(seq=seq).update(gone_at=at)
    else:
        rewrite(home.stream_name, seq, kind="message.said", data={**said.data, "text": words, "edited": True})
        told["text"] = words
    kind, person = "message.deleted" if words is None else "message.edited", change.viewer.person
    return append(home.stream_name, kind, told, by=person, sender=voice, at=at, key=client_key, digest=_digest(change))


def _keep_old(change: Change, said: Entry) -> None:
    # Before the home's own stream: the order of the names.
    kept = change.home.kept_name
    old = seal(json.dumps(said.data).encode(), f"{kept}-{said.seq}")
    data = {"seq": said.seq, "sealed": base64.b64encode(old).decode()}
    append(kept, "message.kept", data, by=change.viewer.person, sender=change.voice, at=change.at)


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
