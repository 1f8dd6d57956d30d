"""Saying something on a stream: what arrives while a commit runs is stored together by the next one."""

from __future__ import annotations

import asyncio
import logging
from collections import defaultdict
from collections.abc import Callable, Container, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from django.conf import settings
from django.db import connection
from django.utils import translation
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

from accounts.actions import over_rate
from accounts.rules import BadInput, NotFound, RuleBroken, TooMany
from accounts.viewers import Viewer

from .rules import SAYS, SAYS_SECONDS, check_client_key, check_number, split_stream
from .threads import WRITING, with_connection

log = logging.getLogger(__name__)

# How many messages one commit takes at most.
TOGETHER = 200
# What a saying may be; only rooms in JOURNAL_EDITS let what was said be changed.
ACTS = ("say", "edit", "delete")

Said = tuple[int, datetime]
Answer = Callable[["Said | RuleBroken"], None]


class Unavailable(RuleBroken):
    """The database does not take anything now; nothing was stored for certain, so the client repeats its key."""

    status = 503
    code = "unavailable"

    def sentence(self) -> str:
        """Ask to try again."""
        return _("This could not be stored just now. It will be tried again.")


class Saying(NamedTuple):
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
    """Return what a command or a POST (checked to be plain) asks to say. Raises BadInput."""
    split_stream(asked.get("stream"))
    text, files = asked.get("text", ""), asked.get("files")
    if not isinstance(text, str):
        raise BadInput(_("Please enter text here."), field="text", code="not_text")
    if files is not None and not (isinstance(files, list) and len(files) <= 20):
        raise BadInput(field="files", code="bad_files")
    act = asked.get("do", "say")
    if act not in ACTS:
        raise BadInput(field="do", code="bad_command")
    about = asked.get("quotes") if act == "say" else check_number(asked.get("seq"), "seq")
    if about is not None:
        check_number(about, "quotes")
    counted = viewer.key if viewer.person or viewer.visitor else f"address-{address}"
    return Saying(viewer, asked["stream"], check_client_key(asked.get("key")), text, files, counted, act, about)


def say(saying: Saying) -> Said:
    """Store one message (see `store`) and return (seq, at). Raises RuleBroken."""
    said = store([saying])[0]
    if isinstance(said, RuleBroken):
        raise said
    return said


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
    """Stores a loop's sayings: alone a message waits for nobody, under load many share one commit.

    The loop itself begins a commit, when a turn of it has brought nothing more to say: neither the last one's answers
    nor what comes upon them share the interpreter with it. Everything but `_work` runs in the loop.
    """

    def __init__(self) -> None:
        self._waiting: list[tuple[Saying, Answer]] = []
        self._busy = False

    def say(self, saying: Saying, answer: Answer) -> None:
        """Have the message stored; `answer` is called after the commit with (seq, at), or with the rule it breaks."""
        self._waiting.append((saying, answer))
        if not self._busy:
            self._busy = True
            asyncio.get_running_loop().call_soon(self._store, 0)

    def _store(self, seen: int) -> None:
        """Begin a commit, unless more is waiting than the last turn of the loop has `seen`."""
        if seen < len(self._waiting) < TOGETHER:
            asyncio.get_running_loop().call_soon(self._store, len(self._waiting))
            return
        batch, self._waiting = self._waiting[:TOGETHER], self._waiting[TOGETHER:]
        WRITING.submit(self._work, asyncio.get_running_loop(), batch)

    def _work(self, loop: asyncio.AbstractEventLoop, batch: Sequence[tuple[Saying, Answer]]) -> None:
        """Store, in the writing thread."""
        results = _stored([saying for saying, _answer in batch])
        try:
            loop.call_soon_threadsafe(self._answer, batch, results)
        # The server stops: nobody is there any more to be answered.
        except RuntimeError:
            log.info("%d messages were stored and not answered", len(batch))

    def _answer(self, batch: Sequence[tuple[Saying, Answer]], results: Sequence[Said | RuleBroken]) -> None:
        self._busy = bool(self._waiting)
        if self._busy:
            asyncio.get_running_loop().call_soon(self._store, 0)
        for (_saying, answer), result in zip(batch, results, strict=True):
            try:
                answer(result)
            # One socket's trouble must not cost the others their answers.
            except Exception:
                log.exception("an answer was not given")


def _stored(sayings: Sequence[Saying]) -> Sequence[Said | RuleBroken]:
    try:
        return with_connection(store, sayings)
    # Nobody may be left without an answer: they would wait for one, instead of trying again.
    except Exception:
        log.exception("%d messages were not stored", len(sayings))
        return [Unavailable()] * len(sayings)


def store(sayings: Sequence[Saying]) -> list[Said | RuleBroken]:
    """Store the sayings in as few transactions as may be; return the answers in their order.

    What a room takes together (JOURNAL_CHOIRS) is one transaction of a few statements. The rest, and what such a
    transaction could not store, is tried one by one: what was committed after all is known by its key.
    """
    over = over_rate("say", [saying.counted for saying in sayings], SAYS, SAYS_SECONDS)
    answers: dict[int, Said | RuleBroken] = {
        index: TooMany(retry_after=round(SAYS_SECONDS)) for index, is_over in enumerate(over) if is_over
    }
    for choir, indexes in _choirs(sayings, answers).items():
        answers |= _together(choir, [sayings[index] for index in indexes], indexes)
    is_lost = False
    for index, saying in enumerate(sayings):
        if index not in answers:
            answers[index] = Unavailable() if is_lost else _alone(saying)
            # Without a database each further one would only wait for it again.
            is_lost = is_lost or (isinstance(answers[index], Unavailable) and not connection.is_usable())
    return [answers[index] for index in range(len(sayings))]


def _choirs(sayings: Sequence[Saying], answered: Container[int]) -> dict[str, list[int]]:
    """Return which of the sayings which room may store together: all on streams of its own where nobody edits."""
    choirs: dict[str, list[int]] = defaultdict(list)
    edited = {saying.stream for saying in sayings if saying.act != "say"}
    paths = settings.JOURNAL_CHOIRS
    for index, saying in enumerate(sayings):
        path = paths.get(saying.stream.partition("-")[0])
        if path and index not in answered and saying.stream not in edited:
            choirs[path].append(index)
    return choirs


def _together(path: str, sayings: Sequence[Saying], indexes: Sequence[int]) -> dict[int, Said | RuleBroken]:
    try:
        return dict(zip(indexes, import_string(path)(sayings), strict=True))
    # One message's mistake must not cost the others theirs: each is tried alone, and says what is wrong.
    except Exception as error:
        log.warning("%d messages could not be stored together: %s", len(sayings), error)
        return {}


def _alone(saying: Saying) -> Said | RuleBroken:
    try:
        return _hand_over(saying)
    except RuleBroken as broken:
        return broken
    # A room's mistake, or a lost database.
    except Exception:
        log.exception("saying on %s failed", saying.stream)
        return Unavailable()
