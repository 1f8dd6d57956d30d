"""Who takes part in talks: a desk with shifts, its officers, citizens and visitors."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.utils import timezone

from accounts.models import Person, Role, Unit
from accounts.viewers import Viewer, person_viewer
from journal.models import Entry
from messaging import actions
from messaging.models import Desk, Duty, Shift, Talk
from tests import make

NOW = timezone.now


def desk(slug: str = "housing", *, unit: Unit | None = None, limit: int = 3, automatic: bool = False) -> Desk:
    """Return the desk, at the housing office unless given."""
    found = Desk.objects.filter(slug=slug).first()
    return found or Desk.objects.create(
        slug=slug,
        unit=unit or make.unit(),
        name="住房服务台",
        name_en="Housing desk",
        about="租赁、维修和物业问题。",
        about_en="Rents, repairs and estate management.",
        languages=["zh-hans", "en"],
        limit=limit,
        automatic=automatic,
    )


def officer(username: str = "dora", at: Desk | None = None) -> Person:
    """Return a duty officer of the desk's unit."""
    return make.official(username, Role.DUTY_OFFICER, (at or desk()).unit)


def on_duty(username: str = "dora", at: Desk | None = None, moment: datetime | None = None) -> Viewer:
    """Return a duty officer who is rostered at the desk now and whose page is open."""
    place, moment = at or desk(), moment or NOW()
    person = officer(username, place)
    Shift.objects.get_or_create(
        desk=place,
        officer=person,
        defaults={"starts_at": moment - timedelta(hours=4), "ends_at": moment + timedelta(hours=4)},
    )
    Duty.objects.update_or_create(officer=person, defaults={"state": Duty.State.ON, "seen_at": moment})
    return person_viewer(person)


def citizen(username: str = "wang") -> Viewer:
    """Return a signed-in citizen."""
    return make.viewer(make.person(username))


def visitor(key: str = "secret-of-a-session") -> Viewer:
    """Return somebody without an account."""
    return Viewer(visitor=key, language="en")


def talk(
    by: Viewer | None = None, at: datetime | None = None, text: str = "The lift is stuck.", desk_: Desk | None = None
) -> Talk:
    """Return a talk that waits."""
    return actions.open_talk(viewer=by or visitor(), desk_id=(desk_ or desk()).pk, text=text, at=at)


def open_talk(by: Viewer | None = None, holder: Viewer | None = None) -> Talk:
    """Return a talk that an officer holds."""
    waiting = talk(by)
    return actions.take_talk(talk_id=waiting.pk, by=holder or on_duty())


def entries(stream: str) -> list[Entry]:
    """Return what the stream holds, in order."""
    return list(Entry.objects.filter(stream__name=stream).order_by("seq"))


def kinds(stream: str) -> list[str]:
    """Return the kinds of what the stream holds, in order."""
    return [entry.kind for entry in entries(stream)]
