"""What stands around a case: orders, requests for time, the chain of hops, ties, promises, points and reviews."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db.models import DateTimeField

from accounts.models import Person, Role, Unit
from accounts.prepared import Given, Prepared
from accounts.queries import open_posts
from journal.models import Entry

from ..models import Case, Extension, Order, Pause, Point, Promise, Publication, ReturnGround, Review, Tie
from ..rules import acts
from .allowed import Standing
from .chances import may_return, return_until
from .clocks import light_of
from .timeline import unit_label

HOPS = ("case.dispatched", "case.signed_for", "return.reasoned", "return.decided")


@dataclass(frozen=True)
class Hop:
    """One station of the case: a unit got it, signed for it or gave it back, and why."""

    kind: str
    unit: str
    at: datetime
    by: str
    words: str = ""
    ground: str = ""
    proposed: str = ""
    binding: bool = False


@dataclass(frozen=True)
class Acts:
    """Everything that an official sees around the case."""

    orders: list[tuple[Order, str]] = field(default_factory=list)
    extension: Extension | None = None
    pause: Pause | None = None
    hops: list[Hop] = field(default_factory=list)
    ping_pong: bool = False
    return_until: datetime | None = None
    tie: Tie | None = None
    tied: int = 0
    parts: list[Case] = field(default_factory=list)
    promises: list[tuple[Promise, str]] = field(default_factory=list)
    points: list[Point] = field(default_factory=list)
    review: Review | None = None
    # The public copy that waits for the second person.
    copy: Publication | None = None

    @property
    def any(self) -> bool:
        """Whether there is anything to show but hops."""
        return bool(
            self.orders or self.extension or self.pause or self.tie or self.tied or self.parts or self.promises
            or self.points or self.review or self.copy
        )  # fmt: skip


def acts_for_office(stands: Standing, entries: Iterable[Entry]) -> Acts:
    """Return what officials see of the acts around the case; whoever asks has been let in to the case.

    `entries` are those of `entries_for`.
    """
    case, at, known = stands.case, stands.at, stands.around
    until = return_until(case, stands.engine)
    with_unit = case.status in (Case.Status.DISPATCHED, Case.Status.SIGNED_FOR, Case.Status.IN_PROGRESS)
    return Acts(
        orders=[(order, _light(order, at)) for order in known.orders],
        extension=known.extension,
        pause=known.pause if known.pause and known.pause.until else None,
        hops=hops_of(case, entries),
        # Once somebody has decided, the chain of hops tells it and the warning is over.
        ping_pong=known.disputed is not None and acts.is_ping_pong(case.returns),
        return_until=until if with_unit and until and until >= at and may_return(stands) else None,
        tie=known.tie,
        tied=case.joined,
        parts=list(known.parts),
        promises=[(promise, light_of(promise.due_at, promise.yellow_at, at)) for promise in known.promises],
        points=list(known.points),
        review=known.review,
        copy=known.copy if known.copy and known.copy.published_at is None else None,
    )


def _light(order: Order, at: datetime) -> str:
    if not order.is_open:
        return "none"
    return light_of(order.due_at, order.yellow_at, order.answered_at or at)


def hops_of(case: Case, entries: Iterable[Entry]) -> list[Hop]:
    """Return the case's way from unit to unit, with the grounds of returns and what was decided."""
    way = sorted((entry for entry in entries if entry.kind in HOPS), key=lambda entry: (entry.at, entry.pk))
    grounds = {ground.code: ground.label for ground in ReturnGround.objects.all()} if case.returns else {}
    return [_hop(entry, grounds) for entry in way]


def _hop(entry: Entry, grounds: dict[str, str]) -> Hop:
    data: dict[str, Any] = entry.data
    return Hop(
        kind=entry.kind,
        unit=unit_label(data.get("unit")),
        at=entry.at,
        by=str(entry.by) if entry.by else "",
        words=str(data.get("reason") or data.get("text") or ""),
        ground=grounds.get(str(data.get("ground") or ""), ""),
        proposed=unit_label(data.get("proposed_unit")),
        binding=bool(data.get("binding")),
    )


def promise_of(case: Case) -> Promise | None:
    """Return what is promised and still to come."""
    return Promise.objects.filter(case=case, state=Promise.State.OPEN).first()


# Who handles cases at a unit.
HANDLERS: Prepared[Person] = Prepared(
    lambda: Person.objects.filter(
        pk__in=open_posts(Given("at", DateTimeField()))
        .filter(unit=Given("unit"), role=Role.HANDLER)
        .values("person_id")
    ).order_by("name", "pk")
)


def colleagues(stands: Standing) -> list[Person]:
    """Return who could take the case over at its unit."""
    found = HANDLERS.all(unit=stands.case.unit_id, at=stands.at)
    return [person for person in found if person.pk != stands.case.handler_id]


GROUNDS: Prepared[ReturnGround] = Prepared(lambda: ReturnGround.objects.filter(active=True))


def return_grounds() -> list[ReturnGround]:
    """Return the grounds on which a unit may give a case back."""
    return GROUNDS.all()


def proposed_unit(stands: Standing) -> int | None:
    """Return the unit that the open return proposes; after too many returns the one that takes what nobody owns."""
    case, last = stands.case, stands.around.disputed
    if last is None:
        return None
    if acts.is_ping_pong(case.returns) and settings.BACKSTOP_UNIT:
        found = Unit.objects.filter(code=settings.BACKSTOP_UNIT, active=True).values_list("pk", flat=True).first()
        return found or last.proposed_id
    return last.proposed_id


def acts_for_citizen(stands: Standing) -> dict[str, Any]:
    """Return what the citizen sees: what was promised, who else is on the matter, and the parts of their case."""
    return {
        "promises": list(stands.around.promises),
        "joined": stands.case.joined,
        "parts": list(stands.around.parts),
        "review": stands.around.review,
    }
