"""Putting an ended talk into the index, for the officer who held it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from journal.queries import entries_of
from search.actions import Text, index_many, unindex

from ..models import Talk
from ..queries.archive import ROOM, audience_of

MOST_TEXT = 20_000


def keep_findable(talk: Talk) -> None:
    """Let the officer of the talk find it by what was said; never a talk that became a report of wrongdoing."""
    if talk.officer_id is None or (talk.case is not None and talk.case.confidential):
        return
    said = entries_of(talk.stream_name).filter(kind="message.said").order_by("seq")
    texts = [part for data in said.values_list("data", flat=True)[:500] for part in spoken(data)]
    index_many([as_found(talk, texts)])


def spoken(data: dict[str, Any]) -> list[str]:
    """Return what a message is found by: its words, and the names of its files."""
    names = [str(each.get("name", "")) for each in data.get("files", ()) if isinstance(each, dict)]
    return [part for part in (str(data.get("text", "")), *names) if part]


def as_found(talk: Talk, texts: Iterable[str]) -> Text:
    """Return the talk, held by an officer, with what was said in it, as the index takes it."""
    return Text(
        room=ROOM,
        ref=talk.number,
        title=talk.subject or talk.name or talk.desk.name,
        text="\n".join(texts)[:MOST_TEXT],
        url=f"/chat/{talk.number}/transcript/",
        at=talk.requested_at,
        audience=audience_of(talk.officer_id or 0),
        language=talk.language,
    )


def make_unfindable(talk: Talk) -> None:
    """Take the talk out of the index: it has become a report of wrongdoing."""
    unindex(ROOM, talk.number)
