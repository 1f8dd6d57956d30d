"""Saying something on a stream: what arrives while a commit runs is stored together by the next one."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
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

Said = tuple[int, datetime]
Answer = Callable[["Said | RuleBroken"], None]


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

    @property
    def is_plain(self) -> bool:
        """Whether it is words and nothing else."""
        return not self.files


def saying_of(viewer: Viewer, address: str, asked: dict[str, Any]) -> Saying:
    """Return what a command or a POST asks to say. Raises BadInput for what no room could take."""
    split_stream(asked.get("stream"))
    text, files = asked.get("text", ""), asked.get("files")
    if not isinstance(text, str):
        raise BadInput(_("Please enter text here."), field="text", code="not_text")
    if files is not None and not (isinstance(files, list) and len(files) <= 20):
        raise BadInput(field="files", code="bad_files")
    check_plain([text, files])
    counted = viewer.key if viewer.person or viewer.visitor else f"address-{address}"
    return Saying(viewer, asked["stream"], check_client_key(asked.get("key")), text, files, counted)


def say(saying: Saying) -> Said:
    """Hand one message to its room (JOURNAL_VOICES) and return (seq, at). Raises RuleBroken."""
    limit_rate("say", saying.counted, SAYS, SAYS_SECONDS)
    return _hand_over(saying)


def _hand_over(saying: Saying) -> Said:
    prefix, key = split_stream(saying.stream)
    path = settings.JOURNAL_VOICES.get(prefix)
    if path is None:
        raise NotFound()
    voice = import_string(path)
    with translation.override(saying.viewer.language):
        try:
            said: Said = voice(
                viewer=saying.viewer, key=key, client_key=saying.client_key, text=saying.text, files=saying.files
            )
        # A key such as "99999999999999999999" or "x" is no room's object.
        except (ValueError, OverflowError):
            raise NotFound() from None
    return said


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
        self._waiting: list[tuple[Saying, Answer]] = []
        self._busy = False

    def say(self, saying: Saying, answer: Answer) -> None:
        """Have the message stored; `answer` is called in the loop with (seq, at) after the commit, or with the rule."""
        self._waiting.append((saying, answer))
        if not self._busy:
            self._busy = True
            self._task = asyncio.ensure_future(self._work())

    async def _work(self) -> None:
        try:
            while self._waiting:
                batch, self._waiting = self._waiting[:TOGETHER], self._waiting[TOGETHER:]
                results = await in_thread(WRITING, store, [saying for saying, _answer in batch])
                for (_saying, answer), result in zip(batch, results, strict=True):
                    answer(result)
        finally:
            self._busy = False


def store(sayings: Sequence[Saying]) -> list[Said | RuleBroken]:
    """Store the sayings in as few transactions as may be; return the answers in their order.

    What a room takes together (JOURNAL_CHOIRS) is one transaction of a few statements. The rest shares one as well,
    each saying in a savepoint of its own. When that fails, each is tried alone: what was committed after all is known
    by its key.
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
    answers |= _together(sayings, waiting)
    waiting = [index for index in waiting if index not in answers]
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


def _together(sayings: Sequence[Saying], waiting: Sequence[int]) -> dict[int, Said]:
    """Let each room store what it can at once; what it leaves, and every later word on that stream, is not in here."""
    answers: dict[int, Said] = {}
    for prefix, path in settings.JOURNAL_CHOIRS.items():
        mine = [index for index in waiting if sayings[index].stream.startswith(f"{prefix}-")]
        # Whoever says anything else keeps the order of what they say.
        special = {sayings[index].stream for index in mine if not sayings[index].is_plain}
        mine = [index for index in mine if sayings[index].stream not in special]
        try:
            results = import_string(path)([sayings[index] for index in mine]) if mine else []
        # A lost database or a mistake of ours in the short way: the long way says for each what is wrong.
        except Exception:
            log.exception("%d messages could not be stored together; trying the long way", len(mine))
            continue
        answers |= {index: said for index, said in zip(mine, results, strict=True) if said is not None}
    return answers


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
