"""What happens to a talk that is locked: an officer gets it, it waits again, it is over."""

from __future__ import annotations

from datetime import datetime, timedelta

from accounts.viewers import Viewer
from journal.actions import retract
from journal.models import Entry
from notices.actions import notify

from .. import rules
from ..models import Talk
from .archive import keep_findable
from .locks import record

# An opener whose page was silent for so long is told by a notice that an officer has come.
LOOKS_AWAY = timedelta(seconds=45)


def hand_to(talk: Talk, officer: Viewer, at: datetime) -> Entry:
    """Give the locked, waiting talk to the officer and tell an opener who has left the page."""
    assert officer.person is not None
    talk.status, talk.officer = Talk.Status.OPEN, officer.person
    talk.taken_at = talk.taken_at or at
    # If it waits again and nobody is left again, that is news again.
    talk.offered_at = None
    talk.version += 1
    talk.save(update_fields=["status", "officer", "taken_at", "offered_at", "version"])
    data = {"officer": officer.person.pk, "name": str(officer.person), "side": rules.OFFICER}
    taken = record(talk, "talk.taken", data, by=officer, at=at, what="taken")
    if talk.citizen is not None and talk.seen_at < at - LOOKS_AWAY:
        notify(
            entry=taken,
            kind="talk_taken",
            person=talk.citizen,
            channels=("sms",),
            context={"talk": talk, "officer": officer.person},
            url=f"/chat/{talk.number}/",
        )
    return taken


def put_back(talk: Talk, by: Viewer | None, reason: str, at: datetime) -> None:
    """Let the locked, open talk wait again."""
    talk.status, talk.officer = Talk.Status.WAITING, None
    talk.version += 1
    talk.save(update_fields=["status", "officer", "version"])
    record(talk, "talk.returned", {"reason": reason, "side": rules.OFFICER}, by=by, at=at, what="returned")
    retract(talk.aside_name, talk.stream_name)


def close(talk: Talk, status: Talk.Status, at: datetime) -> None:
    """Write that the locked talk is over."""
    talk.status, talk.ended_at = status, at
    talk.version += 1
    talk.save(update_fields=["status", "ended_at", "version"])
    if status == Talk.Status.ENDED:
        keep_findable(talk)
