"""Saying words in talks: one way for a single message and for the many that share a commit."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone, translation
from django.utils.module_loading import import_string

from accounts.rules import NotFound, RuleBroken
from accounts.viewers import Viewer
from journal.history import Past, append_many
from journal.models import Entry
from journal.queries import Once, entries_of, entries_of_keys
from journal.rules import check_client_key
from journal.voices import Said, Saying

from .. import queries, rules
from ..models import Seats, Talk, TalkFile
from .locks import lock_seats

T = TypeVar("T")


@dataclass(slots=True)
class Message:
    """Words on their way into a talk: what the saying asks for, and as whom its speaker may speak."""

    saying: Saying
    talk: Seats
    side: str
    words: str
    files: tuple[str, ...]
    digest: str
    # By what a repeat of it is known.
    once: Once
    at: datetime
    rows: list[TalkFile] = field(default_factory=list)
    # Its number, once it is written.
    seq: int = 0

    @property
    def is_simple(self) -> bool:
        """Whether it can be said now by itself, so that nothing of it is refused that was said before."""
        return not self.files and self.saying.about is None and rules.is_possible(self.talk, f"say_{self.side}")

    def entry(self) -> Past:
        """Return what is written of it."""
        person = self.saying.viewer.person
        data: dict[str, Any] = {"text": self.words, "side": self.side, "key": self.saying.client_key}
        if self.rows:
            data["files"] = [row.shown for row in self.rows]
        if self.side != rules.CITIZEN:
            data["name"] = str(person)
        if self.saying.about is not None:
            data["quotes"] = self.saying.about
        by_id = person.pk if person else None
        stream, sender, key = self.once
        return Past(stream, "message.said", self.at, data, by_id, sender, key, self.digest)


def say(
    *,
    viewer: Viewer,
    key: str,
    client_key: str,
    text: str,
    files: list[Any] | None = None,
    quotes: int | None = None,
    at: datetime | None = None,
) -> Said:
    """Say `text` in the talk with the number `key`; return the message's number and time.

    `files` are keys of files that the sender has added to the talk, `quotes` the number of the message answered to.
    The same `client_key` again gives the same answer, also after the talk has ended; with another text it raises
    Conflict. Raises NotYours, WrongStatus, BadInput.
    """
    check_client_key(client_key)
    said = say_together([Saying(viewer, f"talk-{key}", client_key, text, files, viewer.key, about=quotes)], at)[0]
    if isinstance(said, RuleBroken):
        raise said
    return said


def say_together(sayings: Sequence[Saying], at: datetime | None = None) -> list[Said | RuleBroken]:
    """Say words in many talks in one transaction; return for each what `say` returns or raises.

    A few statements for all, whatever their count; files and quotes cost more of their own.
    """
    try:
        return _say_together(sayings, at or timezone.now(), are_new=True)
    # Somebody's key is used already, which is rare and known by the index of keys alone.
    except IntegrityError:
        return _say_together(sayings, at or timezone.now(), are_new=False)


@transaction.atomic
def _say_together(sayings: Sequence[Saying], at: datetime, are_new: bool) -> list[Said | RuleBroken]:
    """Say the words, of which `are_new` tells whether their keys are taken for new until the database refuses one."""
    # Lock first: nobody ends or hands over a talk between the check and the message.
    talks = lock_seats(saying.stream.partition("-")[2] for saying in sayings)
    drafts = [_or_refusal(saying, lambda one: _draft(talks, one, at), saying) for saying in sayings]
    doubted = [one.once for one in drafts if isinstance(one, Message) and not (are_new and one.is_simple)]
    said: dict[Once, Message | Entry] = dict(entries_of_keys(doubted)) if doubted else {}
    answers = [
        _or_refusal(draft.saying, lambda one: _admitted(one, said), draft) if isinstance(draft, Message) else draft
        for draft in drafts
    ]
    _write([message for message in said.values() if isinstance(message, Message)], at)
    return [answer if isinstance(answer, RuleBroken) else (answer.seq, answer.at) for answer in answers]


def _or_refusal(saying: Saying, work: Callable[[Any], T], what: Any) -> T | RuleBroken:
    """Return what `work` makes of it, or the rule it breaks, in the speaker's language."""
    try:
        return work(what)
    except RuleBroken:
        # Switching the language for everybody would cost more than checking twice what is refused.
        with translation.override(saying.viewer.language):
            try:
                return work(what)
            except RuleBroken as broken:
                return broken


def _draft(talks: dict[str, Seats], saying: Saying, at: datetime) -> Message:
    """Return the message as far as its talk alone decides. Raises NotFound, NotYours, BadInput."""
    talk = talks.get(saying.stream)
    if talk is None:
        raise NotFound()
    files = rules.check_files(saying.files)
    words = rules.check_words(saying.text, least=0 if files else 1)
    side = queries.seat_of(talk, saying.viewer)
    voice = rules.voice_of(talk, saying.viewer, side)
    digest = rules.digest_of(words, files, saying.about)
    return Message(saying, talk, side, words, files, digest, (saying.stream, voice, saying.client_key), at)


def _admitted(message: Message, said: dict[Once, Message | Entry]) -> Message | Entry:
    """Return what was said with the message's key before, or let the message in. Raises RuleBroken."""
    earlier = said.get(message.once)
    if earlier is not None:
        rules.check_repeat(message.digest, earlier.digest)
        return earlier
    rules.check_possible(message.talk, f"say_{message.side}")
    if message.files:
        message.rows = _unsent(message)
    if message.saying.about is not None:
        quoted(message.saying.stream, message.saying.about)
    said[message.once] = message
    return message


def _unsent(message: Message) -> list[TalkFile]:
    """Return the sender's own files that no message carries yet, in the order asked. Raises BadInput."""
    found = TalkFile.objects.filter(
        talk_id=message.talk.pk, sender=message.once[1], key__in=message.files, seq=None
    ).in_bulk(field_name="key")
    if len(found) != len(message.files):
        raise rules.no_such_file()
    return [found[key] for key in message.files]


def quoted(stream: str, seq: int) -> Entry:
    """Return the message with the number. Raises BadInput where there is none, or none any more."""
    said = entries_of(stream).filter(seq=seq, kind="message.said").first()
    if said is None:
        raise rules.no_such_message()
    return said


def _write(messages: Sequence[Message], at: datetime) -> None:
    """Write the messages; the first one of a human officer is its talk's first reply."""
    for message, place in zip(messages, append_many([message.entry() for message in messages]), strict=True):
        message.seq = place.seq
        if message.rows:
            TalkFile.objects.filter(pk__in=[row.pk for row in message.rows]).update(seq=place.seq)
    answers = [message for message in messages if message.side == rules.OFFICER]
    _note_first_replies({message.talk.pk for message in answers if message.talk.awaits_reply}, at)
    for message in answers:
        tell_readers(message.saying.stream, message.words, message.saying.viewer, at)


def _note_first_replies(talks: Iterable[int], at: datetime) -> None:
    if talks:
        Talk.objects.filter(pk__in=talks).update(first_reply_at=at)


def tell_readers(stream: str, words: str, officer: Viewer, at: datetime) -> None:
    """Let rooms that keep what officers refer to look at the words; only an address can refer to anything."""
    for path in settings.ANSWER_READERS if "/" in words else ():
        import_string(path)(stream=stream, text=words, by=officer.person, at=at)
