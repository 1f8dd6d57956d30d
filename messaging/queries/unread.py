"""What waits to be read, exactly as every tab and device of the reader shows it."""

from __future__ import annotations

from dataclasses import dataclass

from accounts.viewers import Viewer
from journal.queries import marks

from .. import rules
from ..models import Talk
from .desks import desks_of
from .queues import held_talks
from .talks import visible_to
from .threads import unread_counts

MOST_TALKS = 20
RUNNING = (Talk.Status.WAITING, Talk.Status.OPEN)


@dataclass(frozen=True)
class Unread:
    """How many messages the viewer has not read, the talk to open for them, and the streams that may change it."""

    count: int
    talk: str
    officer: bool
    streams: dict[str, int]


def unread_of(viewer: Viewer) -> Unread:
    """Return what waits to be read in the running talks of the viewer, on whichever side."""
    held = held_talks(viewer)
    own = [talk for talk in _own(viewer) if talk.pk not in {one.pk for one in held}]
    talks = [*held, *own]
    counts = unread_counts(talks, viewer)
    # The one with something to read, else the latest.
    first = max(talks, key=lambda talk: (counts[talk.pk] > 0, talk.requested_at), default=None)
    names = [talk.stream_name for talk in talks] + [desk.stream_name for desk in desks_of(viewer)]
    if viewer.person is not None:
        names.append(f"person-{viewer.person.pk}")
    heads = marks(names)
    return Unread(
        count=sum(counts.values()),
        talk=first.number if first else "",
        officer=first is not None and rules.is_holder(first, viewer),
        streams={name: heads[name].head if name in heads else 0 for name in names},
    )


def _own(viewer: Viewer) -> list[Talk]:
    if viewer.person is None and not viewer.grants:
        return []
    running = visible_to(viewer).filter(status__in=RUNNING).order_by("-requested_at")[:MOST_TALKS]
    return [talk for talk in running if rules.is_opener(talk, viewer)]
