"""Saying something on a stream: what arrives while a commit runs is stored together by the next one."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import DatabaseError, transaction
from django.utils import translation
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

from accounts.actions import limit_rate
from accounts.rules import BadInput, NotFound, RuleBroken
from accounts.viewers import Viewer

from .rules import SAYS, SAYS_SECONDS, check_client_key, check_number, check_plain, split_stream
from .threads import WRITING, in_thread

log = logging.getLogger(__name__)

# How many messages one commit takes at most.
TOGETHER = 200
# What a saying may be; only rooms in JOURNAL_EDITS let what was said be changed.
ACTS = ("say", "edit", "delete")

Said = tuple[int, datetime]


class Unavailable(RuleBroken):
    """The database does not take anything now; nothing was stored for certain, so the client repeats its key."""

    status = 503
    code = "unavailable"

    def sentence(self) -> str:
        """Ask to try again."""
        return _("This could not be stored just now. It will be tried again.")


@dataclass(frozen=True)
class Saying:
    """One message on its way to the room that owns its stream."""

    viewer: Viewer
    stream: str
    client_key: str
    text: str
    files: list[Any] | None
    # Whose rate it counts against: the viewer, or the address of somebody without even a session.
    counted: str
    # "say", or "edit" and "delete" of what the sender said before (`about`); of what is said, `about` is the quoted.
    act: str = "say"
    about: int | None = None


def saying_of(viewer: Viewer, address: str, asked: dict[str, Any]) -> Saying:
    """Return what a command or a POST asks to say. Raises BadInput for what no room could take."""
    split_stream(asked.get("stream"))
    text, files = asked.get("text", ""), asked.get("files")
    if not isinstance(text, str):
        raise BadInput(_("Please enter text here."), field="text", code="not_text")
    if files is not None and not (isinstance(files, list) and len(files) <= 20):
        raise BadInput(field="files", code="bad_files")
    check_plain([text, files])
    act = asked.get("do", "say")
    if act not in ACTS:
        raise BadInput(field="do", code="bad_command")
    about = asked.get("quotes") if act == "say" else check_number(asked.get("seq"), "seq")
    if about is not None:
        check_number(about, "quotes")
    counted = viewer.key if viewer.person or viewer.visitor else f"address-{address}"
    return Saying(viewer, asked["stream"], check_client_key(asked.get("key")), text, files, counted, act, about)


def say(saying: Saying) -> Said:
    """Hand one message to its room (JOURNAL_VOICES) and return (seq, at). Raises RuleBroken."""
    limit_rate("say", saying.counted, SAYS, SAYS_SECONDS)
    return _hand_over(saying)


def _hand_over(saying: Saying) -> Said:
    prefix, key = split_stream(saying.stream)
    path = (settings.JOURNAL_VOICES if saying.act == "say" else settings.JOURNAL_EDITS).get(prefix)
    if path is None:
        raise NotFound()
    voice = import_string(path)
    with translation.override(saying.viewer.language):
        try:
            said: Said = voice(viewer=saying.viewer, key=key, client_key=saying.client_key, **_words_of(saying))
        # A key such as "99999999999999999999" or "x" is no room's object.
        except (ValueError, OverflowError):
            raise NotFound() from None
    return said


def _words_of(saying: Saying) -> dict[str, Any]:
    """Return what a room is told beside who says it: rooms without quoting never hear of it."""
    if saying.act != "say":
        return {"seq": saying.about, "text": saying.text if saying.act == "edit" else None}
    quoting = {} if saying.about is None else {"quotes": saying.about}
    return {"text": saying.text, "files": saying.files, **quoting}


def mark_read(viewer: Viewer, asked: dict[str, Any]) -> None:
    """Tell the room (JOURNAL_READS) how far the viewer has read. Raises RuleBroken."""
    prefix, key = split_stream(asked.get("stream"))
    seq = check_number(asked.get("seq"), "seq")
    path = settings.JOURNAL_READS.get(prefix)
    if path is None:
        raise NotFound()
    with translation.override(viewer.language):
        try:
            import_string(path)(viewer=viewer, key=key, seq=seq)
        except (ValueError, OverflowError):
            raise NotFound() from None


class Writer:
    """Stores sayings: alone a message waits for nobody, under load many share one commit and each gets its answer."""

    def __init__(self) -> None:
        self._waiting: list[tuple[Saying, asyncio.Future[Said]]] = []
        self._busy = False

    async def say(self, saying: Saying) -> Said:
        """Return (seq, at) once the message is committed. Raises RuleBroken."""
        answer: asyncio.Future[Said] = asyncio.get_running_loop().create_future()
        self._waiting.append((saying, answer))
        if not self._busy:
            self._busy = True
            self._task = asyncio.ensure_future(self._work())
        return await answer

    async def _work(self) -> None:
        try:
            while self._waiting:
                batch, self._waiting = self._waiting[:TOGETHER], self._waiting[TOGETHER:]
                results = await in_thread(WRITING, store, [saying for saying, _answer in batch])
                for (_saying, answer), result in zip(batch, results, strict=True):
                    if answer.done():
                        continue
                    if isinstance(result, RuleBroken):
                        answer.set_exception(result)
                    else:
                        answer.set_result(result)
        finally:
            self._busy = False


def store(sayings: list[Saying]) -> list[Said | RuleBroken]:
    """Store the sayings in one transaction, each in a savepoint of its own; return the answers in their order.

    When the common transaction fails, each is tried alone: what was committed after all is known by its key.
    """
    answers: dict[int, Said | RuleBroken] = {}
    for index, saying in enumerate(sayings):
        try:
            limit_rate("say", saying.counted, SAYS, SAYS_SECONDS)
        except RuleBroken as broken:
            answers[index] = broken
    # By stream, so that two processes take the streams' locks in the same order.
    waiting = [index for index in range(len(sayings)) if index not in answers]
    waiting.sort(key=lambda index: sayings[index].stream)
    if len(waiting) > 1:
        try:
            with transaction.atomic():
                stored = {index: _stored(sayings[index]) for index in waiting}
            answers |= stored
        except DatabaseError:
            log.warning("a common commit of %d messages failed; trying each alone", len(waiting))
    for index in waiting:
        if index not in answers:
            answers[index] = _alone(sayings[index])
    return [answers[index] for index in range(len(sayings))]


def _stored(saying: Saying) -> Said | RuleBroken:
    try:
        with transaction.atomic():
            return _hand_over(saying)
    except RuleBroken as broken:
        return broken
    except DatabaseError:
        raise
    # One room's mistake must not cost the others their messages.
    except Exception:
        log.exception("saying on %s failed", saying.stream)
        return Unavailable()


def _alone(saying: Saying) -> Said | RuleBroken:
    try:
        return _stored(saying)
    except DatabaseError:
        log.exception("saying on %s was not stored", saying.stream)
        return Unavailable()
