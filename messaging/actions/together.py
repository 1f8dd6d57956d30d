"""Plain words in many talks at once, for the group commit: what `words.say` does, in a few statements for all."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from accounts.rules import RuleBroken
from journal.actions import Words, append_together
from journal.models import Entry
from journal.voices import Said, Saying

from .. import rules
from ..models import Talk

# All that decides whether somebody may speak, and as whom.
FIELDS = ("number", "status", "officer_id", "citizen_id", "opened_by", "first_reply_at")


@transaction.atomic
def say_together(sayings: Sequence[Saying], at: datetime | None = None) -> list[Said | None]:
    """Say plain words in one transaction; return (seq, at) for each, None for what `say` has to look at alone.

    Left to `say` are words that break a rule, keys used before, and what is said after them in the same talk, so that
    everybody's order stays.
    """
    at = at or timezone.now()
    # Lock first, in one order: nobody ends or hands over a talk between the check and the message.
    numbers = {saying.stream.partition("-")[2] for saying in sayings}
    rows = Talk.objects.select_for_update(no_key=True).filter(number__in=numbers).order_by("pk").only(*FIELDS)
    talks = {talk.stream_name: talk for talk in rows}
    used = _used_keys(sayings)
    said: list[Words | None] = []
    left: set[str] = set()
    for saying in sayings:
        words = None if saying.stream in left else _checked(talks.get(saying.stream), saying, at)
        if words is None or (words.stream, words.sender, words.key) in used:
            left.add(saying.stream)
            said.append(None)
        else:
            used.add((words.stream, words.sender, words.key))
            said.append(words)
    taken = [words for words in said if words is not None]
    numbered = iter(append_together(taken) if taken else [])
    _note_first_replies(talks, taken, at)
    return [None if words is None else (next(numbered), at) for words in said]


def _used_keys(sayings: Sequence[Saying]) -> set[tuple[str, str, str]]:
    """Return (stream, sender, key) of what was already said with one of these keys."""
    found = Entry.objects.filter(
        stream__name__in={saying.stream for saying in sayings}, key__in={saying.client_key for saying in sayings}
    )
    return set(found.exclude(key="").values_list("stream__name", "sender", "key"))


def _checked(talk: Talk | None, saying: Saying, at: datetime) -> Words | None:
    """Return what is to be stored, None when a rule says no."""
    if talk is None:
        return None
    viewer = saying.viewer
    try:
        words = rules.check_words(saying.text)
        side = rules.side_of(talk, viewer)
        rules.check_possible(talk, f"say_{side}")
    except RuleBroken:
        return None
    data = {"text": words, "side": side, "key": saying.client_key}
    if side == rules.OFFICER:
        data["name"] = str(viewer.person)
    by_id = viewer.person.pk if viewer.person else None
    voice = rules.voice_of(talk, viewer, side)
    return Words(talk.stream_name, "message.said", data, voice, by_id, at, saying.client_key, rules.digest_of(words))


def _note_first_replies(talks: dict[str, Talk], said: Sequence[Words], at: datetime) -> None:
    """Note for the talks that had none when an officer first answered."""
    first = {
        talks[words.stream].pk
        for words in said
        if words.data["side"] == rules.OFFICER and talks[words.stream].first_reply_at is None
    }
    if first:
        Talk.objects.filter(pk__in=first).update(first_reply_at=at)
