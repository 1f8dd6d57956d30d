"""Which notices a viewer may see, and how the outbox stands."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from django.db.models import CharField, Count, Exists, F, Min, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Cast, Coalesce, Concat
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.exporting import Chapter, Item
from accounts.models import Person
from accounts.prepared import Prepared, one_of
from accounts.rules import NotYours
from accounts.sealing import SealBroken, unseal
from accounts.viewers import Viewer
from journal.doors import viewer_of_session
from journal.models import Stream
from journal.queries import may_follow

from .models import CONTEXT, Delivery, Device, Notice, OutboxSwitch, Wish

# What accounts.sealing binds the addresses of devices to.
DEVICE = "device"


def visible_to(viewer: Viewer) -> QuerySet[Notice]:
    """Return the notices of the viewer, and those of the cases that the viewer's session has opened."""
    mine = Q(reader__in=viewer.grants)
    if viewer.person is not None:
        mine |= Q(person=viewer.person)
    return Notice.objects.filter(mine)


def notices_of(viewer: Viewer, before: int | None = None) -> QuerySet[Notice]:
    """Return the viewer's notices, newest first; only those older than the notice `before` when it is given."""
    found = visible_to(viewer).order_by("-at", "-pk")
    if not before:
        return found
    then = Subquery(Notice.objects.filter(pk=before).values("at"))
    return found.filter(Q(at__lt=then) | Q(at=then, pk__lt=before))


def notice_for(viewer: Viewer, notice_id: int) -> Notice:
    """Return the notice if it is the viewer's. Raises NotYours."""
    found = visible_to(viewer).filter(pk=notice_id).first()
    if found is None:
        raise NotYours
    return found


def unread_count(person: Person | None) -> int:
    """Return how many notices the person has not read; 0 for nobody."""
    return Notice.objects.filter(person=person, read_at__isnull=True).count() if person is not None else 0


class Ears(NamedTuple):
    """How many notices a person has not read, and whether one of their browsers wants web push."""

    unread: int
    listens: bool


EARS: Prepared[tuple[int, int, bool]] = Prepared(
    lambda: Person.objects.filter(one_of("pk", "people")).values_list(
        "pk",
        Coalesce(
            Subquery(
                Notice.objects.filter(person=OuterRef("pk"), read_at__isnull=True)
                .order_by()
                .values("person")
                .annotate(n=Count("pk"))
                .values("n")
            ),
            0,
        ),
        Exists(Wish.objects.filter(stream=Concat(Value("person-"), Cast(OuterRef("pk"), CharField())))),
    )
)


def ears_of(people: Iterable[int]) -> dict[int, Ears]:
    """Return of each person what a new notice needs to know."""
    ids = list(people)
    return {pk: Ears(unread, listens) for pk, unread, listens in EARS.all(people=ids)} if ids else {}


def unread_of(viewer: Viewer) -> int:
    """Return how many of the notices that the viewer may see are unread."""
    return visible_to(viewer).filter(read_at__isnull=True).count() if viewer.person or viewer.grants else 0


def may_follow_person(viewer: Viewer, key: str) -> bool:
    """Return whether the viewer may follow the stream person-<key>: only the person."""
    return viewer.person is not None and key == str(viewer.person.pk)


def outbox_is_paused() -> bool:
    """Return whether an operator, or a restore, has stopped the outbox."""
    return OutboxSwitch.objects.filter(paused=True).exists()


@dataclass(frozen=True)
class Outbox:
    """How the outbox stands: rows by state, and how long the oldest due message has waited."""

    paused: bool
    reason: str
    states: dict[str, int]
    lag: timedelta


def outbox(at: datetime | None = None) -> Outbox:
    """Return how the outbox stands at the moment `at` (now unless given)."""
    moment = at or timezone.now()
    switch = OutboxSwitch.objects.first()
    states = dict(Delivery.objects.order_by().values_list("state").annotate(n=Count("pk")))
    due = Delivery.objects.filter(state=Delivery.State.PENDING, not_before__lte=moment)
    oldest = due.aggregate(oldest=Min("not_before"))["oldest"]
    return Outbox(
        paused=bool(switch and switch.paused),
        reason=switch.reason if switch else "",
        states={state.value: states.get(state.value, 0) for state in Delivery.State},
        lag=moment - oldest if oldest else timedelta(0),
    )


@dataclass(frozen=True)
class Shown:
    """A delivery as the demo's screen shows it, opened."""

    channel: str
    state: str
    address: str
    subject: str
    body: str
    language: str
    at: datetime


def shown_deliveries() -> QuerySet[Delivery]:
    """Return what the demo's screen shows, newest first."""
    return Delivery.objects.order_by("-pk")


def shown(row: Delivery) -> Shown:
    """Open a delivery for the demo's screen; what no key opens is shown as empty."""
    try:
        address, body = (unseal(part, CONTEXT).decode() for part in (row.address, row.body))
        # Of a push its words: the rest is for the browser.
        body = str(json.loads(body)["body"]) if row.channel == Delivery.Channel.PUSH else body
    except SealBroken:
        address, body = "", ""
    return Shown(row.channel, row.get_state_display(), address, row.subject, body, row.language, row.created_at)


def data_of_person(person: Person) -> Chapter:
    """Return what the person was told, oldest first, to be taken along."""
    found = Notice.objects.filter(person=person).order_by("pk").iterator(500)
    items = (Item("notice", str(one.pk), one.title, [("at", _("When"), one.at)]) for one in found)
    return Chapter(_("Notices to me"), items)


@dataclass(frozen=True)
class Ear:
    """Where a device is reached by web push: the address at its push service, and the browser's two keys."""

    endpoint: str
    p256dh: str
    auth: str


WISHES: Prepared[Wish] = Prepared(
    lambda: Wish.objects.filter(one_of("stream", "streams")).select_related("device").order_by("pk")
)


def listeners_of(streams: Collection[str]) -> dict[str, list[Wish]]:
    """Return the wishes of the devices that listen to each of the streams."""
    found: dict[str, list[Wish]] = {}
    for wish in WISHES.all(streams=list(streams)) if streams else ():
        found.setdefault(wish.stream, []).append(wish)
    return found


def wishes_behind(prefix: str, limit: int = 200) -> list[Wish]:
    """Return wishes whose stream, of names that begin so, has gone on since the device was told."""
    head = Stream.objects.filter(name=OuterRef("stream")).values("head")[:1]
    behind = Wish.objects.filter(stream__startswith=f"{prefix}-").annotate(head=Subquery(head))
    return list(behind.filter(head__gt=F("told")).select_related("device").order_by("pk")[:limit])


def ear_of(device_id: int, stream: str) -> Ear | None:
    """Return where the device is reached, or None when its session has ended or may not follow the stream any more."""
    device = Device.objects.filter(pk=device_id, wishes__stream=stream).first()
    if device is None:
        return None
    try:
        kept = json.loads(unseal(device.address, DEVICE))
    except SealBroken:
        return None
    viewer = viewer_of_session(kept["session"], device.language)
    if viewer is None or not may_follow(viewer, stream):
        return None
    return Ear(kept["endpoint"], kept["p256dh"], kept["auth"])
